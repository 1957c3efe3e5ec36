//! `gatehouse idp push sync`: starts a full sync, shows how far it is, and ends with it.

use std::time::Duration;

use anyhow::bail;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use super::push::{failures_of, path};
use super::shown::{is, number, word};
use super::{print, printed};
use crate::client::IdpApi;
use crate::options::ServerOptions;

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(150);

pub(super) async fn run(api: &IdpApi, target: &Value, server: &ServerOptions) -> anyhow::Result<String> {
    let mut progress = api.act(&path(target, "/sync")).await?;
    // On standard error, and only at a terminal.
    let bar = if server.json { ProgressBar::hidden() } else { ProgressBar::no_length() };
    let style = ProgressStyle::with_template("{spinner} {bar:40} {pos}/{len} {msg}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    while is(&progress, "running") {
        bar.set_length(number(&progress, "total"));
        bar.set_position(number(&progress, "done"));
        match number(&progress, "errors") {
            0 => bar.set_message("people and groups"),
            errors => bar.set_message(format!("people and groups, {errors} failed")),
        }
        tokio::time::sleep(PAUSE).await;
        progress = api.get(&path(target, "/sync")).await?;
    }
    bar.finish_and_clear();
    ended(api, target, server, progress).await
}

async fn ended(api: &IdpApi, target: &Value, server: &ServerOptions, progress: Value) -> anyhow::Result<String> {
    let name = word(target, "name");
    let (done, errors) = (number(&progress, "done"), number(&progress, "errors"));
    let paused = word(&progress, "paused").to_owned();
    if errors == 0 && paused.is_empty() {
        return Ok(printed(&progress, server, |_| {
            format!("{name} has what it should have: {done} people and groups.\n")
        }));
    }
    let failures = api.all(&path(target, "/failures")).await?;
    let answer = json!({ "progress": progress, "failures": failures });
    print(&printed(&answer, server, |_| failures_of(&failures)));
    if paused.is_empty() {
        bail!(
            "{errors} of {done} people and groups failed; they are tried again by themselves, or now with: gatehouse idp push retry {name:?}"
        );
    }
    bail!("the push to {name} is paused: {paused}\nMend that, then: gatehouse idp push retry {name:?}");
}
