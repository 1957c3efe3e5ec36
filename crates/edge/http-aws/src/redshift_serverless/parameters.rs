//! What becomes of each parameter of the operations that make and change namespaces and workgroups, as `redshift::parameters`.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use base::ErrorKind;
use serde::Deserialize;
use serde_json::Value;

use crate::error::ApiError;
use crate::protocol::json::Fields;
use crate::redshift::parameters::Stance::{CarriedOut, Empty, Fact, Refused};
use crate::redshift::parameters::{Decision, decide};

const NO_ROUTING: &str = "a warehouse of this server opens no connections that could be routed";
const NO_ADDRESS: &str = "the address is the server's (`--sql`)";
const NO_KMS: &str = "this server has no KMS: the password is sealed with the data directory's key; leave it out";
const NO_KEYS: &str = "this server doesn't encrypt its files; put the data directory on an encrypted disk";
const NO_LOGS: &str = "logs aren't exported; who did what is in the audit trail (cloudtrail LookupEvents)";
const NO_CAPACITY: &str = "capacity isn't metered: a workgroup has what the machine of this server has; leave it out";
const NO_EXTRA: &str = "no compute is set apart for optimisation";
const NO_TRACK: &str = "the server is upgraded when its operator installs another version; leave it out";
const NO_SNAPSHOTS: &str = "this server makes snapshots of clusters only, not of namespaces; copy the data first if you need it, then leave it out: the data is \
     deleted for good";
const NEVER: &[&str] = &["false"];

/// CreateNamespace (Redshift Serverless API), in the order of its model.
pub(super) const CREATE_NAMESPACE: &[Decision] = &[
    ("adminPasswordSecretKmsKeyId", Refused(NO_KMS)),
    ("adminUserPassword", CarriedOut),
    ("adminUsername", CarriedOut),
    ("dbName", CarriedOut),
    ("defaultIamRoleArn", CarriedOut),
    ("iamRoles", CarriedOut),
    ("kmsKeyId", Refused(NO_KEYS)),
    ("logExports", Empty(NO_LOGS)),
    ("manageAdminPassword", CarriedOut),
    ("namespaceName", CarriedOut),
    ("redshiftIdcApplicationArn", CarriedOut),
    ("tags", CarriedOut),
];

/// UpdateNamespace (Redshift Serverless API), in the order of its model.
pub(super) const UPDATE_NAMESPACE: &[Decision] = &[
    ("adminPasswordSecretKmsKeyId", Refused(NO_KMS)),
    ("adminUserPassword", CarriedOut),
    // Compared with the namespace's own.
    ("adminUsername", CarriedOut),
    ("defaultIamRoleArn", CarriedOut),
    ("iamRoles", CarriedOut),
    ("kmsKeyId", Refused(NO_KEYS)),
    ("logDestinationType", Refused(NO_LOGS)),
    ("logExports", Empty(NO_LOGS)),
    ("manageAdminPassword", CarriedOut),
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
    ("configParameters", CarriedOut),
    ("enhancedVpcRouting", Fact(NEVER, NO_ROUTING)),
    ("extraComputeForAutomaticOptimization", Fact(NEVER, NO_EXTRA)),
    ("ipAddressType", Fact(&["ipv4"], NO_ADDRESS)),
    ("maxCapacity", Refused(NO_CAPACITY)),
    ("namespaceName", CarriedOut),
    ("port", CarriedOut),
    // It may be DISABLED.
    ("pricePerformanceTarget", CarriedOut),
    // `control::reach`
    ("publiclyAccessible", CarriedOut),
    ("securityGroupIds", CarriedOut),
    ("subnetIds", CarriedOut),
    ("tags", CarriedOut),
    ("trackName", Fact(&["current"], NO_TRACK)),
    ("workgroupName", CarriedOut),
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

/// `configParameters`, by name. The control plane checks them.
pub(super) fn config(fields: &mut Fields) -> Result<BTreeMap<String, String>, ApiError> {
    const PARAMETER: &str = "configParameters";
    let mut read = BTreeMap::new();
    for given in fields.optional::<Vec<ConfigParameter>>(PARAMETER)?.unwrap_or_default() {
        let key = given.parameter_key.to_ascii_lowercase();
        if read.insert(key, given.parameter_value).is_some() {
            let rule = format!("{} is given twice", given.parameter_key);
            return Err(ApiError::InvalidParameter { parameter: PARAMETER, rule });
        }
    }
    Ok(read)
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
