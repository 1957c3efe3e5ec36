//! `gatehouse idp group …`

use anyhow::Context as _;
use axum::http::Method;
use serde_json::{Value, json};

use super::names;
use super::printed;
use super::shown::{facts, line, list, number, word};
use crate::client::{IdpApi, Sent};
use crate::options::{GroupCommand, GroupMembers, IdpList, OneGroup, RenameGroup};
use crate::table;

pub(super) async fn run(command: &GroupCommand) -> anyhow::Result<String> {
    match command {
        GroupCommand::Add(options) => {
            let api = IdpApi::open(&options.server.data_dir)?;
            let answer = api.post("/groups", &json!({ "display_name": options.name })).await;
            let answer = answer.with_context(|| format!("the group {:?} isn't added", options.name))?;
            Ok(printed(&answer, &options.server, |_| {
                format!(
                    "The group {0} is added. Put people in with: gatehouse idp group add-member {0:?} PERSON\n",
                    options.name
                )
            }))
        }
        GroupCommand::List(options) => list_groups(options).await,
        GroupCommand::Show(options) => show(options).await,
        GroupCommand::Rename(options) => rename(options).await,
        GroupCommand::AddMember(options) => members(options, "add").await,
        GroupCommand::RemoveMember(options) => members(options, "remove").await,
        GroupCommand::Delete(options) => {
            let (api, id) = open(options).await?;
            let answer = api.delete(&format!("/groups/{id}")).await?;
            Ok(printed(&answer, &options.server, |_| {
                format!("The group {} is deleted, with its memberships and authorisations.\n", options.name)
            }))
        }
    }
}

async fn open(options: &OneGroup) -> anyhow::Result<(IdpApi, String)> {
    let api = IdpApi::open(&options.server.data_dir)?;
    let id = names::group(&api, &options.name).await?;
    Ok((api, id))
}

async fn list_groups(options: &IdpList) -> anyhow::Result<String> {
    let api = IdpApi::open(&options.server.data_dir)?;
    let mut groups = api.all("/groups").await?;
    groups.sort_by_key(|group| word(group, "display_name").to_lowercase());
    Ok(printed(&json!({ "items": groups }), &options.server, |answer| {
        let groups = list(answer, "items");
        if groups.is_empty() {
            return "There is no group. Make one with: gatehouse idp group add NAME\n".to_owned();
        }
        let rows = groups.iter().map(|group| {
            [
                word(group, "display_name").to_owned(),
                number(group, "member_count").to_string(),
                word(group, "id").to_owned(),
            ]
        });
        table::render(["GROUP", "PEOPLE", "ID"], &rows.collect::<Vec<_>>())
    }))
}

async fn show(options: &OneGroup) -> anyhow::Result<String> {
    const FACTS: [(&str, &str); 6] = [
        ("display_name", "Group"),
        ("id", "Id"),
        ("external_id", "External id"),
        ("member_count", "People"),
        ("created", "Created"),
        ("modified", "Changed"),
    ];
    let (api, id) = open(options).await?;
    let mut group = api.get(&format!("/groups/{id}")).await?;
    let mut people = api.all(&format!("/groups/{id}/members")).await?;
    people.sort_by_key(|person| word(person, "user_name").to_lowercase());
    let mut applications = api.get(&format!("/groups/{id}/applications")).await?;
    if let Some(members) = group.as_object_mut() {
        members.insert("members".to_owned(), people.into());
        let applications = applications.get_mut("applications").map(Value::take).unwrap_or_default();
        members.insert("applications".to_owned(), applications);
    }
    Ok(printed(&group, &options.server, |group| {
        let applications = list(group, "applications").iter().map(|one| word(one, "label")).collect::<Vec<_>>();
        let people = list(group, "members");
        let members = if people.is_empty() { String::new() } else { format!("\n{}", super::person::table_of(people)) };
        format!("{}{}{members}", facts(group, &FACTS), line("Applications", &applications.join(", ")))
    }))
}

async fn rename(options: &RenameGroup) -> anyhow::Result<String> {
    let (api, id) = open(&options.group).await?;
    let body = json!({ "display_name": options.new_name });
    let answer = api.call(Method::PATCH, &format!("/groups/{id}"), Sent::Json(&body)).await?;
    Ok(printed(&answer, &options.group.server, |_| {
        format!("The group {} is {} from now on.\n", options.group.name, options.new_name)
    }))
}

async fn members(options: &GroupMembers, change: &str) -> anyhow::Result<String> {
    let (api, id) = open(&options.group).await?;
    let mut people = Vec::new();
    for name in &options.people {
        people.push(names::person(&api, name).await?);
    }
    let answer = api.post(&format!("/groups/{id}/members"), &json!({ change: people })).await?;
    Ok(printed(&answer, &options.group.server, |answer| {
        format!("{} has {} people now.\n", options.group.name, number(answer, "member_count"))
    }))
}
