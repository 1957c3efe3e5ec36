//! The condition keys of an assertion (IAM "available keys for SAML-based federation"; apis.md 4.6).

use ::saml::sp::ValidatedAssertion;
use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use iam::SamlProvider;
use policy::Context;

use super::attributes::Attributes;
use crate::decide;

const FORMAT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:";

/// Attribute and key. Names are compared exactly, as AWS's table has them.
const KEYS: [(&str, &str); 32] = [
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.1", "saml:edupersonaffiliation"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.2", "saml:edupersonnickname"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.3", "saml:edupersonorgdn"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.4", "saml:edupersonorgunitdn"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.5", "saml:edupersonprimaryaffiliation"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.6", "saml:edupersonprincipalname"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.7", "saml:edupersonentitlement"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.8", "saml:edupersonprimaryorgunitdn"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.9", "saml:edupersonscopedaffiliation"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.10", "saml:edupersontargetedid"),
    ("urn:oid:1.3.6.1.4.1.5923.1.1.1.11", "saml:edupersonassurance"),
    ("urn:oid:1.3.6.1.4.1.5923.1.2.1.2", "saml:eduorghomepageuri"),
    ("urn:oid:1.3.6.1.4.1.5923.1.2.1.3", "saml:eduorgidentityauthnpolicyuri"),
    ("urn:oid:1.3.6.1.4.1.5923.1.2.1.4", "saml:eduorglegalname"),
    ("urn:oid:1.3.6.1.4.1.5923.1.2.1.5", "saml:eduorgsuperioruri"),
    ("urn:oid:1.3.6.1.4.1.5923.1.2.1.6", "saml:eduorgwhitepagesuri"),
    ("urn:oid:2.5.4.3", "saml:cn"),
    ("urn:oid:2.5.4.3", "saml:commonname"),
    ("urn:oid:2.5.4.4", "saml:surname"),
    ("urn:oid:2.5.4.42", "saml:givenname"),
    ("urn:oid:2.5.4.45", "saml:x500uniqueidentifier"),
    ("urn:oid:0.9.2342.19200300100.1.1", "saml:uid"),
    ("urn:oid:0.9.2342.19200300100.1.3", "saml:mail"),
    ("urn:oid:0.9.2342.19200300100.1.45", "saml:organizationstatus"),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name", "saml:name"),
    ("http://schemas.xmlsoap.org/claims/CommonName", "saml:commonname"),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname", "saml:givenname"),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname", "saml:surname"),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress", "saml:mail"),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/uid", "saml:uid"),
    ("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/privatepersonalidentifier", "saml:uid"),
    ("http://schemas.microsoft.com/ws/2008/06/identity/claims/primarygroupsid", "saml:primarygroupsid"),
];

/// The keys that a trust policy may ask for.
pub(super) fn add(
    context: &mut Context,
    provider: &SamlProvider,
    assertion: &ValidatedAssertion,
    attributes: &Attributes,
    account: &str,
) {
    for (name, key) in KEYS {
        let values = assertion.attribute(name);
        if !values.is_empty() {
            context.set_all(key, values.iter().cloned());
        }
    }
    let name_id = assertion.name_id();
    context.set("saml:aud", assertion.recipient());
    context.set("saml:iss", assertion.issuer());
    context.set("saml:doc", format!("{account}/{}", provider.name));
    context.set("saml:sub", name_id.value.as_str());
    context.set("saml:sub_type", subject_type(name_id.format.as_deref()));
    context.set("saml:namequalifier", name_qualifier(assertion.issuer(), account, &provider.name));
    context.set("aws:FederatedProvider", provider.arn.as_str());
    let Attributes { session_name, tags, transitive, source_identity, duration: _ } = attributes;
    decide::keys_of_session(context, session_name, source_identity.as_deref(), tags, transitive);
}

/// The format of a name, short where it is one of SAML 2.0's.
pub(super) fn subject_type(format: Option<&str>) -> String {
    let format = format.unwrap_or("urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified");
    format.strip_prefix(FORMAT).unwrap_or(format).to_owned()
}

/// BASE64(SHA1(issuer ‖ account ‖ "/" ‖ provider name)) (STS "AssumeRoleWithSAML", `NameQualifier`). A name, no protection.
pub(super) fn name_qualifier(issuer: &str, account: &str, provider: &str) -> String {
    let text = format!("{issuer}{account}/{provider}");
    STANDARD.encode(digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, text.as_bytes()))
}
