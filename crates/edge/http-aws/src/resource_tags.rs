//! What is tagged, as policies see it.

use std::collections::BTreeMap;

use sts::Ask;

use crate::state::AwsState;

/// The question with the tags of what it is about: a policy that denies by a tag must see it, whichever operation it is.
pub(crate) fn with_resource_tags(state: &AwsState, ask: Ask) -> Ask {
    let service = ask.resource.split(':').nth(2).unwrap_or_default();
    match service {
        "redshift" | "redshift-serverless" => {
            let tags = state.control.tags(&ask.resource).unwrap_or_default();
            ask.with_resource_tags(pairs(&tags))
        }
        "sso" => {
            let tags = state.center.tags(&ask.resource).unwrap_or_default();
            ask.with_resource_tags(pairs(&tags))
        }
        // Calls of EC2, IAM and Secrets Manager say it themselves, by these services' own keys too.
        _ => ask,
    }
}

/// Keys and values, as [`Ask::with_request_tags`] takes them.
pub(crate) fn pairs(tags: &BTreeMap<String, String>) -> impl Iterator<Item = (&str, &str)> {
    tags.iter().map(|(key, value)| (key.as_str(), value.as_str()))
}
