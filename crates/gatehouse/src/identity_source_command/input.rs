//! What the operations take, from the command line and the files that it names.

use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, bail};
use serde_json::{Map, Value};

use crate::options::{AddOidc, AddSaml, AnySource, MatchBy, SetSource};

/// What AWS takes at most, in characters (UpdateSAMLProvider); the server counts again.
const METADATA_BYTES_MAX: u64 = 1 << 20;

type Input = Map<String, Value>;

pub(super) fn saml(options: &AddSaml) -> anyhow::Result<Input> {
    let mut input = any(&options.any, "SAML");
    put_metadata(&mut input, &options.metadata)?;
    put(&mut input, "IdpInitiated", !options.no_idp_initiated);
    put(&mut input, "ForceAuthn", options.force_authn);
    put(&mut input, "SignRequests", options.sign_requests);
    Ok(input)
}

pub(super) fn oidc(options: &AddOidc) -> anyhow::Result<Input> {
    let mut input = any(&options.any, "OIDC");
    put(&mut input, "Issuer", options.issuer.as_str());
    put(&mut input, "ClientId", options.client_id.as_str());
    if let Some(file) = &options.client_secret_file {
        put(&mut input, "ClientSecret", secret(file)?);
    }
    put(&mut input, "Scopes", options.scopes.clone());
    Ok(input)
}

/// Only what was named; an empty text removes.
pub(super) fn set(options: &SetSource) -> anyhow::Result<Input> {
    let mut input = Input::new();
    maybe(&mut input, "Name", options.name.as_deref());
    maybe(&mut input, "Enabled", if options.enable { Some(true) } else { options.disable.then_some(false) });
    if options.no_domains || !options.domains.is_empty() {
        put(&mut input, "Domains", options.domains.clone());
    }
    maybe(&mut input, "MatchBy", options.match_by.map(match_by));
    maybe(&mut input, "Subject", options.subject.as_deref());
    maybe(&mut input, "JustInTime", options.just_in_time);
    maybe(&mut input, "GroupsClaim", removable(options.groups_claim.as_deref(), options.no_groups_claim));
    maybe(&mut input, "Contact", removable(options.contact.as_deref(), options.no_contact));
    maybe(&mut input, "PrivateNetwork", options.private_network);
    if let Some(metadata) = &options.metadata {
        put_metadata(&mut input, metadata)?;
    }
    maybe(&mut input, "IdpInitiated", options.idp_initiated);
    maybe(&mut input, "ForceAuthn", options.force_authn);
    maybe(&mut input, "SignRequests", options.sign_requests);
    maybe(&mut input, "Issuer", options.issuer.as_deref());
    maybe(&mut input, "ClientId", options.client_id.as_deref());
    let secret = options.client_secret_file.as_deref().map(secret).transpose()?;
    maybe(&mut input, "ClientSecret", removable(secret.as_deref(), options.no_client_secret));
    if !options.scopes.is_empty() {
        put(&mut input, "Scopes", options.scopes.clone());
    }
    if input.is_empty() {
        bail!("nothing is to be changed: name what, e.g. --contact \"it@example.com\" (see --help)");
    }
    Ok(input)
}

fn any(options: &AnySource, kind: &str) -> Input {
    let mut input = Input::new();
    put(&mut input, "Name", options.name.as_str());
    put(&mut input, "Type", kind);
    put(&mut input, "Domains", options.domains.clone());
    maybe(&mut input, "MatchBy", options.match_by.map(match_by));
    maybe(&mut input, "Subject", options.subject.as_deref());
    put(&mut input, "JustInTime", options.just_in_time);
    maybe(&mut input, "GroupsClaim", options.groups_claim.as_deref());
    maybe(&mut input, "Contact", options.contact.as_deref());
    put(&mut input, "PrivateNetwork", options.private_network);
    input
}

const fn match_by(by: MatchBy) -> &'static str {
    match by {
        MatchBy::UserName => "userName",
        MatchBy::ExternalId => "externalId",
        MatchBy::Email => "email",
    }
}

fn removable(value: Option<&str>, remove: bool) -> Option<&str> {
    if remove { Some("") } else { value }
}

/// A URL is for the server to read, now and on refresh; a file is read here.
fn put_metadata(input: &mut Input, metadata: &str) -> anyhow::Result<()> {
    if metadata.starts_with("https://") || metadata.starts_with("http://") {
        put(input, "MetadataUrl", metadata);
    } else {
        let document = file_or_stdin(Path::new(metadata)).context("the identity provider's metadata can't be read")?;
        put(input, "Metadata", document);
    }
    Ok(())
}

/// Without the line break at the end that editors write.
fn secret(file: &Path) -> anyhow::Result<String> {
    let text = file_or_stdin(file).context("the client's secret can't be read")?;
    let secret = text.trim_end_matches(['\r', '\n']).to_owned();
    if secret.is_empty() {
        bail!("the client's secret can't be read: {} is empty", file.display());
    }
    Ok(secret)
}

/// The text of a file, or of standard input for `-`.
pub(super) fn file_or_stdin(file: &Path) -> anyhow::Result<String> {
    let mut text = String::new();
    let read = if file.as_os_str() == "-" {
        std::io::stdin().lock().take(METADATA_BYTES_MAX).read_to_string(&mut text).context("standard input")
    } else {
        let opened = std::fs::File::open(file).with_context(|| file.display().to_string())?;
        opened.take(METADATA_BYTES_MAX).read_to_string(&mut text).with_context(|| file.display().to_string())
    };
    read?;
    Ok(text)
}

fn put(input: &mut Input, name: &str, value: impl Into<Value>) {
    input.insert(name.to_owned(), value.into());
}

fn maybe(input: &mut Input, name: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        put(input, name, value);
    }
}

#[cfg(test)]
mod tests;
