//! LookupEvents.

use base::{ErrorKind, TrailKey, TrailQuery};
use serde::Deserialize;
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::event;
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::json::{self, Fields};
use crate::state::AwsState;

/// Events of one page, and the most that may be asked for (CloudTrail API `MaxResults`).
const EVENTS_MAX: u32 = 50;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct LookupAttribute {
    attribute_key: String,
    attribute_value: String,
}

#[derive(Debug)]
pub(super) struct LookupEvents(TrailQuery);

impl LookupEvents {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| {
            let query = TrailQuery {
                attribute: attribute(fields)?,
                start: time(fields, "StartTime")?,
                end: time(fields, "EndTime")?,
                before: before(fields)?,
                limit: limit(fields)?,
            };
            if fields.optional::<String>("EventCategory")?.is_some() {
                let message = "EventCategory: insight events aren't kept by this server; leave it out.";
                return Err(refused("InvalidEventCategoryException", message));
            }
            match (query.start, query.end) {
                (Some(start), Some(end)) if start > end => {
                    Err(refused("InvalidTimeRangeException", "StartTime is later than EndTime."))
                }
                _ => Ok(Self(query)),
            }
        })
    }
}

impl Operation for LookupEvents {
    const NAME: &'static str = "LookupEvents";

    fn resource(&self, _: &AwsState) -> String {
        "*".to_owned()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let (query, state) = (self.0, context.state);
        let one_more = TrailQuery { limit: query.limit.saturating_add(1), ..query.clone() };
        let mut records = state.trail.lookup(&one_more).await.map_err(|error| {
            tracing::error!(%error, "the audit trail can't be read");
            ApiError::AuditUnavailable
        })?;
        let page = usize::try_from(query.limit).unwrap_or(usize::MAX);
        let more = records.len() > page;
        records.truncate(page);
        let shown: Vec<Value> = records.iter().filter_map(|record| event::show(state, record)).collect();
        let mut answer = json!({ "Events": shown });
        if let (true, Some(last), Some(members)) = (more, records.last(), answer.as_object_mut()) {
            members.insert("NextToken".to_owned(), json::next_token(Self::NAME, &last.sequence.to_string()).into());
        }
        Ok(Answer::Json(answer))
    }
}

fn attribute(fields: &mut Fields) -> Result<Option<(TrailKey, String)>, ApiError> {
    let invalid = |message: String| Err(refused("InvalidLookupAttributesException", message));
    let mut given: Vec<LookupAttribute> = fields.optional("LookupAttributes")?.unwrap_or_default();
    let Some(LookupAttribute { attribute_key, attribute_value }) = given.pop() else { return Ok(None) };
    if !given.is_empty() {
        return invalid("LookupAttributes: only one attribute can be looked up at a time.".to_owned());
    }
    let Some(key) = TrailKey::from_name(&attribute_key) else {
        let known = TrailKey::ALL.map(TrailKey::name).join(", ");
        return invalid(format!("LookupAttributes: {attribute_key:?} is no AttributeKey; there are {known}."));
    };
    if !(1..=2000).contains(&attribute_value.chars().count()) {
        return invalid("LookupAttributes: an AttributeValue has 1 to 2000 characters.".to_owned());
    }
    if key == TrailKey::ReadOnly && !["true", "false"].contains(&attribute_value.as_str()) {
        return invalid("LookupAttributes: ReadOnly is true or false.".to_owned());
    }
    Ok(Some((key, attribute_value)))
}

/// Seconds since 1970, with a fraction or without.
fn time(fields: &mut Fields, parameter: &'static str) -> Result<Option<OffsetDateTime>, ApiError> {
    let Some(seconds) = fields.optional::<f64>(parameter)? else { return Ok(None) };
    let since_epoch = time::Duration::checked_seconds_f64(seconds);
    let at = since_epoch.and_then(|since_epoch| OffsetDateTime::UNIX_EPOCH.checked_add(since_epoch));
    at.map(Some).ok_or_else(|| refused("InvalidTimeRangeException", format!("{parameter} is out of range.")))
}

fn before(fields: &mut Fields) -> Result<Option<i64>, ApiError> {
    let wrong = |_| refused("InvalidNextTokenException", "NextToken: it is not a token of this operation.");
    let Some(position) = fields.position().map_err(wrong)? else { return Ok(None) };
    position.parse().map(Some).map_err(|_| wrong(json::bad_token()))
}

fn limit(fields: &mut Fields) -> Result<u32, ApiError> {
    match fields.optional::<u32>("MaxResults") {
        Ok(None) => Ok(EVENTS_MAX),
        Ok(Some(limit)) if (1..=EVENTS_MAX).contains(&limit) => Ok(limit),
        Ok(Some(_)) | Err(_) => {
            Err(refused("InvalidMaxResultsException", format!("MaxResults must be a number from 1 to {EVENTS_MAX}.")))
        }
    }
}

fn refused(code: &'static str, message: impl Into<String>) -> ApiError {
    let message = message.into();
    ApiError::Named { kind: ErrorKind::InvalidInput, status: 400, code, message, members: Vec::new() }
}
