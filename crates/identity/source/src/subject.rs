//! What a verified assertion says about the person, in the words of the source's mapping.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use oidc::ValidatedIdToken;
use saml::sp::ValidatedAssertion;
use saml::{NAME_ID_PERSISTENT, NAME_ID_TRANSIENT, NameId};

use crate::denial::SignInDenial;
use crate::model::{IdentitySource, MatchBy, SubjectFrom};

/// Groups that one assertion may name.
pub(crate) const GROUPS_MAX: usize = 500;

const DISPLAY_NAME: [&str; 4] = [
    "name",
    "displayName",
    "http://schemas.microsoft.com/identity/claims/displayname",
    "urn:oid:2.16.840.1.113730.3.1.241",
];
const GIVEN_NAME: [&str; 5] = [
    "given_name",
    "givenName",
    "firstName",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname",
    "urn:oid:2.5.4.42",
];
const FAMILY_NAME: [&str; 6] = [
    "family_name",
    "surname",
    "sn",
    "lastName",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname",
    "urn:oid:2.5.4.4",
];
const EMAIL: [&str; 5] = [
    "email",
    "mail",
    "emailAddress",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
    "urn:oid:0.9.2342.19200300.100.1.3",
];

/// What both protocols say.
pub(crate) struct Claims<'a> {
    /// NameID or `sub`.
    pub(crate) subject: &'a str,
    /// The provider's unchanging name for the person, where the protocol promises one.
    pub(crate) stable: Option<String>,
    /// The NameID is another one each time.
    pub(crate) transient: bool,
    /// All values of an attribute or claim.
    pub(crate) texts: &'a (dyn Fn(&str) -> Vec<String> + Sync),
    /// The claim is there, and has to be fetched somewhere else.
    pub(crate) is_elsewhere: &'a (dyn Fn(&str) -> bool + Sync),
    /// The address that the provider says it has verified. The outer `None`: the protocol has no word for it (SAML).
    pub(crate) verified_email: Option<Option<&'a str>>,
}

/// Whom the source means, not yet found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asserted {
    /// Key of a permanent link.
    pub(crate) stable: Option<String>,
    pub(crate) value: String,
    pub(crate) to: MatchBy,
    pub(crate) profile: Profile,
    /// Only where the source has a groups claim: folded name and name as it came, each once.
    pub(crate) groups: Option<BTreeMap<String, String>>,
}

/// What a person who is made just in time gets beside their user name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Profile {
    pub(crate) display_name: Option<String>,
    pub(crate) given_name: Option<String>,
    pub(crate) family_name: Option<String>,
    pub(crate) email: Option<String>,
}

pub(crate) fn of_assertion(
    source: &IdentitySource,
    assertion: &ValidatedAssertion,
    sp_entity_id: &str,
) -> Result<Asserted, SignInDenial> {
    let name_id = assertion.name_id();
    let format = name_id.format.as_deref();
    read(
        source,
        &Claims {
            subject: &name_id.value,
            stable: (format == Some(NAME_ID_PERSISTENT)).then(|| persistent(name_id, assertion.issuer(), sp_entity_id)),
            transient: format == Some(NAME_ID_TRANSIENT),
            texts: &|name| assertion.attribute(name).to_vec(),
            is_elsewhere: &|_| false,
            verified_email: None,
        },
    )
}

pub(crate) fn of_id_token(source: &IdentitySource, token: &ValidatedIdToken) -> Result<Asserted, SignInDenial> {
    read(
        source,
        &Claims {
            subject: token.subject(),
            stable: Some(token.subject().to_owned()),
            transient: false,
            texts: &|name| token.texts(name),
            is_elsewhere: &|name| token.is_elsewhere(name),
            verified_email: Some(token.email().filter(|_| token.email_verified())),
        },
    )
}

/// A qualifier that only repeats issuer or service provider says nothing (SAML Core 8.3.7), and may be left out next time.
fn persistent(name_id: &NameId, issuer: &str, sp_entity_id: &str) -> String {
    let by = name_id.name_qualifier.as_deref().filter(|by| *by != issuer).unwrap_or_default();
    let for_whom = name_id.sp_name_qualifier.as_deref().filter(|sp| *sp != sp_entity_id).unwrap_or_default();
    // The other form begins with a bracket: no plain name is read as a qualified one.
    if by.is_empty() && for_whom.is_empty() && !name_id.value.starts_with('[') {
        return name_id.value.clone();
    }
    serde_json::json!([by, for_whom, name_id.value]).to_string()
}

/// Without XML's white space around it, which formatting brings. Any other kind belongs to the name: a provider for which a name with a
/// no-break space behind it is somebody else must not lead to who has it without.
fn trimmed(text: &str) -> &str {
    text.trim_matches([' ', '\t', '\n', '\r'])
}

/// Reads by the source's mapping. What isn't said clearly is refused: nobody is guessed.
pub(crate) fn read(source: &IdentitySource, claims: &Claims<'_>) -> Result<Asserted, SignInDenial> {
    let value = subject_value(source, claims)?;
    let is_address = match &source.subject.from {
        SubjectFrom::NameId => false,
        SubjectFrom::Attribute(name) => EMAIL.contains(&name.as_str()),
    };
    let is_verified =
        |address: &str| claims.verified_email.is_none_or(|verified| verified.map(trimmed) == Some(address));
    if (source.subject.to == MatchBy::Email || is_address) && !is_verified(&value) {
        return Err(SignInDenial::UnverifiedEmail { value });
    }
    let one = |names: &[&str]| {
        let mut found = names.iter().map(|name| (claims.texts)(name)).find(|texts| !texts.is_empty())?;
        found.pop().filter(|text| found.is_empty() && !text.trim().is_empty()).map(|text| text.trim().to_owned())
    };
    let email = match source.subject.to {
        MatchBy::Email => Some(value.clone()),
        MatchBy::UserName | MatchBy::ExternalId => one(&EMAIL).filter(|email| is_verified(email)),
    };
    Ok(Asserted {
        stable: claims.stable.clone(),
        profile: Profile {
            display_name: one(&DISPLAY_NAME),
            given_name: one(&GIVEN_NAME),
            family_name: one(&FAMILY_NAME),
            email,
        },
        groups: groups(source, claims)?,
        to: source.subject.to,
        value,
    })
}

fn subject_value(source: &IdentitySource, claims: &Claims<'_>) -> Result<String, SignInDenial> {
    let (wanted, values) = match &source.subject.from {
        SubjectFrom::NameId if claims.transient => return Err(SignInDenial::TransientSubject),
        SubjectFrom::NameId => ("NameID".to_owned(), vec![claims.subject.to_owned()]),
        SubjectFrom::Attribute(name) => (name.clone(), (claims.texts)(name)),
    };
    match values.as_slice() {
        [value] if !trimmed(value).is_empty() => Ok(trimmed(value).to_owned()),
        [] | [_] => Err(SignInDenial::NoSubject { wanted }),
        [_, _, ..] => Err(SignInDenial::SeveralSubjects { wanted, count: values.len() }),
    }
}

fn groups(source: &IdentitySource, claims: &Claims<'_>) -> Result<Option<BTreeMap<String, String>>, SignInDenial> {
    let Some(claim) = &source.groups_claim else { return Ok(None) };
    if (claims.is_elsewhere)(claim) {
        return Err(SignInDenial::GroupsElsewhere { claim: claim.clone() });
    }
    let mut groups = BTreeMap::new();
    for name in (claims.texts)(claim).into_iter().filter(|name| !trimmed(name).is_empty()) {
        groups.entry(directory::fold(trimmed(&name))).or_insert_with(|| trimmed(&name).to_owned());
    }
    if groups.len() > GROUPS_MAX {
        return Err(SignInDenial::TooManyGroups { claim: claim.clone(), count: groups.len() });
    }
    Ok(Some(groups))
}
