//! Why somebody could sign in, or not.

use base::{CorrelationId, ErrorKind};

use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::json;
use crate::state::AwsState;

/// References have 36 characters.
const LONGEST_REFERENCE: usize = 64;

/// `Reference` (of a page, an error or a record) → `Reference`, `Summary`, `Outcome`, `UserName`, `Source`, `Steps[]{At, Step, Outcome,
/// Text, Reason, Checks[]{Check, Expected, Found, Passed}}`, `Failed{Check, Expected, Found, Passed}`, `Reason`, `Mend`.
#[derive(Debug)]
pub(super) struct ExplainLogin {
    reference: String,
}

impl ExplainLogin {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| {
            let reference: String = fields.required("Reference")?;
            let reference = reference.trim();
            let is_written = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
            if reference.is_empty() || reference.len() > LONGEST_REFERENCE || !reference.chars().all(is_written) {
                let rule = "it must be the reference as the page shows it, such as \
                            0b1f3c1e-6a1f-4f6e-9c39-1f2f3a4b5c6d"
                    .to_owned();
                return Err(ApiError::InvalidParameter { parameter: "Reference", rule });
            }
            Ok(Self { reference: reference.to_owned() })
        })
    }
}

impl Operation for ExplainLogin {
    const NAME: &'static str = "ExplainLogin";

    fn resource(&self, _: &AwsState) -> String {
        "*".to_owned()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let records = context.state.trail.story(&CorrelationId::resume(self.reference.as_str())).await;
        let records = records.map_err(|error| {
            tracing::error!(%error, "the audit trail can't be read");
            ApiError::AuditUnavailable
        })?;
        if records.is_empty() {
            return Err(ApiError::Named {
                kind: ErrorKind::NotFound,
                status: 400,
                code: "ResourceNotFoundException",
                message: format!(
                    "Nothing is recorded under the reference {}. Copy it from the page as a whole; where strangers were refused \
                     many times in a minute, not each refusal is recorded.",
                    self.reference
                ),
                members: Vec::new(),
            });
        }
        let story = source::explain(&self.reference, &records);
        serde_json::to_value(story).map(Answer::Json).map_err(|error| {
            tracing::error!(%error, "a story can't be written as JSON");
            ApiError::Interrupted
        })
    }
}
