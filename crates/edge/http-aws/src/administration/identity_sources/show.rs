//! A source as JSON. A client secret isn't shown, only whether there is one.

use saml::{Binding, Endpoint, SigningCertificate};
use serde_json::{Map, Value, json};
use source::{CertificateStatus, IdentitySource, OidcSource, SamlSource, SourceKind, SourceUrls, SubjectFrom};
use time::OffsetDateTime;

/// `SourceId`, `Name`, `Type`, `Status`, `Domains`, `Subject`, `MatchBy`, `JustInTime`, `GroupsClaim`, `Contact`, `PrivateNetwork`,
/// `Version`, `CreatedAt`, `ModifiedAt`; `Saml` or `Oidc`; `ServiceProvider`: what the identity provider has to be told.
pub(super) fn source(source: &IdentitySource, urls: &SourceUrls, now: OffsetDateTime) -> Value {
    let subject = match &source.subject.from {
        SubjectFrom::NameId => "name-id".to_owned(),
        SubjectFrom::Attribute(name) => format!("attribute:{name}"),
    };
    let (network, kind, shown, provider) = match &source.kind {
        SourceKind::Saml(saml) => (saml.network, "Saml", saml_source(saml, now), saml_provider(source, urls)),
        SourceKind::Oidc(oidc) => (oidc.network, "Oidc", oidc_source(oidc), oidc_provider(source, urls)),
    };
    let mut answer = json!({
        "SourceId": source.id.as_str(),
        "Name": source.name,
        "Type": kind.to_ascii_uppercase(),
        "Status": if source.enabled { "ENABLED" } else { "DISABLED" },
        "Domains": source.domains,
        "Subject": subject,
        "MatchBy": source.subject.to.attribute(),
        "JustInTime": source.just_in_time,
        "PrivateNetwork": network == oidc::Network::Private,
        "Version": source.version,
        "CreatedAt": source.created.unix_timestamp(),
        "ModifiedAt": source.modified.unix_timestamp(),
        "ServiceProvider": provider,
        kind: shown,
    });
    let texts = [("GroupsClaim", &source.groups_claim), ("Contact", &source.contact)];
    if let Some(members) = answer.as_object_mut() {
        members.extend(given(texts));
    }
    answer
}

fn given<const N: usize>(texts: [(&str, &Option<String>); N]) -> Map<String, Value> {
    texts.into_iter().filter_map(|(name, text)| Some((name.to_owned(), text.as_deref()?.into()))).collect()
}

fn saml_source(saml: &SamlSource, now: OffsetDateTime) -> Value {
    let certificates: Vec<_> = saml.certificates.iter().map(|one| certificate(one, now)).collect();
    let mut shown = json!({
        "EntityId": saml.entity_id,
        "SingleSignOn": endpoints(&saml.single_sign_on),
        "SingleLogout": endpoints(&saml.single_logout),
        "Certificates": certificates,
        "SignRequests": saml.sign_requests,
        "WantsSignedRequests": saml.wants_signed_requests,
        "ForceAuthn": saml.force_authn,
        "IdpInitiated": saml.idp_initiated,
    });
    if let Some(members) = shown.as_object_mut() {
        members.extend(given([("MetadataUrl", &saml.metadata_url)]));
    }
    shown
}

fn endpoints(endpoints: &[Endpoint]) -> Vec<Value> {
    let binding = |binding: Binding| match binding {
        Binding::Redirect => "HTTP-Redirect",
        Binding::Post => "HTTP-POST",
    };
    endpoints.iter().map(|one| json!({ "Binding": binding(one.binding), "Location": one.location })).collect()
}

/// `Status`: `VALID`, `EXPIRING` (with `ExpiresInDays`), `EXPIRED`, `NOT_YET_VALID`.
fn certificate(certificate: &SigningCertificate, now: OffsetDateTime) -> Value {
    let status = source::certificate_status(certificate.not_before(), certificate.not_after(), now);
    let mut shown = json!({
        "Sha256": certificate.sha256(),
        "Subject": certificate.subject(),
        "Key": certificate.key().to_string(),
        "Status": status.name(),
        "NotBefore": certificate.not_before().unix_timestamp(),
        "NotAfter": certificate.not_after().unix_timestamp(),
    });
    if let (CertificateStatus::Expiring { days }, Some(members)) = (status, shown.as_object_mut()) {
        members.insert("ExpiresInDays".to_owned(), days.into());
    }
    shown
}

fn oidc_source(oidc: &OidcSource) -> Value {
    json!({
        "Issuer": oidc.issuer,
        "ClientId": oidc.client_id,
        "HasClientSecret": oidc.client_secret.is_some(),
        "Scopes": oidc.scopes,
    })
}

fn saml_provider(source: &IdentitySource, urls: &SourceUrls) -> Value {
    json!({
        "EntityId": urls.saml_entity_id(&source.id),
        "AcsUrl": urls.saml_acs(&source.id),
        "MetadataUrl": urls.saml_metadata(&source.id),
        "LogoutUrl": urls.saml_logout(&source.id),
    })
}

fn oidc_provider(source: &IdentitySource, urls: &SourceUrls) -> Value {
    json!({
        "RedirectUri": urls.oidc_callback(&source.id),
        "BackchannelLogoutUri": urls.oidc_backchannel(&source.id),
        "PostLogoutRedirectUri": urls.oidc_signed_out(),
    })
}
