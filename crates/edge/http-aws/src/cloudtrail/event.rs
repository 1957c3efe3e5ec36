//! A record of the audit trail as CloudTrail shows it (CloudTrail record contents, version 1.11).

use base::{EventKeys, Outcome, Principal, TrailRecord};
use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;

use crate::state::AwsState;

/// What AWS writes in the place of a value that it doesn't show.
const HIDDEN: &str = "HIDDEN_DUE_TO_SECURITY_REASONS";

/// `None` for a record that is no event.
pub(super) fn show(state: &AwsState, record: &TrailRecord) -> Option<Value> {
    let keys = EventKeys::of(record)?;
    let mut shown = json!({
        "EventId": keys.id,
        "EventName": keys.name,
        "ReadOnly": keys.read_only.to_string(),
        "EventTime": record.at.unix_timestamp(),
        "EventSource": keys.source,
        "Resources": keys.resources.iter().map(|(kind, name)| json!({ "ResourceType": kind, "ResourceName": name })).collect::<Vec<_>>(),
        "CloudTrailEvent": detail(state, record, &keys).to_string(),
    });
    if let Some(members) = shown.as_object_mut() {
        members.extend(keys.user_name.map(|name| ("Username".to_owned(), name.into())));
        members.extend(keys.access_key.map(|key| ("AccessKeyId".to_owned(), key.into())));
    }
    Some(shown)
}

fn detail(state: &AwsState, record: &TrailRecord, keys: &EventKeys) -> Value {
    let address = ["source_ip", "client_address", "peer"].iter().find_map(|name| record.field(name));
    let mut event = json!({
        "eventVersion": "1.11",
        "userIdentity": identity(state, record),
        "eventTime": record.at.to_offset(time::UtcOffset::UTC).replace_nanosecond(0).unwrap_or(record.at).format(&Rfc3339).unwrap_or_default(),
        "eventSource": keys.source,
        "eventName": keys.name,
        "awsRegion": state.region(),
        "sourceIPAddress": address.unwrap_or("gatehouse.amazonaws.com"),
        "userAgent": record.field("user_agent").unwrap_or_default(),
        "requestParameters": request(state, record),
        "responseElements": response(record),
        "requestID": record.field("request_id").unwrap_or(&record.correlation),
        "eventID": keys.id,
        "readOnly": keys.read_only,
        "eventType": "AwsApiCall",
        "managementEvent": true,
        "recipientAccountId": state.account(),
        "eventCategory": "Management",
    });
    let Some(members) = event.as_object_mut() else { return event };
    if !keys.resources.is_empty() {
        let resource =
            |(kind, name): &(String, String)| json!({ "accountId": state.account(), "type": kind, "ARN": name });
        members.insert("resources".to_owned(), keys.resources.iter().map(resource).collect());
    }
    if let Some(code) = failure(record) {
        members.insert("errorCode".to_owned(), code.into());
        members.extend(record.field("reason").map(|reason| ("errorMessage".to_owned(), reason.into())));
    }
    event
}

fn identity(state: &AwsState, record: &TrailRecord) -> Value {
    let account = state.account();
    let key = record.field("access_key_id");
    if let Some(person) = Principal::recorded_person(&record.principal) {
        let store =
            format!("arn:aws:identitystore::{account}:identitystore/{}", state.center.instance().identity_store_id);
        return json!({
            "type": "IdentityCenterUser",
            "accountId": account,
            "userName": person.user_name,
            "onBehalfOf": { "userId": person.id, "identityStoreArn": store },
        });
    }
    if let Some(token) = record.principal.strip_prefix("scim-token:") {
        return json!({ "type": "WebIdentityUser", "principalId": token, "accountId": account });
    }
    match record.principal.as_str() {
        "anonymous" => json!({ "type": "Unknown" }),
        "gatehouse" => json!({ "type": "AWSService", "invokedBy": "gatehouse.amazonaws.com" }),
        root if root.ends_with(":root") => {
            json!({ "type": "Root", "principalId": account, "arn": root, "accountId": account, "accessKeyId": key })
        }
        user if user.starts_with("arn:aws:iam::") && user.contains(":user/") => json!({
            "type": "IAMUser",
            "principalId": record.field("principal_id"),
            "arn": user,
            "accountId": account,
            "accessKeyId": key,
            "userName": user.rsplit('/').next(),
        }),
        session if session.starts_with("arn:aws:sts::") => role_session(account, session, record),
        other => json!({ "type": "Unknown", "principalId": other }),
    }
}

/// A session of a role: the role it is of, since when, and who is behind it (CloudTrail "userIdentity"). Of an AssumeRoleWithSAML or
/// -WithWebIdentity it is the session that was made: the caller was the identity provider's.
fn role_session(account: &str, session: &str, record: &TrailRecord) -> Value {
    if let (Some(provider), None) = (record.field("federated_provider"), record.field("access_key_id")) {
        let kind = if provider.contains(":saml-provider/") { "SAMLUser" } else { "WebIdentityUser" };
        let person = record.field("person");
        return json!({ "type": kind, "principalId": person, "identityProvider": provider, "userName": person });
    }
    let role = record.field("role_arn");
    let mut identity = json!({
        "type": "AssumedRole",
        "principalId": record.field("principal_id"),
        "arn": session,
        "accountId": account,
        "accessKeyId": record.field("access_key_id"),
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "principalId": record.field("principal_id").and_then(|id| id.split(':').next()),
                "arn": role,
                "accountId": account,
                "userName": role.and_then(|role| role.rsplit('/').next()),
            },
            "attributes": { "creationDate": record.field("session_issued"), "mfaAuthenticated": "false" },
        },
    });
    let Some(context) = identity.get_mut("sessionContext").and_then(Value::as_object_mut) else { return identity };
    if let Some(source) = record.field("source_identity") {
        context.insert("sourceIdentity".to_owned(), source.into());
    }
    if let Some(provider) = record.field("federated_provider") {
        let federated = json!({ "federatedProvider": provider, "attributes": { "person": record.field("person") } });
        context.insert("webIdFederationData".to_owned(), federated);
    }
    identity
}

/// What was asked for. The bodies of SCIM requests aren't shown: only which attributes changed.
fn request(state: &AwsState, record: &TrailRecord) -> Value {
    if let Some(parameters) = record.field("request_parameters") {
        return serde_json::from_str(parameters).unwrap_or(Value::Null);
    }
    if record.step != base::AuditStep::ScimRequest.name() {
        return Value::Null;
    }
    let mut parameters =
        json!({ "httpBody": HIDDEN, "path": record.target, "tenantId": state.center.instance().identity_store_id });
    if let Some(members) = parameters.as_object_mut() {
        for name in ["changed", "members_added", "members_removed", "members_replaced", "dry_run"] {
            members.extend(record.field(name).map(|value| (name.to_owned(), value.into())));
        }
    }
    parameters
}

fn response(record: &TrailRecord) -> Value {
    record.field("created").map_or(Value::Null, |id| json!({ "id": id }))
}

fn failure(record: &TrailRecord) -> Option<&str> {
    match record.outcome {
        Outcome::Allowed => None,
        Outcome::Denied => Some(record.field("error_code").unwrap_or("AccessDenied")),
        Outcome::Failed => Some(record.field("error_code").or_else(|| record.field("scim_type")).unwrap_or("Failed")),
    }
}
