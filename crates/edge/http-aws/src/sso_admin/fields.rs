//! What the operations have in common: ARNs, principals, pages.

use std::sync::Arc;

use base::ErrorKind;
use base::id::{ApplicationArn, InstanceArn};
use center::{Application, AssignedPrincipal, CenterError};
use serde_json::{Value, json};

use crate::error::ApiError;
use crate::protocol::json::{self, Fields};
use crate::state::AwsState;

/// `ApplicationArn`: of the model's shape, whether it names something or not.
pub(super) fn application(fields: &mut Fields) -> Result<ApplicationArn, ApiError> {
    let arn: String = fields.required("ApplicationArn")?;
    check("ApplicationArn", &arn, is_application_arn).map(|()| ApplicationArn::new(arn))
}

/// `InstanceArn`: of the model's shape.
pub(super) fn instance(fields: &mut Fields) -> Result<InstanceArn, ApiError> {
    let arn: String = fields.required("InstanceArn")?;
    check("InstanceArn", &arn, is_instance_arn).map(|()| InstanceArn::new(arn))
}

/// `PrincipalType` and `PrincipalId`.
pub(super) fn principal(fields: &mut Fields) -> Result<AssignedPrincipal, ApiError> {
    let kind: String = fields.required("PrincipalType")?;
    let id: String = fields.required("PrincipalId")?;
    let principal = AssignedPrincipal::from_parts(&kind, &id);
    let principal = principal.ok_or_else(|| invalid("PrincipalType", "it must be USER or GROUP"))?;
    if !is_principal_id(&id) {
        return Err(invalid(
            "PrincipalId",
            "it is the UUID of a user or group; identitystore GetUserId and GetGroupId tell it",
        ));
    }
    Ok(principal)
}

/// `NextToken` of a list that fits every page, so that no token was ever given.
pub(super) fn only_page(fields: &mut Fields) -> Result<(), ApiError> {
    match fields.position()? {
        None => Ok(()),
        Some(_) => Err(json::bad_token()),
    }
}

/// Where a list of applications goes on.
pub(super) fn after_application(fields: &mut Fields) -> Result<Option<ApplicationArn>, ApiError> {
    let Some(position) = fields.position()? else { return Ok(None) };
    if is_application_arn(&position) { Ok(Some(ApplicationArn::new(position))) } else { Err(json::bad_token()) }
}

/// The application that an ARN names.
pub(super) fn find(state: &AwsState, arn: &ApplicationArn) -> Result<Arc<Application>, ApiError> {
    Ok(state.center.application(arn).ok_or_else(|| CenterError::ApplicationNotFound(arn.clone()))?)
}

/// Refuses every instance but the one that there is.
pub(super) fn check_instance(state: &AwsState, arn: &InstanceArn) -> Result<(), ApiError> {
    if *arn == state.center.instance().arn {
        return Ok(());
    }
    Err(CenterError::ResourceNotFound(arn.as_str().to_owned()).into())
}

/// [`check_instance`] for operations whose model knows no ResourceNotFoundException: AWS denies access to what isn't there.
pub(super) fn check_instance_access(state: &AwsState, arn: &InstanceArn) -> Result<(), ApiError> {
    check_instance(state, arn).map_err(|_| ApiError::Named {
        kind: ErrorKind::NotFound,
        status: 400,
        code: "AccessDeniedException",
        message: format!("The instance {arn} doesn't exist in this account; sso-admin ListInstances tells the ARN."),
        members: Vec::new(),
    })
}

pub(super) fn identity_store_arn(state: &AwsState) -> String {
    let instance = state.center.instance();
    format!("arn:aws:identitystore::{}:identitystore/{}", instance.owner_account, instance.identity_store_id)
}

pub(super) fn invalid(parameter: &'static str, rule: &str) -> ApiError {
    ApiError::InvalidParameter { parameter, rule: rule.to_owned() }
}

pub(super) fn conflict(message: String) -> ApiError {
    ApiError::Named { kind: ErrorKind::Conflict, status: 400, code: "ConflictException", message, members: Vec::new() }
}

/// A list with the token of the next page, where there is one.
pub(super) fn listed(operation: &'static str, name: &'static str, items: Vec<Value>, next: Option<&str>) -> Value {
    let mut answer = json!({ name: items });
    add(&mut answer, [("NextToken", next.map(|position| json::next_token(operation, position)))]);
    answer
}

/// Adds the members that have a value.
pub(super) fn add(value: &mut Value, members: impl IntoIterator<Item = (&'static str, Option<String>)>) {
    if let Some(object) = value.as_object_mut() {
        object.extend(members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.into()))));
    }
}

pub(super) fn check(parameter: &'static str, arn: &str, is_right: impl Fn(&str) -> bool) -> Result<(), ApiError> {
    if is_right(arn) { Ok(()) } else { Err(invalid(parameter, "it doesn't have the form of such an ARN")) }
}

/// `arn:aws:sso:::instance/ssoins-<16>`
pub(super) fn is_instance_arn(arn: &str) -> bool {
    of_service(arn).and_then(|rest| rest.strip_prefix("::instance/")).is_some_and(is_instance_id)
}

/// `arn:aws:sso::<account>:application/ssoins-<16>/apl-<16>`
pub(super) fn is_application_arn(arn: &str) -> bool {
    owned(arn, "application/").is_some_and(|(instance, id)| {
        let id =
            id.strip_prefix("apl-").is_some_and(|id| id.len() == 16 && id.bytes().all(|b| b.is_ascii_alphanumeric()));
        id && is_instance_id(instance)
    })
}

/// `arn:aws:sso::aws:applicationProvider/<path>`
pub(super) fn is_provider_arn(arn: &str) -> bool {
    let path = of_service(arn).and_then(|rest| rest.strip_prefix(":aws:applicationProvider/"));
    path.is_some_and(|path| !path.is_empty() && path.bytes().all(|b| b.is_ascii_alphanumeric() || b"-/".contains(&b)))
}

/// What can have tags in the model: instances, permission sets, applications, trusted token issuers.
pub(super) fn is_taggable_arn(arn: &str) -> bool {
    let permission_set = of_service(arn).and_then(|rest| rest.strip_prefix("::permissionSet/"));
    let permission_set = permission_set.and_then(|rest| rest.split_once("/ps-"));
    let issuer =
        owned(arn, "trustedTokenIssuer/").and_then(|(instance, id)| Some((instance, id.strip_prefix("tti-")?)));
    is_instance_arn(arn)
        || is_application_arn(arn)
        || permission_set.is_some_and(|(instance, id)| is_instance_id(instance) && id.len() == 16)
        || issuer.is_some_and(|(instance, id)| is_instance_id(instance) && is_uuid(id))
}

/// What follows `arn:<partition>:sso:`, the region being empty.
fn of_service(arn: &str) -> Option<&str> {
    let (partition, rest) = arn.strip_prefix("arn:aws")?.split_once(':')?;
    let is_word = |word: &str| (1..=5).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_lowercase());
    let words = partition.strip_prefix('-');
    let is_partition = partition.is_empty() || words.is_some_and(|words| words.split('-').all(is_word));
    if is_partition && arn.len() <= 1224 { rest.strip_prefix("sso:") } else { None }
}

/// Instance id and own id of what an account owns.
fn owned<'a>(arn: &'a str, kind: &str) -> Option<(&'a str, &'a str)> {
    let (account, resource) = of_service(arn)?.strip_prefix(':')?.split_once(':')?;
    if is_account(account) { resource.strip_prefix(kind)?.split_once('/') } else { None }
}

pub(super) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_instance_id(id: &str) -> bool {
    let id = id.strip_prefix("ssoins-").or_else(|| id.strip_prefix("ins-"));
    id.is_some_and(|id| id.len() == 16 && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.".contains(&b)))
}

/// A UUID, or one behind ten hexadecimal digits and a hyphen.
fn is_principal_id(id: &str) -> bool {
    let (prefix, uuid) = match id.len() {
        47 => id.split_once('-').unwrap_or_default(),
        _ => ("", id),
    };
    let is_prefix = prefix.is_empty() || prefix.len() == 10;
    is_prefix && prefix.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)) && is_uuid(uuid)
}

fn is_uuid(text: &str) -> bool {
    let groups: Vec<_> = text.split('-').collect();
    let is_hex = |group: &&str| group.bytes().all(|b| b.is_ascii_hexdigit());
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12]) && groups.iter().all(is_hex)
}
