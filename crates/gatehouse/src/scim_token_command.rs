//! `gatehouse scim-token create|list|delete`

use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::client::{Client, GATEHOUSE, not_found, text};
use crate::options::{ScimTokenCommand, ScimTokenCreate, ScimTokenDelete, ScimTokenList};
use crate::table;

pub(crate) async fn run(command: ScimTokenCommand) -> anyhow::Result<()> {
    let printed = match command {
        ScimTokenCommand::Create(options) => create(&options).await?,
        ScimTokenCommand::List(options) => list(&options).await?,
        ScimTokenCommand::Delete(options) => delete(&options).await?,
    };
    print(&printed);
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the answer of a command goes to standard output")]
fn print(text: &str) {
    print!("{text}");
}

async fn create(options: &ScimTokenCreate) -> anyhow::Result<String> {
    let client = Client::open(&options.server.data_dir)?;
    let mut answer = client.call(GATEHOUSE, "CreateScimToken", &json!({ "LifetimeDays": options.days })).await?;
    if options.server.json {
        if let Some(members) = answer.as_object_mut() {
            members.insert("ScimUrl".to_owned(), client.scim_url().into());
        }
        return Ok(format!("{answer:#}\n"));
    }
    Ok(format!(
        "SCIM endpoint   {}\nAccess token    {}\nToken id        {}\nExpires         {}\n\n\
         Enter endpoint and token in the identity provider now: the token isn't shown again.\n",
        client.scim_url(),
        text(&answer, "BearerToken")?,
        text(&answer, "TokenId")?,
        time(&answer, "ExpiresAt"),
    ))
}

async fn list(options: &ScimTokenList) -> anyhow::Result<String> {
    let client = Client::open(&options.server.data_dir)?;
    let mut tokens = Vec::new();
    let mut position = Value::Null;
    loop {
        let mut page = client.call(GATEHOUSE, "ListScimTokens", &json!({ "NextToken": position })).await?;
        if let Some(Value::Array(items)) = page.get_mut("Tokens").map(Value::take) {
            tokens.extend(items.into_iter().filter(|token| options.all || is_active(token)));
        }
        position = page.get_mut("NextToken").map(Value::take).unwrap_or_default();
        if position.is_null() {
            break;
        }
    }
    tokens.sort_by_key(|token| token.get("CreatedAt").and_then(Value::as_i64));
    Ok(shown(tokens, options.server.json))
}

fn is_active(token: &Value) -> bool {
    token.get("Status").and_then(Value::as_str) == Some("ACTIVE")
}

fn shown(tokens: Vec<Value>, as_json: bool) -> String {
    if as_json {
        return format!("{:#}\n", json!({ "Tokens": tokens }));
    }
    if tokens.is_empty() {
        return "There is no live SCIM token. Make one with: gatehouse scim-token create\n".to_owned();
    }
    let rows = tokens.iter().map(|token| {
        let word = |name: &str| token.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let status = word("Status").to_lowercase();
        [word("TokenId"), status, time(token, "CreatedAt"), time(token, "ExpiresAt"), time(token, "LastUsedAt")]
    });
    table::render(["ID", "STATUS", "CREATED", "EXPIRES", "LAST USED"], &rows.collect::<Vec<_>>())
}

async fn delete(options: &ScimTokenDelete) -> anyhow::Result<String> {
    let client = Client::open(&options.server.data_dir)?;
    let answer = client.call(GATEHOUSE, "DeleteScimToken", &json!({ "TokenId": options.id })).await;
    let unknown =
        || format!("there is no SCIM token with the id {:?}; list them with: gatehouse scim-token list", options.id);
    let answer = answer.map_err(|error| not_found(error, unknown))?;
    if options.server.json {
        return Ok(format!("{answer:#}\n"));
    }
    Ok(format!("The SCIM token {} is deleted: whoever presents it is refused from now on.\n", options.id))
}

/// Empty where there is none.
fn time(answer: &Value, name: &str) -> String {
    let seconds = answer.get(name).and_then(Value::as_i64);
    let at = seconds.and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok());
    at.and_then(|at| at.format(&Rfc3339).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
