//! Bodies: read strictly, written once.

use axum::body::Bytes;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, ETAG, LOCATION};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};

use pages::protect;
use schemars::{JsonSchema, SchemaGenerator, json_schema};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::call::Call;
use super::error::ApiError;

const JSON: &str = "application/json";
const METADATA: &str = "application/samlmetadata+xml";

/// No body, and no parameters.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

/// One JSON object. A body of no bytes is an object of no members.
#[derive(Debug)]
pub(super) struct Json<T>(pub(super) T);

/// An XML document.
#[derive(Debug)]
pub(super) struct Xml(pub(super) Bytes);

/// An XML document with the name that its file should have.
#[derive(Debug)]
pub(super) struct XmlFile {
    pub(super) name: String,
    pub(super) text: String,
}

pub(super) trait RequestBody: Sized + Send {
    fn read(call: &Call<'_>) -> Result<Self, ApiError>;
    /// Media type and schema.
    fn describe(generator: &mut SchemaGenerator) -> Option<(&'static str, Value)>;
}

impl RequestBody for Nothing {
    fn read(call: &Call<'_>) -> Result<Self, ApiError> {
        if call.body.is_empty() { Ok(Self {}) } else { Err(ApiError::NoBody) }
    }

    fn describe(_: &mut SchemaGenerator) -> Option<(&'static str, Value)> {
        None
    }
}

impl<T: DeserializeOwned + JsonSchema + Send> RequestBody for Json<T> {
    fn read(call: &Call<'_>) -> Result<Self, ApiError> {
        if !call.body.is_empty() && call.media_type() != JSON {
            return Err(ApiError::MediaType(JSON));
        }
        typed(Value::Object(call.object()?)).map(Self)
    }

    fn describe(generator: &mut SchemaGenerator) -> Option<(&'static str, Value)> {
        Some((JSON, generator.subschema_for::<T>().to_value()))
    }
}

impl RequestBody for Xml {
    fn read(call: &Call<'_>) -> Result<Self, ApiError> {
        if ["application/xml", "text/xml", METADATA].contains(&call.media_type().as_str()) {
            return Ok(Self(call.body.clone()));
        }
        Err(ApiError::MediaType("application/xml"))
    }

    fn describe(_: &mut SchemaGenerator) -> Option<(&'static str, Value)> {
        Some(("application/xml", json_schema!({ "type": "string" }).to_value()))
    }
}

/// The value as `T`; an error says where in it.
pub(super) fn typed<T: DeserializeOwned>(value: Value) -> Result<T, ApiError> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        ApiError::Member { path, problem: error.into_inner().to_string() }
    })
}

/// Headers and bytes.
type Content = (Vec<(HeaderName, String)>, Vec<u8>);

pub(super) trait AnswerBody: Sized + Send {
    /// The body with its headers.
    fn write(self) -> Result<Content, ApiError>;
    /// Media type and schema.
    fn describe(generator: &mut SchemaGenerator) -> Option<(&'static str, Value)>;
}

impl AnswerBody for Nothing {
    fn write(self) -> Result<Content, ApiError> {
        Ok((Vec::new(), Vec::new()))
    }

    fn describe(_: &mut SchemaGenerator) -> Option<(&'static str, Value)> {
        None
    }
}

impl<T: Serialize + JsonSchema + Send> AnswerBody for Json<T> {
    fn write(self) -> Result<Content, ApiError> {
        let body = serde_json::to_vec(&self.0).map_err(|error| ApiError::Defect(error.to_string()))?;
        Ok((vec![(CONTENT_TYPE, JSON.to_owned())], body))
    }

    fn describe(generator: &mut SchemaGenerator) -> Option<(&'static str, Value)> {
        Some((JSON, generator.subschema_for::<T>().to_value()))
    }
}

impl AnswerBody for XmlFile {
    fn write(self) -> Result<Content, ApiError> {
        let disposition = format!("attachment; filename=\"{}\"", self.name);
        Ok((vec![(CONTENT_TYPE, METADATA.to_owned()), (CONTENT_DISPOSITION, disposition)], self.text.into_bytes()))
    }

    fn describe(_: &mut SchemaGenerator) -> Option<(&'static str, Value)> {
        Some((METADATA, json_schema!({ "type": "string" }).to_value()))
    }
}

/// The answer of an operation that was carried out.
#[derive(Debug)]
pub(super) struct Reply<A> {
    answer: A,
    version: Option<u64>,
    made: Option<String>,
}

impl<A> Reply<A> {
    pub(super) const fn new(answer: A) -> Self {
        Self { answer, version: None, made: None }
    }

    /// The version of what is answered, for the ETag.
    pub(super) fn version(self, version: u64) -> Self {
        Self { version: Some(version), ..self }
    }

    /// Where what was made is, behind `/idp/api/v1`.
    pub(super) fn made(self, path: String) -> Self {
        Self { made: Some(path), ..self }
    }
}

impl<T> Reply<Json<T>> {
    pub(super) const fn json(answer: T) -> Self {
        Self::new(Json(answer))
    }
}

impl Reply<Nothing> {
    pub(super) const fn nothing() -> Self {
        Self::new(Nothing {})
    }
}

/// A reply in bytes.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) response: Response,
    /// Where what was made is.
    pub(super) made: Option<String>,
}

impl<A: AnswerBody> Reply<A> {
    pub(super) fn write(self, status: StatusCode) -> Result<Written, ApiError> {
        let (mut headers, body) = self.answer.write()?;
        headers.extend(self.version.map(|version| (ETAG, format!("\"{version}\""))));
        headers.extend(self.made.as_ref().map(|made| (LOCATION, format!("{}{made}", super::BASE))));
        let mut response = protect((status, body).into_response());
        if status == StatusCode::NO_CONTENT {
            response.headers_mut().remove(CONTENT_TYPE);
        }
        for (name, value) in headers {
            let value = HeaderValue::from_str(&value).map_err(|error| ApiError::Defect(error.to_string()))?;
            response.headers_mut().insert(name, value);
        }
        Ok(Written { response, made: self.made })
    }
}
