//! The command line. Its names are a contract (design, section 8).

mod explain;
mod identity_source;
mod idp;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
pub(crate) use explain::{ExplainCommand, ExplainLogin};
pub(crate) use identity_source::{
    AddOidc, AddSaml, AddSource, AnySource, CertificateCommand, DirectoryCommand, IdentitySourceCommand, MatchBy,
    OneSource, SetSource, SourceList, SourceMetadata,
};
pub(crate) use idp::{
    ActivationLink, AddApp, AddPerson, AddPush, AppCommand, AppSettings, AuthoriseApp, ConnectorName, CreateToken,
    DeleteApps, FormPluginsPolicy, FormPluginsValue, GroupCommand, GroupMembers, IdpCommand, IdpList, MetadataOfApp,
    MfaPolicy, MfaValue, OneApp, OneGroup, OnePerson, OnePush, OneToken, PersonCommand, PersonData, PersonList,
    PolicyCommand, PushCommand, RenameGroup, RotateKey, RotationStep, SetApp, SetPerson, SetPush, TokenCommand,
    TokenList, UploadMetadata,
};

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
    /// Make, list and delete the tokens that identity providers push people and groups with (SCIM)
    ScimToken {
        #[command(subcommand)]
        command: ScimTokenCommand,
    },
    /// Look after people of the directory
    User {
        #[command(subcommand)]
        command: UserCommand,
    },
    /// Look after the ways to sign in: external identity providers, and the directory's passwords
    IdentitySource {
        #[command(subcommand)]
        command: IdentitySourceCommand,
    },
    /// Look after the built-in identity provider: people, groups, applications, SCIM push
    Idp {
        #[command(subcommand)]
        command: IdpCommand,
    },
    /// Say why something was allowed or refused
    Explain {
        #[command(subcommand)]
        command: ExplainCommand,
    },
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
    /// Where browsers and identity providers reach Identity Center; the address of --https when not given
    #[arg(long, value_name = "URL", value_parser = public_url)]
    pub(crate) public_url: Option<String>,
    /// Where browsers reach the built-in identity provider; needs a host name for passkeys. --public-url when not given, else localhost
    #[arg(long, value_name = "URL", value_parser = public_url)]
    pub(crate) idp_url: Option<String>,
    /// Let IAM's OpenID Connect providers, and SQL's identity providers, be at private addresses, this machine's too
    #[arg(long)]
    pub(crate) private_providers: bool,
    /// What the names of warehouses end in: CLUSTER.redshift.DOMAIN, WORKGROUP.redshift-serverless.DOMAIN
    #[arg(long, value_name = "DOMAIN", default_value = "localhost", value_parser = domain)]
    pub(crate) sql_domain: String,
    /// How the SCIM endpoint behaves where AWS's differs from the RFC
    #[arg(long, value_enum, default_value_t = ScimProfile::Rfc)]
    pub(crate) scim_profile: ScimProfile,
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

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ScimProfile {
    /// RFC 7643 and 7644 in full
    Rfc,
    /// As IAM Identity Center, limits included
    Idc,
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

/// The running server that a command talks to, and how the answer is printed.
#[derive(Debug, Args)]
pub(crate) struct ServerOptions {
    /// The data directory of the running server
    #[arg(long, value_name = "DIR", default_value = "./gatehouse-data", env = "GATEHOUSE_DATA_DIR")]
    pub(crate) data_dir: PathBuf,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ScimTokenCommand {
    /// Make a token; it is shown this once. Two may be alive, so that one can replace the other without a gap
    Create(ScimTokenCreate),
    /// List the live tokens: when they expire, and when they were last used
    List(ScimTokenList),
    /// End a token at once
    Delete(ScimTokenDelete),
}

#[derive(Debug, Args)]
pub(crate) struct ScimTokenCreate {
    /// How long the token lives
    #[arg(long, value_name = "DAYS", default_value_t = 365, value_parser = clap::value_parser!(u32).range(1..=365))]
    pub(crate) days: u32,
    #[command(flatten)]
    pub(crate) server: ServerOptions,
}

#[derive(Debug, Args)]
pub(crate) struct ScimTokenList {
    /// The expired and deleted ones too
    #[arg(long)]
    pub(crate) all: bool,
    #[command(flatten)]
    pub(crate) server: ServerOptions,
}

#[derive(Debug, Args)]
pub(crate) struct ScimTokenDelete {
    /// The token's id, as `scim-token list` shows it
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) server: ServerOptions,
}

#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// Give somebody a new way in: a one-time password, or a link to choose a password with
    ResetPassword(ResetPassword),
}

#[derive(Debug, Args)]
pub(crate) struct ResetPassword {
    /// The person's user name, in any case
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// Make a link instead of a one-time password; the old password works until the link is used
    #[arg(long)]
    pub(crate) link: bool,
    /// How long the link lives: at most 7 days
    #[arg(
        long,
        value_name = "MINUTES",
        requires = "link",
        default_value_t = 1440,
        value_parser = clap::value_parser!(u32).range(1..=10080)
    )]
    pub(crate) minutes: u32,
    #[command(flatten)]
    pub(crate) server: ServerOptions,
}

/// An https origin: scheme, host and port alone.
fn public_url(text: &str) -> Result<String, String> {
    let needed = || "an https address without a path is needed, such as https://sso.example.com".to_owned();
    let url = url::Url::parse(text).map_err(|_| needed())?;
    let origin = url.origin().ascii_serialization();
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    if url.scheme() == "https" && bare && text.trim_end_matches('/').len() <= 200 { Ok(origin) } else { Err(needed()) }
}

/// Labels of letters, digits and hyphens (RFC 1123 2.1), in lower case; short enough for a label of 63 characters and
/// `.redshift-serverless.` before it (253 altogether).
fn domain(text: &str) -> Result<String, String> {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let numeric = text.rsplit('.').next().is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()));
    if text.len() > 168 || numeric || !text.split('.').all(label) {
        return Err("a DNS name is needed, such as localhost or db.example.com".to_owned());
    }
    Ok(text.to_ascii_lowercase())
}

#[cfg(test)]
mod tests;
