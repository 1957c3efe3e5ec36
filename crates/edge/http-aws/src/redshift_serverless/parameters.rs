//! What becomes of each parameter of the operations that make and change namespaces and workgroups, as `redshift::parameters`.

#[cfg(test)]
mod tests;

use base::ErrorKind;
use serde::Deserialize;
use serde_json::Value;

use crate::error::ApiError;
use crate::protocol::json::Fields;
use crate::redshift::parameters::Stance::{CarriedOut, Empty, Fact, Refused};
use crate::redshift::parameters::{Decision, decide};

const NO_VPC: &str = "this server has no VPC; who can reach it is decided by the address of its SQL listener (`--sql`) and by publiclyAccessible";
const NO_SECRETS: &str = "this server has no Secrets Manager; give adminUserPassword";
const NO_KEYS: &str = "this server doesn't encrypt its files; put the data directory on an encrypted disk";
const NO_LOGS: &str = "logs aren't exported; who did what is in the audit trail (cloudtrail LookupEvents)";
const NO_CAPACITY: &str = "capacity isn't metered: a workgroup has what the machine of this server has; leave it out";
const NO_EXTRA: &str = "no compute is set apart for optimisation";
const NO_TRACK: &str = "the server is upgraded when its operator installs another version; leave it out";
const NO_SNAPSHOTS: &str = "this server makes no snapshots; copy the data first if you need it, then leave it out: the data is deleted for good";
const NEVER: &[&str] = &["false"];

/// CreateNamespace (Redshift Serverless API), in the order of its model.
pub(super) const CREATE_NAMESPACE: &[Decision] = &[
    ("adminPasswordSecretKmsKeyId", Refused(NO_SECRETS)),
    ("adminUserPassword", CarriedOut),
    ("adminUsername", CarriedOut),
    ("dbName", CarriedOut),
    ("defaultIamRoleArn", CarriedOut),
    ("iamRoles", CarriedOut),
    ("kmsKeyId", Refused(NO_KEYS)),
    ("logExports", Empty(NO_LOGS)),
    ("manageAdminPassword", Fact(NEVER, NO_SECRETS)),
    ("namespaceName", CarriedOut),
    ("redshiftIdcApplicationArn", CarriedOut),
    ("tags", CarriedOut),
];

/// UpdateNamespace (Redshift Serverless API), in the order of its model.
pub(super) const UPDATE_NAMESPACE: &[Decision] = &[
    ("adminPasswordSecretKmsKeyId", Refused(NO_SECRETS)),
    ("adminUserPassword", CarriedOut),
    // Compared with the namespace's own.
    ("adminUsername", CarriedOut),
    ("defaultIamRoleArn", CarriedOut),
    ("iamRoles", CarriedOut),
    ("kmsKeyId", Refused(NO_KEYS)),
    ("logDestinationType", Refused(NO_LOGS)),
    ("logExports", Empty(NO_LOGS)),
    ("manageAdminPassword", Fact(NEVER, NO_SECRETS)),
    ("namespaceName", CarriedOut),
    ("s3TableAction", Refused(NO_LOGS)),
    ("s3TableGranularity", Refused(NO_LOGS)),
    ("s3TableKmsKeyId", Refused(NO_LOGS)),
    ("s3TableNames", Empty(NO_LOGS)),
];

/// DeleteNamespace (Redshift Serverless API).
pub(super) const DELETE_NAMESPACE: &[Decision] = &[
    ("finalSnapshotName", Refused(NO_SNAPSHOTS)),
    ("finalSnapshotRetentionPeriod", Refused(NO_SNAPSHOTS)),
    ("namespaceName", CarriedOut),
];

/// CreateWorkgroup and UpdateWorkgroup (Redshift Serverless API), in the order of the model. UpdateWorkgroup has no `namespaceName`
/// and no `tags`.
pub(super) const WORKGROUP: &[Decision] = &[
    ("baseCapacity", Refused(NO_CAPACITY)),
    // Each must be what every session begins with.
    ("configParameters", CarriedOut),
    ("enhancedVpcRouting", Fact(NEVER, NO_VPC)),
    ("extraComputeForAutomaticOptimization", Fact(NEVER, NO_EXTRA)),
    ("ipAddressType", Fact(&["ipv4"], NO_VPC)),
    ("maxCapacity", Refused(NO_CAPACITY)),
    ("namespaceName", CarriedOut),
    ("port", CarriedOut),
    // It may be DISABLED.
    ("pricePerformanceTarget", CarriedOut),
    // `control::reach`
    ("publiclyAccessible", CarriedOut),
    ("securityGroupIds", Empty(NO_VPC)),
    ("subnetIds", Empty(NO_VPC)),
    ("tags", CarriedOut),
    ("trackName", Fact(&["current"], NO_TRACK)),
    ("workgroupName", CarriedOut),
];

/// The `configParameters` that say what is true of every session of this server, and what they say.
pub(super) const CONFIG: [(&str, &str); 7] = [
    ("auto_mv", "false"),
    ("datestyle", "ISO, MDY"),
    ("enable_case_sensitive_identifier", "false"),
    ("enable_user_activity_logging", "true"),
    ("require_ssl", "false"),
    ("search_path", "$user, public"),
    ("use_fips_ssl", "false"),
];

/// Takes the parameters that aren't carried out, and refuses those that would change something.
///
/// # Errors
/// `ValidationException`, by the parameter's name.
pub(super) fn settle(fields: &mut Fields, decisions: &[Decision]) -> Result<(), ApiError> {
    for (parameter, stance) in decisions {
        if *stance == CarriedOut {
            continue;
        }
        let said = match fields.optional::<Value>(parameter)? {
            None => Vec::new(),
            Some(Value::String(text)) => vec![text],
            Some(Value::Array(items)) => items.iter().map(Value::to_string).collect(),
            Some(other) => vec![other.to_string()],
        };
        decide(*stance, &said).map_err(|sentence| refusal(fields.operation(), parameter, &sentence))?;
    }
    Ok(())
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ConfigParameter {
    parameter_key: String,
    parameter_value: String,
}

/// `configParameters`: session parameters for everybody aren't carried out, so each must say what is true anyway.
pub(super) fn settle_config(fields: &mut Fields) -> Result<(), ApiError> {
    for given in fields.optional::<Vec<ConfigParameter>>("configParameters")?.unwrap_or_default() {
        let key = given.parameter_key.to_ascii_lowercase();
        let sentence = match CONFIG.into_iter().find(|(name, _)| *name == key) {
            Some((_, value)) if value.eq_ignore_ascii_case(&given.parameter_value) => continue,
            Some((name, value)) => format!("{name} can only be {value:?}; set it in the session with SET"),
            None => format!("{key:?} isn't carried out; set it in the session with SET, or leave it out"),
        };
        return Err(refusal(fields.operation(), "configParameters", &sentence));
    }
    Ok(())
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PricePerformanceTarget {
    status: Option<String>,
    level: Option<u8>,
}

/// `pricePerformanceTarget`: there is none.
pub(super) fn settle_target(fields: &mut Fields) -> Result<(), ApiError> {
    const PARAMETER: &str = "pricePerformanceTarget";
    match fields.optional::<PricePerformanceTarget>(PARAMETER)? {
        None => Ok(()),
        Some(PricePerformanceTarget { status: Some(status), level: None }) if status == "DISABLED" => Ok(()),
        Some(_) => {
            let sentence = format!("its status can only be DISABLED, without a level: {NO_CAPACITY}");
            Err(refusal(fields.operation(), PARAMETER, &sentence))
        }
    }
}

fn refusal(operation: &str, parameter: &str, sentence: &str) -> ApiError {
    let message = format!("parameter \"{parameter}\" of {operation} is not supported: {sentence}.");
    let (kind, code) = (ErrorKind::Unsupported, "ValidationException");
    ApiError::Named { kind, status: 400, code, message, members: Vec::new() }
}
