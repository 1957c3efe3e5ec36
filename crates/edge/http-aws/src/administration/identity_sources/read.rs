//! Looking at sources.

use base::id::SourceId;
use serde_json::json;
use source::SourceError;

use super::{arn, show, source_id};
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::json;
use crate::state::AwsState;

/// `SourceId` → `IdentitySource`.
#[derive(Debug)]
pub(in super::super) struct DescribeIdentitySource {
    id: SourceId,
}

impl DescribeIdentitySource {
    pub(in super::super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| Ok(Self { id: source_id(fields)? }))
    }
}

impl Operation for DescribeIdentitySource {
    const NAME: &'static str = "DescribeIdentitySource";

    fn resource(&self, state: &AwsState) -> String {
        arn(state, self.id.as_str())
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let state = context.state;
        let source = state.sources.get(&self.id).ok_or(SourceError::Unknown(self.id))?;
        let shown = show::source(&source, state.sources.urls(), state.clock.now());
        Ok(Answer::Json(json!({ "IdentitySource": shown })))
    }
}

/// By id: `IdentitySources[]` as DescribeIdentitySource shows each, and `DirectorySignIn`: `ENABLED` or `DISABLED`.
#[derive(Debug)]
pub(in super::super) struct ListIdentitySources {
    after: Option<String>,
    records: usize,
}

impl ListIdentitySources {
    pub(in super::super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| Ok(Self { after: fields.position()?, records: fields.max_results()? }))
    }
}

impl Operation for ListIdentitySources {
    const NAME: &'static str = "ListIdentitySources";

    fn resource(&self, state: &AwsState) -> String {
        arn(state, "*")
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let state = context.state;
        let (sources, now) = (state.sources.list(), state.clock.now());
        let behind = |source: &&_| {
            let source: &std::sync::Arc<source::IdentitySource> = source;
            self.after.as_deref().is_none_or(|after| source.id.as_str() > after)
        };
        let mut rest = sources.iter().filter(behind);
        let page: Vec<_> = rest.by_ref().take(self.records).collect();
        let shown: Vec<_> = page.iter().map(|source| show::source(source, state.sources.urls(), now)).collect();
        let directory = if state.sources.directory_enabled() { "ENABLED" } else { "DISABLED" };
        let mut answer = json!({ "IdentitySources": shown, "DirectorySignIn": directory });
        if let (Some(_), Some(last), Some(members)) = (rest.next(), page.last(), answer.as_object_mut()) {
            members.insert("NextToken".to_owned(), json::next_token(Self::NAME, last.id.as_str()).into());
        }
        Ok(Answer::Json(answer))
    }
}
