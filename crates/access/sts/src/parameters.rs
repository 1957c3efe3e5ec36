//! What the operations' parameters must be (STS API reference; apis.md 1.5 and 4.7).

use std::collections::{BTreeMap, BTreeSet};

use iam::Iam;
use policy::{Document, DocumentKind};
use time::Duration;

use crate::error::{StsCode, StsError};
use crate::session::SessionPolicies;

/// Seconds.
pub(crate) const SHORTEST: i64 = 900;
pub(crate) const USUAL: i64 = 3600;
pub(crate) const LONGEST: i64 = 43_200;
const TAGS_MAX: usize = 50;
const POLICY_ARNS_MAX: usize = 10;
/// Characters of an inline session policy, and of it together with the ARNs of managed ones.
const POLICY_CHARACTERS_MAX: usize = 2048;
/// Bytes of policies and tags together, as a token keeps them.
const PACKED_BYTES_MAX: usize = 8192;

/// AWS's text for a parameter that breaks a rule.
pub(crate) fn invalid(name: &str, value: &str, rule: &str) -> StsError {
    let shown: String = value.chars().filter(|letter| !letter.is_control()).take(128).collect();
    let text = format!(
        "1 validation error detected: Value '{shown}' at '{name}' failed to satisfy constraint: Member must {rule}"
    );
    StsError::plain(StsCode::ValidationError, text)
}

/// A duration in seconds, `usual` where none is given.
pub(crate) fn duration(given: Option<i64>, usual: i64, longest: i64) -> Result<Duration, StsError> {
    let seconds = given.unwrap_or(usual);
    if seconds < SHORTEST {
        return Err(invalid(
            "durationSeconds",
            &seconds.to_string(),
            &format!("have value greater than or equal to {SHORTEST}"),
        ));
    }
    if seconds > longest {
        return Err(invalid(
            "durationSeconds",
            &seconds.to_string(),
            &format!("have value less than or equal to {longest}"),
        ));
    }
    Ok(Duration::seconds(seconds))
}

/// Whether it is 2 to 64 of `[A-Za-z0-9_+=,.@-]`: a session's name, a source identity.
pub(crate) fn is_session_name(text: &str) -> bool {
    (2..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte))
}

pub(crate) fn session_name(name: &str) -> Result<(), StsError> {
    if is_session_name(name) {
        return Ok(());
    }
    Err(invalid("roleSessionName", name, "satisfy regular expression pattern: [\\w+=,.@-]{2,64}"))
}

/// A source identity given by the caller.
pub(crate) fn source_identity(name: &str) -> Result<(), StsError> {
    if is_session_name(name) && !name.to_ascii_lowercase().starts_with("aws:") {
        return Ok(());
    }
    Err(invalid(
        "sourceIdentity",
        name,
        "satisfy regular expression pattern: [\\w+=,.@-]{2,64}, not beginning with aws:",
    ))
}

/// `arn:…`, 20 to 2048 characters.
pub(crate) fn arn(name: &str, value: &str) -> Result<(), StsError> {
    if !(20..=2048).contains(&value.chars().count()) {
        return Err(invalid(name, value, "have length greater than or equal to 20 and less than or equal to 2048"));
    }
    if !value.starts_with("arn:") || value.splitn(6, ':').count() < 6 {
        return Err(StsError::plain(StsCode::ValidationError, format!("{} is invalid", shown(value))));
    }
    Ok(())
}

pub(crate) fn shown(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).take(200).collect()
}

/// Session tags: at most 50, keys unique without regard to case.
pub(crate) fn tags(given: &[(String, String)]) -> Result<BTreeMap<String, String>, StsError> {
    if given.len() > TAGS_MAX {
        return Err(invalid(
            "tags",
            &given.len().to_string(),
            &format!("have length less than or equal to {TAGS_MAX}"),
        ));
    }
    let mut folded = BTreeSet::new();
    let mut tags = BTreeMap::new();
    for (key, value) in given {
        if !(1..=128).contains(&key.chars().count()) || !key.chars().all(in_tag) {
            return Err(invalid(
                "tags.member.key",
                key,
                "satisfy regular expression pattern: [\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]{1,128}",
            ));
        }
        if value.chars().count() > 256 || !value.chars().all(in_tag) {
            return Err(invalid(
                "tags.member.value",
                value,
                "satisfy regular expression pattern: [\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]{0,256}",
            ));
        }
        if key.to_ascii_lowercase().starts_with("aws:") {
            return Err(StsError::plain(
                StsCode::ValidationError,
                "System tags cannot be added: a tag key must not begin with aws:",
            ));
        }
        if !folded.insert(key.to_lowercase()) {
            let text = format!("Duplicate tag keys found: {}. Tag keys are case insensitive.", shown(key));
            return Err(StsError::plain(StsCode::ValidationError, text));
        }
        tags.insert(key.clone(), value.clone());
    }
    Ok(tags)
}

/// Whether two keys are of one tag: compared as condition keys are, or a policy would see another one's value.
pub(crate) fn same_key(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other) || one.to_lowercase() == other.to_lowercase()
}

fn in_tag(letter: char) -> bool {
    letter.is_alphanumeric()
        || letter == ' '
        || (letter.is_whitespace() && !letter.is_control())
        || "_.:/=+-@".contains(letter)
}

/// Keys of tags that go on: each one of the session's.
pub(crate) fn transitive(keys: &[String], tags: &BTreeMap<String, String>) -> Result<BTreeSet<String>, StsError> {
    let known = |key: &String| tags.keys().find(|other| same_key(other, key)).cloned();
    keys.iter()
        .map(|key| {
            known(key).ok_or_else(|| {
                let text =
                    format!("The specified transitive tag key must be included in the requested tags: {}", shown(key));
                StsError::plain(StsCode::ValidationError, text)
            })
        })
        .collect()
}

/// Reads the policies that narrow a session.
pub(crate) fn session_policies(
    iam: &Iam,
    inline: Option<&str>,
    managed: &[String],
) -> Result<SessionPolicies, StsError> {
    if managed.len() > POLICY_ARNS_MAX {
        let rule = format!("have length less than or equal to {POLICY_ARNS_MAX}");
        return Err(invalid("policyArns", &managed.len().to_string(), &rule));
    }
    if let Some(text) = inline {
        if !(1..=POLICY_CHARACTERS_MAX).contains(&text.chars().count()) {
            let rule = format!("have length less than or equal to {POLICY_CHARACTERS_MAX}");
            return Err(invalid("policy", text, &rule));
        }
        Document::parse(text, DocumentKind::Identity)
            .map_err(|error| StsError::plain(StsCode::MalformedPolicyDocument, error.to_string()))?;
    }
    for policy_arn in managed {
        arn("policyArns.member.arn", policy_arn)?;
        if iam.policy(policy_arn).is_none() {
            let text = format!("The policy {} does not exist.", shown(policy_arn));
            return Err(StsError::plain(StsCode::ValidationError, text));
        }
    }
    let characters =
        inline.map_or(0, |text| text.chars().count()) + managed.iter().map(|arn| arn.chars().count()).sum::<usize>();
    if characters > POLICY_CHARACTERS_MAX {
        let text = format!(
            "The session policies have {characters} characters together with the ARNs of managed ones; {POLICY_CHARACTERS_MAX} are \
             allowed."
        );
        return Err(StsError::plain(StsCode::PackedPolicyTooLarge, text));
    }
    Ok(SessionPolicies { inline: inline.map(str::to_owned), managed: managed.to_vec() })
}

/// How much of what policies and tags may take together is taken, in percent; `None` where there are none.
pub(crate) fn packed_size(
    policies: &SessionPolicies,
    tags: &BTreeMap<String, String>,
) -> Result<Option<u32>, StsError> {
    if policies.is_empty() && tags.is_empty() {
        return Ok(None);
    }
    let inline = policies.inline.as_ref().map_or(0, String::len);
    let managed: usize = policies.managed.iter().map(String::len).sum();
    let tags: usize = tags.iter().map(|(key, value)| key.len() + value.len() + 2).sum();
    let percent = (inline + managed + tags).saturating_mul(100).div_ceil(PACKED_BYTES_MAX);
    if percent > 100 {
        let text = format!("Packed size of session policies and session tags consumes {percent}% of allotted space.");
        return Err(StsError::plain(StsCode::PackedPolicyTooLarge, text));
    }
    Ok(u32::try_from(percent).ok())
}
