//! `/groups`: whose members may open which applications.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use base::ErrorKind::{Conflict, NotFound};
use base::id::{DirectoryGroupId, DirectoryUserId, SsoApplicationId};
use directory::{DirectoryGroup, GroupEdit, NewGroup};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::applications::ApplicationSummary;
use super::body::{Json, Nothing, Reply};
use super::call::Call;
use super::error::ApiError;
use super::input::{Given, Moment, Page, PageQuery, line, page, page_limit};
use super::operation::{About, Method, Operation};
use super::person::Person;

/// People who join and leave in one request.
const MOST_MEMBERS: usize = 500;

/// A group of the identity provider's directory.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Group {
    id: String,
    /// Unique without regard to case.
    display_name: String,
    external_id: Option<String>,
    /// How many people are in it.
    member_count: usize,
    /// Counts changes; the ETag is made from it.
    version: u64,
    created: Moment,
    modified: Moment,
}

impl Group {
    pub(super) fn of(call: &Call<'_>, group: &DirectoryGroup) -> Self {
        Self {
            id: group.id.to_string(),
            display_name: group.display_name.clone(),
            external_id: group.external_id.clone(),
            member_count: call.people().member_count(&group.id),
            version: group.version,
            created: Moment(group.created),
            modified: Moment(group.modified),
        }
    }
}

fn shown(call: &Call<'_>, group: &DirectoryGroup) -> Reply<Json<Group>> {
    Reply::json(Group::of(call, group)).version(group.version)
}

fn id(call: &Call<'_>) -> DirectoryGroupId {
    DirectoryGroupId::new(call.id())
}

/// The id of a group that is there.
fn known(call: &Call<'_>) -> Result<DirectoryGroupId, ApiError> {
    let id = id(call);
    call.people().group(&id).ok_or_else(|| ApiError::unknown("groups", call.id()))?;
    Ok(id)
}

pub(super) struct ListGroups;

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct GroupsQuery {
    /// How many items, 100 where it isn't said.
    #[schemars(range(min = 1, max = 200))]
    limit: Given<usize>,
    /// `next` of the page before.
    next: Given<String>,
    /// Only the group with this name, without regard to case.
    display_name: Given<String>,
}

impl Operation for ListGroups {
    const ABOUT: About = About::new(Method::Get, "/groups", "ListGroups", "List groups, or find one by name", &[]);
    type Query = GroupsQuery;
    type Body = Nothing;
    type Answer = Json<Page<Group>>;

    async fn perform(call: &Call<'_>, query: GroupsQuery, _: Nothing) -> Result<Reply<Self::Answer>, ApiError> {
        let limit = page_limit(&query.limit)?;
        let found = match query.display_name {
            Given::Yes(name) => call.people().group_by_name(&name).into_iter().collect(),
            Given::No => {
                let after = query.next.option().map(DirectoryGroupId::new);
                call.people().groups(after.as_ref(), limit + 1)
            }
        };
        Ok(Reply::json(page(found, limit, |group| group.id.to_string(), |group| Group::of(call, group))))
    }
}

pub(super) struct CreateGroup;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewGroup")]
pub(super) struct AskedGroup {
    /// Unique without regard to case.
    display_name: String,
    #[serde(default)]
    external_id: Given<Option<String>>,
}

impl Operation for CreateGroup {
    const ABOUT: About =
        About::new(Method::Post, "/groups", "CreateGroup", "Make a group", &[Conflict]).status(StatusCode::CREATED);
    type Query = Nothing;
    type Body = Json<AskedGroup>;
    type Answer = Json<Group>;

    async fn perform(
        call: &Call<'_>,
        _: Nothing,
        Json(new): Json<AskedGroup>,
    ) -> Result<Reply<Self::Answer>, ApiError> {
        let external_id = new.external_id.or_default();
        let new = NewGroup {
            display_name: line("display_name", &new.display_name)?,
            external_id: external_id.map(|text| line("external_id", &text)).transpose()?,
            ..NewGroup::default()
        };
        let group = call.people().create_group(new).await?;
        Ok(shown(call, &group).made(format!("/groups/{}", group.id)))
    }
}

pub(super) struct GetGroup;

impl Operation for GetGroup {
    const ABOUT: About = About::new(Method::Get, "/groups/{id}", "GetGroup", "Read a group", &[NotFound]);
    type Query = Nothing;
    type Body = Nothing;
    type Answer = Json<Group>;

    async fn perform(call: &Call<'_>, _: Nothing, _: Nothing) -> Result<Reply<Self::Answer>, ApiError> {
        let group = call.people().group(&id(call)).ok_or_else(|| ApiError::unknown("groups", call.id()))?;
        Ok(shown(call, &group))
    }
}

pub(super) struct UpdateGroup;

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct GroupChanges {
    display_name: Given<String>,
    external_id: Given<Option<String>>,
}

impl Operation for UpdateGroup {
    const ABOUT: About = About::new(
        Method::Patch,
        "/groups/{id}",
        "UpdateGroup",
        "Change a group: what isn't named stays, null removes",
        &[NotFound, Conflict],
    )
    .conditional();
    type Query = Nothing;
    type Body = Json<GroupChanges>;
    type Answer = Json<Group>;

    async fn perform(
        call: &Call<'_>,
        _: Nothing,
        Json(changes): Json<GroupChanges>,
    ) -> Result<Reply<Self::Answer>, ApiError> {
        let name = changes.display_name.option().map(|name| line("display_name", &name)).transpose()?;
        let external_id = match changes.external_id {
            Given::Yes(text) => Some(text.map(|text| line("external_id", &text)).transpose()?),
            Given::No => None,
        };
        let edit = |group: &DirectoryGroup| {
            let mut edit = GroupEdit::from(group);
            edit.display_name = name.unwrap_or(edit.display_name);
            edit.external_id = external_id.unwrap_or(edit.external_id);
            Ok::<_, ApiError>(edit)
        };
        let group = call.people().update_group(&known(call)?, call.expected_version(), edit).await?;
        Ok(shown(call, &group))
    }
}

pub(super) struct DeleteGroup;

impl Operation for DeleteGroup {
    const ABOUT: About = About::new(
        Method::Delete,
        "/groups/{id}",
        "DeleteGroup",
        "Delete a group with its memberships and authorisations",
        &[NotFound],
    )
    .status(StatusCode::NO_CONTENT)
    .conditional();
    type Query = Nothing;
    type Body = Nothing;
    type Answer = Nothing;

    async fn perform(call: &Call<'_>, _: Nothing, _: Nothing) -> Result<Reply<Nothing>, ApiError> {
        call.people().delete_group(&known(call)?, call.expected_version()).await?;
        Ok(Reply::nothing())
    }
}

pub(super) struct ListMembers;

impl Operation for ListMembers {
    const ABOUT: About =
        About::new(Method::Get, "/groups/{id}/members", "ListMembers", "List the people in a group", &[NotFound]);
    type Query = PageQuery;
    type Body = Nothing;
    type Answer = Json<Page<Person>>;

    async fn perform(call: &Call<'_>, query: PageQuery, _: Nothing) -> Result<Reply<Self::Answer>, ApiError> {
        let (limit, after) = (query.limit()?, query.after(DirectoryUserId::new));
        let members = call.people().members_after(&known(call)?, after.as_ref(), limit + 1);
        Ok(Reply::json(page(members, limit, |user| user.id.to_string(), |user| Person::of(user))))
    }
}

pub(super) struct ChangeMembers;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MemberChanges {
    /// Ids of people who join; who is a member already stays one.
    #[serde(default)]
    add: Vec<String>,
    /// Ids of people who leave; who isn't a member is ignored.
    #[serde(default)]
    remove: Vec<String>,
}

impl Operation for ChangeMembers {
    const ABOUT: About = About::new(
        Method::Post,
        "/groups/{id}/members",
        "ChangeMembers",
        "Let people join and leave a group: at most 500 together, all of them or none",
        &[NotFound],
    );
    type Query = Nothing;
    type Body = Json<MemberChanges>;
    type Answer = Json<Group>;

    async fn perform(
        call: &Call<'_>,
        _: Nothing,
        Json(changes): Json<MemberChanges>,
    ) -> Result<Reply<Self::Answer>, ApiError> {
        let MemberChanges { add, remove } = changes;
        if add.len() + remove.len() > MOST_MEMBERS {
            return Err(ApiError::invalid(
                "add",
                format!("add and remove have at most {MOST_MEMBERS} people together."),
            ));
        }
        if let Some(both) = add.iter().find(|id| remove.contains(id)) {
            return Err(ApiError::invalid("remove", format!("{both} can't join and leave in one request.")));
        }
        let ids = |ids: Vec<String>| ids.into_iter().map(DirectoryUserId::new).collect::<Vec<_>>();
        let group = call.people().change_members(&known(call)?, &ids(add), &ids(remove)).await?;
        Ok(shown(call, &group))
    }
}

pub(super) struct ListApplicationsOfGroup;

/// The applications that a group is authorised for.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct ApplicationsOfGroup {
    applications: Vec<ApplicationSummary>,
}

impl ApplicationsOfGroup {
    fn of(call: &Call<'_>, group: &DirectoryGroupId) -> Reply<Json<Self>> {
        let applications = call.idp().applications_of_group(group);
        Reply::json(Self { applications: applications.iter().map(|one| ApplicationSummary::of(one)).collect() })
    }
}

impl Operation for ListApplicationsOfGroup {
    const ABOUT: About = About::new(
        Method::Get,
        "/groups/{id}/applications",
        "ListApplicationsOfGroup",
        "List the applications that a group is authorised for",
        &[NotFound],
    );
    type Query = Nothing;
    type Body = Nothing;
    type Answer = Json<ApplicationsOfGroup>;

    async fn perform(call: &Call<'_>, _: Nothing, _: Nothing) -> Result<Reply<Self::Answer>, ApiError> {
        Ok(ApplicationsOfGroup::of(call, &known(call)?))
    }
}

pub(super) struct SetApplicationsOfGroup;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WantedApplications {
    /// Ids: the only applications that the group is authorised for from now on.
    applications: BTreeSet<String>,
}

impl Operation for SetApplicationsOfGroup {
    const ABOUT: About = About::new(
        Method::Put,
        "/groups/{id}/applications",
        "SetApplicationsOfGroup",
        "Authorise a group for exactly these applications",
        &[NotFound],
    );
    type Query = Nothing;
    type Body = Json<WantedApplications>;
    type Answer = Json<ApplicationsOfGroup>;

    async fn perform(
        call: &Call<'_>,
        _: Nothing,
        Json(wanted): Json<WantedApplications>,
    ) -> Result<Reply<Self::Answer>, ApiError> {
        let group = known(call)?;
        let wanted = wanted.applications.into_iter().map(SsoApplicationId::new).collect();
        call.idp().set_applications_of_group(&group, wanted).await?;
        Ok(ApplicationsOfGroup::of(call, &group))
    }
}
