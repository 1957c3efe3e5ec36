//! The identity store itself: there is one.

use serde_json::{Value, json};

use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::json::{self, Fields};
use crate::state::AwsState;

/// `IdentityStoreId`: the id (`d-…`), or the ARN of this account's store.
#[derive(Debug)]
pub(super) struct StoreId(String);

impl StoreId {
    pub(super) fn read(fields: &mut Fields) -> Result<Self, ApiError> {
        fields.required("IdentityStoreId").map(Self)
    }

    pub(super) fn resource(&self, state: &AwsState) -> String {
        if self.0.starts_with("arn:") { self.0.clone() } else { arn(state, &self.0) }
    }

    pub(super) fn check(&self, state: &AwsState) -> Result<(), ApiError> {
        let id = own_id(state);
        if self.0 == id || self.0 == arn(state, id) {
            return Ok(());
        }
        Err(ApiError::IdentityNotFound { kind: "IDENTITY_STORE", id: Some(self.0.clone()) })
    }
}

pub(super) fn own_id(state: &AwsState) -> &str {
    &state.center.instance().identity_store_id
}

fn arn(state: &AwsState, id: &str) -> String {
    format!("arn:aws:identitystore::{}:identitystore/{id}", state.account())
}

fn show(state: &AwsState) -> Value {
    let id = own_id(state);
    json!({ "IdentityStoreId": id, "IdentityStoreArn": arn(state, id) })
}

/// There are no network rules to show: UpdateIdentityStore, which would make them, isn't carried out.
#[derive(Debug)]
pub(super) struct DescribeIdentityStore(StoreId);

impl DescribeIdentityStore {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| StoreId::read(fields).map(Self))
    }
}

impl Operation for DescribeIdentityStore {
    const NAME: &'static str = "DescribeIdentityStore";

    fn resource(&self, state: &AwsState) -> String {
        self.0.resource(state)
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        self.0.check(context.state)?;
        Ok(Answer::Json(show(context.state)))
    }
}

#[derive(Debug)]
pub(super) struct ListIdentityStores;

impl ListIdentityStores {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| {
            fields.max_results()?;
            match fields.position()? {
                None => Ok(Self),
                // One store fits every page, so no token was ever given.
                Some(_) => Err(json::bad_token()),
            }
        })
    }
}

impl Operation for ListIdentityStores {
    const NAME: &'static str = "ListIdentityStores";

    fn resource(&self, _: &AwsState) -> String {
        "*".to_owned()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        Ok(Answer::Json(json!({ "IdentityStores": [show(context.state)] })))
    }
}
