//! `/people`: who may sign in at the provider.

use axum::http::StatusCode;
use base::ErrorKind::{Conflict, NotFound};
use base::Secret;
use base::id::{DirectoryGroupId, DirectoryUserId};
use directory::{DirectoryUser, NewUser, UserEdit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use time::Duration;

use super::body::{Json, Nothing, Reply};
use super::call::Call;
use super::error::ApiError;
use super::groups::Group;
use super::input::{Given, Moment, Page, PageQuery, WriteOnly, page, page_limit};
use super::operation::{About, Method, Operation};
use super::person::{Person, PersonChanges};

/// A week: the longest that the directory takes.
const LINK_MINUTES: u32 = 7 * 24 * 60;
/// Groups that a new person may be put into.
const MOST_GROUPS: usize = 100;

pub(super) fn id(call: &Call<'_>) -> DirectoryUserId {
    DirectoryUserId::new(call.id())
}

/// The id of somebody who is there.
pub(super) fn known(call: &Call<'_>) -> Result<DirectoryUserId, ApiError> {
    let id = id(call);
    call.people().user(&id).ok_or_else(|| ApiError::unknown("people", call.id()))?;
    Ok(id)
}

pub(super) struct ListPeople;

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct PeopleQuery {
    /// How many items, 100 where it isn't said.
    #[schemars(range(min = 1, max = 200))]
    limit: Given<usize>,
    /// `next` of the page before.
    next: Given<String>,
    /// Only the person with this name, without regard to case.
    user_name: Given<String>,
}

impl Operation for ListPeople {
    const ABOUT: About = About::new(Method::Get, "/people", "ListPeople", "List people, or find one by name", &[]);
    type Query = PeopleQuery;
    type Body = Nothing;
    type Answer = Json<Page<Person>>;

    async fn perform(call: &Call<'_>, query: PeopleQuery, _: Nothing) -> Result<Reply<Self::Answer>, ApiError> {
        let limit = page_limit(&query.limit)?;
        let found = match query.user_name {
            Given::Yes(name) => call.people().user_by_name(&name).into_iter().collect(),
            Given::No => {
                let after = query.next.option().map(DirectoryUserId::new);
                call.people().users(after.as_ref(), limit + 1)
            }
        };
        Ok(Reply::json(page(found, limit, |user| user.id.to_string(), |user| Person::of(user))))
    }
}

pub(super) struct CreatePerson;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewPerson {
    /// Unique without regard to case.
    user_name: String,
    #[serde(default)]
    email: Given<Option<String>>,
    #[serde(default)]
    display_name: Given<Option<String>>,
    #[serde(default)]
    given_name: Given<Option<String>>,
    #[serde(default)]
    family_name: Given<Option<String>>,
    #[serde(default)]
    external_id: Given<Option<String>>,
    /// Texts by SCIM name, such as `title` and `department`.
    #[serde(default)]
    attributes: Given<std::collections::BTreeMap<String, Option<String>>>,
    /// Ids of groups that the person is put into.
    #[serde(default)]
    groups: Vec<String>,
    /// Without one, nobody signs in until a password is chosen by an activation link.
    #[serde(default)]
    password: Given<WriteOnly>,
    /// Whether an activation link is made. It can't be together with a password.
    #[serde(default)]
    activation_link: Given<bool>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct CreatedPerson {
    #[serde(flatten)]
    person: Person,
    /// Where the person chooses a password, once; shown this once.
    activation_url: Option<String>,
    activation_expires: Option<Moment>,
}

impl Operation for CreatePerson {
    const ABOUT: About = About::new(
        Method::Post,
        "/people",
        "CreatePerson",
        "Make a person, with a password or an activation link",
        &[NotFound, Conflict],
    )
    .status(StatusCode::CREATED);
    type Query = Nothing;
    type Body = Json<NewPerson>;
    type Answer = Json<CreatedPerson>;

    async fn perform(call: &Call<'_>, _: Nothing, Json(new): Json<NewPerson>) -> Result<Reply<Self::Answer>, ApiError> {
        let people = call.people();
        let wants_link = new.activation_link.or(false);
        let password = new.password.option();
        if wants_link && password.is_some() {
            return Err(ApiError::invalid(
                "activation_link",
                "Give a password or ask for an activation link, not both.",
            ));
        }
        let groups = groups(call, &new.groups)?;
        let changes = PersonChanges::new(
            [new.email, new.display_name, new.given_name, new.family_name, new.external_id],
            new.attributes,
        );
        let value = changes.onto(NewUser { user_name: new.user_name, active: true, ..NewUser::default() })?;
        let hashed = match password {
            Some(WriteOnly(password)) => Some(people.hash_password(password).await?),
            None => None,
        };
        let user = people.create_user_with(value, hashed).await?;
        let completed = complete(call, &user.id, &groups, wants_link).await;
        let link = match completed {
            Ok(link) => link,
            Err(error) => {
                // All of it, or nothing.
                people.delete_user(&user.id, None).await?;
                return Err(error);
            }
        };
        let (activation_url, activation_expires) = link.map(|link| (link.url, link.expires)).unzip();
        let answer = CreatedPerson { person: Person::of(&user), activation_url, activation_expires };
        Ok(Reply::json(answer).version(user.version).made(format!("/people/{}", user.id)))
    }
}

fn groups(call: &Call<'_>, ids: &[String]) -> Result<Vec<DirectoryGroupId>, ApiError> {
    if ids.len() > MOST_GROUPS {
        return Err(ApiError::invalid(
            "groups",
            format!("At most {MOST_GROUPS} groups can be given with a new person."),
        ));
    }
    let known = |id: &String| {
        let found = call.people().group(&DirectoryGroupId::new(id.as_str()));
        found.map(|group| group.id.clone()).ok_or_else(|| ApiError::unknown("groups", id))
    };
    ids.iter().map(known).collect()
}

async fn complete(
    call: &Call<'_>,
    user: &DirectoryUserId,
    groups: &[DirectoryGroupId],
    wants_link: bool,
) -> Result<Option<ActivationLink>, ApiError> {
    if !groups.is_empty() {
        call.people().change_groups_of(user, groups, &[]).await?;
    }
    if wants_link { activation_link(call, user, LINK_MINUTES).await.map(Some) } else { Ok(None) }
}

async fn activation_link(call: &Call<'_>, user: &DirectoryUserId, minutes: u32) -> Result<ActivationLink, ApiError> {
    let lifetime = Duration::minutes(i64::from(minutes));
    let expires = call.state.clock.now() + lifetime;
    let token: Secret<String> = call.people().create_reset_link(user, lifetime).await?;
    let url = format!("{}/idp/activate/{}", call.idp().urls().idp_url, token.expose());
    Ok(ActivationLink { url, expires: Moment(expires) })
}

pub(super) struct GetPerson;

impl Operation for GetPerson {
    const ABOUT: About = About::new(Method::Get, "/people/{id}", "GetPerson", "Read a person", &[NotFound]);
    type Query = Nothing;
    type Body = Nothing;
    type Answer = Json<Person>;

    async fn perform(call: &Call<'_>, _: Nothing, _: Nothing) -> Result<Reply<Self::Answer>, ApiError> {
        let user = call.people().user(&id(call)).ok_or_else(|| ApiError::unknown("people", call.id()))?;
        Ok(shown(&user))
    }
}

fn shown(user: &DirectoryUser) -> Reply<Json<Person>> {
    Reply::json(Person::of(user)).version(user.version)
}

pub(super) struct UpdatePerson;

impl Operation for UpdatePerson {
    const ABOUT: About = About::new(
        Method::Patch,
        "/people/{id}",
        "UpdatePerson",
        "Change a person: what isn't named stays, null removes",
        &[NotFound, Conflict],
    )
    .conditional();
    type Query = Nothing;
    type Body = Json<PersonChanges>;
    type Answer = Json<Person>;

    async fn perform(
        call: &Call<'_>,
        _: Nothing,
        Json(changes): Json<PersonChanges>,
    ) -> Result<Reply<Self::Answer>, ApiError> {
        let edit = |user: &DirectoryUser| Ok::<_, ApiError>(UserEdit::from(changes.onto(NewUser::from(user))?));
        let user = call.people().update_user(&known(call)?, call.expected_version(), edit).await?;
        Ok(shown(&user))
    }
}

pub(super) struct DeletePerson;

impl Operation for DeletePerson {
    const ABOUT: About = About::new(
        Method::Delete,
        "/people/{id}",
        "DeletePerson",
        "Delete a person with password, factors and memberships; their sessions end",
        &[NotFound],
    )
    .status(StatusCode::NO_CONTENT)
    .conditional();
    type Query = Nothing;
    type Body = Nothing;
    type Answer = Nothing;

    async fn perform(call: &Call<'_>, _: Nothing, _: Nothing) -> Result<Reply<Nothing>, ApiError> {
        call.people().delete_user(&known(call)?, call.expected_version()).await?;
        Ok(Reply::nothing())
    }
}

async fn set_active(call: &Call<'_>, active: bool) -> Result<Reply<Json<Person>>, ApiError> {
    let edit = |user: &DirectoryUser| Ok::<_, ApiError>(UserEdit::from(NewUser { active, ..NewUser::from(user) }));
    let user = call.people().update_user(&known(call)?, call.expected_version(), edit).await?;
    Ok(shown(&user))
}

pub(super) struct DeactivatePerson;

impl Operation for DeactivatePerson {
    const ABOUT: About = About::new(
        Method::Post,
        "/people/{id}/deactivate",
        "DeactivatePerson",
        "Let somebody sign in nowhere any more; their sessions end at once",
        &[NotFound],
    )
    .conditional();
    type Query = Nothing;
    type Body = Nothing;
    type Answer = Json<Person>;

    async fn perform(call: &Call<'_>, _: Nothing, _: Nothing) -> Result<Reply<Self::Answer>, ApiError> {
        set_active(call, false).await
    }
}

pub(super) struct ReactivatePerson;

impl Operation for ReactivatePerson {
    const ABOUT: About = About::new(
        Method::Post,
        "/people/{id}/reactivate",
        "ReactivatePerson",
        "Let somebody sign in again",
        &[NotFound],
    )
    .conditional();
    type Query = Nothing;
    type Body = Nothing;
    type Answer = Json<Person>;

    async fn perform(call: &Call<'_>, _: Nothing, _: Nothing) -> Result<Reply<Self::Answer>, ApiError> {
        set_active(call, true).await
    }
}

pub(super) struct CreateActivationLink;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LinkAsked {
    /// How long the link opens: at most 7 days, which is also what it is where nothing is said.
    #[serde(default)]
    #[schemars(range(min = 1, max = 10080))]
    minutes: Given<u32>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct ActivationLink {
    /// Where the person chooses a password, once; shown this once. The link before it ends.
    url: String,
    expires: Moment,
}

impl Operation for CreateActivationLink {
    const ABOUT: About = About::new(
        Method::Post,
        "/people/{id}/activation-link",
        "CreateActivationLink",
        "Make a link by which the person chooses a password",
        &[NotFound],
    )
    .status(StatusCode::CREATED);
    type Query = Nothing;
    type Body = Json<LinkAsked>;
    type Answer = Json<ActivationLink>;

    async fn perform(
        call: &Call<'_>,
        _: Nothing,
        Json(asked): Json<LinkAsked>,
    ) -> Result<Reply<Self::Answer>, ApiError> {
        let minutes = asked.minutes.or(LINK_MINUTES);
        if !(1..=LINK_MINUTES).contains(&minutes) {
            return Err(ApiError::invalid("minutes", format!("They are between 1 and {LINK_MINUTES}.")));
        }
        activation_link(call, &known(call)?, minutes).await.map(Reply::json)
    }
}

pub(super) struct SetPassword;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewPassword {
    password: WriteOnly,
}

impl Operation for SetPassword {
    const ABOUT: About = About::new(
        Method::Put,
        "/people/{id}/password",
        "SetPassword",
        "Set somebody's password; their sessions end",
        &[NotFound],
    )
    .status(StatusCode::NO_CONTENT);
    type Query = Nothing;
    type Body = Json<NewPassword>;
    type Answer = Nothing;

    async fn perform(call: &Call<'_>, _: Nothing, Json(new): Json<NewPassword>) -> Result<Reply<Nothing>, ApiError> {
        call.people().set_password(&known(call)?, new.password.0).await?;
        Ok(Reply::nothing())
    }
}

pub(super) struct ListGroupsOfPerson;

impl Operation for ListGroupsOfPerson {
    const ABOUT: About = About::new(
        Method::Get,
        "/people/{id}/groups",
        "ListGroupsOfPerson",
        "List the groups of a person",
        &[NotFound],
    );
    type Query = PageQuery;
    type Body = Nothing;
    type Answer = Json<Page<Group>>;

    async fn perform(call: &Call<'_>, query: PageQuery, _: Nothing) -> Result<Reply<Self::Answer>, ApiError> {
        let (limit, after) = (query.limit()?, query.after(DirectoryGroupId::new));
        let groups = call.people().groups_after(&known(call)?, after.as_ref(), limit + 1);
        Ok(Reply::json(page(groups, limit, |group| group.id.to_string(), |group| Group::of(call, group))))
    }
}
