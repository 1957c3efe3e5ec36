//! The binary: command line, wiring, shutdown. The only crate that names a concrete engine and the store.

mod audit_command;
mod client;
mod data_dir;
mod demo;
mod endpoints;
mod explain_command;
mod identity_source_command;
mod idp_command;
mod listeners;
mod logging;
mod options;
mod scim_token_command;
mod settings;
mod table;
mod tls;
mod up;
mod user_command;
mod wiring;

use std::process::ExitCode;

use clap::Parser as _;
use options::{AuditCommand, Command, Options};
use rustix::fs::Mode;
use rustix::process::umask;

fn main() -> ExitCode {
    let options = Options::parse();
    // Before anything is written: also for what the engine and SQLite make by themselves (journals, temporary files).
    umask(Mode::RWXG | Mode::RWXO);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&anyhow::Error::new(error).context("the async runtime can't be started")),
    };
    let outcome = runtime.block_on(async {
        match options.command {
            Command::Up(up) => up::run(up).await,
            Command::ScimToken { command } => scim_token_command::run(command).await,
            Command::User { command } => user_command::run(command).await,
            Command::IdentitySource { command } => identity_source_command::run(command).await,
            Command::Idp { command } => idp_command::run(command).await,
            Command::Explain { command } => explain_command::run(command).await,
            Command::Audit { command: AuditCommand::Verify(verify) } => audit_command::verify(verify).await,
        }
    });
    // Engine threads that still finish a statement must not hold the process.
    runtime.shutdown_background();
    outcome.map_or_else(|error| fail(&error), |()| ExitCode::SUCCESS)
}

#[expect(clippy::print_stderr, reason = "a command line tells its failure on standard error")]
fn fail(error: &anyhow::Error) -> ExitCode {
    eprintln!("gatehouse: {error:#}");
    ExitCode::FAILURE
}
