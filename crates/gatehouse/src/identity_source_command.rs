//! `gatehouse identity-source add|list|show|set|delete|certificate|refresh|metadata|directory`

mod input;
mod shown;

use anyhow::Context as _;
use serde_json::{Map, Value, json};

use crate::client::{Client, GATEHOUSE, not_found, text};
use crate::options::{
    AddSource, CertificateCommand, DirectoryCommand, IdentitySourceCommand, OneSource, ServerOptions, SourceList,
    SourceMetadata,
};

pub(crate) async fn run(command: IdentitySourceCommand) -> anyhow::Result<()> {
    let printed = match command {
        IdentitySourceCommand::Add { command } => add(&command).await?,
        IdentitySourceCommand::List(options) => list(&options).await?,
        IdentitySourceCommand::Show(options) => {
            let answer = one(&options, "DescribeIdentitySource", Map::new()).await?;
            printed(&answer, &options.server, shown::source)?
        }
        IdentitySourceCommand::Set(options) => {
            let answer = one(&options.source, "UpdateIdentitySource", input::set(&options)?).await?;
            printed(&answer, &options.source.server, |answer| Ok(format!("Changed.\n\n{}", shown::source(answer)?)))?
        }
        IdentitySourceCommand::Delete(options) => delete(&options).await?,
        IdentitySourceCommand::Certificate { command } => certificate(&command).await?,
        IdentitySourceCommand::Refresh(options) => {
            let answer = one(&options, "RefreshIdentitySourceMetadata", Map::new()).await?;
            printed(&answer, &options.server, shown::refreshed)?
        }
        IdentitySourceCommand::Metadata(options) => metadata(&options).await?,
        IdentitySourceCommand::Directory { command } => directory(&command).await?,
    };
    print(&printed);
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the answer of a command goes to standard output")]
fn print(text: &str) {
    print!("{text}");
}

/// The answer as JSON where that is asked for, else in words.
fn printed(
    answer: &Value,
    server: &ServerOptions,
    words: impl FnOnce(&Value) -> anyhow::Result<String>,
) -> anyhow::Result<String> {
    if server.json { Ok(format!("{answer:#}\n")) } else { words(answer) }
}

/// An operation on one source.
async fn one(options: &OneSource, operation: &str, mut input: Map<String, Value>) -> anyhow::Result<Value> {
    let client = Client::open(&options.server.data_dir)?;
    input.insert("SourceId".to_owned(), options.id.clone().into());
    let answer = client.call(GATEHOUSE, operation, &Value::Object(input)).await;
    let unknown = || {
        format!(
            "there is no identity source with the id {:?}; list them with: gatehouse identity-source list",
            options.id
        )
    };
    answer.map_err(|error| not_found(error, unknown))
}

async fn add(command: &AddSource) -> anyhow::Result<String> {
    let (any, input) = match command {
        AddSource::Saml(options) => (&options.any, input::saml(options)?),
        AddSource::Oidc(options) => (&options.any, input::oidc(options)?),
    };
    let client = Client::open(&any.server.data_dir)?;
    let answer = client.call(GATEHOUSE, "CreateIdentitySource", &Value::Object(input)).await;
    let answer = answer.with_context(|| format!("the identity source {:?} isn't added", any.name))?;
    printed(&answer, &any.server, shown::added)
}

async fn list(options: &SourceList) -> anyhow::Result<String> {
    let client = Client::open(&options.server.data_dir)?;
    let (mut sources, mut position) = (Vec::new(), Value::Null);
    let directory = loop {
        let mut page = client.call(GATEHOUSE, "ListIdentitySources", &json!({ "NextToken": position })).await?;
        if let Some(Value::Array(items)) = page.get_mut("IdentitySources").map(Value::take) {
            sources.extend(items);
        }
        position = page.get_mut("NextToken").map(Value::take).unwrap_or_default();
        if position.is_null() {
            break page.get("DirectorySignIn").and_then(Value::as_str).unwrap_or_default().to_owned();
        }
    };
    let answer = json!({ "DirectorySignIn": directory, "IdentitySources": sources });
    printed(&answer, &options.server, |_| Ok(shown::list(&directory, &sources)))
}

async fn delete(options: &OneSource) -> anyhow::Result<String> {
    let answer = one(options, "DeleteIdentitySource", Map::new()).await?;
    printed(&answer, &options.server, |_| {
        Ok(format!(
            "The identity source {} is deleted: who signed in through it is signed out. Their people and groups stay.\n",
            options.id
        ))
    })
}

async fn certificate(command: &CertificateCommand) -> anyhow::Result<String> {
    let (source, operation, name, value) = match command {
        CertificateCommand::Add(options) => {
            let pem = input::file_or_stdin(&options.file).context("the certificate can't be read")?;
            (&options.source, "AddIdentitySourceCertificate", "Certificate", pem)
        }
        CertificateCommand::Remove(options) => {
            (&options.source, "RemoveIdentitySourceCertificate", "Sha256", options.sha256.clone())
        }
    };
    let input = Map::from_iter([(name.to_owned(), value.into())]);
    let answer = one(source, operation, input).await?;
    printed(&answer, &source.server, shown::certificates)
}

async fn metadata(options: &SourceMetadata) -> anyhow::Result<String> {
    let source = &options.source;
    let answer = one(source, "GetServiceProviderMetadata", Map::new()).await?;
    let document = text(&answer, "Metadata")?;
    let Some(file) = &options.out else {
        return printed(&answer, &source.server, |_| Ok(format!("{}\n", document.trim_end())));
    };
    std::fs::write(file, document).with_context(|| format!("{} can't be written", file.display()))?;
    printed(&answer, &source.server, |answer| {
        Ok(format!("{}Metadata         {}\n", shown::service_provider(answer), file.display()))
    })
}

async fn directory(command: &DirectoryCommand) -> anyhow::Result<String> {
    let (options, enabled, words) = match command {
        DirectoryCommand::Enable(options) => (options, true, "People may sign in with a password of the directory.\n"),
        DirectoryCommand::Disable(options) => (
            options,
            false,
            "Nobody signs in with a password of the directory any more; who did is signed out. SCIM and the directory's \
             people stay.\n",
        ),
    };
    let client = Client::open(&options.server.data_dir)?;
    let answer = client.call(GATEHOUSE, "SetDirectorySignIn", &json!({ "Enabled": enabled })).await?;
    printed(&answer, &options.server, |_| Ok(words.to_owned()))
}
