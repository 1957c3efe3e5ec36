//! Making, changing and deleting sources.

use base::Secret;
use base::id::SourceId;
use oidc::Network;
use serde_json::json;
use source::{
    MatchBy, MetadataFrom, NewKind, NewOidc, NewSaml, NewSource, OidcEdit, SamlEdit, SourceEdit, SubjectFrom,
    SubjectMapping,
};

use super::{arn, show, source_id};
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::json::{self, Fields};
use crate::state::AwsState;

fn invalid<T>(parameter: &'static str, rule: &str) -> Result<T, ApiError> {
    Err(ApiError::InvalidParameter { parameter, rule: rule.to_owned() })
}

/// `Metadata` (a document) or `MetadataUrl`.
fn metadata(fields: &mut Fields) -> Result<Option<MetadataFrom>, ApiError> {
    match (fields.optional("Metadata")?, fields.optional("MetadataUrl")?) {
        (Some(document), None) => Ok(Some(MetadataFrom::Document(document))),
        (None, Some(url)) => Ok(Some(MetadataFrom::Url(url))),
        (None, None) => Ok(None),
        (Some(_), Some(_)) => Err(ApiError::ParameterCombination { one: "Metadata", other: "MetadataUrl" }),
    }
}

/// `Subject`: `name-id` or `attribute:NAME`; `MatchBy`: `userName`, `externalId` or `email`.
fn subject(fields: &mut Fields) -> Result<(Option<SubjectFrom>, Option<MatchBy>), ApiError> {
    let from = match fields.optional::<String>("Subject")?.as_deref() {
        None => None,
        Some("name-id") => Some(SubjectFrom::NameId),
        Some(text) => match text.strip_prefix("attribute:") {
            Some(name) if !name.is_empty() => Some(SubjectFrom::Attribute(name.to_owned())),
            Some(_) | None => return invalid("Subject", "it must be name-id or attribute:NAME"),
        },
    };
    let to = match fields.optional::<String>("MatchBy")? {
        None => None,
        Some(name) => match MatchBy::from_attribute(&name) {
            Some(by) => Some(by),
            None => return invalid("MatchBy", "it must be userName, externalId or email"),
        },
    };
    Ok((from, to))
}

fn network(fields: &mut Fields) -> Result<Option<Network>, ApiError> {
    let private = fields.optional::<bool>("PrivateNetwork")?;
    Ok(private.map(|private| if private { Network::Private } else { Network::Public }))
}

/// What is empty is taken away.
fn removable(fields: &mut Fields, parameter: &'static str) -> Result<Option<Option<String>>, ApiError> {
    let text = fields.optional::<String>(parameter)?;
    Ok(text.map(|text| Some(text).filter(|text| !text.is_empty())))
}

/// `Type`: `SAML` with `Metadata` or `MetadataUrl`, `SignRequests` (false), `ForceAuthn` (false), `IdpInitiated` (true); or `OIDC` with
/// `Issuer`, `ClientId`, `ClientSecret`, `Scopes`. Both: `Name`, `Domains`, `Subject`, `MatchBy` (SAML: `name-id` and `userName`; OIDC:
/// `attribute:email` and `email`), `JustInTime` (false), `GroupsClaim`, `Contact`, `PrivateNetwork` (false) → `IdentitySource`.
#[derive(Debug)]
pub(in super::super) struct CreateIdentitySource {
    new: NewSource,
}

impl CreateIdentitySource {
    pub(in super::super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| {
            let name = fields.required("Name")?;
            let (kind, from, to) = match fields.required::<String>("Type")?.as_str() {
                "SAML" => (NewKind::Saml(new_saml(fields)?), SubjectFrom::NameId, MatchBy::UserName),
                "OIDC" => {
                    (NewKind::Oidc(new_oidc(fields)?), SubjectFrom::Attribute("email".to_owned()), MatchBy::Email)
                }
                _ => return invalid("Type", "it must be SAML or OIDC"),
            };
            let mapping = subject(fields)?;
            let new = NewSource {
                name,
                domains: fields.optional("Domains")?.unwrap_or_default(),
                kind,
                subject: SubjectMapping { from: mapping.0.unwrap_or(from), to: mapping.1.unwrap_or(to) },
                just_in_time: fields.optional("JustInTime")?.unwrap_or_default(),
                groups_claim: fields.optional("GroupsClaim")?,
                contact: fields.optional("Contact")?,
                network: network(fields)?.unwrap_or_default(),
            };
            Ok(Self { new })
        })
    }
}

fn new_saml(fields: &mut Fields) -> Result<NewSaml, ApiError> {
    let missing = ApiError::MissingParameter { operation: fields.operation(), parameter: "Metadata" };
    Ok(NewSaml {
        metadata: metadata(fields)?.ok_or(missing)?,
        sign_requests: fields.optional("SignRequests")?.unwrap_or_default(),
        force_authn: fields.optional("ForceAuthn")?.unwrap_or_default(),
        idp_initiated: fields.optional("IdpInitiated")?.unwrap_or(true),
    })
}

fn new_oidc(fields: &mut Fields) -> Result<NewOidc, ApiError> {
    Ok(NewOidc {
        issuer: fields.required("Issuer")?,
        client_id: fields.required("ClientId")?,
        client_secret: fields.optional("ClientSecret")?.map(Secret::new),
        scopes: fields.optional("Scopes")?.unwrap_or_default(),
    })
}

impl Operation for CreateIdentitySource {
    const NAME: &'static str = "CreateIdentitySource";

    fn resource(&self, state: &AwsState) -> String {
        arn(state, "*")
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let state = context.state;
        let source = state.sources.create(self.new).await?;
        let shown = show::source(&source, state.sources.urls(), state.clock.now());
        Ok(Answer::Json(json!({ "IdentitySource": shown })))
    }
}

/// `SourceId`, and what changes of CreateIdentitySource's parameters (`Type` can't); `Enabled`; `ExpectedVersion`: refuses when it was
/// changed since. An empty `GroupsClaim`, `Contact` or `ClientSecret` is taken away. `Subject` and `MatchBy` forget permanent links, also
/// when they are what they were. → `IdentitySource`.
#[derive(Debug)]
pub(in super::super) struct UpdateIdentitySource {
    id: SourceId,
    expected_version: Option<u64>,
    mapping: (Option<SubjectFrom>, Option<MatchBy>),
    edit: SourceEdit,
}

impl UpdateIdentitySource {
    pub(in super::super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| {
            let edit = SourceEdit {
                name: fields.optional("Name")?,
                enabled: fields.optional("Enabled")?,
                domains: fields.optional("Domains")?,
                subject: None,
                just_in_time: fields.optional("JustInTime")?,
                groups_claim: removable(fields, "GroupsClaim")?,
                contact: removable(fields, "Contact")?,
                network: network(fields)?,
                saml: SamlEdit {
                    metadata: metadata(fields)?,
                    sign_requests: fields.optional("SignRequests")?,
                    force_authn: fields.optional("ForceAuthn")?,
                    idp_initiated: fields.optional("IdpInitiated")?,
                },
                oidc: OidcEdit {
                    issuer: fields.optional("Issuer")?,
                    client_id: fields.optional("ClientId")?,
                    client_secret: removable(fields, "ClientSecret")?.map(|secret| secret.map(Secret::new)),
                    scopes: fields.optional("Scopes")?,
                },
            };
            Ok(Self {
                id: source_id(fields)?,
                expected_version: fields.optional("ExpectedVersion")?,
                mapping: subject(fields)?,
                edit,
            })
        })
    }
}

impl Operation for UpdateIdentitySource {
    const NAME: &'static str = "UpdateIdentitySource";

    fn resource(&self, state: &AwsState) -> String {
        arn(state, self.id.as_str())
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let state = context.state;
        let mut edit = self.edit;
        let mut expected = self.expected_version;
        if let Some(present) = state.sources.get(&self.id)
            && (self.mapping.0.is_some() || self.mapping.1.is_some())
        {
            // Half a mapping is completed from what is there, and from nothing that comes meanwhile.
            expected = expected.or(Some(present.version));
            let SubjectMapping { from, to } = present.subject.clone();
            edit.subject =
                Some(SubjectMapping { from: self.mapping.0.unwrap_or(from), to: self.mapping.1.unwrap_or(to) });
        }
        let source = state.sources.update(&self.id, expected, edit).await?;
        let shown = show::source(&source, state.sources.urls(), state.clock.now());
        Ok(Answer::Json(json!({ "IdentitySource": shown })))
    }
}

/// `SourceId` → nothing. Sessions that were opened through it end. The last way in can't be deleted.
#[derive(Debug)]
pub(in super::super) struct DeleteIdentitySource {
    id: SourceId,
}

impl DeleteIdentitySource {
    pub(in super::super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| Ok(Self { id: source_id(fields)? }))
    }
}

impl Operation for DeleteIdentitySource {
    const NAME: &'static str = "DeleteIdentitySource";

    fn resource(&self, state: &AwsState) -> String {
        arn(state, self.id.as_str())
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        context.state.sources.delete(&self.id).await?;
        Ok(Answer::Json(json!({})))
    }
}

/// `Enabled` → `DirectorySignIn`: whether people sign in with passwords of the directory. The last way in can't be disabled.
#[derive(Debug)]
pub(in super::super) struct SetDirectorySignIn {
    enabled: bool,
}

impl SetDirectorySignIn {
    pub(in super::super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| Ok(Self { enabled: fields.required("Enabled")? }))
    }
}

impl Operation for SetDirectorySignIn {
    const NAME: &'static str = "SetDirectorySignIn";

    fn resource(&self, state: &AwsState) -> String {
        arn(state, "directory")
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        context.state.sources.set_directory_enabled(self.enabled).await?;
        Ok(Answer::Json(json!({ "DirectorySignIn": if self.enabled { "ENABLED" } else { "DISABLED" } })))
    }
}
