//! The JSON 1.1 protocol.

use base::CorrelationId;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::error::{ApiError, Shown};
use crate::service::Service;
use base::strict_json;

pub(crate) const CONTENT_TYPE: &str = "application/x-amz-json-1.1";

/// Records of one page where the client doesn't say, and the most it may ask for.
const RECORDS_MAX: usize = 100;

/// The parameters of one operation.
pub(crate) struct Fields {
    operation: &'static str,
    members: Map<String, Value>,
}

/// Reads an operation's parameters with `read`, then refuses what is left.
pub(crate) fn parse<O>(
    operation: &'static str,
    body: &[u8],
    read: impl FnOnce(&mut Fields) -> Result<O, ApiError>,
) -> Result<O, ApiError> {
    let malformed = |what: &str| ApiError::Malformed(format!("The body of {operation} must be a JSON object{what}."));
    let members = match strict_json::read(body) {
        Ok(Value::Object(members)) => members,
        Ok(_) => return Err(malformed("")),
        Err(error) => return Err(malformed(&format!(": {error}"))),
    };
    let mut fields = Fields { operation, members };
    let parsed = read(&mut fields)?;
    match fields.members.into_iter().find(|(_, value)| !value.is_null()) {
        None => Ok(parsed),
        Some((parameter, _)) => Err(ApiError::UnsupportedParameter { operation, parameter }),
    }
}

impl Fields {
    /// `None` where it isn't given or is null.
    pub(crate) fn optional<T: DeserializeOwned>(&mut self, parameter: &'static str) -> Result<Option<T>, ApiError> {
        match self.members.remove(parameter) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => serde_json::from_value(value)
                .map(Some)
                .map_err(|error| ApiError::InvalidParameter { parameter, rule: rule_of(&error) }),
        }
    }

    pub(crate) fn required<T: DeserializeOwned>(&mut self, parameter: &'static str) -> Result<T, ApiError> {
        self.optional(parameter)?.ok_or(ApiError::MissingParameter { operation: self.operation, parameter })
    }

    /// `MaxResults`: 1 to 100.
    pub(crate) fn max_results(&mut self) -> Result<usize, ApiError> {
        self.max_results_named("MaxResults")
    }

    /// As [`Self::max_results`], where the model writes `maxResults`.
    pub(crate) fn max_results_named(&mut self, parameter: &'static str) -> Result<usize, ApiError> {
        let records = self.optional::<usize>(parameter)?.unwrap_or(RECORDS_MAX);
        if (1..=RECORDS_MAX).contains(&records) {
            return Ok(records);
        }
        Err(ApiError::InvalidParameter { parameter, rule: "it must be a number from 1 to 100".to_owned() })
    }

    /// `NextToken`: the position that [`next_token`] wrote for this very operation.
    pub(crate) fn position(&mut self) -> Result<Option<String>, ApiError> {
        self.position_named("NextToken")
    }

    /// As [`Self::position`], where the model writes `nextToken`.
    pub(crate) fn position_named(&mut self, parameter: &'static str) -> Result<Option<String>, ApiError> {
        let Some(token) = self.optional::<String>(parameter)? else { return Ok(None) };
        let written = URL_SAFE_NO_PAD.decode(&token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let position = written.as_deref().and_then(|text| text.strip_prefix(self.operation)?.strip_prefix(' '));
        let position = position.map(|position| Some(position.to_owned()));
        position.ok_or(ApiError::InvalidParameter { parameter, rule: NOT_A_TOKEN.to_owned() })
    }

    pub(crate) const fn operation(&self) -> &'static str {
        self.operation
    }
}

const NOT_A_TOKEN: &str = "it is not a token of this operation";

pub(crate) fn bad_token() -> ApiError {
    ApiError::InvalidParameter { parameter: "NextToken", rule: NOT_A_TOKEN.to_owned() }
}

/// A token of the characters that the models allow. It says whose it is: another operation's place would be a wrong one.
pub(crate) fn next_token(operation: &'static str, position: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!("{operation} {position}"))
}

/// What was expected. What was given instead isn't repeated: it may be a secret or personal, and errors are recorded.
pub(crate) fn rule_of(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let is_about_a_value = ["invalid type: ", "invalid value: "].iter().any(|kind| text.starts_with(kind));
    match text.rsplit_once(", expected ") {
        Some((_, expected)) if is_about_a_value => format!("it must be {expected}"),
        _ => text,
    }
}

pub(crate) fn failure(service: Service, shown: &Shown, id: &CorrelationId) -> String {
    let message = service.message_member();
    let mut body = json!({ "__type": shown.code, message: shown.message, "RequestId": id.as_str() });
    if let Some(members) = body.as_object_mut() {
        members.extend(shown.members.iter().map(|(name, value)| ((*name).to_owned(), Value::from(value.as_str()))));
    }
    body.to_string()
}
