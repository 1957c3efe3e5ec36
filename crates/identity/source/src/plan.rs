//! What a source becomes by a change: pure, or the reason why not.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use base::id::SourceId;
use saml::metadata::IdpMetadata;
use time::OffsetDateTime;

use crate::certificate;
use crate::edit::{MetadataFrom, OidcEdit, SamlEdit, SourceEdit};
use crate::error::SourceError;
use crate::model::{IdentitySource, OidcSource, SamlSource, SourceKind};
use crate::rules;
use crate::state::{State, StateChange};

/// So many sources there may be: they are offered on one page.
pub(crate) const SOURCES_MAX: usize = 50;
/// Certificates of one source: the one in use, and those that follow.
pub(crate) const CERTIFICATES_MAX: usize = 10;

/// What was read before the plan is made: plans do no I/O.
#[derive(Debug, Default)]
pub(crate) struct Prepared {
    pub(crate) metadata: Option<IdpMetadata>,
    /// Sealed; the outer `None` is no change.
    pub(crate) client_secret: Option<Option<base::Secret<String>>>,
}

/// The source with the changes in it, a version further.
pub(crate) fn edited(
    current: &IdentitySource,
    edit: &SourceEdit,
    prepared: Prepared,
    now: OffsetDateTime,
) -> Result<IdentitySource, SourceError> {
    let mut next = current.clone();
    if let Some(name) = &edit.name {
        next.name.clone_from(name);
    }
    if let Some(enabled) = edit.enabled {
        next.enabled = enabled;
    }
    if let Some(domains) = &edit.domains {
        next.domains = rules::domains(domains)?;
    }
    if let Some(subject) = &edit.subject {
        next.subject = subject.clone();
    }
    if let Some(just_in_time) = edit.just_in_time {
        next.just_in_time = just_in_time;
    }
    if let Some(claim) = &edit.groups_claim {
        next.groups_claim.clone_from(claim);
    }
    if let Some(contact) = &edit.contact {
        next.contact.clone_from(contact);
    }
    match &mut next.kind {
        SourceKind::Saml(saml) => {
            refuse_other(edit.oidc.given(), "OpenID Connect")?;
            saml.network = edit.network.unwrap_or(saml.network);
            edit_saml(saml, &edit.saml, prepared.metadata, now)?;
        }
        SourceKind::Oidc(oidc) => {
            refuse_other(edit.saml.given(), "SAML")?;
            oidc.network = edit.network.unwrap_or(oidc.network);
            edit_oidc(oidc, &edit.oidc, prepared.client_secret)?;
        }
    }
    next.version = current.version + 1;
    next.modified = now;
    if ends_sessions(current, &next) {
        next.sessions_since = now;
    }
    check(&next)?;
    Ok(next)
}

fn refuse_other(given: Option<&'static str>, protocol: &str) -> Result<(), SourceError> {
    match given {
        None => Ok(()),
        Some(parameter) => Err(SourceError::Invalid {
            parameter,
            rule: format!("Only {protocol} sources have it, and this isn't one."),
        }),
    }
}

fn edit_saml(
    saml: &mut SamlSource,
    edit: &SamlEdit,
    metadata: Option<IdpMetadata>,
    now: OffsetDateTime,
) -> Result<(), SourceError> {
    if let Some(metadata) = metadata {
        take_metadata(saml, metadata, now)?;
    }
    match &edit.metadata {
        Some(MetadataFrom::Url(url)) => saml.metadata_url = Some(url.clone()),
        Some(MetadataFrom::Document(_)) => saml.metadata_url = None,
        None => {}
    }
    saml.sign_requests = edit.sign_requests.unwrap_or(saml.sign_requests);
    saml.force_authn = edit.force_authn.unwrap_or(saml.force_authn);
    saml.idp_initiated = edit.idp_initiated.unwrap_or(saml.idp_initiated);
    Ok(())
}

/// Metadata of the same provider leaves its certificates beside the new ones; another provider's replaces everything.
pub(crate) fn take_metadata(
    saml: &mut SamlSource,
    metadata: IdpMetadata,
    now: OffsetDateTime,
) -> Result<(Vec<String>, Vec<String>), SourceError> {
    if let Some(end) = metadata.valid_until.filter(|end| *end <= now) {
        let rule = format!("It was valid until {end}. Get the current document from the identity provider.");
        return Err(SourceError::MetadataContent(rule));
    }
    let old = if saml.entity_id == metadata.entity_id { saml.certificates.as_slice() } else { &[] };
    let merged = certificate::merge(old, &metadata.certificates, now);
    saml.entity_id = metadata.entity_id;
    saml.single_sign_on = metadata.single_sign_on;
    saml.single_logout = metadata.single_logout;
    saml.wants_signed_requests = metadata.wants_signed_requests;
    saml.certificates = merged.certificates;
    Ok((merged.added, merged.dropped))
}

fn edit_oidc(
    oidc: &mut OidcSource,
    edit: &OidcEdit,
    sealed: Option<Option<base::Secret<String>>>,
) -> Result<(), SourceError> {
    if let Some(issuer) = &edit.issuer {
        oidc.issuer.clone_from(issuer);
    }
    if let Some(client_id) = &edit.client_id {
        oidc.client_id.clone_from(client_id);
    }
    if let Some(scopes) = &edit.scopes {
        oidc.scopes = rules::scopes(scopes)?;
    }
    if let Some(secret) = sealed {
        oidc.client_secret = secret;
    }
    Ok(())
}

/// Whether the source is one that there can be, whatever others there are.
pub(crate) fn check(source: &IdentitySource) -> Result<(), SourceError> {
    rules::name(&source.name)?;
    rules::subject(&source.subject, source.just_in_time)?;
    source.groups_claim.as_deref().map_or(Ok(()), rules::groups_claim)?;
    source.contact.as_deref().map_or(Ok(()), rules::contact)?;
    match &source.kind {
        SourceKind::Saml(saml) => {
            saml.metadata_url.as_deref().map_or(Ok(()), |url| rules::address("Metadata", url, saml.network))?;
            for endpoint in saml.single_sign_on.iter().chain(&saml.single_logout) {
                rules::endpoint(&endpoint.location, saml.network)?;
            }
            if saml.certificates.len() > CERTIFICATES_MAX {
                return Err(SourceError::TooMany { what: "certificates of a source", most: CERTIFICATES_MAX });
            }
            Ok(())
        }
        SourceKind::Oidc(oidc) => {
            rules::issuer(&oidc.issuer, oidc.network)?;
            rules::client_id(&oidc.client_id)
        }
    }
}

/// Whether the source can be there beside the others: its name, its domains and its provider are nobody else's.
pub(crate) fn check_unique(state: &State, source: &IdentitySource) -> Result<(), SourceError> {
    let others = || state.sources().filter(|other| other.id != source.id);
    if others().count() >= SOURCES_MAX {
        return Err(SourceError::TooMany { what: "identity sources", most: SOURCES_MAX });
    }
    let taken =
        |what: String, holder: &Arc<IdentitySource>| Err(SourceError::Taken { what, holder: holder.id.clone() });
    let name = directory::fold(&source.name);
    if let Some(holder) = others().find(|other| directory::fold(&other.name) == name) {
        return taken(format!("the name \"{}\"", source.name), holder);
    }
    for domain in &source.domains {
        if let Some(holder) = state.owner(domain).filter(|owner| owner.id != source.id) {
            return taken(format!("the domain {domain}"), holder);
        }
    }
    let is_same = |other: &&Arc<IdentitySource>| {
        other.kind.protocol() == source.kind.protocol() && other.kind.provider() == source.kind.provider()
    };
    match (others().find(is_same), &source.kind) {
        (None, _) => Ok(()),
        (Some(holder), SourceKind::Saml(saml)) => taken(format!("the entity ID {}", saml.entity_id), holder),
        (Some(holder), SourceKind::Oidc(oidc)) => {
            taken(format!("the client {} of the issuer {}", oidc.client_id, oidc.issuer), holder)
        }
    }
}

/// What was said to those who listen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceChange {
    Created(SourceId),
    Changed(SourceId),
    /// Deleted, disabled, or another provider now: what was opened through it has to end.
    Ended(SourceId),
    /// Whether people sign in with passwords.
    Directory {
        enabled: bool,
    },
}

/// Whether what was opened through the source is over with the change.
fn ends_sessions(current: &IdentitySource, next: &IdentitySource) -> bool {
    current.kind.provider() != next.kind.provider() || (current.enabled && !next.enabled)
}

/// What an update writes and announces. Links are void when the source is another provider now, or names people otherwise, also when
/// the mapping was set to what it is.
pub(crate) fn replace(
    current: &IdentitySource,
    next: Arc<IdentitySource>,
    mapping_given: bool,
) -> (Vec<StateChange>, Vec<SourceChange>) {
    let id = next.id.clone();
    let is_another = current.kind.provider() != next.kind.provider();
    let mut changes = Vec::new();
    if is_another || mapping_given {
        changes.push(StateChange::ForgetLinks(id.clone()));
    }
    let ends = ends_sessions(current, &next);
    changes.push(StateChange::Put(next));
    let announced = if ends { SourceChange::Ended(id) } else { SourceChange::Changed(id) };
    (changes, vec![announced])
}
