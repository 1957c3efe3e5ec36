//! `/applications`: what people are signed in to.

mod authorised;
mod lifecycle;

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::http::StatusCode;
use base::ErrorKind::{Conflict, NotFound};
use base::id::{DirectoryGroupId, SsoApplicationId};
use idp::{Application, ApplicationEdit, ConnectorKind, NewApplication};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub(super) use self::authorised::{AuthoriseGroups, ListAuthorisedGroups, SetAuthorisedGroups};
pub(super) use self::lifecycle::{
    ActivateApplication, DeactivateApplication, DeleteApplications, GetMetadata, RenewClientSecret, UploadMetadata,
};

use super::body::{Json, Nothing, Reply};
use super::call::Call;
use super::configuration::{self, Configuration, ConfigurationChanges};
use super::error::ApiError;
use super::input::{Given, Moment, Page, PageQuery, page};
use super::operation::{About, Method, Operation};

/// What a kind of application begins with.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct ConnectorTemplate {
    name: &'static str,
    title: &'static str,
    configuration: Configuration,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Connectors {
    items: Vec<ConnectorTemplate>,
}

pub(super) struct ListConnectors;

impl Operation for ListConnectors {
    const ABOUT: About = About::new(
        Method::Get,
        "/connectors",
        "ListConnectors",
        "List the kinds of applications, with what one begins with",
        &[],
    );
    type Query = Nothing;
    type Body = Nothing;
    type Answer = Json<Connectors>;

    async fn perform(_: &Call<'_>, _: Nothing, _: Nothing) -> Result<Reply<Self::Answer>, ApiError> {
        let template = |kind: ConnectorKind| ConnectorTemplate {
            name: kind.name(),
            title: kind.title(),
            configuration: Configuration::of(&kind.template()),
        };
        Ok(Reply::json(Connectors { items: ConnectorKind::ALL.into_iter().map(template).collect() }))
    }
}

/// An application in short.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct ApplicationSummary {
    id: String,
    /// The last part of its SSO IdP URL: never edited.
    slug: String,
    label: String,
    /// identity-center, redshift, saml or oidc.
    connector: &'static str,
    /// `false`: SSO is deactivated, nobody may open it.
    active: bool,
}

impl ApplicationSummary {
    pub(super) fn of(application: &Application) -> Self {
        Self {
            id: application.id.to_string(),
            slug: application.slug.to_string(),
            label: application.label.clone(),
            connector: application.connector.kind().name(),
            active: application.active,
        }
    }
}

/// An SSO application.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Application")]
pub(super) struct ShownApplication {
    #[serde(flatten)]
    summary: ApplicationSummary,
    description: String,
    /// Not shown in the user console; who may can open it all the same.
    hidden: bool,
    /// Ids of the groups whose members may open it. Nobody else may.
    groups: Vec<String>,
    /// What must still be configured before anybody can open it: sentences.
    missing: Vec<String>,
    /// The SSO IdP URL: entity ID and single sign-on service of a SAML application; the issuer of an OpenID Connect application.
    idp_url: String,
    /// Where the console's tile leads.
    open_url: String,
    configuration: Configuration,
    /// Counts changes; the ETag is made from it.
    version: u64,
    created: Moment,
    modified: Moment,
}

impl ShownApplication {
    fn of(call: &Call<'_>, application: &Application) -> Self {
        let idp_url = match application.saml() {
            Some(_) => call.idp().saml_sso_url(application),
            None => call.state.openid.issuer().to_owned(),
        };
        Self {
            summary: ApplicationSummary::of(application),
            description: application.description.clone(),
            hidden: application.hidden,
            groups: application.groups.iter().map(DirectoryGroupId::to_string).collect(),
            missing: application.missing(),
            idp_url,
            open_url: call.idp().open_url(application),
            configuration: Configuration::of(&application.connector),
            version: application.version,
            created: Moment(application.created),
            modified: Moment(application.modified),
        }
    }
}

fn shown(call: &Call<'_>, application: &Application) -> Reply<Json<ShownApplication>> {
    Reply::json(ShownApplication::of(call, application)).version(application.version)
}

/// The application that the path names, by id or slug.
pub(super) fn known(call: &Call<'_>) -> Result<Arc<Application>, ApiError> {
    let name = call.id();
    let application = call.idp().application(&SsoApplicationId::new(name));
    let application = application.or_else(|| call.idp().application_by_slug(name));
    application.ok_or_else(|| ApiError::unknown("applications", name))
}

fn group_ids(ids: Vec<String>) -> BTreeSet<DirectoryGroupId> {
    ids.into_iter().map(DirectoryGroupId::new).collect()
}

pub(super) struct ListApplications;

impl Operation for ListApplications {
    const ABOUT: About = About::new(Method::Get, "/applications", "ListApplications", "List the SSO applications", &[]);
    type Query = PageQuery;
    type Body = Nothing;
    type Answer = Json<Page<ShownApplication>>;

    async fn perform(call: &Call<'_>, query: PageQuery, _: Nothing) -> Result<Reply<Self::Answer>, ApiError> {
        let (limit, after) = (query.limit()?, query.after(SsoApplicationId::new));
        let mut all = call.idp().applications();
        all.sort_by(|one, other| one.id.cmp(&other.id));
        all.retain(|application| after.as_ref().is_none_or(|after| application.id > *after));
        all.truncate(limit + 1);
        let show = |application: &Arc<Application>| ShownApplication::of(call, application);
        Ok(Reply::json(page(all, limit, |application| application.id.to_string(), show)))
    }
}

pub(super) struct CreateApplication;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewApplication")]
pub(super) struct AskedApplication {
    /// identity-center, redshift, saml or oidc: see ListConnectors.
    connector: String,
    label: String,
    /// The last part of the SSO IdP URL, which can't be edited afterwards. Made from the label without it.
    #[serde(default)]
    slug: Given<String>,
    #[serde(default)]
    description: Given<String>,
    #[serde(default)]
    hidden: Given<bool>,
    /// Ids of the groups whose members may open it. Nobody may without one.
    #[serde(default)]
    groups: Vec<String>,
    /// OpenID Connect only: the client can't keep a secret, and gets none.
    #[serde(default)]
    public: Given<bool>,
    /// What differs from the connector's template.
    #[serde(default)]
    #[schemars(with = "ConfigurationChanges")]
    configuration: Map<String, Value>,
    /// SAML only: the service provider's metadata, as UploadMetadata takes it.
    #[serde(default)]
    sp_metadata: Given<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct CreatedApplication {
    #[serde(flatten)]
    application: ShownApplication,
    /// Of an OpenID Connect client that isn't public; shown this once.
    client_secret: Option<String>,
    /// Of an OpenID Connect client.
    client_id: Option<String>,
}

impl Operation for CreateApplication {
    const ABOUT: About =
        About::new(Method::Post, "/applications", "CreateApplication", "Make an SSO application", &[Conflict])
            .status(StatusCode::CREATED);
    type Query = Nothing;
    type Body = Json<AskedApplication>;
    type Answer = Json<CreatedApplication>;

    async fn perform(
        call: &Call<'_>,
        _: Nothing,
        Json(asked): Json<AskedApplication>,
    ) -> Result<Reply<Self::Answer>, ApiError> {
        let (new, sp_metadata) = asked.read()?;
        let made = call.idp().create_application(new).await?;
        let application = match sp_metadata {
            Some(xml) => match call.idp().upload_sp_metadata(&made.application.id, xml.as_bytes()).await {
                Ok(application) => application,
                Err(error) => {
                    // All of it, or nothing.
                    call.idp().delete_applications(std::slice::from_ref(&made.application.id), 1).await?;
                    return Err(error.into());
                }
            },
            None => made.application,
        };
        let answer = CreatedApplication {
            application: ShownApplication::of(call, &application),
            client_secret: made.client_secret.map(base::Secret::into_exposed),
            client_id: application.oidc().map(|oidc| oidc.client_id.clone()),
        };
        Ok(Reply::json(answer).version(application.version).made(format!("/applications/{}", application.id)))
    }
}

impl AskedApplication {
    fn read(self) -> Result<(NewApplication, Option<String>), ApiError> {
        let Some(kind) = ConnectorKind::from_name(&self.connector) else {
            let known = ConnectorKind::ALL.map(ConnectorKind::name).join(", ");
            return Err(ApiError::invalid("connector", format!("It is one of {known}.")));
        };
        let is_openid = kind == ConnectorKind::OpenIdConnect;
        let sp_metadata = self.sp_metadata.option();
        let public = self.public.option();
        if public.is_some() && !is_openid {
            return Err(ApiError::invalid("public", "Only OpenID Connect applications are public clients or not."));
        }
        if sp_metadata.is_some() && is_openid {
            return Err(ApiError::invalid("sp_metadata", "Only SAML applications have a service provider's metadata."));
        }
        let mut connector = kind.template();
        configuration::change(&mut connector, self.configuration)?;
        let new = NewApplication {
            label: self.label,
            slug: self.slug.option(),
            description: self.description.or_default(),
            hidden: self.hidden.or_default(),
            connector,
            confidential: is_openid && !public.unwrap_or(false),
            groups: group_ids(self.groups),
        };
        Ok((new, sp_metadata))
    }
}

pub(super) struct GetApplication;

impl Operation for GetApplication {
    const ABOUT: About = About::new(
        Method::Get,
        "/applications/{application}",
        "GetApplication",
        "Read an application, by its id or its slug",
        &[NotFound],
    );
    type Query = Nothing;
    type Body = Nothing;
    type Answer = Json<ShownApplication>;

    async fn perform(call: &Call<'_>, _: Nothing, _: Nothing) -> Result<Reply<Self::Answer>, ApiError> {
        Ok(shown(call, &*known(call)?))
    }
}

pub(super) struct UpdateApplication;

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ApplicationChanges {
    label: Given<String>,
    /// Refused unless it is what it is: service providers have it in their configuration.
    slug: Given<String>,
    description: Given<String>,
    hidden: Given<bool>,
    #[schemars(with = "ConfigurationChanges")]
    configuration: Map<String, Value>,
}

impl Operation for UpdateApplication {
    const ABOUT: About = About::new(
        Method::Patch,
        "/applications/{application}",
        "UpdateApplication",
        "Change an application: what isn't named stays, lists are replaced, null removes",
        &[NotFound],
    )
    .conditional();
    type Query = Nothing;
    type Body = Json<ApplicationChanges>;
    type Answer = Json<ShownApplication>;

    async fn perform(
        call: &Call<'_>,
        _: Nothing,
        Json(changes): Json<ApplicationChanges>,
    ) -> Result<Reply<Self::Answer>, ApiError> {
        let edit = |application: &Application| {
            let mut edit = ApplicationEdit::from(application);
            edit.label = changes.label.or(edit.label);
            edit.slug = changes.slug.option();
            edit.description = changes.description.or(edit.description);
            edit.hidden = changes.hidden.or(edit.hidden);
            configuration::change(&mut edit.connector, changes.configuration)?;
            Ok::<_, ApiError>(edit)
        };
        let application = call.idp().update_application(&known(call)?.id, call.expected_version(), edit).await?;
        Ok(shown(call, &application))
    }
}
