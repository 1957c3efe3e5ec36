//! `gatehouse idp …`: the built-in identity provider.

mod app;
mod push;

use std::path::PathBuf;

pub(crate) use app::{
    AddApp, AppCommand, AppSettings, AuthoriseApp, ConnectorName, DeleteApps, MetadataOfApp, OneApp, RotateKey,
    RotationStep, SetApp, UploadMetadata,
};
use clap::{Args, Subcommand, ValueEnum};
pub(crate) use push::{AddPush, OnePush, PushCommand, SetPush};

use super::ServerOptions;

#[derive(Debug, Subcommand)]
pub(crate) enum IdpCommand {
    /// Look after the people who sign in at the identity provider
    Person {
        #[command(subcommand)]
        command: PersonCommand,
    },
    /// Look after groups: their members may open the applications that the group is authorised for
    Group {
        #[command(subcommand)]
        command: GroupCommand,
    },
    /// Look after SSO applications
    App {
        #[command(subcommand)]
        command: AppCommand,
    },
    /// Push people and groups to SCIM servers
    Push {
        #[command(subcommand)]
        command: PushCommand,
    },
    /// What everybody has to do to sign in
    Policy {
        #[command(subcommand)]
        command: PolicyCommand,
    },
    /// Make, list and delete the tokens that the identity provider is administered with over HTTP
    Token {
        #[command(subcommand)]
        command: TokenCommand,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum PersonCommand {
    /// Make a person; without a password, a link is printed by which they choose one
    Add(Box<AddPerson>),
    /// List people
    List(PersonList),
    /// Show a person: their data, groups and second factors
    Show(OnePerson),
    /// Change a person; what isn't named stays
    Set(Box<SetPerson>),
    /// Let somebody sign in nowhere any more; their sessions end at once
    Deactivate(OnePerson),
    /// Let somebody sign in again
    Reactivate(OnePerson),
    /// Delete a person with password, second factors and memberships
    Delete(OnePerson),
    /// Make a link by which somebody chooses a password
    ActivationLink(ActivationLink),
    /// Take all second factors away, for somebody who lost them
    ResetFactors(OnePerson),
    /// End somebody's sessions at the identity provider
    SignOut(OnePerson),
}

/// What a person has.
#[derive(Debug, Args)]
pub(crate) struct PersonData {
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) email: Option<String>,
    /// Given name
    #[arg(long, value_name = "NAME")]
    pub(crate) given: Option<String>,
    /// Family name
    #[arg(long, value_name = "NAME")]
    pub(crate) family: Option<String>,
    #[arg(long, value_name = "NAME")]
    pub(crate) display_name: Option<String>,
    #[arg(long, value_name = "ID")]
    pub(crate) external_id: Option<String>,
    /// Another SCIM attribute, such as title=Analyst or department=Sales; may be given several times
    #[arg(long = "attribute", value_name = "NAME=VALUE", value_parser = pair)]
    pub(crate) attributes: Vec<(String, String)>,
    /// The file with the password; - reads it from standard input
    #[arg(long, value_name = "FILE|-")]
    pub(crate) password_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct AddPerson {
    /// The user name
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) data: PersonData,
    /// A group that the person is put into, by name or id; may be given several times
    #[arg(long = "group", value_name = "GROUP")]
    pub(crate) groups: Vec<String>,
    #[command(flatten)]
    pub(crate) server: ServerOptions,
}

#[derive(Debug, Args)]
pub(crate) struct PersonList {
    /// Only members of this group
    #[arg(long, value_name = "GROUP")]
    pub(crate) group: Option<String>,
    #[command(flatten)]
    pub(crate) server: ServerOptions,
}

#[derive(Debug, Args)]
pub(crate) struct OnePerson {
    /// The person's user name or id
    #[arg(value_name = "PERSON")]
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) server: ServerOptions,
}

#[derive(Debug, Args)]
pub(crate) struct SetPerson {
    #[command(flatten)]
    pub(crate) person: OnePerson,
    /// Another user name
    #[arg(long, value_name = "NAME")]
    pub(crate) user_name: Option<String>,
    // An empty value removes.
    #[command(flatten)]
    pub(crate) data: PersonData,
}

#[derive(Debug, Args)]
pub(crate) struct ActivationLink {
    #[command(flatten)]
    pub(crate) person: OnePerson,
    /// How long the link opens: at most 7 days
    #[arg(long, value_name = "MINUTES", default_value_t = 10080, value_parser = clap::value_parser!(u32).range(1..=10080))]
    pub(crate) minutes: u32,
}

#[derive(Debug, Subcommand)]
pub(crate) enum GroupCommand {
    /// Make a group
    Add(OneGroup),
    /// List groups
    List(IdpList),
    /// Show a group: its members, and the applications that it is authorised for
    Show(OneGroup),
    /// Give a group another name
    Rename(RenameGroup),
    /// Put people into a group
    AddMember(GroupMembers),
    /// Take people out of a group
    RemoveMember(GroupMembers),
    /// Delete a group with its memberships and authorisations
    Delete(OneGroup),
}

#[derive(Debug, Args)]
pub(crate) struct IdpList {
    #[command(flatten)]
    pub(crate) server: ServerOptions,
}

#[derive(Debug, Args)]
pub(crate) struct OneGroup {
    /// The group's name or id
    #[arg(value_name = "GROUP")]
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) server: ServerOptions,
}

#[derive(Debug, Args)]
pub(crate) struct RenameGroup {
    #[command(flatten)]
    pub(crate) group: OneGroup,
    #[arg(value_name = "NAME")]
    pub(crate) new_name: String,
}

#[derive(Debug, Args)]
pub(crate) struct GroupMembers {
    #[command(flatten)]
    pub(crate) group: OneGroup,
    /// People by user name or id; at most 500
    #[arg(value_name = "PERSON", required = true, num_args = 1..=500)]
    pub(crate) people: Vec<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PolicyCommand {
    /// Whether everybody needs a second factor; without a value, say how it is
    Mfa(MfaPolicy),
    /// Whether programs may sign people in by name and password: the Okta, Ping and AD FS plugins of Redshift's drivers; without a
    /// value, say how it is
    FormPlugins(FormPluginsPolicy),
}

#[derive(Debug, Args)]
pub(crate) struct FormPluginsPolicy {
    #[arg(value_enum, value_name = "on|off")]
    pub(crate) value: Option<FormPluginsValue>,
    #[command(flatten)]
    pub(crate) server: ServerOptions,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FormPluginsValue {
    /// Their pages take name and password of who has no second factor
    On,
    /// Their pages refuse everybody
    Off,
}

#[derive(Debug, Args)]
pub(crate) struct MfaPolicy {
    #[arg(value_enum, value_name = "optional|required")]
    pub(crate) value: Option<MfaValue>,
    #[command(flatten)]
    pub(crate) server: ServerOptions,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum MfaValue {
    /// Who has set one up is asked for it
    Optional,
    /// Who has none sets one up at the next sign-in
    Required,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// Make a token; it is shown this once
    Create(CreateToken),
    /// List the live tokens
    List(TokenList),
    /// End a token at once
    Delete(OneToken),
}

#[derive(Debug, Args)]
pub(crate) struct CreateToken {
    /// What the token is for
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// How long the token lives
    #[arg(long, value_name = "DAYS", default_value_t = 365, value_parser = clap::value_parser!(u32).range(1..=365))]
    pub(crate) days: u32,
    #[command(flatten)]
    pub(crate) server: ServerOptions,
}

#[derive(Debug, Args)]
pub(crate) struct TokenList {
    /// The expired and deleted ones too
    #[arg(long)]
    pub(crate) all: bool,
    #[command(flatten)]
    pub(crate) server: ServerOptions,
}

#[derive(Debug, Args)]
pub(crate) struct OneToken {
    /// The token's id or name
    #[arg(value_name = "TOKEN")]
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) server: ServerOptions,
}

/// `NAME=VALUE`, where the name has no `=`.
fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        Some(_) | None => Err("NAME=VALUE is needed".to_owned()),
    }
}

/// `NAME=FIELD`, where the field has no `=`.
fn field(text: &str) -> Result<(String, String), String> {
    match text.rsplit_once('=') {
        Some((name, field)) if !name.is_empty() && !field.is_empty() => Ok((name.to_owned(), field.to_owned())),
        Some(_) | None => Err("NAME=FIELD is needed, such as email=email or title=attribute:title".to_owned()),
    }
}
