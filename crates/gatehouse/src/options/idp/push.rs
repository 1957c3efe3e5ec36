//! `gatehouse idp push …`

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::super::ServerOptions;
use super::IdpList;

#[derive(Debug, Subcommand)]
pub(crate) enum PushCommand {
    /// Push people and groups to a SCIM server from now on; it begins at once
    Add(Box<AddPush>),
    /// List the push targets
    List(IdpList),
    /// Show a push target
    Show(OnePush),
    /// Change a push target; what isn't named stays
    Set(Box<SetPush>),
    /// Push nothing there any more; the SCIM server keeps what it has
    Delete(OnePush),
    /// Say what a full sync would do, and do nothing
    DryRun(OnePush),
    /// Compare everybody with what the SCIM server has, and mend what differs; waits until it is done
    Sync(OnePush),
    /// Say how a push target is doing
    Status(OnePush),
    /// List the people and groups that couldn't be pushed
    Failures(OnePush),
    /// End a pause and a wait, and try what failed again
    Retry(OnePush),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RemovalName {
    /// `active` becomes false
    Deactivate,
    Delete,
}

#[derive(Debug, Args)]
pub(crate) struct AddPush {
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// Where /Users and /Groups are
    #[arg(long, value_name = "URL")]
    pub(crate) url: String,
    /// The file with the SCIM server's bearer token; - reads it from standard input
    #[arg(long, value_name = "FILE|-")]
    pub(crate) token_file: PathBuf,
    /// The application whose people are pushed: members of its authorised groups
    #[arg(long, value_name = "APP", conflicts_with = "assign_groups", required_unless_present = "assign_groups")]
    pub(crate) app: Option<String>,
    /// A group whose people are pushed; may be given several times
    #[arg(long = "assign-group", value_name = "GROUP")]
    pub(crate) assign_groups: Vec<String>,
    /// A group that the server gets too; may be given several times
    #[arg(long = "push-group", value_name = "GROUP")]
    pub(crate) push_groups: Vec<String>,
    /// The server is in a private network or on this machine
    #[arg(long)]
    pub(crate) private_network: bool,
    /// What happens there to somebody who isn't assigned any more
    #[arg(long, value_enum, default_value_t = RemovalName::Deactivate)]
    pub(crate) deprovision: RemovalName,
    /// Push nothing yet
    #[arg(long)]
    pub(crate) disabled: bool,
    #[command(flatten)]
    pub(crate) server: ServerOptions,
}

#[derive(Debug, Args)]
pub(crate) struct OnePush {
    /// The push target's name or id
    #[arg(value_name = "TARGET")]
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) server: ServerOptions,
}

#[derive(Debug, Args)]
pub(crate) struct SetPush {
    #[command(flatten)]
    pub(crate) target: OnePush,
    /// Another name
    #[arg(long = "name", value_name = "NAME")]
    pub(crate) new_name: Option<String>,
    /// Another address is another server: what was pushed to the one before is forgotten, and stays there
    #[arg(long, value_name = "URL")]
    pub(crate) url: Option<String>,
    /// The file with the SCIM server's new bearer token; - reads it from standard input
    #[arg(long, value_name = "FILE|-")]
    pub(crate) token_file: Option<PathBuf>,
    /// The application whose people are pushed
    #[arg(long, value_name = "APP", conflicts_with = "assign_groups")]
    pub(crate) app: Option<String>,
    /// All groups whose people are pushed from now on; may be given several times
    #[arg(long = "assign-group", value_name = "GROUP")]
    pub(crate) assign_groups: Vec<String>,
    /// All groups that the server gets too from now on; may be given several times
    #[arg(long = "push-group", value_name = "GROUP", conflicts_with = "no_push_groups")]
    pub(crate) push_groups: Vec<String>,
    /// Push no groups any more
    #[arg(long)]
    pub(crate) no_push_groups: bool,
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub(crate) private_network: Option<bool>,
    #[arg(long, value_enum)]
    pub(crate) deprovision: Option<RemovalName>,
    /// Push again
    #[arg(long, conflicts_with = "disable")]
    pub(crate) enable: bool,
    /// Push nothing until it is enabled again
    #[arg(long)]
    pub(crate) disable: bool,
}
