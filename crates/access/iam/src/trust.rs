//! Whom a trust policy names: they exist, and stay who they are.
//!
//! While a user or a role lives, its ARN stands in the policy; when it is deleted, its id takes the ARN's place, as with AWS. An id is
//! never given out again, so that whoever is made anew under the name isn't trusted.

use serde_json::Value;

use crate::{Entity, IamError};

/// What trust policies may name, by the state of the moment.
pub(crate) trait Principals {
    fn account(&self) -> &str;
    /// The user or role of an ARN.
    fn by_arn(&self, arn: &str) -> Option<Entity>;
    /// The ARN of the user or role with this id.
    fn arn_of(&self, id: &str) -> Option<String>;
    fn role_named(&self, name: &str) -> Option<Entity>;
    /// Whether a SAML or OpenID Connect provider has this ARN.
    fn has_provider(&self, arn: &str) -> bool;
}

/// One principal's text as a policy has it.
struct Named<'a> {
    /// `AWS`, `Federated`, `Service`, `CanonicalUser`.
    kind: &'a str,
    text: &'a mut String,
}

/// Does `visit` to every principal of a document.
fn each(document: &mut Value, visit: &mut dyn FnMut(Named<'_>)) {
    let Some(statements) = document.get_mut("Statement") else { return };
    if let Value::Array(statements) = statements {
        statements.iter_mut().for_each(|statement| of_statement(statement, visit));
    } else {
        of_statement(statements, visit);
    }
}

fn of_statement(statement: &mut Value, visit: &mut dyn FnMut(Named<'_>)) {
    for member in ["Principal", "NotPrincipal"] {
        let Some(Value::Object(kinds)) = statement.get_mut(member) else { continue };
        for (kind, texts) in kinds {
            match texts {
                Value::String(text) => visit(Named { kind, text }),
                Value::Array(texts) => {
                    for text in texts {
                        if let Value::String(text) = text {
                            visit(Named { kind, text });
                        }
                    }
                }
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => {}
            }
        }
    }
}

fn parsed(text: &str) -> Result<Value, IamError> {
    serde_json::from_str(text).map_err(|error| IamError::MalformedPolicyDocument(error.to_string()))
}

/// Whether everybody whom a trust policy names is there, and the text to keep: ids of the living become their ARNs.
///
/// # Errors
/// [`IamError::MalformedPolicyDocument`] with the first who isn't.
pub(crate) fn check(text: &str, principals: &impl Principals) -> Result<String, IamError> {
    let mut document = parsed(text)?;
    let mut unknown = None;
    let mut changed = false;
    each(&mut document, &mut |named| match known(&named, principals) {
        Known::Yes => {}
        Known::As(arn) => {
            *named.text = arn;
            changed = true;
        }
        Known::No(hint) => {
            let kind = if named.kind == "AWS" { "AWS".to_owned() } else { named.kind.to_uppercase() };
            unknown
                .get_or_insert_with(|| format!("Invalid principal in policy: \"{kind}\":\"{}\". {hint}", named.text));
        }
    });
    match unknown {
        Some(message) => Err(IamError::MalformedPolicyDocument(message)),
        None if changed => Ok(document.to_string()),
        None => Ok(text.to_owned()),
    }
}

enum Known {
    Yes,
    /// By another name, which is the one to keep.
    As(String),
    /// What to do about it.
    No(&'static str),
}

fn known(named: &Named<'_>, principals: &impl Principals) -> Known {
    let text = named.text.as_str();
    match named.kind {
        "AWS" => aws(text, principals),
        "Federated" if text.starts_with("arn:") => {
            if principals.has_provider(text) {
                Known::Yes
            } else {
                Known::No("Make the SAML or OpenID Connect provider first; ListSAMLProviders tells the ARNs.")
            }
        }
        "Federated" if is_domain(text) => Known::Yes,
        "Federated" => Known::No("Federated principals are ARNs of SAML or OpenID Connect providers, or domain names."),
        "Service" if text.ends_with(".amazonaws.com") && is_domain(text) => Known::Yes,
        "Service" => Known::No("A service's name ends in .amazonaws.com, e.g. redshift.amazonaws.com."),
        _ => Known::No("A trust policy names AWS, Federated or Service principals."),
    }
}

fn aws(text: &str, principals: &impl Principals) -> Known {
    let account = principals.account();
    if text == "*" || text == account || text == format!("arn:aws:iam::{account}:root") {
        return Known::Yes;
    }
    if text.starts_with("AIDA") || text.starts_with("AROA") {
        return principals.arn_of(text).map_or(Known::No("Nobody has this id (any more)."), Known::As);
    }
    let lives = match session_role(text, account) {
        Some(role) => principals.role_named(role).is_some(),
        None => principals.by_arn(text).is_some(),
    };
    if lives {
        return Known::Yes;
    }
    Known::No("Make the user or role first; principals of other accounts don't exist here.")
}

/// The role's name in the ARN of one of its sessions.
fn session_role<'a>(arn: &'a str, account: &str) -> Option<&'a str> {
    let rest = arn.strip_prefix("arn:aws:sts::")?.strip_prefix(account)?.strip_prefix(":assumed-role/")?;
    let (role, session) = rest.split_once('/')?;
    (!role.is_empty() && !session.is_empty()).then_some(role)
}

fn is_domain(text: &str) -> bool {
    let label =
        |label: &str| !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    text.contains('.') && text.len() <= 255 && text.split('.').all(label)
}

/// The users and roles that a document names by ARN.
pub(crate) fn named(text: &str, principals: &impl Principals) -> Vec<Entity> {
    let mut entities = Vec::new();
    let Ok(mut document) = parsed(text) else { return entities };
    each(&mut document, &mut |named| {
        let entity = match session_role(named.text, principals.account()) {
            Some(role) => principals.role_named(role),
            None => principals.by_arn(named.text),
        };
        entities.extend(entity);
    });
    entities.sort();
    entities.dedup();
    entities
}

/// The document with another text in place of every principal that is this user or role (a role's sessions too).
///
/// # Errors
/// [`IamError::MalformedPolicyDocument`]: never with a document that was checked.
pub(crate) fn renamed(text: &str, entity: &Entity, by: &str, principals: &impl Principals) -> Result<String, IamError> {
    let mut document = parsed(text)?;
    each(&mut document, &mut |named| {
        let is_meant = match session_role(named.text, principals.account()) {
            Some(role) => principals.role_named(role).as_ref() == Some(entity),
            None => principals.by_arn(named.text).as_ref() == Some(entity),
        };
        if is_meant {
            by.clone_into(named.text);
        }
    });
    Ok(document.to_string())
}
