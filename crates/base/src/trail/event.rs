//! Which records are events of CloudTrail, and what each is called there.

use super::TrailRecord;
use crate::{AuditEvent, AuditStep, Principal};

/// Who pushes over SCIM, as AWS records it.
const SCIM_SOURCE: &str = "identitystore-scim.amazonaws.com";
const SIGN_IN_SOURCE: &str = "signin.amazonaws.com";
const OAUTH_SOURCE: &str = "sso-oauth.amazonaws.com";
/// Verbs of operations that change nothing.
const READING: [&str; 8] = ["Describe", "Explain", "Get", "List", "Is", "Lookup", "Search", "ServiceProviderConfig"];

/// What an event is found by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventKeys {
    /// A UUID made of the record's hash.
    pub id: String,
    pub name: String,
    /// `<service>.amazonaws.com`
    pub source: String,
    pub read_only: bool,
    pub user_name: Option<String>,
    pub access_key: Option<String>,
    /// Type (`AWS::Redshift::Cluster`) and name.
    pub resources: Vec<(String, String)>,
}

impl EventKeys {
    /// Whether [`Self::of`] finds any, before a record is made: most records are statements, which CloudTrail has no events for.
    #[must_use]
    pub fn exist_for(event: &AuditEvent) -> bool {
        source_and_name(event.step, &event.action).is_some()
    }

    /// `None` for records that CloudTrail has no events for: connections, statements and the ends of sessions.
    #[must_use]
    pub fn of(record: &TrailRecord) -> Option<Self> {
        let (source, name) = source_and_name(AuditStep::from_name(&record.step)?, &record.action)?;
        Some(Self {
            id: event_id(&record.hash),
            read_only: READING.iter().any(|verb| name.starts_with(verb)),
            user_name: user_name(&record.principal),
            access_key: record.field("access_key_id").map(str::to_owned),
            resources: resources(record),
            source,
            name,
        })
    }
}

fn source_and_name(step: AuditStep, action: &str) -> Option<(String, String)> {
    let named = |source: &str, name: &str| Some((source.to_owned(), name.to_owned()));
    match step {
        AuditStep::ApiCall => {
            let (service, operation) = action.split_once(':')?;
            named(&format!("{service}.amazonaws.com"), operation)
        }
        AuditStep::ScimRequest => named(SCIM_SOURCE, &scim_name(action)),
        AuditStep::SignIn => named(SIGN_IN_SOURCE, "UserAuthentication"),
        AuditStep::ClientRegistration => named(OAUTH_SOURCE, "RegisterClient"),
        AuditStep::Authorization => named(OAUTH_SOURCE, "Authorize"),
        AuditStep::Token => named(OAUTH_SOURCE, "CreateToken"),
        // `idp:CreatePerson` is the built-in identity provider's
        AuditStep::Administration => named("gatehouse.amazonaws.com", action.strip_prefix("idp:").unwrap_or(action)),
        AuditStep::Connection | AuditStep::Statement | AuditStep::SessionEnd => None,
    }
}

/// `PATCH …/Users/ID` is PatchUser, as AWS's list of supported operations calls it.
fn scim_name(action: &str) -> String {
    let (method, path) = action.split_once(' ').unwrap_or((action, ""));
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let is_kind = |segment: &&&str| {
        ["Users", "Groups", "Schemas", "ResourceTypes", "ServiceProviderConfig", "Bulk", "Me", ".search"]
            .contains(*segment)
    };
    let Some(kind) = segments.iter().find(is_kind) else { return "Unknown".to_owned() };
    let one = segments.last().is_some_and(|last| last != kind);
    let (singular, plural) = match *kind {
        "Users" => ("User", "Users"),
        "Groups" => ("Group", "Groups"),
        "Schemas" => ("Schema", "Schemas"),
        "ResourceTypes" => ("ResourceType", "ResourceTypes"),
        ".search" => return "Search".to_owned(),
        other => return other.to_owned(),
    };
    match (method, one) {
        ("POST", true) => format!("Search{plural}"),
        ("POST", false) => format!("Create{singular}"),
        ("PUT", _) => format!("Put{singular}"),
        ("PATCH", _) => format!("Patch{singular}"),
        ("DELETE", _) => format!("Delete{singular}"),
        (_, true) => format!("Get{singular}"),
        (_, false) => format!("List{plural}"),
    }
}

/// The first 128 bits of the hash, marked as a UUID of its own kind (version 8, RFC 9562 5.8).
fn event_id(hash: &str) -> String {
    let mut bytes = [0_u8; 16];
    let decoded = hex::decode(hash).unwrap_or_default();
    for (place, byte) in bytes.iter_mut().zip(decoded) {
        *place = byte;
    }
    uuid::Builder::from_custom_bytes(bytes).into_uuid().to_string()
}

fn user_name(principal: &str) -> Option<String> {
    if let Some(person) = Principal::recorded_person(principal) {
        return Some(person.user_name.to_owned());
    }
    if let Some(token) = principal.strip_prefix("scim-token:") {
        return Some(token.to_owned());
    }
    if principal.starts_with("arn:aws:iam::") && principal.ends_with(":root") {
        return Some("root".to_owned());
    }
    // A user's name; of a role's session the session's, as CloudTrail finds it.
    let named = principal.starts_with("arn:aws:iam::") || principal.starts_with("arn:aws:sts::");
    named.then(|| principal.rsplit('/').next().unwrap_or_default().to_owned())
}

fn resources(record: &TrailRecord) -> Vec<(String, String)> {
    let target = record.target.as_str();
    if let Some(arn) = target.strip_prefix("arn:aws:").filter(|_| !target.ends_with('*')) {
        return vec![(arn_type(arn), target.to_owned())];
    }
    match AuditStep::from_name(&record.step) {
        Some(AuditStep::ScimRequest) => scim_resource(record).into_iter().collect(),
        Some(_) | None => Vec::new(),
    }
}

/// The person or group that was made, or that the path names.
fn scim_resource(record: &TrailRecord) -> Option<(String, String)> {
    let mut segments = record.target.split('/').skip_while(|segment| !["Users", "Groups"].contains(segment));
    let kind = if segments.next()? == "Users" { "AWS::IdentityStore::User" } else { "AWS::IdentityStore::Group" };
    let id = record.field("created").or_else(|| segments.next().filter(|id| !id.is_empty() && *id != ".search"))?;
    Some((kind.to_owned(), id.to_owned()))
}

/// `redshift:us-east-1:1:cluster:x` is `AWS::Redshift::Cluster`.
fn arn_type(arn: &str) -> String {
    let mut parts = arn.splitn(5, ':');
    let service = parts.next().unwrap_or_default();
    let resource = parts.nth(2).unwrap_or_default();
    let kind = resource.split([':', '/']).next().unwrap_or_default();
    let service = match service {
        "sso" => "SSO",
        "redshift" => "Redshift",
        "redshift-serverless" => "RedshiftServerless",
        "identitystore" => "IdentityStore",
        "organizations" => "Organizations",
        "iam" => "IAM",
        other => other,
    };
    let kind = match kind {
        "identitystore" => "IdentityStore",
        "redshiftidcapplication" => "IdcApplication",
        "qev2idcapplication" => "Qev2IdcApplication",
        other => return format!("AWS::{service}::{}", capitalised(other)),
    };
    format!("AWS::{service}::{kind}")
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
