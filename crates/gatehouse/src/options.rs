//! The command line. Its names are a contract (design, section 8).

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Signs people into a data warehouse with the identity they already have.
#[derive(Debug, Parser)]
#[command(name = "gatehouse", version, about, propagate_version = true)]
pub(crate) struct Options {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start the server; stop it with Ctrl-C or SIGTERM
    Up(UpOptions),
    /// Look at the audit trail
    Audit {
        #[command(subcommand)]
        command: AuditCommand,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// Check every link of the hash chain; needs no running server
    Verify(VerifyOptions),
}

#[derive(Debug, Args)]
pub(crate) struct UpOptions {
    /// Make the demo organisation (users ethan, fiona, olivia, nina, admin; cluster testcluster)
    #[arg(long)]
    pub(crate) demo: bool,
    /// Where everything is kept; made with mode 0700
    #[arg(long, value_name = "DIR", default_value = "./gatehouse-data", env = "GATEHOUSE_DATA_DIR")]
    pub(crate) data_dir: PathBuf,
    /// Plain HTTP; loopback addresses only. Port 0 picks a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    pub(crate) http: SocketAddr,
    /// HTTPS: AWS APIs, SCIM, sign-in. Port 0 picks a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8443")]
    pub(crate) https: SocketAddr,
    /// The SQL endpoint. Port 0 picks a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:5439")]
    pub(crate) sql: SocketAddr,
    /// How log lines are written to standard error
    #[arg(long, value_enum, default_value_t = LogFormat::Text)]
    pub(crate) log_format: LogFormat,
    /// What is logged, e.g. `info,query=debug`
    #[arg(long, value_name = "FILTER", default_value = "info", env = "GATEHOUSE_LOG")]
    pub(crate) log: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    Text,
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct VerifyOptions {
    #[arg(long, value_name = "DIR", default_value = "./gatehouse-data", env = "GATEHOUSE_DATA_DIR")]
    pub(crate) data_dir: PathBuf,
    /// The head that an earlier run printed: proves that nothing was cut off since (a shorter chain is unbroken too)
    #[arg(long, value_name = "SEQUENCE:HASH")]
    pub(crate) since: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[cfg(test)]
mod tests;
