//! The demo's identity provider: the same people and groups, who sign in to Identity Center over SAML.

use std::sync::Arc;

use anyhow::Context as _;
use base::Secret;
use idp::{Application, Connector, ConnectorKind, IdentityProvider, NewApplication, UserField};
use source::{MatchBy, MetadataFrom, NewKind, NewSaml, NewSource, SubjectFrom, SubjectMapping};

use super::{DB_GROUP, GROUPS, IN_DB_GROUP, group, people};
use crate::wiring::Gatehouse;

pub(super) const APPLICATION: &str = "AWS IAM Identity Center";
pub(super) const SOURCE: &str = "Demo provider";

/// What an interrupted start left is completed.
pub(super) async fn ensure(gatehouse: &Gatehouse, password: &Secret<String>) -> anyhow::Result<()> {
    let provider = &gatehouse.built_in.provider;
    people(provider.people(), password).await?;
    group(provider.people(), DB_GROUP, IN_DB_GROUP.iter().copied()).await?;
    let application = application(provider).await?;
    let sources = &gatehouse.sources;
    let source = match sources.list().into_iter().find(|source| source.name == SOURCE) {
        Some(source) => source,
        None => sources.create(new_source(provider.idp_metadata(&application.id)?.xml)).await?,
    };
    provider.upload_sp_metadata(&application.id, sources.sp_metadata(&source.id)?.as_bytes()).await?;
    Ok(())
}

async fn application(provider: &Arc<IdentityProvider>) -> anyhow::Result<Arc<Application>> {
    if let Some(application) = provider.applications().into_iter().find(|application| application.label == APPLICATION)
    {
        return Ok(application);
    }
    let mut new = NewApplication::of(ConnectorKind::IdentityCenter, APPLICATION);
    new.description = "SQL, and everything else that Identity Center opens".to_owned();
    for name in GROUPS {
        let group = provider.people().group_by_name(name).with_context(|| format!("group {name} isn't there"))?;
        new.groups.insert(group.id.clone());
    }
    // The demo's user names aren't e-mail addresses, and a NameID of that format has to be one.
    if let Connector::IdentityCenter(saml) = &mut new.connector {
        saml.name_id.from = UserField::Email;
    }
    Ok(provider.create_application(new).await?.application)
}

fn new_source(metadata: String) -> NewSource {
    NewSource {
        name: SOURCE.to_owned(),
        domains: Vec::new(),
        kind: NewKind::Saml(NewSaml {
            metadata: MetadataFrom::Document(metadata),
            sign_requests: false,
            force_authn: false,
            idp_initiated: true,
        }),
        subject: SubjectMapping { from: SubjectFrom::NameId, to: MatchBy::Email },
        just_in_time: false,
        groups_claim: None,
        contact: None,
        network: oidc::Network::Public,
    }
}
