//! `gatehouse idp app …`

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::super::ServerOptions;
use super::{IdpList, field, pair};

#[derive(Debug, Subcommand)]
pub(crate) enum AppCommand {
    /// Make an application; nobody may open it until a group is authorised
    Add(Box<AddApp>),
    /// List the applications
    List(IdpList),
    /// Show an application: its settings, and what its other side has to know
    Show(OneApp),
    /// Change an application; what isn't named stays
    Set(Box<SetApp>),
    /// Our own SAML metadata for this application, to upload at the service provider
    Metadata(MetadataOfApp),
    /// Take over what the service provider's metadata says: entity ID, ACS, certificates, logout
    UploadSpMetadata(UploadMetadata),
    /// Let the members of groups open an application
    Authorise(AuthoriseApp),
    /// Let the members of groups not open an application any more
    Withdraw(AuthoriseApp),
    /// Deactivate SSO: nobody may open the application
    Deactivate(OneApp),
    /// Activate SSO again
    Activate(OneApp),
    /// Make a new client secret (OpenID Connect); the one before ends at once
    ClientSecret(OneApp),
    /// List the keys that sign for an application
    Keys(OneApp),
    /// Change the signing key with an overlap: prepare, let the other side read it, promote
    RotateKey(RotateKey),
    /// Delete applications; their number has to be typed
    Delete(DeleteApps),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ConnectorName {
    /// AWS IAM Identity Center (SAML)
    IdentityCenter,
    /// Amazon Redshift with IAM (SAML)
    Redshift,
    /// Any other SAML 2.0 service provider
    Saml,
    /// An OpenID Connect client
    Oidc,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum GrantName {
    #[value(name = "authorization_code", alias = "authorization-code")]
    AuthorizationCode,
    #[value(name = "refresh_token", alias = "refresh-token")]
    RefreshToken,
    #[value(name = "device_code", alias = "device-code")]
    DeviceCode,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum GroupsSent {
    /// The person's groups that are authorised for the application
    OfApplication,
    /// All of the person's groups
    OfPerson,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum NameIdFormat {
    EmailAddress,
    Persistent,
    Unspecified,
}

/// What an application has.
#[derive(Debug, Args)]
pub(crate) struct AppSettings {
    #[arg(long, value_name = "TEXT")]
    pub(crate) description: Option<String>,
    /// Don't show it in the user console
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub(crate) hidden: Option<bool>,
    /// SAML: where responses are posted (assertion consumer service); the first is the default; may be given several times
    #[arg(long = "acs", value_name = "URL")]
    pub(crate) acs: Vec<String>,
    /// SAML: the service provider's entity ID, the audience of assertions
    #[arg(long, value_name = "URI")]
    pub(crate) audience: Option<String>,
    /// A SAML attribute or an OpenID claim from a field of the person (userName, email, displayName, givenName, familyName,
    /// externalId, id, attribute:NAME); may be given several times
    #[arg(long = "attribute", value_name = "NAME=FIELD", value_parser = field)]
    pub(crate) attributes: Vec<(String, String)>,
    /// SAML: an attribute with the same value for everybody; the same name twice has two values
    #[arg(long = "constant", value_name = "NAME=VALUE", value_parser = pair)]
    pub(crate) constants: Vec<(String, String)>,
    /// Leave out an attribute, constant or claim of this name; may be given several times
    #[arg(long = "no-attribute", value_name = "NAME")]
    pub(crate) without: Vec<String>,
    /// SAML: the attribute with the names of the person's groups; empty: none
    #[arg(long, value_name = "NAME")]
    pub(crate) group_attribute: Option<String>,
    /// OpenID Connect: the claim with the names of the person's groups; empty: none
    #[arg(long, value_name = "NAME")]
    pub(crate) group_claim: Option<String>,
    /// Which groups are sent
    #[arg(long, value_enum)]
    pub(crate) groups_sent: Option<GroupsSent>,
    /// Only groups whose name begins with this are sent; empty: all of them
    #[arg(long, value_name = "TEXT")]
    pub(crate) group_prefix: Option<String>,
    /// SAML: the format of the NameID
    #[arg(long, value_enum)]
    pub(crate) name_id_format: Option<NameIdFormat>,
    /// SAML: the field of the person that the NameID is
    #[arg(long, value_name = "FIELD")]
    pub(crate) name_id_from: Option<String>,
    /// SAML: what a sign-in from the console carries as RelayState; empty: nothing
    #[arg(long, value_name = "TEXT")]
    pub(crate) relay_state: Option<String>,
    /// SAML: how long an assertion may be presented
    #[arg(long, value_name = "SECONDS")]
    pub(crate) lifetime: Option<u32>,
    /// SAML: refuse requests without a signature
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub(crate) requests_signed: Option<bool>,
    /// SAML: sign the response too; the assertion always is
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub(crate) sign_response: Option<bool>,
    /// OpenID Connect: where codes are sent; may be given several times
    #[arg(long = "redirect-uri", value_name = "URI")]
    pub(crate) redirect_uris: Vec<String>,
    /// OpenID Connect: where browsers go after a logout; may be given several times
    #[arg(long = "post-logout-redirect-uri", value_name = "URI")]
    pub(crate) post_logout_redirect_uris: Vec<String>,
    /// OpenID Connect: where the console's tile leads; empty: there is no tile
    #[arg(long, value_name = "URL")]
    pub(crate) login_uri: Option<String>,
    /// OpenID Connect: how tokens may be had; may be given several times
    #[arg(long = "grant", value_enum, value_name = "GRANT")]
    pub(crate) grants: Vec<GrantName>,
}

#[derive(Debug, Args)]
pub(crate) struct AddApp {
    #[arg(value_enum, value_name = "CONNECTOR")]
    pub(crate) connector: ConnectorName,
    /// The display label
    #[arg(value_name = "LABEL")]
    pub(crate) label: String,
    /// The last part of the SSO IdP URL, which can't be edited afterwards; made from the label without it
    #[arg(long, value_name = "NAME")]
    pub(crate) slug: Option<String>,
    #[command(flatten)]
    pub(crate) settings: AppSettings,
    /// SAML: the service provider's metadata; - reads it from standard input
    #[arg(long, value_name = "FILE|-")]
    pub(crate) sp_metadata: Option<PathBuf>,
    /// OpenID Connect: the client can't keep a secret, and gets none
    #[arg(long)]
    pub(crate) public: bool,
    /// A group whose members may open it, by name or id; may be given several times
    #[arg(long = "group", value_name = "GROUP")]
    pub(crate) groups: Vec<String>,
    #[command(flatten)]
    pub(crate) server: ServerOptions,
}

#[derive(Debug, Args)]
pub(crate) struct OneApp {
    /// The application's slug, id or label
    #[arg(value_name = "APP")]
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) server: ServerOptions,
}

#[derive(Debug, Args)]
pub(crate) struct SetApp {
    #[command(flatten)]
    pub(crate) app: OneApp,
    /// Another display label
    #[arg(long, value_name = "LABEL")]
    pub(crate) label: Option<String>,
    /// Refused: service providers have the SSO IdP URL in their configuration
    #[arg(long, value_name = "NAME", hide = true)]
    pub(crate) slug: Option<String>,
    // Lists are replaced; attributes and constants are added, or replace those of their name.
    #[command(flatten)]
    pub(crate) settings: AppSettings,
}

#[derive(Debug, Args)]
pub(crate) struct MetadataOfApp {
    #[command(flatten)]
    pub(crate) app: OneApp,
    /// Write the metadata to this file
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct UploadMetadata {
    #[command(flatten)]
    pub(crate) app: OneApp,
    /// The service provider's metadata; - reads it from standard input
    #[arg(value_name = "FILE|-")]
    pub(crate) file: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct AuthoriseApp {
    #[command(flatten)]
    pub(crate) app: OneApp,
    /// A group, by name or id; may be given several times
    #[arg(long = "group", value_name = "GROUP", required = true)]
    pub(crate) groups: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RotationStep {
    /// Make and publish a new key; it doesn't sign yet
    Prepare,
    /// Let the new key sign; the former one stays published for a while
    Promote,
    /// Take a next or former key away at once
    Retire,
}

#[derive(Debug, Args)]
pub(crate) struct RotateKey {
    #[command(flatten)]
    pub(crate) app: OneApp,
    #[arg(value_enum)]
    pub(crate) step: RotationStep,
    /// Which key is retired, as `app keys` shows it
    #[arg(long, value_name = "ID", required_if_eq("step", "retire"))]
    pub(crate) key: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct DeleteApps {
    /// Applications by slug, id or label
    #[arg(value_name = "APP", required = true, num_args = 1..=100)]
    pub(crate) names: Vec<String>,
    /// How many applications are deleted; asked for at a terminal where it isn't given
    #[arg(long, value_name = "NUMBER")]
    pub(crate) type_count: Option<usize>,
    #[command(flatten)]
    pub(crate) server: ServerOptions,
}
