//! `gatehouse idp person …`

use anyhow::{Context as _, bail};
use axum::http::Method;
use serde_json::{Map, Value, json};

use super::input::{Input, maybe, put, removable, secret};
use super::printed;
use super::shown::{facts, line, list, number, time, word, yes_or_no};
use super::{names, shown};
use crate::client::{IdpApi, Sent};
use crate::options::{ActivationLink, AddPerson, OnePerson, PersonCommand, PersonData, PersonList, SetPerson};
use crate::table;

pub(super) async fn run(command: &PersonCommand) -> anyhow::Result<String> {
    match command {
        PersonCommand::Add(options) => add(options).await,
        PersonCommand::List(options) => list_people(options).await,
        PersonCommand::Show(options) => show(options).await,
        PersonCommand::Set(options) => set(options).await,
        PersonCommand::Deactivate(options) => {
            let (api, id) = open(options).await?;
            let answer = api.act(&format!("/people/{id}/deactivate")).await?;
            Ok(said(&answer, options, "is deactivated: they sign in nowhere, and their sessions have ended"))
        }
        PersonCommand::Reactivate(options) => {
            let (api, id) = open(options).await?;
            let answer = api.act(&format!("/people/{id}/reactivate")).await?;
            Ok(said(&answer, options, "can sign in again"))
        }
        PersonCommand::Delete(options) => {
            let (api, id) = open(options).await?;
            let answer = api.delete(&format!("/people/{id}")).await?;
            Ok(said(&answer, options, "is deleted, with password, second factors and memberships"))
        }
        PersonCommand::ActivationLink(options) => link(options).await,
        PersonCommand::ResetFactors(options) => {
            let (api, id) = open(options).await?;
            let answer = api.delete(&format!("/people/{id}/factors")).await?;
            Ok(said(&answer, options, "has no second factors any more, and their sessions have ended"))
        }
        PersonCommand::SignOut(options) => {
            let (api, id) = open(options).await?;
            let answer = api.delete(&format!("/people/{id}/sessions")).await?;
            let ended = number(&answer, "ended");
            Ok(printed(&answer, &options.server, |_| format!("{ended} sessions of {} have ended.\n", options.name)))
        }
    }
}

async fn open(options: &OnePerson) -> anyhow::Result<(IdpApi, String)> {
    let api = IdpApi::open(&options.server.data_dir)?;
    let id = names::person(&api, &options.name).await?;
    Ok((api, id))
}

fn said(answer: &Value, options: &OnePerson, what: &str) -> String {
    printed(answer, &options.server, |_| format!("{} {what}.\n", options.name))
}

fn data(options: &PersonData) -> Input {
    let mut input = Input::new();
    removable(&mut input, "email", options.email.as_deref());
    removable(&mut input, "given_name", options.given.as_deref());
    removable(&mut input, "family_name", options.family.as_deref());
    removable(&mut input, "display_name", options.display_name.as_deref());
    removable(&mut input, "external_id", options.external_id.as_deref());
    if !options.attributes.is_empty() {
        let mut attributes = Map::new();
        for (name, value) in &options.attributes {
            removable(&mut attributes, name, Some(value));
        }
        put(&mut input, "attributes", attributes);
    }
    input
}

fn password(options: &PersonData) -> anyhow::Result<Option<String>> {
    options.password_file.as_deref().map(|file| secret(file, "the password")).transpose()
}

async fn add(options: &AddPerson) -> anyhow::Result<String> {
    let mut input = data(&options.data);
    put(&mut input, "user_name", options.name.as_str());
    if options.data.display_name.is_none() {
        let names = [&options.data.given, &options.data.family].into_iter().flatten().cloned().collect::<Vec<_>>();
        maybe(&mut input, "display_name", (!names.is_empty()).then(|| names.join(" ")));
    }
    match password(&options.data)? {
        Some(password) => put(&mut input, "password", password),
        None => put(&mut input, "activation_link", true),
    }
    let api = IdpApi::open(&options.server.data_dir)?;
    put(&mut input, "groups", names::groups(&api, &options.groups).await?);
    let answer = api.post("/people", &Value::Object(input)).await;
    let answer = answer.with_context(|| format!("{:?} isn't added", options.name))?;
    Ok(printed(&answer, &options.server, |answer| {
        let url = word(answer, "activation_url");
        if url.is_empty() {
            return format!("{} is added, and can sign in with the password.\n", options.name);
        }
        format!(
            "{url}\n\n{} is added. Give them this link: it lets them choose a password, works once and ends at {}. It isn't shown \
             again.\n",
            options.name,
            time(answer, "activation_expires")
        )
    }))
}

async fn list_people(options: &PersonList) -> anyhow::Result<String> {
    let api = IdpApi::open(&options.server.data_dir)?;
    let path = match &options.group {
        Some(group) => format!("/groups/{}/members", names::group(&api, group).await?),
        None => "/people".to_owned(),
    };
    let mut people = api.all(&path).await?;
    people.sort_by_key(|person| word(person, "user_name").to_lowercase());
    let answer = json!({ "items": people });
    Ok(printed(&answer, &options.server, |answer| {
        let people = list(answer, "items");
        if people.is_empty() {
            return "There is nobody. Add somebody with: gatehouse idp person add NAME --email ADDRESS\n".to_owned();
        }
        table_of(people)
    }))
}

pub(super) fn table_of(people: &[Value]) -> String {
    let rows = people.iter().map(|person| {
        let name = [word(person, "given_name"), word(person, "family_name")].join(" ").trim().to_owned();
        [
            word(person, "user_name").to_owned(),
            name,
            word(person, "email").to_owned(),
            yes_or_no(shown::is(person, "active")).to_owned(),
            word(person, "id").to_owned(),
        ]
    });
    table::render(["USER NAME", "NAME", "E-MAIL", "ACTIVE", "ID"], &rows.collect::<Vec<_>>())
}

async fn show(options: &OnePerson) -> anyhow::Result<String> {
    const FACTS: [(&str, &str); 11] = [
        ("user_name", "User name"),
        ("id", "Id"),
        ("active", "Active"),
        ("email", "E-mail"),
        ("display_name", "Display name"),
        ("given_name", "Given name"),
        ("family_name", "Family name"),
        ("external_id", "External id"),
        ("attributes", "Attributes"),
        ("created", "Created"),
        ("modified", "Changed"),
    ];
    let (api, id) = open(options).await?;
    let mut person = api.get(&format!("/people/{id}")).await?;
    let groups = api.all(&format!("/people/{id}/groups")).await?;
    let factors = api.get(&format!("/people/{id}/factors")).await?;
    if let Some(members) = person.as_object_mut() {
        members.insert("groups".to_owned(), groups.into());
        members.insert("factors".to_owned(), factors);
    }
    Ok(printed(&person, &options.server, |person| {
        let groups = list(person, "groups").iter().map(|group| word(group, "display_name")).collect::<Vec<_>>();
        let factors = person.get("factors").unwrap_or(&Value::Null);
        let app = if word(factors, "totp").is_empty() { "no authenticator app" } else { "authenticator app" };
        format!(
            "{}{}{}",
            facts(person, &FACTS),
            line("Groups", &groups.join(", ")),
            line(
                "Second factors",
                &format!(
                    "{app}, {} passkeys, {} recovery codes left",
                    list(factors, "passkeys").len(),
                    number(factors, "recovery_codes_left")
                )
            ),
        )
    }))
}

async fn set(options: &SetPerson) -> anyhow::Result<String> {
    let mut input = data(&options.data);
    maybe(&mut input, "user_name", options.user_name.as_deref());
    let password = password(&options.data)?;
    if input.is_empty() && password.is_none() {
        bail!("nothing is to be changed: name what, e.g. --email ethan@example.com (see --help)");
    }
    let (api, id) = open(&options.person).await?;
    let path = format!("/people/{id}");
    let mut answer = json!({});
    if !input.is_empty() {
        let changed = api.call(Method::PATCH, &path, Sent::Json(&Value::Object(input))).await;
        answer = changed.with_context(|| format!("{:?} isn't changed", options.person.name))?;
    }
    if let Some(password) = password {
        let set =
            api.call(Method::PUT, &format!("{path}/password"), Sent::Json(&json!({ "password": password }))).await;
        set.with_context(|| format!("the password of {:?} isn't set", options.person.name))?;
        answer = api.get(&path).await?;
    }
    Ok(said(&answer, &options.person, "is changed"))
}

async fn link(options: &ActivationLink) -> anyhow::Result<String> {
    let (api, id) = open(&options.person).await?;
    let answer = api.post(&format!("/people/{id}/activation-link"), &json!({ "minutes": options.minutes })).await?;
    Ok(printed(&answer, &options.person.server, |answer| {
        format!(
            "{}\n\nGive this link to {}: it lets them choose a password, works once and ends at {}. It isn't shown again.\n",
            word(answer, "url"),
            options.person.name,
            time(answer, "expires")
        )
    }))
}
