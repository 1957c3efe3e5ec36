//! `/applications/{application}/groups`: who may open it.

use base::ErrorKind::NotFound;
use base::id::DirectoryGroupId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ShownApplication, group_ids, known, shown};
use crate::api::body::{Json, Nothing, Reply};
use crate::api::call::Call;
use crate::api::error::ApiError;
use crate::api::operation::{About, Method, Operation};

pub(in crate::api) struct ListAuthorisedGroups;

#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::api) struct AuthorisedGroup {
    id: String,
    display_name: String,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::api) struct AuthorisedGroups {
    groups: Vec<AuthorisedGroup>,
}

impl Operation for ListAuthorisedGroups {
    const ABOUT: About = About::new(
        Method::Get,
        "/applications/{application}/groups",
        "ListAuthorisedGroups",
        "List the groups whose members may open an application",
        &[NotFound],
    );
    type Query = Nothing;
    type Body = Nothing;
    type Answer = Json<AuthorisedGroups>;

    async fn perform(call: &Call<'_>, _: Nothing, _: Nothing) -> Result<Reply<Self::Answer>, ApiError> {
        let application = known(call)?;
        let groups = application.groups.iter().filter_map(|id| call.people().group(id));
        let shown =
            groups.map(|group| AuthorisedGroup { id: group.id.to_string(), display_name: group.display_name.clone() });
        Ok(Reply::json(AuthorisedGroups { groups: shown.collect() }))
    }
}

pub(in crate::api) struct SetAuthorisedGroups;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct WantedGroups {
    /// Ids: the only groups whose members may open the application from now on.
    groups: Vec<String>,
}

impl Operation for SetAuthorisedGroups {
    const ABOUT: About = About::new(
        Method::Put,
        "/applications/{application}/groups",
        "SetAuthorisedGroups",
        "Authorise exactly these groups for an application",
        &[NotFound],
    );
    type Query = Nothing;
    type Body = Json<WantedGroups>;
    type Answer = Json<ShownApplication>;

    async fn perform(
        call: &Call<'_>,
        _: Nothing,
        Json(wanted): Json<WantedGroups>,
    ) -> Result<Reply<Self::Answer>, ApiError> {
        let application = call.idp().set_groups(&known(call)?.id, group_ids(wanted.groups)).await?;
        Ok(shown(call, &application))
    }
}

pub(in crate::api) struct AuthoriseGroups;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct AuthorisationChange {
    /// Ids of groups whose members may open the application from now on.
    #[serde(default)]
    authorise: Vec<String>,
    /// Ids of groups whose authorisation is taken back; one that has none is ignored.
    #[serde(default)]
    withdraw: Vec<String>,
}

impl Operation for AuthoriseGroups {
    const ABOUT: About = About::new(
        Method::Post,
        "/applications/{application}/groups",
        "AuthoriseGroups",
        "Authorise groups for an application, or take their authorisation back",
        &[NotFound],
    );
    type Query = Nothing;
    type Body = Json<AuthorisationChange>;
    type Answer = Json<ShownApplication>;

    async fn perform(
        call: &Call<'_>,
        _: Nothing,
        Json(change): Json<AuthorisationChange>,
    ) -> Result<Reply<Self::Answer>, ApiError> {
        let ids = |ids: Vec<String>| ids.into_iter().map(DirectoryGroupId::new).collect::<Vec<_>>();
        let (authorise, withdraw) = (ids(change.authorise), ids(change.withdraw));
        let mut application = known(call)?;
        if !authorise.is_empty() && !withdraw.is_empty() {
            // Two writes could be parted.
            return Err(ApiError::invalid(
                "withdraw",
                "Authorise and withdraw in requests of their own, or set the groups.",
            ));
        }
        if !authorise.is_empty() {
            application = call.idp().authorise(&application.id, &authorise).await?;
        }
        if !withdraw.is_empty() {
            application = call.idp().withdraw(&application.id, &withdraw).await?;
        }
        Ok(shown(call, &application))
    }
}
