//! What is done with an application: switched off and on, connected by metadata, deleted.

use axum::http::StatusCode;
use base::ErrorKind::NotFound;
use base::id::SsoApplicationId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ShownApplication, known, shown};
use crate::api::body::{Json, Nothing, Reply, Xml, XmlFile};
use crate::api::call::Call;
use crate::api::error::ApiError;
use crate::api::operation::{About, Method, Operation};

pub(in crate::api) struct DeactivateApplication;

impl Operation for DeactivateApplication {
    const ABOUT: About = About::new(
        Method::Post,
        "/applications/{application}/deactivate",
        "DeactivateApplication",
        "Deactivate SSO: nobody may open the application",
        &[NotFound],
    );
    type Query = Nothing;
    type Body = Nothing;
    type Answer = Json<ShownApplication>;

    async fn perform(call: &Call<'_>, _: Nothing, _: Nothing) -> Result<Reply<Self::Answer>, ApiError> {
        Ok(shown(call, &*call.idp().deactivate(&known(call)?.id).await?))
    }
}

pub(in crate::api) struct ActivateApplication;

impl Operation for ActivateApplication {
    const ABOUT: About = About::new(
        Method::Post,
        "/applications/{application}/activate",
        "ActivateApplication",
        "Activate SSO again",
        &[NotFound],
    );
    type Query = Nothing;
    type Body = Nothing;
    type Answer = Json<ShownApplication>;

    async fn perform(call: &Call<'_>, _: Nothing, _: Nothing) -> Result<Reply<Self::Answer>, ApiError> {
        Ok(shown(call, &*call.idp().activate(&known(call)?.id).await?))
    }
}

pub(in crate::api) struct UploadMetadata;

impl Operation for UploadMetadata {
    const ABOUT: About = About::new(
        Method::Put,
        "/applications/{application}/sp-metadata",
        "UploadMetadata",
        "Take over what a service provider's metadata says of it",
        &[NotFound],
    );
    type Query = Nothing;
    type Body = Xml;
    type Answer = Json<ShownApplication>;

    async fn perform(call: &Call<'_>, _: Nothing, Xml(document): Xml) -> Result<Reply<Self::Answer>, ApiError> {
        Ok(shown(call, &*call.idp().upload_sp_metadata(&known(call)?.id, &document).await?))
    }
}

pub(in crate::api) struct GetMetadata;

impl Operation for GetMetadata {
    const ABOUT: About = About::new(
        Method::Get,
        "/applications/{application}/metadata",
        "GetMetadata",
        "Read the identity provider's metadata for an application's service provider",
        &[NotFound],
    );
    type Query = Nothing;
    type Body = Nothing;
    type Answer = XmlFile;

    async fn perform(call: &Call<'_>, _: Nothing, _: Nothing) -> Result<Reply<XmlFile>, ApiError> {
        let file = call.idp().idp_metadata(&known(call)?.id)?;
        Ok(Reply::new(XmlFile { name: file.file_name, text: file.xml }))
    }
}

pub(in crate::api) struct RenewClientSecret;

#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::api) struct ClientSecret {
    client_id: String,
    /// Shown this once. The one before ends at once.
    client_secret: String,
}

impl Operation for RenewClientSecret {
    const ABOUT: About = About::new(
        Method::Post,
        "/applications/{application}/client-secret",
        "RenewClientSecret",
        "Make a new client secret for an OpenID Connect application",
        &[NotFound],
    );
    type Query = Nothing;
    type Body = Nothing;
    type Answer = Json<ClientSecret>;

    async fn perform(call: &Call<'_>, _: Nothing, _: Nothing) -> Result<Reply<Self::Answer>, ApiError> {
        let application = known(call)?;
        let secret = call.idp().renew_client_secret(&application.id).await?;
        let client_id = application.oidc().map(|oidc| oidc.client_id.clone()).unwrap_or_default();
        Ok(Reply::json(ClientSecret { client_id, client_secret: secret.into_exposed() }))
    }
}

pub(in crate::api) struct DeleteApplications;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct Deletion {
    ids: Vec<String>,
    /// How many applications these are, as the administrator says: typed by a person.
    typed_count: usize,
}

impl Operation for DeleteApplications {
    const ABOUT: About = About::new(
        Method::Post,
        "/applications/delete",
        "DeleteApplications",
        "Delete applications with their signing keys: all of them or none",
        &[NotFound],
    )
    .status(StatusCode::NO_CONTENT);
    type Query = Nothing;
    type Body = Json<Deletion>;
    type Answer = Nothing;

    async fn perform(call: &Call<'_>, _: Nothing, Json(deletion): Json<Deletion>) -> Result<Reply<Nothing>, ApiError> {
        let ids: Vec<_> = deletion.ids.into_iter().map(SsoApplicationId::new).collect();
        call.idp().delete_applications(&ids, deletion.typed_count).await?;
        Ok(Reply::nothing())
    }
}
