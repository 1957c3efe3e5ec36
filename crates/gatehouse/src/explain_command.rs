//! `gatehouse explain login`

use serde_json::{Value, json};

use crate::client::{Client, GATEHOUSE, not_found, text};
use crate::options::{ExplainCommand, ExplainLogin};

#[expect(clippy::print_stdout, reason = "the answer of a command goes to standard output")]
pub(crate) async fn run(command: ExplainCommand) -> anyhow::Result<()> {
    let printed = match command {
        ExplainCommand::Login(options) => login(&options).await?,
    };
    print!("{printed}");
    Ok(())
}

async fn login(options: &ExplainLogin) -> anyhow::Result<String> {
    let client = Client::open(&options.server.data_dir)?;
    let story = client.call(GATEHOUSE, "ExplainLogin", &json!({ "Reference": options.reference })).await;
    let unknown = || format!("nothing is recorded under the reference {:?}", options.reference);
    let story = story.map_err(|error| not_found(error, unknown))?;
    if options.server.json { Ok(format!("{story:#}\n")) } else { told(&story) }
}

/// The story in lines: each step with its checks, then the check that failed, why, and what would mend it.
fn told(story: &Value) -> anyhow::Result<String> {
    let mut told = format!("{}\n\n", text(story, "Summary")?);
    for (title, name) in [("Reference", "Reference"), ("Person", "UserName"), ("Source", "Source")] {
        told.push_str(&line(title, word(story, name)));
    }
    for step in items(story, "Steps") {
        told.push_str(&format!(
            "\n{} {}  {}\n",
            mark(word(step, "Outcome") == "allowed"),
            seconds(word(step, "At")),
            word(step, "Text")
        ));
        told.push_str(&checks(step));
        told.push_str(&indented("reason", word(step, "Reason")));
    }
    let Some(failed) = story.get("Failed") else { return Ok(with_mend(told, story)) };
    told.push_str(&format!("\nFailed check    {}\n", word(failed, "Check")));
    told.push_str(&line("  expected", or_nothing(word(failed, "Expected"))));
    told.push_str(&line("  found", or_nothing(word(failed, "Found"))));
    Ok(with_mend(told, story))
}

fn with_mend(mut told: String, story: &Value) -> String {
    let mend = word(story, "Mend");
    if !mend.is_empty() {
        told.push_str(&format!("\nTo mend it      {mend}\n"));
    }
    told
}

/// The checks of a step, their names aligned; a failed one with what was expected and what came.
fn checks(step: &Value) -> String {
    let checks = items(step, "Checks");
    let widest = checks.iter().map(|check| word(check, "Check").chars().count()).max().unwrap_or_default();
    let lines = checks.iter().map(|check| {
        let passed = check.get("Passed").and_then(Value::as_bool).unwrap_or_default();
        let (name, found) = (word(check, "Check"), or_nothing(word(check, "Found")));
        let facts = if passed {
            found.to_owned()
        } else {
            format!("{found}; expected: {}", or_nothing(word(check, "Expected")))
        };
        format!("    {} {name:<widest$}  {facts}\n", mark(passed))
    });
    lines.collect()
}

/// A time (RFC 3339) without its fraction.
fn seconds(at: &str) -> String {
    at.split_once('.').map_or_else(|| at.to_owned(), |(whole, _)| format!("{whole}Z"))
}

const fn mark(passed: bool) -> char {
    if passed { '✓' } else { '✗' }
}

fn indented(title: &str, words: &str) -> String {
    if words.is_empty() { String::new() } else { format!("    {title}: {words}\n") }
}

fn line(title: &str, words: &str) -> String {
    if words.is_empty() { String::new() } else { format!("{title:<15} {words}\n") }
}

fn or_nothing(words: &str) -> &str {
    if words.is_empty() { "(nothing)" } else { words }
}

fn items<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn word<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests;
