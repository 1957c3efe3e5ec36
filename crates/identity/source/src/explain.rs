//! The story of a reference: what happened step by step, which check failed, and the likely mend.

#[cfg(test)]
mod tests;

use base::{AuditStep, Checked, Checks, Outcome, TrailRecord};
use serde::Serialize;
use time::format_description::well_known::Rfc3339;

/// What became of a reference, for people and programs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Story {
    pub reference: String,
    /// One sentence: how it ended.
    pub summary: String,
    /// `allowed`, `denied` or `failed`: how the sign-in ended, or the last step where there is none.
    pub outcome: String,
    /// The person, once it was known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_name: Option<String>,
    /// The identity source's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    pub steps: Vec<StoryStep>,
    /// The first check that failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed: Option<StoryCheck>,
    /// Why, in the words of the record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What the administrator can do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mend: Option<String>,
}

/// A record, told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct StoryStep {
    /// RFC 3339.
    pub at: String,
    /// As [`AuditStep::name`] has it.
    pub step: String,
    pub outcome: String,
    /// What was done, in a few words.
    pub text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<StoryCheck>,
}

/// A check that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct StoryCheck {
    pub check: String,
    pub expected: String,
    pub found: String,
    pub passed: bool,
}

impl From<&Checked> for StoryCheck {
    fn from(checked: &Checked) -> Self {
        let Checked { check, expected, found, passed } = checked.clone();
        Self { check, expected, found, passed }
    }
}

/// Tells the records of one reference, oldest first as the trail gives them. No records: an empty story.
#[must_use]
pub fn explain(reference: &str, records: &[TrailRecord]) -> Story {
    let steps: Vec<StoryStep> = records.iter().map(step).collect();
    let told = || records.iter().zip(&steps);
    // One call of a session was asked about: what became of the others isn't the question.
    let call = told().find(|(record, _)| record.field("request_id") == Some(reference));
    let failed = match call {
        Some(call) => Some(call).filter(|(record, _)| record.outcome != Outcome::Allowed),
        None => told().find(|(record, _)| record.outcome != Outcome::Allowed),
    };
    let sign_in = records.iter().rfind(|record| AuditStep::from_name(&record.step) == Some(AuditStep::SignIn));
    let decisive = call.map(|(record, _)| record).or(sign_in).or(records.last());
    let outcome = decisive.map_or("", |record| record.outcome.name());
    let person = |record: &TrailRecord| {
        let known = base::Principal::recorded_person(&record.principal).map(|person| person.user_name.to_owned());
        known.or_else(|| record.field("person").map(str::to_owned))
    };
    let check = failed.and_then(|(_, step)| step.checks.iter().find(|check| !check.passed).cloned());
    Story {
        reference: reference.to_owned(),
        summary: summary(&steps, call.or(failed).map(|(_, step)| step)),
        outcome: outcome.to_owned(),
        user_name: records.iter().find_map(person),
        source: records.iter().find_map(|record| record.field("source")).map(str::to_owned),
        failed: check,
        reason: failed.and_then(|(_, step)| step.reason.clone()),
        mend: failed.and_then(|(record, _)| record.field("mend")).map(str::to_owned),
        steps,
    }
}

fn summary(steps: &[StoryStep], decisive: Option<&StoryStep>) -> String {
    match decisive {
        Some(step) if step.outcome == Outcome::Failed.name() => format!("{} failed.", step.text),
        Some(step) => format!("{} was {}.", step.text, step.outcome),
        None if steps.is_empty() => "Nothing is recorded under this reference.".to_owned(),
        None if steps.len() == 1 => "The one step under this reference was allowed.".to_owned(),
        None => format!("All {} steps under this reference were allowed.", steps.len()),
    }
}

fn step(record: &TrailRecord) -> StoryStep {
    let checks = record.field("checks").and_then(Checks::from_json).unwrap_or_default();
    StoryStep {
        at: record.at.format(&Rfc3339).unwrap_or_default(),
        step: record.step.clone(),
        outcome: record.outcome.name().to_owned(),
        text: text(record),
        reason: record.field("reason").map(str::to_owned),
        checks: checks.list().iter().map(StoryCheck::from).collect(),
    }
}

/// What the record is about, as the beginning of a sentence.
fn text(record: &TrailRecord) -> String {
    let action = record.action.as_str();
    let on = if record.target.is_empty() { String::new() } else { format!(" ({})", record.target) };
    let source = record.field("source").map(|source| format!(" from {source}")).unwrap_or_default();
    match AuditStep::from_name(&record.step) {
        Some(AuditStep::SignIn) => match action {
            "password" => "The sign-in with a password".to_owned(),
            "saml" => format!("The sign-in by SAML{source}"),
            "oidc" => format!("The sign-in by OpenID Connect{source}"),
            other => format!("The sign-in ({other})"),
        },
        Some(AuditStep::ScimRequest) => format!("The provisioning request {action}"),
        Some(AuditStep::ClientRegistration) => "The registration of a program".to_owned(),
        Some(AuditStep::Authorization) => format!("The authorization of a program{on}"),
        Some(AuditStep::Token) => format!("The token request {action}{on}"),
        Some(AuditStep::ApiCall) => format!("The call {action}{on}"),
        Some(AuditStep::Connection) => format!("The database connection{on}"),
        Some(AuditStep::Statement) => format!("The statement {action}{on}"),
        Some(AuditStep::SessionEnd) => format!("The end of a session ({action})"),
        Some(AuditStep::Administration) => format!("The administration {action}{on}"),
        None => format!("The step {} {action}", record.step),
    }
}
