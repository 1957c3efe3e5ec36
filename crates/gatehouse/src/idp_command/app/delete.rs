//! `gatehouse idp app delete`: how many are deleted has to be typed.

use std::io::{BufRead as _, IsTerminal as _, Write as _};

use anyhow::{Context as _, bail};
use serde_json::json;

use crate::client::IdpApi;
use crate::idp_command::shown::word;
use crate::idp_command::{names, printed};
use crate::options::DeleteApps;

pub(super) async fn run(options: &DeleteApps) -> anyhow::Result<String> {
    let api = IdpApi::open(&options.server.data_dir)?;
    let (mut ids, mut labels) = (Vec::new(), Vec::new());
    for name in &options.names {
        let application = names::application(&api, name).await?;
        let id = word(&application, "id").to_owned();
        if !ids.contains(&id) {
            labels.push(word(&application, "label").to_owned());
            ids.push(id);
        }
    }
    let typed = match options.type_count {
        Some(count) => count,
        None => ask(&labels)?,
    };
    let answer = api.post("/applications/delete", &json!({ "ids": ids, "typed_count": typed })).await;
    let answer = answer.context("nothing is deleted")?;
    Ok(printed(&answer, &options.server, |_| format!("Deleted: {}.\n", labels.join(", "))))
}

/// What the person types at the terminal.
fn ask(labels: &[String]) -> anyhow::Result<usize> {
    let count = labels.len();
    let noun = if count == 1 { "application" } else { "applications" };
    if !std::io::stdin().is_terminal() {
        bail!("nothing is deleted: say how many applications are deleted with --type-count {count}");
    }
    let mut terminal = std::io::stderr().lock();
    write!(terminal, "{}\nType {count} to delete {count} {noun}: ", labels.join(", "))?;
    terminal.flush()?;
    let mut typed = String::new();
    std::io::stdin().lock().read_line(&mut typed)?;
    typed.trim().parse().ok().with_context(|| format!("nothing is deleted: {count} was to be typed"))
}
