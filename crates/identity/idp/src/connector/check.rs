//! What a configuration must be: checked when it is written, so that nothing is kept that can't be carried out.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use time::Duration;
use url::Url;

use crate::application::{
    Connector, GroupAttribute, NameIdFormat, NewApplication, OidcApplication, OidcGrant, SamlApplication, UserAttribute,
};
use crate::attributes::is_sendable;
use crate::aws_attribute::{self, ROLE, ROLE_SESSION_NAME};
use crate::error::IdpError;

/// So many groups may be authorised for one application.
pub const MOST_GROUPS: usize = 500;
const MOST_ATTRIBUTES: usize = 50;
const MOST_ADDRESSES: usize = 20;
const MOST_CERTIFICATES: usize = 10;
const LONGEST_LABEL: usize = 100;
const LONGEST_DESCRIPTION: usize = 1000;
const LONGEST_ADDRESS: usize = 2000;
const LONGEST_NAME: usize = 256;
/// What service providers are known to hand on.
const LONGEST_RELAY_STATE: usize = 1024;

const ASSERTION_LIFETIMES: RangeInclusive<Duration> = Duration::seconds(60)..=Duration::hours(12);
const TOKEN_LIFETIMES: RangeInclusive<Duration> = Duration::seconds(60)..=Duration::days(1);
const REFRESH_LIFETIMES: RangeInclusive<Duration> = Duration::seconds(60)..=Duration::days(365);

/// Claims that mean something else in a token than a person's attribute.
const RESERVED_CLAIMS: [&str; 17] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "nbf",
    "iat",
    "jti",
    "nonce",
    "azp",
    "acr",
    "amr",
    "auth_time",
    "at_hash",
    "c_hash",
    "sid",
    "client_id",
    "scope",
];

/// The label and the description, without space around them.
pub(crate) fn label(label: &str, description: &str) -> Result<(String, String), IdpError> {
    let (label, description) = (label.trim(), description.trim());
    if label.is_empty() || label.chars().count() > LONGEST_LABEL || label.chars().any(char::is_control) {
        return Err(IdpError::invalid(
            "label",
            format!("The display label has 1 to {LONGEST_LABEL} characters in one line."),
        ));
    }
    if description.chars().count() > LONGEST_DESCRIPTION {
        return Err(IdpError::invalid("description", format!("It has at most {LONGEST_DESCRIPTION} characters.")));
    }
    Ok((label.to_owned(), description.to_owned()))
}

/// Whether the configuration may be kept.
pub(crate) fn check(connector: &Connector) -> Result<(), IdpError> {
    match connector {
        Connector::IdentityCenter(application) => {
            saml(application)?;
            identity_center(application)
        }
        Connector::Redshift(application) | Connector::Saml(application) => saml(application),
        Connector::OpenIdConnect(application) => oidc(application),
    }
}

/// What must still be configured before anybody can open it.
pub(crate) fn missing(connector: &Connector) -> Vec<String> {
    let mut missing = Vec::new();
    match connector {
        Connector::IdentityCenter(application) | Connector::Saml(application) => {
            saml_missing(application, &mut missing)
        }
        Connector::Redshift(application) => {
            saml_missing(application, &mut missing);
            redshift_missing(application, &mut missing);
        }
        Connector::OpenIdConnect(application) => {
            if application.grants.contains(&OidcGrant::AuthorizationCode) && application.redirect_uris.is_empty() {
                missing.push("Add a redirect URI.".to_owned());
            }
        }
    }
    missing
}

fn saml_missing(application: &SamlApplication, missing: &mut Vec<String>) {
    if application.sp_entity_id.is_none() || application.acs_urls.is_empty() {
        missing.push(
            "Upload the service provider's metadata, or enter its entity ID and assertion consumer service (ACS) URL."
                .to_owned(),
        );
    }
    if application.requests_signed && application.sp_certificates.is_empty() {
        missing.push("Requests must be signed: add the service provider's certificate.".to_owned());
    }
}

fn redshift_missing(application: &SamlApplication, missing: &mut Vec<String>) {
    let has = |name: &str| {
        application.constant_attributes.iter().any(|attribute| attribute.name == name)
            || application.user_attributes.iter().any(|attribute| attribute.name == name)
    };
    if !has(ROLE) {
        missing.push(format!(
            "Add the constant attribute {ROLE} with the role's and the SAML provider's ARN: \
             arn:aws:iam::ACCOUNT:role/NAME,arn:aws:iam::ACCOUNT:saml-provider/NAME."
        ));
    }
    if !has(ROLE_SESSION_NAME) {
        missing.push(format!("Add the user attribute {ROLE_SESSION_NAME}."));
    }
}

fn identity_center(application: &SamlApplication) -> Result<(), IdpError> {
    if application.name_id.format == NameIdFormat::EmailAddress {
        return Ok(());
    }
    Err(IdpError::invalid("name_id", "IAM Identity Center takes NameIDs in the format email-address only."))
}

fn saml(application: &SamlApplication) -> Result<(), IdpError> {
    if let Some(entity_id) = &application.sp_entity_id {
        let plain = !entity_id.is_empty() && entity_id.len() <= 1024;
        if !plain || entity_id.chars().any(|character| character.is_whitespace() || character.is_control()) {
            return Err(IdpError::invalid("sp_entity_id", "It has 1 to 1024 bytes without spaces."));
        }
    }
    at_most("acs_urls", application.acs_urls.len(), MOST_ADDRESSES)?;
    for url in &application.acs_urls {
        web_address("acs_urls", url)?;
    }
    at_most("single_logout", application.single_logout.len(), MOST_ADDRESSES)?;
    for endpoint in &application.single_logout {
        web_address("single_logout", &endpoint.location)?;
    }
    at_most("sp_certificates", application.sp_certificates.len(), MOST_CERTIFICATES)?;
    if application.relay_state.as_ref().is_some_and(|text| text.is_empty() || text.len() > LONGEST_RELAY_STATE) {
        return Err(IdpError::invalid(
            "relay_state",
            format!("It has 1 to {LONGEST_RELAY_STATE} bytes, or isn't there."),
        ));
    }
    within("lifetime", application.lifetime, &ASSERTION_LIFETIMES)?;
    attributes(application)
}

fn attributes(application: &SamlApplication) -> Result<(), IdpError> {
    let count = application.user_attributes.len() + application.constant_attributes.len();
    at_most("attributes", count, MOST_ATTRIBUTES)?;
    for attribute in &application.user_attributes {
        attribute_name("user_attributes", &attribute.name)?;
    }
    // Values of one name are one attribute: what may have one value only must not stand here twice.
    let mut constant: Vec<(&str, Vec<String>)> = Vec::new();
    for attribute in &application.constant_attributes {
        attribute_name("constant_attributes", &attribute.name)?;
        if !is_sendable(&attribute.value) {
            let rule = format!("The value of {} has 1 to 1024 bytes without control characters.", attribute.name);
            return Err(IdpError::invalid("constant_attributes", rule));
        }
        match constant.iter_mut().find(|(name, _)| *name == attribute.name) {
            Some((_, values)) if values.contains(&attribute.value) => {
                return Err(IdpError::invalid(
                    "constant_attributes",
                    format!("{} stands there twice.", attribute.name),
                ));
            }
            Some((_, values)) => values.push(attribute.value.clone()),
            None => constant.push((&attribute.name, vec![attribute.value.clone()])),
        }
    }
    for (name, values) in &constant {
        aws_attribute::check(name, values).map_err(|problem| {
            IdpError::invalid(problem.attribute, format!("{} It is \"{}\".", problem.rule, problem.found))
        })?;
    }
    let of_person: BTreeSet<&str> =
        application.user_attributes.iter().map(|attribute| attribute.name.as_str()).collect();
    let group = application.group_attribute.as_ref().map(|attribute| attribute.name.as_str());
    let twice = of_person.len() < application.user_attributes.len()
        || constant.iter().any(|(name, _)| of_person.contains(name) || group == Some(*name))
        || group.is_some_and(|name| of_person.contains(name));
    if twice {
        return Err(IdpError::invalid(
            "attributes",
            "A name may stand only once among user attributes, constant attributes and the group attribute.",
        ));
    }
    application.group_attribute.as_ref().map_or(Ok(()), |attribute| group_attribute("group_attribute", attribute))
}

fn group_attribute(field: &'static str, attribute: &GroupAttribute) -> Result<(), IdpError> {
    attribute_name(field, &attribute.name)?;
    if attribute.prefix.as_ref().is_some_and(|prefix| prefix.is_empty() || prefix.len() > LONGEST_NAME) {
        return Err(IdpError::invalid(field, format!("A prefix has 1 to {LONGEST_NAME} bytes, or isn't there.")));
    }
    Ok(())
}

fn oidc(application: &OidcApplication) -> Result<(), IdpError> {
    for (field, addresses) in [
        ("redirect_uris", &application.redirect_uris),
        ("post_logout_redirect_uris", &application.post_logout_redirect_uris),
    ] {
        at_most(field, addresses.len(), MOST_ADDRESSES)?;
        for address in addresses {
            redirect_address(field, address, application.is_public())?;
        }
    }
    if let Some(address) = &application.login_uri {
        web_address("login_uri", address)?;
    }
    let grants = &application.grants;
    if !grants.contains(&OidcGrant::AuthorizationCode) && !grants.contains(&OidcGrant::DeviceCode) {
        return Err(IdpError::invalid(
            "grants",
            "It has authorization_code, device_code, or both; refresh_token comes on top.",
        ));
    }
    within("id_token_lifetime", application.id_token_lifetime, &TOKEN_LIFETIMES)?;
    within("access_token_lifetime", application.access_token_lifetime, &TOKEN_LIFETIMES)?;
    within("refresh_token_lifetime", application.refresh_token_lifetime, &REFRESH_LIFETIMES)?;
    claims(application)
}

fn claims(application: &OidcApplication) -> Result<(), IdpError> {
    at_most("claims", application.claims.len(), MOST_ATTRIBUTES)?;
    let mut names = BTreeSet::new();
    let of_person = application.claims.iter().map(|UserAttribute { name, .. }| ("claims", name));
    let of_groups = application.groups_claim.iter().map(|claim| ("groups_claim", &claim.name));
    for (field, name) in of_person.chain(of_groups) {
        attribute_name(field, name)?;
        if RESERVED_CLAIMS.contains(&name.as_str()) {
            return Err(IdpError::invalid(
                field,
                format!("The claim {name} has a meaning of its own in tokens. Choose another name."),
            ));
        }
        if !names.insert(name) {
            return Err(IdpError::invalid(field, format!("The claim {name} stands there twice.")));
        }
    }
    application.groups_claim.as_ref().map_or(Ok(()), |claim| group_attribute("groups_claim", claim))
}

fn attribute_name(field: &'static str, name: &str) -> Result<(), IdpError> {
    let plain = !name.chars().any(|character| character.is_control() || character.is_whitespace());
    if plain && (1..=LONGEST_NAME).contains(&name.len()) {
        return Ok(());
    }
    Err(IdpError::invalid(field, format!("A name has 1 to {LONGEST_NAME} bytes without spaces.")))
}

fn at_most(field: &'static str, count: usize, most: usize) -> Result<(), IdpError> {
    if count <= most {
        return Ok(());
    }
    Err(IdpError::invalid(field, format!("There may be {most} at most; these are {count}.")))
}

fn within(field: &'static str, duration: Duration, range: &RangeInclusive<Duration>) -> Result<(), IdpError> {
    if range.contains(&duration) && duration.subsec_nanoseconds() == 0 {
        return Ok(());
    }
    let (least, most) = (range.start().whole_seconds(), range.end().whole_seconds());
    Err(IdpError::invalid(field, format!("It has {least} to {most} seconds; these are {}.", duration.whole_seconds())))
}

fn parsed(field: &'static str, text: &str) -> Result<Url, IdpError> {
    let rule =
        || IdpError::invalid(field, format!("\"{}\" isn't an absolute URL without fragment and user.", shown(text)));
    let clean = text.len() <= LONGEST_ADDRESS
        && !text.chars().any(|character| character.is_control() || character.is_whitespace());
    let url = Url::parse(text).map_err(|_| rule())?;
    if !clean || url.fragment().is_some() || !url.username().is_empty() || url.password().is_some() {
        return Err(rule());
    }
    Ok(url)
}

fn shown(text: &str) -> String {
    text.chars().take(200).filter(|character| !character.is_control()).collect()
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// `https`, or `http` to this machine: the Redshift driver listens there.
fn web_address(field: &'static str, text: &str) -> Result<(), IdpError> {
    let url = parsed(field, text)?;
    if url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url)) {
        return Ok(());
    }
    Err(IdpError::invalid(
        field,
        format!("\"{}\" isn't https. http is taken on localhost, 127.0.0.1 and [::1] only.", shown(text)),
    ))
}

/// Whether an address is written so that everybody reads it alike, and so that a code may be sent there: browsers take a backslash for
/// a slash, what is before an `@` looks like the host, and a `*` is no wildcard here.
#[must_use]
pub fn is_plain_redirect(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'\\' | b'@' | b'#' | b'*'))
}

/// As [`web_address`], and for public clients the private schemes of native applications (RFC 8252 7.1), which have a dot.
fn redirect_address(field: &'static str, text: &str, public: bool) -> Result<(), IdpError> {
    let url = parsed(field, text)?;
    if !is_plain_redirect(text) {
        let rule = "is compared letter by letter: it has ASCII only (international names in their xn-- form, the rest with %), no \\, no @ \
                    and no *; wildcards aren't carried out.";
        return Err(IdpError::invalid(field, format!("\"{}\" {rule}", shown(text))));
    }
    if public && url.scheme().contains('.') {
        return Ok(());
    }
    web_address(field, text)
}

impl NewApplication {
    /// # Errors
    /// [`IdpError::Invalid`]: what the caller may not choose is chosen.
    pub(crate) fn check(&self) -> Result<(), IdpError> {
        if let Some(oidc) = self.connector.oidc()
            && (!oidc.client_id.is_empty() || oidc.client_secret.is_some())
        {
            return Err(IdpError::invalid(
                "connector",
                "The client id and the client secret are made here, not given.",
            ));
        }
        Ok(())
    }
}
