//! `gatehouse idp person|group|app|push|policy|token …`

mod app;
mod app_settings;
mod group;
mod input;
mod names;
mod person;
mod push;
mod settings;
mod shown;
mod sync;

use serde_json::Value;

use crate::options::{IdpCommand, ServerOptions};

pub(crate) async fn run(command: IdpCommand) -> anyhow::Result<()> {
    let printed = match command {
        IdpCommand::Person { command } => person::run(&command).await?,
        IdpCommand::Group { command } => group::run(&command).await?,
        IdpCommand::App { command } => app::run(&command).await?,
        IdpCommand::Push { command } => push::run(&command).await?,
        IdpCommand::Policy { command } => settings::policy(&command).await?,
        IdpCommand::Token { command } => settings::token(&command).await?,
    };
    print(&printed);
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the answer of a command goes to standard output")]
fn print(text: &str) {
    print!("{text}");
}

/// The answer as JSON where that is asked for, else in words.
fn printed(answer: &Value, server: &ServerOptions, words: impl FnOnce(&Value) -> String) -> String {
    if server.json { format!("{answer:#}\n") } else { words(answer) }
}
