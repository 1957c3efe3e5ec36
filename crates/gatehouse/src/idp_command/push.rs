//! `gatehouse idp push …`

use anyhow::{Context as _, bail};
use axum::http::Method;
use serde_json::{Value, json};

use super::app_settings::name_of;
use super::input::{Input, list as put_list, maybe, put, secret};
use super::shown::{facts, is, line, list, number, time, word, words};
use super::{names, printed, sync};
use crate::client::{IdpApi, Sent};
use crate::options::{AddPush, IdpList, OnePush, PushCommand, SetPush};
use crate::table;

pub(super) async fn run(command: &PushCommand) -> anyhow::Result<String> {
    match command {
        PushCommand::Add(options) => add(options).await,
        PushCommand::List(options) => list_targets(options).await,
        PushCommand::Show(options) => {
            let (_, target) = open(options).await?;
            Ok(printed(&target, &options.server, shown))
        }
        PushCommand::Set(options) => set(options).await,
        PushCommand::Delete(options) => {
            let (api, target) = open(options).await?;
            let answer = api.delete(&path(&target, "")).await?;
            Ok(printed(&answer, &options.server, |_| {
                format!("Nothing is pushed to {} any more. The server keeps what it has.\n", word(&target, "name"))
            }))
        }
        PushCommand::DryRun(options) => {
            let (api, target) = open(options).await?;
            let plan = api.act(&path(&target, "/dry-run")).await?;
            Ok(printed(&plan, &options.server, planned))
        }
        PushCommand::Sync(options) => {
            let (api, target) = open(options).await?;
            sync::run(&api, &target, &options.server).await
        }
        PushCommand::Status(options) => {
            let (api, target) = open(options).await?;
            let status = api.get(&path(&target, "/status")).await?;
            Ok(printed(&status, &options.server, status_in_words))
        }
        PushCommand::Failures(options) => {
            let (api, target) = open(options).await?;
            let failures = api.all(&path(&target, "/failures")).await?;
            Ok(printed(&json!({ "items": failures }), &options.server, |answer| failures_of(list(answer, "items"))))
        }
        PushCommand::Retry(options) => {
            let (api, target) = open(options).await?;
            let answer = api.act(&path(&target, "/retry")).await?;
            Ok(printed(&answer, &options.server, |_| {
                format!("What failed is tried again. See: gatehouse idp push status {:?}\n", options.name)
            }))
        }
    }
}

async fn open(options: &OnePush) -> anyhow::Result<(IdpApi, Value)> {
    let api = IdpApi::open(&options.server.data_dir)?;
    let target = names::push_target(&api, &options.name).await?;
    Ok((api, target))
}

pub(super) fn path(target: &Value, rest: &str) -> String {
    format!("/push-targets/{}{rest}", word(target, "id"))
}

/// Whose people are pushed.
async fn assigned(input: &mut Input, api: &IdpApi, app: Option<&str>, groups: &[String]) -> anyhow::Result<()> {
    if let Some(app) = app {
        put(input, "application", word(&names::application(api, app).await?, "id"));
    }
    put_list(input, "assigned_groups", &names::groups(api, groups).await?);
    Ok(())
}

async fn add(options: &AddPush) -> anyhow::Result<String> {
    let mut input = Input::new();
    put(&mut input, "name", options.name.as_str());
    put(&mut input, "url", options.url.as_str());
    put(&mut input, "token", secret(&options.token_file, "the SCIM server's token")?);
    put(&mut input, "private_network", options.private_network);
    put(&mut input, "deprovision", name_of(&options.deprovision));
    put(&mut input, "enabled", !options.disabled);
    let api = IdpApi::open(&options.server.data_dir)?;
    assigned(&mut input, &api, options.app.as_deref(), &options.assign_groups).await?;
    put(&mut input, "pushed_groups", names::groups(&api, &options.push_groups).await?);
    let answer = api.post("/push-targets", &Value::Object(input)).await;
    let answer = answer.with_context(|| format!("the push target {:?} isn't added", options.name))?;
    Ok(printed(&answer, &options.server, |answer| {
        format!("{}\nSee how it is doing with: gatehouse idp push status {:?}\n", shown(answer), options.name)
    }))
}

async fn list_targets(options: &IdpList) -> anyhow::Result<String> {
    let api = IdpApi::open(&options.server.data_dir)?;
    let mut targets = api.all("/push-targets").await?;
    targets.sort_by_key(|target| word(target, "name").to_lowercase());
    Ok(printed(&json!({ "items": targets }), &options.server, |answer| {
        let targets = list(answer, "items");
        if targets.is_empty() {
            return "There is no push target. Add one with: gatehouse idp push add NAME --url URL --token-file FILE --app APP\n"
                .to_owned();
        }
        let rows = targets.iter().map(|target| {
            let state = match (is(target, "enabled"), word(target, "paused")) {
                (false, _) => "disabled",
                (true, "") => "enabled",
                (true, _) => "paused",
            };
            [
                word(target, "name").to_owned(),
                state.to_owned(),
                word(target, "url").to_owned(),
                word(target, "id").to_owned(),
            ]
        });
        table::render(["NAME", "STATE", "URL", "ID"], &rows.collect::<Vec<_>>())
    }))
}

fn shown(target: &Value) -> String {
    const FACTS: [(&str, &str); 10] = [
        ("name", "Name"),
        ("id", "Id"),
        ("url", "SCIM server"),
        ("private_network", "Private network"),
        ("application", "People of"),
        ("assigned_groups", "People of"),
        ("pushed_groups", "Pushed groups"),
        ("deprovision", "Who leaves"),
        ("enabled", "Enabled"),
        ("paused", "Paused"),
    ];
    facts(target, &FACTS)
}

async fn set(options: &SetPush) -> anyhow::Result<String> {
    let mut input = Input::new();
    maybe(&mut input, "name", options.new_name.as_deref());
    maybe(&mut input, "url", options.url.as_deref());
    let token = options.token_file.as_deref().map(|file| secret(file, "the SCIM server's token")).transpose()?;
    maybe(&mut input, "token", token);
    maybe(&mut input, "private_network", options.private_network);
    maybe(&mut input, "deprovision", options.deprovision.as_ref().map(name_of));
    maybe(&mut input, "enabled", if options.enable { Some(true) } else { options.disable.then_some(false) });
    let (api, target) = open(&options.target).await?;
    assigned(&mut input, &api, options.app.as_deref(), &options.assign_groups).await?;
    if options.no_push_groups || !options.push_groups.is_empty() {
        put(&mut input, "pushed_groups", names::groups(&api, &options.push_groups).await?);
    }
    if input.is_empty() {
        bail!("nothing is to be changed: name what, e.g. --disable (see --help)");
    }
    let answer = api.call(Method::PATCH, &path(&target, ""), Sent::Json(&Value::Object(input))).await;
    let answer = answer.with_context(|| format!("the push target {:?} isn't changed", options.target.name))?;
    Ok(printed(&answer, &options.target.server, |answer| format!("Changed.\n\n{}", shown(answer))))
}

/// A row for each thing that would be done, and for each attribute that would change.
fn planned(plan: &Value) -> String {
    let mut rows = Vec::new();
    for step in list(plan, "lines") {
        let changes = list(step, "changes").iter().map(|change| {
            let side = |name: &str| match words(change.get(name).unwrap_or(&Value::Null)) {
                words if words.is_empty() => "(none)".to_owned(),
                words => words,
            };
            format!("{}: {} -> {}", word(change, "path"), side("from"), side("to"))
        });
        let mut details = changes.chain(step.get("detail").and_then(Value::as_str).map(str::to_owned));
        let first = details.next().unwrap_or_default();
        rows.push([word(step, "action").to_owned(), word(step, "name").to_owned(), first]);
        rows.extend(details.map(|detail| [String::new(), String::new(), detail]));
    }
    if rows.is_empty() {
        return "Nothing would be done: the server has what it should have.\n".to_owned();
    }
    let counts = plan.get("counts").unwrap_or(&Value::Null);
    let count = |name: &str| number(counts, name);
    format!(
        "{}\n{} people would be created, {} changed, {} removed; {} groups created, {} changed, {} removed; {} problems. Nothing was \
         written.\n",
        table::render(["ACTION", "WHO", "WHAT"], &rows),
        count("users_created"),
        count("users_changed"),
        count("users_removed"),
        count("groups_created"),
        count("groups_changed"),
        count("groups_removed"),
        count("problems"),
    )
}

fn status_in_words(status: &Value) -> String {
    const FACTS: [(&str, &str); 6] = [
        ("enabled", "Enabled"),
        ("paused", "Paused"),
        ("users", "People there"),
        ("groups", "Groups there"),
        ("waiting", "Waiting"),
        ("failed", "Failed"),
    ];
    let held = match time(status, "held_until").as_str() {
        "" => String::new(),
        until => line("Waits until", until),
    };
    let hint = if number(status, "failed") > 0 { "\nSee why with: gatehouse idp push failures TARGET\n" } else { "" };
    format!("{}{held}{hint}", facts(status, &FACTS))
}

pub(super) fn failures_of(failures: &[Value]) -> String {
    if failures.is_empty() {
        return "Nothing has failed.\n".to_owned();
    }
    let rows = failures.iter().map(|failure| {
        [
            word(failure, "kind").to_owned(),
            word(failure, "name").to_owned(),
            number(failure, "attempts").to_string(),
            time(failure, "next_retry"),
            word(failure, "message").to_owned(),
        ]
    });
    table::render(["WHAT", "NAME", "TRIED", "NEXT TRY", "WHY"], &rows.collect::<Vec<_>>())
}
