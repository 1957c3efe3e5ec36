//! What a push target does, did, and couldn't do.

use axum::http::StatusCode;
use base::ErrorKind::{Conflict, NotFound};
use push::plan::Change;
use push::{Counts, Failed, Line, Object, Plan, Progress, Status};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::body::{Json, Nothing, Reply};
use super::call::Call;
use super::error::ApiError;
use super::input::{Moment, Page, PageQuery, page};
use super::operation::{About, Method, Operation};
use super::push_targets::id;

/// What a full sync would do; nothing was written.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PushPlan")]
pub(super) struct ShownPlan {
    /// Losses first; then by name.
    lines: Vec<PlanLine>,
    counts: PlanCounts,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct PlanLine {
    /// deactivate user, create group, add member …
    action: &'static str,
    /// userName or displayName.
    name: String,
    /// The id at the server, of who is there.
    remote: Option<String>,
    changes: Vec<PlanChange>,
    /// The member's userName, or what the problem is.
    detail: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct PlanChange {
    /// A SCIM path.
    path: String,
    from: Option<Value>,
    /// `null`: it is removed.
    to: Option<Value>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct PlanCounts {
    users_created: usize,
    users_changed: usize,
    /// Deactivated or deleted.
    users_removed: usize,
    groups_created: usize,
    groups_changed: usize,
    groups_removed: usize,
    members_added: usize,
    members_removed: usize,
    problems: usize,
}

impl From<Counts> for PlanCounts {
    fn from(counts: Counts) -> Self {
        Self {
            users_created: counts.users_created,
            users_changed: counts.users_changed,
            users_removed: counts.users_removed,
            groups_created: counts.groups_created,
            groups_changed: counts.groups_changed,
            groups_removed: counts.groups_removed,
            members_added: counts.members_added,
            members_removed: counts.members_removed,
            problems: counts.problems,
        }
    }
}

impl From<Line> for PlanLine {
    fn from(line: Line) -> Self {
        let change = |change: Change| PlanChange { path: change.path, from: change.from, to: change.to };
        Self {
            action: line.action.title(),
            name: line.name,
            remote: line.remote,
            changes: line.changes.into_iter().map(change).collect(),
            detail: line.detail,
        }
    }
}

impl From<Plan> for ShownPlan {
    fn from(plan: Plan) -> Self {
        Self { lines: plan.lines.into_iter().map(PlanLine::from).collect(), counts: plan.counts.into() }
    }
}

pub(super) struct DryRunPush;

impl Operation for DryRunPush {
    const ABOUT: About = About::new(
        Method::Post,
        "/push-targets/{id}/dry-run",
        "DryRunPush",
        "Compare everybody with what the SCIM server has, and say what a full sync would do",
        &[NotFound],
    );
    type Query = Nothing;
    type Body = Nothing;
    type Answer = Json<ShownPlan>;

    async fn perform(call: &Call<'_>, _: Nothing, _: Nothing) -> Result<Reply<Self::Answer>, ApiError> {
        Ok(Reply::json(call.state.pusher.dry_run(&id(call)).await?.into()))
    }
}

/// How far the last full sync is.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PushProgress")]
pub(super) struct ShownProgress {
    /// People and groups; it grows while they are listed.
    total: u64,
    /// With those that failed.
    done: u64,
    errors: u64,
    running: bool,
    /// Why it waits for an administrator.
    paused: Option<String>,
}

impl From<Progress> for ShownProgress {
    fn from(progress: Progress) -> Self {
        let Progress { total, done, errors, running, paused } = progress;
        Self { total, done, errors, running, paused }
    }
}

pub(super) struct StartSync;

impl Operation for StartSync {
    const ABOUT: About = About::new(
        Method::Post,
        "/push-targets/{id}/sync",
        "StartSync",
        "Start a full sync: everybody is compared with what the SCIM server has, and what differs is mended",
        &[NotFound, Conflict],
    )
    .status(StatusCode::ACCEPTED);
    type Query = Nothing;
    type Body = Nothing;
    type Answer = Json<ShownProgress>;

    async fn perform(call: &Call<'_>, _: Nothing, _: Nothing) -> Result<Reply<Self::Answer>, ApiError> {
        let progress = call.state.pusher.start_full_sync(&id(call))?.borrow().clone();
        Ok(Reply::json(progress.into()))
    }
}

pub(super) struct GetSync;

impl Operation for GetSync {
    const ABOUT: About = About::new(
        Method::Get,
        "/push-targets/{id}/sync",
        "GetSync",
        "Read how far the last full sync is",
        &[NotFound],
    );
    type Query = Nothing;
    type Body = Nothing;
    type Answer = Json<ShownProgress>;

    async fn perform(call: &Call<'_>, _: Nothing, _: Nothing) -> Result<Reply<Self::Answer>, ApiError> {
        let progress = call.state.pusher.progress(&id(call))?.borrow().clone();
        Ok(Reply::json(progress.into()))
    }
}

/// How a target is doing.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct PushStatus {
    enabled: bool,
    /// Why nothing is pushed until somebody does something.
    paused: Option<String>,
    /// Until when the server is left alone: it asked for that, or didn't answer.
    held_until: Option<Moment>,
    /// People whom the server has from us, deactivated ones too.
    users: u64,
    groups: u64,
    /// What isn't done yet.
    waiting: u64,
    /// People and groups with an error.
    failed: u64,
    progress: ShownProgress,
}

impl From<Status> for PushStatus {
    fn from(status: Status) -> Self {
        Self {
            enabled: status.enabled,
            paused: status.paused,
            held_until: status.held_until.map(Moment),
            users: status.users,
            groups: status.groups,
            waiting: status.waiting,
            failed: status.failed,
            progress: status.progress.into(),
        }
    }
}

pub(super) struct GetPushStatus;

impl Operation for GetPushStatus {
    const ABOUT: About = About::new(
        Method::Get,
        "/push-targets/{id}/status",
        "GetPushStatus",
        "Read how a push target is doing",
        &[NotFound],
    );
    type Query = Nothing;
    type Body = Nothing;
    type Answer = Json<PushStatus>;

    async fn perform(call: &Call<'_>, _: Nothing, _: Nothing) -> Result<Reply<Self::Answer>, ApiError> {
        Ok(Reply::json(call.state.pusher.status(&id(call)).await?.into()))
    }
}

/// A person or a group that couldn't be pushed.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct PushFailure {
    /// user or group.
    kind: &'static str,
    id: String,
    /// userName or displayName, as it was then.
    name: String,
    /// What the server, or the way to it, said.
    message: String,
    attempts: u32,
    since: Moment,
    next_retry: Moment,
}

impl From<&Failed> for PushFailure {
    fn from(failed: &Failed) -> Self {
        Self {
            kind: failed.object.kind(),
            id: failed.object.id().to_owned(),
            name: failed.name.clone(),
            message: failed.message.clone(),
            attempts: failed.attempts,
            since: Moment(failed.since),
            next_retry: Moment(failed.next_retry),
        }
    }
}

pub(super) struct ListPushFailures;

impl Operation for ListPushFailures {
    const ABOUT: About = About::new(
        Method::Get,
        "/push-targets/{id}/failures",
        "ListPushFailures",
        "List the people and groups that couldn't be pushed",
        &[NotFound],
    );
    type Query = PageQuery;
    type Body = Nothing;
    type Answer = Json<Page<PushFailure>>;

    async fn perform(call: &Call<'_>, query: PageQuery, _: Nothing) -> Result<Reply<Self::Answer>, ApiError> {
        let limit = query.limit()?;
        let after = match query.after(|next| next) {
            Some(next) => {
                let object = next.split_once('/').and_then(|(kind, id)| Object::from_parts(kind, id));
                Some(object.ok_or_else(|| ApiError::invalid("next", "It is the next of the page before."))?)
            }
            None => None,
        };
        let asked = u32::try_from(limit + 1).unwrap_or(u32::MAX);
        let failed = call.state.pusher.failures(&id(call), after.as_ref(), asked).await?;
        Ok(Reply::json(page(failed, limit, |failed| failed.object.to_string(), |failed| PushFailure::from(failed))))
    }
}

pub(super) struct RetryPush;

impl Operation for RetryPush {
    const ABOUT: About = About::new(
        Method::Post,
        "/push-targets/{id}/retry",
        "RetryPush",
        "End a pause and a wait, and try what failed again",
        &[NotFound, Conflict],
    )
    .status(StatusCode::NO_CONTENT);
    type Query = Nothing;
    type Body = Nothing;
    type Answer = Nothing;

    async fn perform(call: &Call<'_>, _: Nothing, _: Nothing) -> Result<Reply<Nothing>, ApiError> {
        call.state.pusher.retry_now(&id(call)).await?;
        Ok(Reply::nothing())
    }
}
