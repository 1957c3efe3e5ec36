//! `/push-targets`: SCIM servers that people and groups are pushed to.

use std::sync::Arc;

use axum::http::StatusCode;
use base::ErrorKind::{Conflict, NotFound};
use base::id::PushTargetId;
use push::Target;

use super::body::{Json, Nothing, Reply};
use super::call::Call;
use super::error::ApiError;
use super::input::{Page, PageQuery, page};
use super::operation::{About, Method, Operation};
use super::push_target_body::{AskedTarget, PushTarget, TargetChanges};

pub(super) fn id(call: &Call<'_>) -> PushTargetId {
    PushTargetId::new(call.id())
}

fn shown(target: &Target) -> Reply<Json<PushTarget>> {
    Reply::json(PushTarget::of(target)).version(target.version)
}

pub(super) struct ListPushTargets;

impl Operation for ListPushTargets {
    const ABOUT: About = About::new(Method::Get, "/push-targets", "ListPushTargets", "List the push targets", &[]);
    type Query = PageQuery;
    type Body = Nothing;
    type Answer = Json<Page<PushTarget>>;

    async fn perform(call: &Call<'_>, query: PageQuery, _: Nothing) -> Result<Reply<Self::Answer>, ApiError> {
        let (limit, after) = (query.limit()?, query.after(PushTargetId::new));
        let mut targets = call.state.pusher.targets();
        targets.sort_by(|one, other| one.id.cmp(&other.id));
        targets.retain(|target| after.as_ref().is_none_or(|after| target.id > *after));
        targets.truncate(limit + 1);
        let show = |target: &Arc<Target>| PushTarget::of(target);
        Ok(Reply::json(page(targets, limit, |target| target.id.to_string(), show)))
    }
}

pub(super) struct CreatePushTarget;

impl Operation for CreatePushTarget {
    const ABOUT: About = About::new(
        Method::Post,
        "/push-targets",
        "CreatePushTarget",
        "Make a push target; its people are pushed at once, if it is enabled",
        &[Conflict],
    )
    .status(StatusCode::CREATED);
    type Query = Nothing;
    type Body = Json<AskedTarget>;
    type Answer = Json<PushTarget>;

    async fn perform(
        call: &Call<'_>,
        _: Nothing,
        Json(asked): Json<AskedTarget>,
    ) -> Result<Reply<Self::Answer>, ApiError> {
        let target = call.state.pusher.create_target(asked.read()?).await?;
        Ok(shown(&target).made(format!("/push-targets/{}", target.id)))
    }
}

pub(super) struct GetPushTarget;

impl Operation for GetPushTarget {
    const ABOUT: About =
        About::new(Method::Get, "/push-targets/{id}", "GetPushTarget", "Read a push target", &[NotFound]);
    type Query = Nothing;
    type Body = Nothing;
    type Answer = Json<PushTarget>;

    async fn perform(call: &Call<'_>, _: Nothing, _: Nothing) -> Result<Reply<Self::Answer>, ApiError> {
        let target = call.state.pusher.target(&id(call));
        target.map(|target| shown(&target)).ok_or_else(|| ApiError::unknown("push targets", call.id()))
    }
}

pub(super) struct UpdatePushTarget;

impl Operation for UpdatePushTarget {
    const ABOUT: About = About::new(
        Method::Patch,
        "/push-targets/{id}",
        "UpdatePushTarget",
        "Change a push target: what isn't named stays",
        &[NotFound, Conflict],
    )
    .conditional();
    type Query = Nothing;
    type Body = Json<TargetChanges>;
    type Answer = Json<PushTarget>;

    async fn perform(
        call: &Call<'_>,
        _: Nothing,
        Json(changes): Json<TargetChanges>,
    ) -> Result<Reply<Self::Answer>, ApiError> {
        let target = call.state.pusher.update_target(&id(call), call.expected_version(), changes.read()?).await?;
        Ok(shown(&target))
    }
}

pub(super) struct DeletePushTarget;

impl Operation for DeletePushTarget {
    const ABOUT: About = About::new(
        Method::Delete,
        "/push-targets/{id}",
        "DeletePushTarget",
        "Push nothing there any more; the SCIM server keeps what it has",
        &[NotFound],
    )
    .status(StatusCode::NO_CONTENT);
    type Query = Nothing;
    type Body = Nothing;
    type Answer = Nothing;

    async fn perform(call: &Call<'_>, _: Nothing, _: Nothing) -> Result<Reply<Nothing>, ApiError> {
        call.state.pusher.delete_target(&id(call)).await?;
        Ok(Reply::nothing())
    }
}
