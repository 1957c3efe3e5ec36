//! `gatehouse identity-source …`

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::ServerOptions;

#[derive(Debug, Subcommand)]
pub(crate) enum IdentitySourceCommand {
    /// Add an identity provider that people sign in with; prints what to enter there
    Add {
        #[command(subcommand)]
        command: AddSource,
    },
    /// List the ways to sign in
    List(SourceList),
    /// Show one identity source: its settings, its certificates, and what the identity provider has to know
    Show(OneSource),
    /// Change an identity source; what isn't named stays
    Set(Box<SetSource>),
    /// Delete an identity source; who signed in through it is signed out at once
    Delete(OneSource),
    /// Certificates that a SAML identity provider may sign with: several at once, for a rolling change
    Certificate {
        #[command(subcommand)]
        command: CertificateCommand,
    },
    /// Read a SAML identity provider's metadata again from its URL
    Refresh(OneSource),
    /// Our own SAML metadata for this source, to upload at the identity provider
    Metadata(SourceMetadata),
    /// Whether people may sign in with a password of Identity Center's own directory
    Directory {
        #[command(subcommand)]
        command: DirectoryCommand,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum AddSource {
    /// A SAML 2.0 identity provider
    Saml(Box<AddSaml>),
    /// An OpenID provider
    Oidc(Box<AddOidc>),
}

/// What of the person the sign-in is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum MatchBy {
    UserName,
    ExternalId,
    Email,
}

/// What sources of both kinds have.
#[derive(Debug, Args)]
pub(crate) struct AnySource {
    /// The name on the sign-in page's button
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// An e-mail domain whose people sign in here; may be given several times
    #[arg(long = "domain", value_name = "DOMAIN")]
    pub(crate) domains: Vec<String>,
    /// Which attribute of the directory's people the sign-in is compared with [default: user-name; OpenID Connect: email]
    #[arg(long = "match", value_enum)]
    pub(crate) match_by: Option<MatchBy>,
    /// What of the sign-in is compared: name-id (OpenID Connect: sub) or attribute:NAME [default: name-id; OpenID Connect:
    /// attribute:email]
    #[arg(long, value_name = "SUBJECT", value_parser = subject)]
    pub(crate) subject: Option<String>,
    /// Make people at their first sign-in who weren't provisioned
    #[arg(long)]
    pub(crate) just_in_time: bool,
    /// The attribute or claim with the person's groups; without it, groups are left alone
    #[arg(long, value_name = "NAME")]
    pub(crate) groups_claim: Option<String>,
    /// Whom to turn to, shown to who can't sign in
    #[arg(long, value_name = "TEXT")]
    pub(crate) contact: Option<String>,
    /// The provider is in a private network or on this machine: its addresses may be private
    #[arg(long)]
    pub(crate) private_network: bool,
    #[command(flatten)]
    pub(crate) server: ServerOptions,
}

#[derive(Debug, Args)]
pub(crate) struct AddSaml {
    #[command(flatten)]
    pub(crate) any: AnySource,
    /// The identity provider's metadata: a file, or an address that it is read from again on refresh
    #[arg(long, value_name = "FILE|URL")]
    pub(crate) metadata: String,
    /// Refuse sign-ins that begin at the identity provider
    #[arg(long)]
    pub(crate) no_idp_initiated: bool,
    /// Have people prove themselves at the identity provider each time
    #[arg(long)]
    pub(crate) force_authn: bool,
    /// Sign requests even where the metadata doesn't ask for it
    #[arg(long)]
    pub(crate) sign_requests: bool,
}

#[derive(Debug, Args)]
pub(crate) struct AddOidc {
    #[command(flatten)]
    pub(crate) any: AnySource,
    /// The OpenID provider's issuer, to the letter
    #[arg(long, value_name = "URL")]
    pub(crate) issuer: String,
    #[arg(long, value_name = "ID")]
    pub(crate) client_id: String,
    /// The file with the client's secret; - reads it from standard input
    #[arg(long, value_name = "FILE|-")]
    pub(crate) client_secret_file: Option<PathBuf>,
    /// A scope beside openid; may be given several times
    #[arg(long = "scope", value_name = "SCOPE")]
    pub(crate) scopes: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct SourceList {
    #[command(flatten)]
    pub(crate) server: ServerOptions,
}

#[derive(Debug, Args)]
pub(crate) struct OneSource {
    /// The source's id, as `identity-source list` shows it
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) server: ServerOptions,
}

#[derive(Debug, Args)]
pub(crate) struct SourceMetadata {
    #[command(flatten)]
    pub(crate) source: OneSource,
    /// Write the metadata to this file, and print entity ID and ACS address
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CertificateCommand {
    /// Take signatures of this certificate too
    Add(AddCertificate),
    /// Take no signature of this certificate any more
    Remove(RemoveCertificate),
}

#[derive(Debug, Args)]
pub(crate) struct AddCertificate {
    #[command(flatten)]
    pub(crate) source: OneSource,
    /// The certificate (PEM); - reads it from standard input
    #[arg(value_name = "FILE|-")]
    pub(crate) file: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct RemoveCertificate {
    #[command(flatten)]
    pub(crate) source: OneSource,
    /// The certificate's SHA-256, as `identity-source show` prints it
    #[arg(value_name = "SHA256")]
    pub(crate) sha256: String,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DirectoryCommand {
    /// Show the password form
    Enable(SourceList),
    /// Take the password form away; who signed in with a password is signed out. Needs another way to sign in
    Disable(SourceList),
}

#[derive(Debug, Args)]
pub(crate) struct SetSource {
    #[command(flatten)]
    pub(crate) source: OneSource,
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// Let people sign in through it
    #[arg(long, conflicts_with = "disable")]
    pub(crate) enable: bool,
    /// Let nobody sign in through it; who did is signed out at once
    #[arg(long)]
    pub(crate) disable: bool,
    /// All of its e-mail domains from now on; may be given several times
    #[arg(long = "domain", value_name = "DOMAIN", conflicts_with = "no_domains")]
    pub(crate) domains: Vec<String>,
    #[arg(long)]
    pub(crate) no_domains: bool,
    #[arg(long = "match", value_enum)]
    pub(crate) match_by: Option<MatchBy>,
    /// name-id, or attribute:NAME
    #[arg(long, value_name = "SUBJECT", value_parser = subject)]
    pub(crate) subject: Option<String>,
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub(crate) just_in_time: Option<bool>,
    #[arg(long, value_name = "NAME", conflicts_with = "no_groups_claim")]
    pub(crate) groups_claim: Option<String>,
    #[arg(long)]
    pub(crate) no_groups_claim: bool,
    #[arg(long, value_name = "TEXT", conflicts_with = "no_contact")]
    pub(crate) contact: Option<String>,
    #[arg(long)]
    pub(crate) no_contact: bool,
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub(crate) private_network: Option<bool>,
    /// SAML: other metadata of the identity provider
    #[arg(long, value_name = "FILE|URL")]
    pub(crate) metadata: Option<String>,
    /// SAML: whether a sign-in may begin at the identity provider
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub(crate) idp_initiated: Option<bool>,
    /// SAML: whether people prove themselves each time
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub(crate) force_authn: Option<bool>,
    /// SAML: whether requests are signed even where the metadata doesn't ask for it
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub(crate) sign_requests: Option<bool>,
    /// OpenID Connect: another issuer
    #[arg(long, value_name = "URL")]
    pub(crate) issuer: Option<String>,
    /// OpenID Connect: another client
    #[arg(long, value_name = "ID")]
    pub(crate) client_id: Option<String>,
    /// OpenID Connect: the file with the client's new secret; - reads it from standard input
    #[arg(long, value_name = "FILE|-", conflicts_with = "no_client_secret")]
    pub(crate) client_secret_file: Option<PathBuf>,
    /// OpenID Connect: the client is public from now on
    #[arg(long)]
    pub(crate) no_client_secret: bool,
    /// OpenID Connect: all of its scopes beside openid from now on; may be given several times
    #[arg(long = "scope", value_name = "SCOPE")]
    pub(crate) scopes: Vec<String>,
}

/// As the server takes it.
fn subject(text: &str) -> Result<String, String> {
    match text.split_once(':') {
        None if text == "name-id" => Ok(text.to_owned()),
        Some(("attribute", name)) if !name.is_empty() => Ok(text.to_owned()),
        Some(_) | None => Err("name-id or attribute:NAME is needed, e.g. attribute:email".to_owned()),
    }
}
