//! `gatehouse idp app …`

mod delete;
mod shown;

use anyhow::{Context as _, bail};
use axum::http::Method;
use serde_json::{Value, json};

use super::app_settings::{configuration, name_of};
use super::input::{Input, file_or_stdin, maybe, put};
use super::shown::{list, number, word};
use super::{names, printed};
use crate::client::{IdpApi, Sent};
use crate::options::{
    AddApp, AppCommand, AuthoriseApp, ConnectorName, IdpList, MetadataOfApp, OneApp, RotateKey, RotationStep, SetApp,
    UploadMetadata,
};

pub(super) async fn run(command: &AppCommand) -> anyhow::Result<String> {
    match command {
        AppCommand::Add(options) => add(options).await,
        AppCommand::List(options) => list_apps(options).await,
        AppCommand::Show(options) => show(options).await,
        AppCommand::Set(options) => set(options).await,
        AppCommand::Metadata(options) => metadata(options).await,
        AppCommand::UploadSpMetadata(options) => upload(options).await,
        AppCommand::Authorise(options) => authorise(options, "authorise").await,
        AppCommand::Withdraw(options) => authorise(options, "withdraw").await,
        AppCommand::Deactivate(options) => {
            let (api, app) = open(options).await?;
            let answer = api.act(&path(&app, "/deactivate")).await?;
            Ok(printed(&answer, &options.server, |_| format!("SSO to {} is deactivated.\n", word(&app, "label"))))
        }
        AppCommand::Activate(options) => {
            let (api, app) = open(options).await?;
            let answer = api.act(&path(&app, "/activate")).await?;
            Ok(printed(&answer, &options.server, |_| format!("SSO to {} is active again.\n", word(&app, "label"))))
        }
        AppCommand::ClientSecret(options) => {
            let (api, app) = open(options).await?;
            let answer = api.act(&path(&app, "/client-secret")).await?;
            Ok(printed(&answer, &options.server, |answer| {
                format!(
                    "{}\n\nThe client secret before doesn't work any more. This one isn't shown again.\n",
                    word(answer, "client_secret")
                )
            }))
        }
        AppCommand::Keys(options) => {
            let (api, app) = open(options).await?;
            let answer = api.get(&path(&app, "/keys")).await?;
            Ok(printed(&answer, &options.server, shown::keys))
        }
        AppCommand::RotateKey(options) => rotate(options).await,
        AppCommand::Delete(options) => delete::run(options).await,
    }
}

async fn open(options: &OneApp) -> anyhow::Result<(IdpApi, Value)> {
    let api = IdpApi::open(&options.server.data_dir)?;
    let application = names::application(&api, &options.name).await?;
    Ok((api, application))
}

fn path(application: &Value, rest: &str) -> String {
    format!("/applications/{}{rest}", word(application, "id"))
}

async fn add(options: &AddApp) -> anyhow::Result<String> {
    let api = IdpApi::open(&options.server.data_dir)?;
    let connector = name_of(&options.connector);
    let is_openid = options.connector == ConnectorName::Oidc;
    let templates = api.get("/connectors").await?;
    let template = list(&templates, "items").iter().find(|one| word(one, "name") == connector);
    let template =
        template.and_then(|one| one.get("configuration")).context("the server doesn't know this connector")?;
    let mut input = Input::new();
    put(&mut input, "connector", connector.as_str());
    put(&mut input, "label", options.label.as_str());
    maybe(&mut input, "slug", options.slug.as_deref());
    maybe(&mut input, "description", options.settings.description.as_deref());
    maybe(&mut input, "hidden", options.settings.hidden);
    if options.public {
        put(&mut input, "public", true);
    }
    if let Some(file) = &options.sp_metadata {
        let document = file_or_stdin(file).context("the service provider's metadata can't be read")?;
        put(&mut input, "sp_metadata", document);
    }
    put(&mut input, "configuration", configuration(&options.settings, template, is_openid)?);
    put(&mut input, "groups", names::groups(&api, &options.groups).await?);
    let answer = api.post("/applications", &Value::Object(input)).await;
    let answer = answer.with_context(|| format!("the application {:?} isn't added", options.label))?;
    Ok(printed(&answer, &options.server, shown::added))
}

async fn list_apps(options: &IdpList) -> anyhow::Result<String> {
    let api = IdpApi::open(&options.server.data_dir)?;
    let mut applications = api.all("/applications").await?;
    applications.sort_by_key(|application| word(application, "label").to_lowercase());
    Ok(printed(&json!({ "items": applications }), &options.server, |answer| shown::list_of(list(answer, "items"))))
}

async fn show(options: &OneApp) -> anyhow::Result<String> {
    let (api, mut application) = open(options).await?;
    let mut authorised = api.get(&path(&application, "/groups")).await?;
    if let Some(members) = application.as_object_mut() {
        let groups = authorised.get_mut("groups").map(Value::take).unwrap_or_default();
        members.insert("authorised_groups".to_owned(), groups);
    }
    Ok(printed(&application, &options.server, shown::application))
}

async fn set(options: &SetApp) -> anyhow::Result<String> {
    let (api, application) = open(&options.app).await?;
    let is_openid = word(&application, "connector") == "oidc";
    let present = application.get("configuration").unwrap_or(&Value::Null);
    let changes = configuration(&options.settings, present, is_openid)?;
    let mut input = Input::new();
    maybe(&mut input, "label", options.label.as_deref());
    maybe(&mut input, "slug", options.slug.as_deref());
    maybe(&mut input, "description", options.settings.description.as_deref());
    maybe(&mut input, "hidden", options.settings.hidden);
    if !changes.is_empty() {
        put(&mut input, "configuration", changes);
    }
    if input.is_empty() {
        bail!(
            "nothing is to be changed: name what, e.g. --description \"Where everything is written down\" (see --help)"
        );
    }
    // Lists were put together from what was read.
    let version = number(&application, "version");
    let sent = Sent::JsonIf(&Value::Object(input), version);
    let answer = api.call(Method::PATCH, &path(&application, ""), sent).await;
    let answer = answer.with_context(|| format!("the application {:?} isn't changed", options.app.name))?;
    Ok(printed(&answer, &options.app.server, |answer| format!("Changed.\n\n{}", shown::application(answer))))
}

async fn metadata(options: &MetadataOfApp) -> anyhow::Result<String> {
    let (api, application) = open(&options.app).await?;
    let document = api.text(&path(&application, "/metadata")).await?;
    let mut answer = json!({ "metadata": document, "idp_url": word(&application, "idp_url") });
    if let Some(file) = &options.out {
        std::fs::write(file, &document).with_context(|| format!("{} can't be written", file.display()))?;
        answer = json!({ "file": file.display().to_string(), "idp_url": word(&application, "idp_url") });
    }
    Ok(printed(&answer, &options.app.server, |answer| match &options.out {
        Some(file) => format!(
            "The metadata of {} is in {}. Upload it at the service provider.\n",
            word(&application, "label"),
            file.display()
        ),
        None => format!("{}\n", word(answer, "metadata").trim_end()),
    }))
}

async fn upload(options: &UploadMetadata) -> anyhow::Result<String> {
    let document = file_or_stdin(&options.file).context("the service provider's metadata can't be read")?;
    let (api, application) = open(&options.app).await?;
    let answer = api.call(Method::PUT, &path(&application, "/sp-metadata"), Sent::Xml(document)).await;
    let answer = answer.with_context(|| format!("{} isn't taken over", options.file.display()))?;
    Ok(printed(&answer, &options.app.server, |answer| format!("Taken over.\n\n{}", shown::application(answer))))
}

async fn authorise(options: &AuthoriseApp, change: &str) -> anyhow::Result<String> {
    let (api, application) = open(&options.app).await?;
    let groups = names::groups(&api, &options.groups).await?;
    let answer = api.post(&path(&application, "/groups"), &json!({ change: groups })).await?;
    Ok(printed(&answer, &options.app.server, |answer| {
        let count = list(answer, "groups").len();
        format!("{count} groups are authorised for {} now.\n", word(&application, "label"))
    }))
}

async fn rotate(options: &RotateKey) -> anyhow::Result<String> {
    let (api, application) = open(&options.app).await?;
    let mut input = json!({ "step": name_of(&options.step) });
    if let (Some(key), Some(members)) = (&options.key, input.as_object_mut()) {
        put(members, "key", key.as_str());
    }
    let answer = api.post(&path(&application, "/keys"), &input).await?;
    let next = match options.step {
        RotationStep::Prepare => {
            "\nThe next key is published. Give the other side the new metadata, then: gatehouse idp app rotate-key APP promote\n"
        }
        RotationStep::Promote => "\nThe new key signs from now on; the former one stays published for a while.\n",
        RotationStep::Retire => "",
    };
    Ok(printed(&answer, &options.app.server, |answer| format!("{}{next}", shown::keys(answer))))
}
