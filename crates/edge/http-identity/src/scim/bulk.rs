//! POST /Bulk (RFC 7644 3.7): operations one after another, each recorded as a request of its own under one correlation id.

use axum::http::{Method, StatusCode};
use scim::bulk::{self, Entry, Operation, Outcome, References, Resolved, Step};
use scim::{Object, ScimError};
use serde_json::Value;

use super::audit::Trail;
use super::request::Call;
use super::respond::{Asked, Reply};
use super::route::{self, Target};
use super::{ScimState, UNRECORDED};

/// One bulk request under way.
struct Run<'a> {
    state: &'a ScimState,
    call: &'a Call,
    trail: &'a mut Trail,
    asked: &'a Asked,
    references: References,
    /// None: not begun.
    outcomes: Vec<Option<Outcome>>,
    failed: usize,
}

/// What became of one request to /Users or /Groups.
struct Done {
    outcome: Outcome,
    /// The id of what was created.
    created: Option<String>,
}

pub(super) async fn run(state: &ScimState, call: &Call, trail: &mut Trail, asked: &Asked) -> Result<Reply, ScimError> {
    let request = bulk::parse(call.object()?)?;
    let outcomes = vec![None; request.entries.len()];
    let mut run = Run { state, call, trail, asked, references: References::default(), outcomes, failed: 0 };
    for step in bulk::plan(&request.entries) {
        let Some(entry) = request.entries.get(step.entry()) else { continue };
        let stops = request.fail_on_errors.is_some_and(|most| run.failed >= most);
        match (step, &entry.operation) {
            (Step::Perform { entry: at, without }, Ok(operation)) if !stops => {
                run.perform(at, operation, &without).await?;
            }
            // what was created is completed, or removed, even when nothing more is begun
            (Step::Complete { entry: at, waiting }, Ok(operation)) => run.complete(at, operation, &waiting).await?,
            (Step::Refuse { entry: at }, Err(refused)) if !stops => {
                let outcome = run.failure(refused, None);
                run.keep(at, outcome);
            }
            (Step::Perform { .. } | Step::Complete { .. } | Step::Refuse { .. }, _) => {}
        }
    }
    let Run { trail, outcomes, failed, .. } = run;
    let begun: Vec<(&Entry, Outcome)> =
        request.entries.iter().zip(outcomes).filter_map(|(entry, outcome)| Some((entry, outcome?))).collect();
    trail.bulk(request.entries.len(), begun.len(), failed);
    Ok(Reply::ok(bulk::response(&begun)))
}

impl Run<'_> {
    fn keep(&mut self, at: usize, outcome: Outcome) {
        if outcome.status >= 400 {
            self.failed += 1;
        }
        if let Some(slot) = self.outcomes.get_mut(at) {
            *slot = Some(outcome);
        }
    }

    fn failure(&self, error: &ScimError, location: Option<String>) -> Outcome {
        Outcome { status: error.status(), location, version: None, response: Some(self.asked.error_body(error)) }
    }

    async fn perform(&mut self, at: usize, operation: &Operation, without: &[String]) -> Result<(), ScimError> {
        let resolved = self
            .references
            .path(&operation.path)
            .and_then(|path| Ok((path, self.references.data(operation, without)?)));
        let done = match resolved {
            Ok((path, data)) => {
                let method = method_of(operation.method);
                self.request(method, path, operation.version.clone(), data).await?
            }
            Err(error) => Done { outcome: self.failure(&error, None), created: None },
        };
        if let (bulk::Method::Post, Some(bulk_id)) = (operation.method, &operation.bulk_id) {
            self.references.record(bulk_id, done.created.map_or(Resolved::Failed, Resolved::Created));
        }
        self.keep(at, done.outcome);
        Ok(())
    }

    /// Adds what referred to later operations. If that isn't possible, what was created goes again: nothing stays half done.
    async fn complete(&mut self, at: usize, operation: &Operation, waiting: &[String]) -> Result<(), ScimError> {
        let Some(Some(created)) = self.outcomes.get(at).cloned() else { return Ok(()) };
        let (true, Some(location)) = (created.status < 400, &created.location) else { return Ok(()) };
        let path = location.strip_prefix(&self.state.base_url).unwrap_or(location).to_owned();
        let error = match self.references.completion(operation, waiting) {
            Ok(data) => {
                let done = self.request(Method::PATCH, path.clone(), None, data).await?;
                if done.outcome.status < 400 {
                    let version = done.outcome.version;
                    self.keep(at, Outcome { version, ..created });
                    return Ok(());
                }
                Outcome { location: None, ..done.outcome }
            }
            Err(error) => self.failure(&error, None),
        };
        let removed = self.request(Method::DELETE, path, None, Object::new()).await?;
        if removed.outcome.status >= 400 {
            tracing::error!(
                status = removed.outcome.status,
                "what a bulk request couldn't complete couldn't be removed"
            );
        }
        if let Some(bulk_id) = &operation.bulk_id {
            self.references.record(bulk_id, Resolved::Failed);
        }
        self.keep(at, error);
        Ok(())
    }

    /// One request to /Users or /Groups, recorded.
    ///
    /// # Errors
    /// 503 when it can't be recorded: then the whole bulk request ends.
    async fn request(
        &mut self,
        method: Method,
        path: String,
        version: Option<String>,
        data: Object,
    ) -> Result<Done, ScimError> {
        // the resource isn't shown: rendering a large group would be for nothing
        let path = path.split('?').next().unwrap_or_default().to_owned();
        let call = self.call.operation(method, format!("{path}?attributes=id"), version, data);
        let mut trail = self.trail.operation(call.method(), &path);
        let outcome = answer(self.state, &call, &mut trail).await;
        let status = outcome.as_ref().map_or_else(ScimError::status, |reply| reply.status().as_u16());
        let recorded = trail.record(self.state.audit.as_ref(), status, outcome.as_ref().err()).await;
        self.trail.absorb(trail);
        if let Err(error) = recorded {
            tracing::error!(%error, "a bulk request ends, since its operations can't be recorded");
            return Err(ScimError::Unavailable(UNRECORDED.to_owned()));
        }
        let is_post = *call.method() == Method::POST;
        let here = (!is_post).then(|| format!("{}{path}", self.state.base_url));
        Ok(match outcome {
            Ok(reply) => Done {
                created: reply
                    .body()
                    .filter(|_| reply.status() == StatusCode::CREATED)
                    .and_then(|body| body.get("id").and_then(Value::as_str).map(str::to_owned)),
                outcome: Outcome {
                    status,
                    location: reply.location().map(str::to_owned).or(here),
                    version: reply.etag().map(str::to_owned),
                    response: None,
                },
            },
            Err(error) => Done { outcome: self.failure(&error, here), created: None },
        })
    }
}

async fn answer(state: &ScimState, call: &Call, trail: &mut Trail) -> Result<Reply, ScimError> {
    let target = route::target(call.path());
    if !matches!(target, Target::List(_) | Target::One(..)) {
        return Err(ScimError::InvalidValue("\"path\" must be /Users, /Groups, or one of their resources.".to_owned()));
    }
    route::check(&target, call.method(), call.path(), state.profile)?;
    super::perform(state, &target, call, trail).await
}

const fn method_of(method: bulk::Method) -> Method {
    match method {
        bulk::Method::Post => Method::POST,
        bulk::Method::Put => Method::PUT,
        bulk::Method::Patch => Method::PATCH,
        bulk::Method::Delete => Method::DELETE,
    }
}
