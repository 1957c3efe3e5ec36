//! Identity sources as a person at the terminal reads them.

use anyhow::Context as _;
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::client::text;
use crate::table;

/// A source that was just added, and what the identity provider has to be told.
pub(super) fn added(answer: &Value) -> anyhow::Result<String> {
    let source = member(answer)?;
    let id = text(source, "SourceId")?;
    let ours = source.get("ServiceProvider").context("the server's answer has no ServiceProvider")?;
    let upload = match word(source, "Type") {
        "SAML" => format!("\nOr upload our metadata there: gatehouse identity-source metadata {id} --out FILE\n"),
        _ => String::new(),
    };
    Ok(format!(
        "{} is added as {id}; people can sign in with it now.\n\nEnter at the identity provider:\n{}{upload}",
        text(source, "Name")?,
        service_provider(ours),
    ))
}

/// What an identity provider has to know of us.
pub(super) fn service_provider(ours: &Value) -> String {
    const FACTS: [(&str, &str); 7] = [
        ("EntityId", "Entity ID"),
        ("AcsUrl", "ACS URL"),
        ("LogoutUrl", "Logout URL"),
        ("MetadataUrl", "Metadata URL"),
        ("RedirectUri", "Redirect URI"),
        ("PostLogoutRedirectUri", "After sign-out"),
        ("BackchannelLogoutUri", "Back-channel"),
    ];
    facts(ours, &FACTS)
}

/// Everything there is to know of a source.
pub(super) fn source(answer: &Value) -> anyhow::Result<String> {
    const FACTS: [(&str, &str); 11] = [
        ("Name", "Name"),
        ("SourceId", "Id"),
        ("Type", "Type"),
        ("Status", "Status"),
        ("Domains", "Domains"),
        ("Subject", "Subject"),
        ("MatchBy", "Matched by"),
        ("JustInTime", "Just in time"),
        ("GroupsClaim", "Groups from"),
        ("Contact", "Contact"),
        ("PrivateNetwork", "Private network"),
    ];
    const PROVIDER: [(&str, &str); 12] = [
        ("EntityId", "Entity ID"),
        ("MetadataUrl", "Metadata URL"),
        ("SingleSignOn", "Sign-in"),
        ("SingleLogout", "Sign-out"),
        ("IdpInitiated", "IdP-initiated"),
        ("ForceAuthn", "Force sign-in"),
        ("SignRequests", "Sign requests"),
        ("WantsSignedRequests", "Wants signatures"),
        ("Issuer", "Issuer"),
        ("ClientId", "Client id"),
        ("HasClientSecret", "Client secret"),
        ("Scopes", "Scopes"),
    ];
    let source = member(answer)?;
    let ours = source.get("ServiceProvider").context("the server's answer has no ServiceProvider")?;
    let mut shown = facts(source, &FACTS);
    shown.push_str(&line("Changed", &time(source, "ModifiedAt")));
    shown.push_str(&format!("\nThe identity provider:\n{}", facts(provider(source), &PROVIDER)));
    shown.push_str(&format!("\nIt has to know of us:\n{}", service_provider(ours)));
    if let Some(table) = certificate_table(source) {
        shown.push_str(&format!("\n{table}"));
    }
    Ok(shown)
}

/// What is SAML's or OpenID Connect's own.
fn provider(source: &Value) -> &Value {
    source.get("Saml").or_else(|| source.get("Oidc")).unwrap_or(&Value::Null)
}

fn certificates_of(source: &Value) -> Option<&Vec<Value>> {
    provider(source).get("Certificates").and_then(Value::as_array)
}

/// The certificates after a change of them.
pub(super) fn certificates(answer: &Value) -> anyhow::Result<String> {
    let source = member(answer)?;
    Ok(certificate_table(source).unwrap_or_else(|| format!("{} has no certificates.\n", word(source, "Name"))))
}

/// What reading the metadata again changed.
pub(super) fn refreshed(answer: &Value) -> anyhow::Result<String> {
    let list = |name: &str| words(answer.get(name).unwrap_or(&Value::Null));
    let (added, dropped) = (list("AddedCertificates"), list("DroppedCertificates"));
    let mut shown = match (added.as_str(), dropped.as_str()) {
        ("", "") => "The metadata was read; the certificates are the same.\n".to_owned(),
        _ => String::new(),
    };
    for (what, which) in [("New certificates", added), ("Dropped, expired", dropped)] {
        if !which.is_empty() {
            shown.push_str(&line(what, &which));
        }
    }
    for sentence in answer.get("LeftOut").and_then(Value::as_array).into_iter().flatten() {
        shown.push_str(&line("Left out", &words(sentence)));
    }
    Ok(format!("{shown}\n{}", certificates(answer)?))
}

/// The ways to sign in.
pub(super) fn list(directory: &str, sources: &[Value]) -> String {
    let mut rows = vec![[
        "directory".to_owned(),
        "Identity Center directory".to_owned(),
        "passwords".to_owned(),
        directory.to_lowercase(),
        String::new(),
        String::new(),
    ]];
    rows.extend(sources.iter().map(|source| {
        let state = |name: &str| word(source, name).to_lowercase();
        [
            word(source, "SourceId").to_owned(),
            word(source, "Name").to_owned(),
            state("Type"),
            state("Status"),
            words(source.get("Domains").unwrap_or(&Value::Null)),
            certificates_in_short(source),
        ]
    }));
    table::render(["ID", "NAME", "TYPE", "STATUS", "DOMAINS", "CERTIFICATES"], &rows)
}

/// `2 valid, 1 expired`
fn certificates_in_short(source: &Value) -> String {
    let certificates = certificates_of(source);
    let mut counted: Vec<(String, usize)> = Vec::new();
    for certificate in certificates.into_iter().flatten() {
        let status = readable(word(certificate, "Status"));
        match counted.iter_mut().find(|(known, _)| *known == status) {
            Some((_, count)) => *count += 1,
            None => counted.push((status, 1)),
        }
    }
    counted.iter().map(|(status, count)| format!("{count} {status}")).collect::<Vec<_>>().join(", ")
}

fn certificate_table(source: &Value) -> Option<String> {
    let certificates = certificates_of(source).filter(|all| !all.is_empty())?;
    let rows = certificates.iter().map(|certificate| {
        let of = |name: &str| word(certificate, name).to_owned();
        let status = match certificate.get("ExpiresInDays").and_then(Value::as_i64) {
            Some(days) => format!("{} in {days} days", readable(&of("Status"))),
            None => readable(&of("Status")),
        };
        [of("Sha256"), status, time(certificate, "NotAfter"), of("Subject")]
    });
    Some(table::render(["CERTIFICATE (SHA-256)", "STATUS", "UNTIL", "SUBJECT"], &rows.collect::<Vec<_>>()))
}

fn readable(status: &str) -> String {
    status.to_lowercase().replace('_', " ")
}

/// The source in an answer.
fn member(answer: &Value) -> anyhow::Result<&Value> {
    answer.get("IdentitySource").context("the server's answer has no IdentitySource")
}

fn word<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// Those of the members that are there, a line each.
fn facts(value: &Value, names: &[(&str, &str)]) -> String {
    let there = names.iter().filter_map(|(name, title)| Some((title, words(value.get(*name)?))));
    there.filter(|(_, words)| !words.is_empty()).map(|(title, words)| line(title, &words)).collect()
}

fn line(title: &str, words: &str) -> String {
    format!("{title:<16} {words}\n")
}

fn words(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        // The one kind of object there is: an address with its binding.
        Value::Object(endpoint) => endpoint.get("Location").map(words).unwrap_or_default(),
        Value::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(words).collect::<Vec<_>>().join(", "),
    }
}

/// Empty where there is none.
fn time(answer: &Value, name: &str) -> String {
    let seconds = answer.get(name).and_then(Value::as_i64);
    let at = seconds.and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok());
    at.and_then(|at| at.format(&Rfc3339).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
