//! What an operation is: where it is, what it reads, what it answers.

use std::future::Future;
use std::pin::Pin;

use axum::http::StatusCode;
use axum::routing::MethodFilter;
use base::ErrorKind;
use schemars::{JsonSchema, SchemaGenerator};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::body::{AnswerBody, Reply, RequestBody, Written};
use super::call::Call;
use super::error::ApiError;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    pub(super) const fn filter(self) -> MethodFilter {
        match self {
            Self::Get => MethodFilter::GET,
            Self::Post => MethodFilter::POST,
            Self::Put => MethodFilter::PUT,
            Self::Patch => MethodFilter::PATCH,
            Self::Delete => MethodFilter::DELETE,
        }
    }
}

/// What the description says of an operation, and the router does.
#[derive(Debug, Clone, Copy)]
pub(super) struct About {
    pub(super) method: Method,
    /// Behind `/idp/api/v1`; a part in braces is a parameter.
    pub(super) path: &'static str,
    /// The `operationId`; in the audit trail with `idp:` before it.
    pub(super) name: &'static str,
    pub(super) summary: &'static str,
    /// Of an answer that isn't an error.
    pub(super) status: StatusCode,
    /// Whether it carries out `If-Match`.
    pub(super) conditional: bool,
    /// Beside those that every operation has.
    pub(super) errors: &'static [ErrorKind],
}

impl About {
    pub(super) const fn new(
        method: Method,
        path: &'static str,
        name: &'static str,
        summary: &'static str,
        errors: &'static [ErrorKind],
    ) -> Self {
        Self { method, path, name, summary, status: StatusCode::OK, conditional: false, errors }
    }

    pub(super) const fn status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    pub(super) const fn conditional(self) -> Self {
        Self { conditional: true, ..self }
    }

    pub(super) fn changes(&self) -> bool {
        self.method != Method::Get
    }
}

/// An operation of the administration.
pub(super) trait Operation: 'static {
    const ABOUT: About;
    /// The parameters in the address behind `?`. Others are refused by name.
    type Query: DeserializeOwned + JsonSchema + Send;
    type Body: RequestBody;
    type Answer: AnswerBody;

    fn perform(
        call: &Call<'_>,
        query: Self::Query,
        body: Self::Body,
    ) -> impl Future<Output = Result<Reply<Self::Answer>, ApiError>> + Send;
}

type Performing<'a> = Pin<Box<dyn Future<Output = Result<Written, ApiError>> + Send + 'a>>;

/// An operation in the table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Route {
    pub(super) about: About,
    pub(super) perform: for<'a> fn(&'a Call<'a>) -> Performing<'a>,
    /// The schema of the query: an object with a member for each parameter.
    pub(super) query: fn(&mut SchemaGenerator) -> Value,
    /// Media type and schema.
    pub(super) request: fn(&mut SchemaGenerator) -> Option<(&'static str, Value)>,
    pub(super) answer: fn(&mut SchemaGenerator) -> Option<(&'static str, Value)>,
}

impl Route {
    pub(super) const fn of<O: Operation>() -> Self {
        Self {
            about: O::ABOUT,
            perform: |call| Box::pin(perform::<O>(call)),
            query: |generator| O::Query::json_schema(generator).to_value(),
            request: O::Body::describe,
            answer: O::Answer::describe,
        }
    }
}

/// What is asked for is read first, and recorded before anything is done.
async fn perform<O: Operation>(call: &Call<'_>) -> Result<Written, ApiError> {
    let query = call.query()?;
    let body = O::Body::read(call)?;
    if O::ABOUT.changes() {
        call.announce().await?;
    }
    O::perform(call, query, body).await?.write(O::ABOUT.status)
}
