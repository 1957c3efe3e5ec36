//! The bearer tokens of provisioning clients.

use directory::ScimToken;
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::json;
use crate::state::AwsState;

/// Days that a token lives where the caller doesn't say, and at most.
const DAYS: i64 = 365;

fn arn(state: &AwsState, id: &str) -> String {
    format!("arn:aws:gatehouse:{}:{}:scim-token/{id}", state.region(), state.account())
}

/// `LifetimeDays` (1 to 365) → `TokenId`, `BearerToken` (shown this once), `CreatedAt`, `ExpiresAt`.
#[derive(Debug)]
pub(super) struct CreateScimToken {
    lifetime: Duration,
}

impl CreateScimToken {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| {
            let days = fields.optional::<i64>("LifetimeDays")?.unwrap_or(DAYS);
            if !(1..=DAYS).contains(&days) {
                let rule = format!("it must be a number from 1 to {DAYS}");
                return Err(ApiError::InvalidParameter { parameter: "LifetimeDays", rule });
            }
            Ok(Self { lifetime: Duration::days(days) })
        })
    }
}

impl Operation for CreateScimToken {
    const NAME: &'static str = "CreateScimToken";

    fn resource(&self, state: &AwsState) -> String {
        arn(state, "*")
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let directory = &context.state.directory;
        let (id, token) = directory.create_scim_token(self.lifetime).await?;
        let made = directory.scim_tokens().into_iter().find(|token| token.id == id);
        let mut answer = made.map_or_else(|| json!({ "TokenId": id }), |made| show(&made, context.state.clock.now()));
        if let Some(members) = answer.as_object_mut() {
            members.insert("BearerToken".to_owned(), token.into_exposed().into());
        }
        Ok(Answer::Json(answer))
    }
}

/// Every token that was ever made, by id: `Tokens[]{TokenId, Status, CreatedAt, ExpiresAt, LastUsedAt, DeletedAt}`.
#[derive(Debug)]
pub(super) struct ListScimTokens {
    after: Option<String>,
    records: usize,
}

impl ListScimTokens {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| Ok(Self { after: fields.position()?, records: fields.max_results()? }))
    }
}

impl Operation for ListScimTokens {
    const NAME: &'static str = "ListScimTokens";

    fn resource(&self, state: &AwsState) -> String {
        arn(state, "*")
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let now = context.state.clock.now();
        let tokens = context.state.directory.scim_tokens();
        let mut rest = tokens.iter().filter(|token| self.after.as_ref().is_none_or(|after| token.id > *after));
        let page: Vec<&ScimToken> = rest.by_ref().take(self.records).collect();
        let mut answer = json!({ "Tokens": page.iter().map(|token| show(token, now)).collect::<Vec<_>>() });
        if let (Some(_), Some(last), Some(members)) = (rest.next(), page.last(), answer.as_object_mut()) {
            members.insert("NextToken".to_owned(), json::next_token(Self::NAME, &last.id).into());
        }
        Ok(Answer::Json(answer))
    }
}

/// `TokenId` → nothing. The token ends at once and stays listed as deleted.
#[derive(Debug)]
pub(super) struct DeleteScimToken {
    id: String,
}

impl DeleteScimToken {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| Ok(Self { id: fields.required("TokenId")? }))
    }
}

impl Operation for DeleteScimToken {
    const NAME: &'static str = "DeleteScimToken";

    fn resource(&self, state: &AwsState) -> String {
        arn(state, &self.id)
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        context.state.directory.delete_scim_token(&self.id).await?;
        Ok(Answer::Json(json!({})))
    }
}

fn show(token: &ScimToken, now: OffsetDateTime) -> Value {
    let status = match token.revoked {
        Some(_) => "DELETED",
        None if token.is_live(now) => "ACTIVE",
        None => "EXPIRED",
    };
    let mut shown = json!({
        "TokenId": token.id,
        "Status": status,
        "CreatedAt": token.created.unix_timestamp(),
        "ExpiresAt": token.expires.unix_timestamp(),
    });
    if let Some(members) = shown.as_object_mut() {
        let times = [("LastUsedAt", token.last_used), ("DeletedAt", token.revoked)];
        members.extend(times.into_iter().filter_map(|(name, at)| Some((name.to_owned(), at?.unix_timestamp().into()))));
    }
    shown
}

#[cfg(test)]
mod tests {
    use base::Secret;
    use directory::ScimToken;
    use serde_json::json;
    use time::{Duration, OffsetDateTime};

    use super::show;

    #[test]
    fn a_token_is_shown_as_it_is_now() {
        let at = OffsetDateTime::UNIX_EPOCH;
        let (id, hash) = ("a".to_owned(), Secret::from("hash"));
        let expires = at + Duration::seconds(9);
        let mut token = ScimToken { id, hash, created: at, expires, revoked: None, last_used: None };
        let shown = |status: &str| json!({"TokenId": "a", "Status": status, "CreatedAt": 0, "ExpiresAt": 9});
        assert_eq!(show(&token, at), shown("ACTIVE"));
        assert_eq!(show(&token, expires), shown("EXPIRED"));
        token.last_used = Some(at + Duration::SECOND);
        token.revoked = Some(at + Duration::seconds(2));
        let mut deleted = shown("DELETED");
        deleted["LastUsedAt"] = json!(1);
        deleted["DeletedAt"] = json!(2);
        assert_eq!(show(&token, expires), deleted);
    }
}
