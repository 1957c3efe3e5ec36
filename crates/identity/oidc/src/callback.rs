//! What the browser comes back with from the provider.

use url::form_urlencoded;

use crate::refusal::Noted;
use crate::{Check, Discovery, Flow, OidcRefusal};

/// Codes are short; what is longer isn't an answer.
const LONGEST: usize = 16 * 1024;

/// The answer's own parameters. Others are ignored (RFC 6749 4.1.2).
#[derive(Debug, Default)]
pub(crate) struct Answer {
    state: Option<String>,
    code: Option<String>,
    issuer: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
}

/// The parameter `state` of a callback's query, by which its flow is found. Proves nothing.
#[must_use]
pub fn state_of(callback_query: &str) -> Option<String> {
    Answer::read(callback_query).ok()?.state
}

impl Answer {
    /// # Errors
    /// What is wrong, as in "… came".
    fn read(query: &str) -> Result<Self, String> {
        if query.len() > LONGEST {
            return Err(format!("a query of {} bytes", query.len()));
        }
        let mut answer = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let place = match name.as_ref() {
                "state" => &mut answer.state,
                "code" => &mut answer.code,
                "iss" => &mut answer.issuer,
                "error" => &mut answer.error,
                "error_description" => &mut answer.error_description,
                _ => continue,
            };
            if place.replace(value.into_owned()).is_some() {
                return Err(format!("{name} more than once"));
            }
        }
        Ok(answer)
    }

    /// The checks that need nothing of the provider, so that a stranger's callback makes no request.
    pub(crate) fn checked(query: &str, flow: &Flow, issuer: &str, noted: &mut Noted<'_>) -> Result<Self, OidcRefusal> {
        const EXPECTED: &str = "a query with each parameter once";
        let answer = Self::read(query).map_err(|found| noted.refusal(Check::Answer, EXPECTED, &found))?;
        noted.check(Check::Answer, EXPECTED, "one", true)?;
        let (found, same) = match &answer.state {
            None => ("none", false),
            Some(state) if flow.has_state(state) => ("the same", true),
            Some(_) => ("another one", false),
        };
        noted.check(Check::State, "the state of the sign-in that this browser began", found, same)?;
        // The source was changed meanwhile.
        let begun = format!("a sign-in at {issuer}");
        noted.check(Check::State, &begun, &format!("one at {}", flow.issuer), flow.issuer == issuer)?;
        Ok(answer)
    }

    /// The code, if the answer is the provider's and no error.
    pub(crate) fn code(self, discovery: &Discovery, noted: &mut Noted<'_>) -> Result<String, OidcRefusal> {
        let issuer = discovery.issuer();
        match &self.issuer {
            Some(found) => noted.check(Check::AnswerIssuer, issuer, found, found == issuer)?,
            None if discovery.names_itself() => {
                return Err(noted.refusal(Check::AnswerIssuer, issuer, "none, though this provider always names one"));
            }
            None => {}
        }
        if let Some(error) = &self.error {
            let description = self.error_description.as_ref().map(|text| format!(": {text}")).unwrap_or_default();
            let found = format!("the provider answered {error}{description}");
            return Err(noted.refusal(Check::ProviderError, "a code", &found));
        }
        match self.code.filter(|code| !code.is_empty()) {
            Some(code) => {
                noted.check(Check::ProviderError, "a code", "a code", true)?;
                Ok(code)
            }
            None => Err(noted.refusal(Check::Answer, "a code", "neither a code nor an error")),
        }
    }
}
