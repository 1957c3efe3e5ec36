//! `gatehouse explain …`

use clap::{Args, Subcommand};

use super::ServerOptions;

#[derive(Debug, Subcommand)]
pub(crate) enum ExplainCommand {
    /// Why somebody could or couldn't sign in: each check, the one that failed, and what would mend it
    Login(ExplainLogin),
}

#[derive(Debug, Args)]
pub(crate) struct ExplainLogin {
    /// The reference that the page showed, or the correlation id of a record
    #[arg(value_name = "REF")]
    pub(crate) reference: String,
    #[command(flatten)]
    pub(crate) server: ServerOptions,
}
