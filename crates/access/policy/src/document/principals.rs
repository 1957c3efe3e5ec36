//! `Principal` and `NotPrincipal`.

use serde_json::{Map, Value};

use super::DocumentKind;
use super::read::{Read, either, error, only, shown, string, values};
use crate::Effect;
use crate::principal::{PolicyPrincipal, Principals};

/// Identity providers that have a name instead of an ARN.
const PUBLIC_PROVIDERS: [&str; 4] =
    ["accounts.google.com", "www.amazon.com", "graph.facebook.com", "cognito-identity.amazonaws.com"];
const PATH_MAX: usize = 1024;

type Reader = fn(&str) -> Result<PolicyPrincipal, String>;

const READERS: [(&str, Reader); 3] = [("AWS", aws), ("Federated", federated), ("Service", service)];

/// Reads whom a statement is about; `None` where the kind of document has no principals.
pub(super) fn read(
    members: &Map<String, Value>,
    place: &str,
    kind: DocumentKind,
    effect: Effect,
) -> Read<Option<Principals>> {
    let given = either(members, place, "Principal")?;
    let Some((element, negated)) = given else {
        return match kind {
            DocumentKind::Identity => Ok(None),
            DocumentKind::Trust | DocumentKind::Resource => error(place, "the element Principal is missing"),
        };
    };
    let at = format!("{place}.{element}");
    match kind {
        DocumentKind::Identity => {
            return error(at, "Policy document should not specify a principal: it is whom the policy is attached to");
        }
        DocumentKind::Trust if negated => {
            return error(at, "NotPrincipal can't stand in a trust policy; name who may in Principal");
        }
        DocumentKind::Trust | DocumentKind::Resource => {}
    }
    if negated && effect == Effect::Allow {
        return error(at, "NotPrincipal with Effect Allow would allow everybody else; use it with Deny");
    }
    let list = list(members, place, element)?;
    if list.is_empty() { error(at, "it must name somebody") } else { Ok(Some(Principals { negated, list })) }
}

fn list(members: &Map<String, Value>, place: &str, element: &str) -> Read<Vec<PolicyPrincipal>> {
    let at = format!("{place}.{element}");
    let kinds = match members.get(element) {
        Some(Value::String(text)) if text == "*" => return Ok(vec![PolicyPrincipal::Everybody]),
        Some(Value::Object(kinds)) => kinds,
        Some(_) | None => return error(at, "it must be \"*\" or an object of AWS, Federated or Service"),
    };
    if kinds.contains_key("CanonicalUser") {
        return error(
            format!("{at}.CanonicalUser"),
            "canonical users of Amazon S3 are not known here; name an ARN in AWS",
        );
    }
    only(kinds, &at, &["AWS", "Federated", "Service"])?;
    let mut list = Vec::new();
    for (kind, read) in READERS {
        for (value, place) in values(kinds, &at, kind)? {
            list.push(read(string(value, &place)?).or_else(|reason| error(place, reason))?);
        }
    }
    Ok(list)
}

fn aws(text: &str) -> Result<PolicyPrincipal, String> {
    if text == "*" {
        return Ok(PolicyPrincipal::Everybody);
    }
    if is_account(text) {
        return Ok(PolicyPrincipal::Account(text.to_owned()));
    }
    if is_unique_id(text) {
        return Ok(PolicyPrincipal::Id(text.to_owned()));
    }
    by_arn(text).ok_or_else(|| {
        format!(
            "Invalid principal in policy: {} is not one; give \"*\", an account's twelve digits, or the ARN of an account's root, \
             a user, a role or a role session, without wildcards",
            shown(text)
        )
    })
}

fn by_arn(text: &str) -> Option<PolicyPrincipal> {
    let (service, rest) = text.strip_prefix("arn:aws:")?.split_once("::")?;
    let (account, resource) = rest.split_once(':').filter(|(account, _)| is_account(account))?;
    let (kind, path) = resource.split_once('/').unwrap_or((resource, ""));
    let is_path = path.len() <= PATH_MAX && path.split('/').all(is_name);
    match (service, kind) {
        ("iam", "root") if resource == "root" => Some(PolicyPrincipal::Account(account.to_owned())),
        ("iam", "user") if is_path => Some(PolicyPrincipal::User(text.to_owned())),
        ("iam", "role") if is_path => Some(PolicyPrincipal::Role(text.to_owned())),
        ("sts", "assumed-role") if is_path && path.split('/').count() == 2 => {
            Some(PolicyPrincipal::Session(text.to_owned()))
        }
        _ => None,
    }
}

fn federated(text: &str) -> Result<PolicyPrincipal, String> {
    let is_provider = || {
        let (account, resource) = text.strip_prefix("arn:aws:iam::")?.split_once(':')?;
        let (kind, name) = resource.split_once('/')?;
        let legal =
            |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-:".contains(&b));
        let known = match kind {
            "saml-provider" => legal(name) && !name.contains(':'),
            "oidc-provider" => name.split('/').all(legal),
            _ => false,
        };
        (is_account(account) && known).then_some(())
    };
    if PUBLIC_PROVIDERS.contains(&text) || is_provider().is_some() {
        return Ok(PolicyPrincipal::Federated(text.to_owned()));
    }
    Err(format!(
        "Invalid principal in policy: {} is not an identity provider; give the ARN of a SAML or OpenID Connect provider",
        shown(text)
    ))
}

fn service(text: &str) -> Result<PolicyPrincipal, String> {
    let legal = |name: &str| {
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    if text.strip_suffix(".amazonaws.com").is_some_and(|name| name.split('.').all(legal)) {
        return Ok(PolicyPrincipal::Service(text.to_owned()));
    }
    Err(format!(
        "Invalid principal in policy: {} is not a service; give its name in lower case, e.g. redshift.amazonaws.com",
        shown(text)
    ))
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// IAM "Unique identifiers".
fn is_unique_id(text: &str) -> bool {
    (text.starts_with("AIDA") || text.starts_with("AROA"))
        && (16..=128).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// IAM "Quotas, name requirements and character limits".
fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b))
}
