//! Every error of this edge, and its name, code and status in AWS's protocols.

use std::fmt;

use base::{ErrorKind, Fault, PublicMessage};
use center::CenterError;
use control::ControlError;
use network::NetworkError;
use sigv4::SigV4Error;
use sts::StsError;

use crate::service::Protocol;

#[derive(Debug, thiserror::Error)]
pub(crate) enum ApiError {
    #[error(transparent)]
    Signature(#[from] SigV4Error),
    #[error("{0}")]
    AccessDenied(Box<Denial>),
    #[error(transparent)]
    Sts(#[from] StsError),
    #[error("the request names no operation")]
    MissingAction,
    #[error("unknown target")]
    UnknownTarget(String),
    #[error("unknown API version")]
    UnknownVersion { operation: String, version: String },
    #[error("operation {operation} is not supported")]
    UnsupportedOperation { operation: String },
    #[error("parameter {parameter} of {operation} is not supported")]
    UnsupportedParameter { operation: &'static str, parameter: String },
    #[error("parameter {parameter} of {operation} is missing")]
    MissingParameter { operation: &'static str, parameter: &'static str },
    #[error("parameter {parameter} is not valid: {rule}")]
    InvalidParameter { parameter: &'static str, rule: String },
    #[error("parameters {one} and {other} exclude each other")]
    ParameterCombination { one: &'static str, other: &'static str },
    #[error("the request can't be read: {0}")]
    Malformed(String),
    #[error("the body is too large")]
    BodyTooLarge,
    /// Something of the identity store. `kind` is `USER`, `GROUP` or `IDENTITY_STORE`.
    #[error("{kind} not found")]
    IdentityNotFound { kind: &'static str, id: Option<String> },
    /// A refusal with a name of its own in the service's model, e.g. `InvalidLookupAttributesException`.
    #[error("{code}: {message}")]
    Named {
        kind: ErrorKind,
        /// In the Query protocol and in HTTP. JSON services answer 400 for every fault of the client's.
        status: u16,
        code: &'static str,
        message: String,
        /// More members of a JSON error, as the model names them (`Reason`, `ResourceId`).
        members: Vec<(&'static str, String)>,
    },
    #[error(transparent)]
    Center(#[from] CenterError),
    #[error(transparent)]
    Control(#[from] ControlError),
    #[error("the audit trail can't be written")]
    AuditUnavailable,
    #[error("the call ended before its answer")]
    Interrupted,
}

/// A call that IAM doesn't allow. `Display` is AWS's sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Denial {
    pub(crate) principal: String,
    pub(crate) action: String,
    pub(crate) resource: String,
    /// `because no identity-based policy allows the redshift:JoinGroup action`
    pub(crate) because: String,
    /// For the administrator: a full sentence.
    pub(crate) mend: String,
    /// EC2: the decision, to be read with DecodeAuthorizationMessage.
    pub(crate) encoded: Option<String>,
}

impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { principal, action, resource, because, .. } = self;
        if let Some(encoded) = &self.encoded {
            return write!(
                f,
                "You are not authorized to perform this operation. User: {principal} is not authorized to perform: {action} on \
                 resource: {resource} {because}. Encoded authorization failure message: {encoded}"
            );
        }
        write!(f, "User: {principal} is not authorized to perform: {action} on resource: {resource} {because}")
    }
}

/// What the client gets to see.
#[derive(Debug)]
pub(crate) struct Shown {
    pub(crate) status: u16,
    pub(crate) code: &'static str,
    pub(crate) message: String,
    /// More members of a JSON error.
    pub(crate) members: Vec<(&'static str, String)>,
}

impl ApiError {
    pub(crate) fn shown(&self, protocol: Protocol) -> Shown {
        let (status, code) = match protocol {
            Protocol::Query => self.query_code(),
            Protocol::Ec2 => self.ec2_code(),
            Protocol::Json => self.json_code(),
        };
        let public = self.public();
        let message =
            [Some(public.message), public.detail, public.hint].into_iter().flatten().collect::<Vec<_>>().join(" ");
        let mut members = Vec::new();
        if let Self::IdentityNotFound { kind, id } = self {
            members.push(("ResourceType", (*kind).to_owned()));
            members.extend(id.clone().map(|id| ("ResourceId", id)));
        }
        if let Self::Named { members: more, .. } = self {
            members.extend(more.iter().cloned());
        }
        if let Self::Control(error) = self {
            members.extend(missing_resource(error).map(|name| ("resourceName", name.to_owned())));
        }
        Shown { status, code, message, members }
    }

    fn query_code(&self) -> (u16, &'static str) {
        match self {
            Self::Signature(error) => (error.http_status(), error.aws_name()),
            Self::AccessDenied(denial) if denial.encoded.is_some() => (403, "UnauthorizedOperation"),
            Self::AccessDenied(_) => (403, "AccessDenied"),
            Self::Sts(error) => (error.status(), error.code()),
            Self::MissingAction => (400, "MissingAction"),
            Self::UnknownTarget(_) | Self::UnknownVersion { .. } => (400, "InvalidAction"),
            Self::UnsupportedOperation { .. } => (400, "UnsupportedOperation"),
            Self::UnsupportedParameter { .. } | Self::InvalidParameter { .. } => (400, "InvalidParameterValue"),
            Self::MissingParameter { .. } => (400, "MissingParameter"),
            Self::ParameterCombination { .. } => (400, "InvalidParameterCombination"),
            Self::Malformed(_) => (400, "MalformedQueryString"),
            Self::BodyTooLarge => (413, "RequestEntityTooLarge"),
            Self::Named { status, code, .. } => (*status, code),
            Self::IdentityNotFound { .. } => (404, "ResourceNotFound"),
            Self::Center(error) => match error {
                CenterError::ApplicationNotFound(_)
                | CenterError::ResourceNotFound(_)
                | CenterError::SettingNotFound { .. }
                | CenterError::PrincipalNotFound(_)
                | CenterError::AssignmentNotFound { .. } => (404, "ResourceNotFound"),
                CenterError::AssignmentExists { .. } | CenterError::ClientTokenReused => (400, "Conflict"),
                CenterError::TooMany { .. } => (400, "LimitExceeded"),
                CenterError::Invalid { .. } => (400, "InvalidParameterValue"),
                CenterError::Store(_) => (503, "ServiceUnavailable"),
            },
            Self::Control(error) => match error {
                ControlError::Invalid { .. } | ControlError::Rejected(_) | ControlError::PortInUse { .. } => {
                    (400, "InvalidParameterValue")
                }
                ControlError::ClusterAlreadyExists(_) => (400, "ClusterAlreadyExists"),
                ControlError::ClusterNotFound(_) => (404, "ClusterNotFound"),
                ControlError::InvalidClusterState { .. } => (400, "InvalidClusterState"),
                ControlError::NamespaceExists(_) | ControlError::WorkgroupExists(_) | ControlError::Conflict(_) => {
                    (400, "Conflict")
                }
                ControlError::RedshiftIdcApplicationAlreadyExists { .. } => {
                    (400, "RedshiftIdcApplicationAlreadyExists")
                }
                ControlError::RedshiftIdcApplicationNotExists(_) => (404, "RedshiftIdcApplicationNotExists"),
                ControlError::Qev2IdcApplicationAlreadyExists { .. } => (400, "Qev2IdcApplicationAlreadyExists"),
                ControlError::Qev2IdcApplicationNotExists(_) => (404, "Qev2IdcApplicationNotExists"),
                ControlError::NamespaceNotFound(_)
                | ControlError::WorkgroupNotFound(_)
                | ControlError::ResourceNotFound(_) => (404, "ResourceNotFoundFault"),
                ControlError::SecretNotFound(_) => (404, "ResourceNotFoundFault"),
                ControlError::ParameterGroup(error) => (not_found_or_bad(error.kind()), error.code()),
                ControlError::Network(error) => network_code(error),
                ControlError::InvalidTag { .. } => (400, "InvalidTagFault"),
                ControlError::TagLimit => (400, "TagLimitExceededFault"),
                ControlError::Quota => (400, "ClusterQuotaExceeded"),
                ControlError::SnapshotAlreadyExists(_) => (400, "ClusterSnapshotAlreadyExists"),
                ControlError::SnapshotNotFound(_) => (404, "ClusterSnapshotNotFound"),
                ControlError::InvalidSnapshotState(_) => (400, "InvalidClusterSnapshotState"),
                ControlError::SnapshotQuota(_) => (400, "ClusterSnapshotQuotaExceeded"),
                ControlError::InvalidRetentionPeriod(_) => (400, "InvalidRetentionPeriodFault"),
                ControlError::NoSpace { .. } => (400, "InsufficientClusterCapacity"),
                ControlError::Center(_) => (400, "DependentServiceUnavailableFault"),
                ControlError::Store(_) | ControlError::Host(_) => (503, "ServiceUnavailable"),
            },
            Self::AuditUnavailable => (503, "ServiceUnavailable"),
            Self::Interrupted => (500, "InternalFailure"),
        }
    }

    /// As [`Self::query_code`], with the names that EC2 has of its own (EC2 "Common client error codes").
    fn ec2_code(&self) -> (u16, &'static str) {
        match self.query_code() {
            (_, "AccessDenied") => (403, "UnauthorizedOperation"),
            (_, "InvalidClientTokenId" | "SignatureDoesNotMatch") => (401, "AuthFailure"),
            (_, "ExpiredToken") => (400, "RequestExpired"),
            _ if matches!(self, Self::UnsupportedParameter { .. }) => (400, "UnknownParameter"),
            code => code,
        }
    }

    fn json_code(&self) -> (u16, &'static str) {
        match self {
            Self::Signature(error) => (error.http_status(), error.aws_json_name()),
            Self::AccessDenied(_) => (400, "AccessDeniedException"),
            Self::Sts(error) => (error.status(), error.code()),
            Self::MissingAction | Self::UnknownTarget(_) | Self::UnknownVersion { .. } => {
                (400, "UnknownOperationException")
            }
            Self::UnsupportedOperation { .. } => (400, "UnsupportedOperationException"),
            Self::UnsupportedParameter { .. }
            | Self::MissingParameter { .. }
            | Self::InvalidParameter { .. }
            | Self::ParameterCombination { .. } => (400, "ValidationException"),
            Self::Malformed(_) => (400, "SerializationException"),
            Self::BodyTooLarge => (413, "RequestEntityTooLargeException"),
            Self::Named { status, code, .. } => (*status, code),
            Self::IdentityNotFound { .. } => (400, "ResourceNotFoundException"),
            Self::Center(error) => match error {
                CenterError::ApplicationNotFound(_)
                | CenterError::ResourceNotFound(_)
                | CenterError::SettingNotFound { .. }
                | CenterError::PrincipalNotFound(_)
                | CenterError::AssignmentNotFound { .. } => (400, "ResourceNotFoundException"),
                CenterError::AssignmentExists { .. } | CenterError::ClientTokenReused => (400, "ConflictException"),
                CenterError::TooMany { .. } => (400, "ServiceQuotaExceededException"),
                CenterError::Invalid { .. } => (400, "ValidationException"),
                CenterError::Store(_) => (503, "ServiceUnavailableException"),
            },
            Self::Control(error) => match error {
                ControlError::Invalid { .. } | ControlError::Rejected(_) | ControlError::InvalidTag { .. } => {
                    (400, "ValidationException")
                }
                ControlError::ClusterNotFound(_)
                | ControlError::NamespaceNotFound(_)
                | ControlError::WorkgroupNotFound(_)
                | ControlError::RedshiftIdcApplicationNotExists(_)
                | ControlError::Qev2IdcApplicationNotExists(_)
                | ControlError::SecretNotFound(_)
                | ControlError::ResourceNotFound(_) => (400, "ResourceNotFoundException"),
                ControlError::ParameterGroup(_) => (400, "ValidationException"),
                ControlError::Network(error) if error.kind() == ErrorKind::Unavailable => {
                    (503, "ServiceUnavailableException")
                }
                ControlError::Network(_) => (400, "ValidationException"),
                ControlError::ClusterAlreadyExists(_)
                | ControlError::InvalidClusterState { .. }
                | ControlError::NamespaceExists(_)
                | ControlError::WorkgroupExists(_)
                | ControlError::Conflict(_)
                | ControlError::RedshiftIdcApplicationAlreadyExists { .. }
                | ControlError::Qev2IdcApplicationAlreadyExists { .. }
                | ControlError::PortInUse { .. } => (400, "ConflictException"),
                ControlError::TagLimit => (400, "TooManyTagsException"),
                ControlError::SnapshotNotFound(_) => (400, "ResourceNotFoundException"),
                ControlError::SnapshotAlreadyExists(_) | ControlError::InvalidSnapshotState(_) => {
                    (400, "ConflictException")
                }
                ControlError::InvalidRetentionPeriod(_) => (400, "ValidationException"),
                ControlError::Quota | ControlError::SnapshotQuota(_) => (400, "ServiceQuotaExceededException"),
                ControlError::NoSpace { .. } => (400, "InsufficientCapacityException"),
                ControlError::Center(_) | ControlError::Store(_) | ControlError::Host(_) => {
                    (503, "ServiceUnavailableException")
                }
            },
            Self::AuditUnavailable => (503, "ServiceUnavailableException"),
            Self::Interrupted => (500, "InternalServerException"),
        }
    }
}

const fn not_found_or_bad(kind: ErrorKind) -> u16 {
    if matches!(kind, ErrorKind::NotFound) { 404 } else { 400 }
}

/// What of the networks a cluster can't have, by Redshift's names (CreateCluster).
fn network_code(error: &NetworkError) -> (u16, &'static str) {
    if matches!(error, NetworkError::GroupNotFound(_)) {
        return (404, "ClusterSecurityGroupNotFound");
    }
    if matches!(error, NetworkError::OtherNetwork) {
        return (400, "InvalidVPCNetworkStateFault");
    }
    if matches!(error, NetworkError::SubnetNotFound(_)) {
        return (400, "InvalidSubnet");
    }
    (error.status(), error.code())
}

/// `resourceName` of Redshift Serverless's `ResourceNotFoundException`.
fn missing_resource(error: &ControlError) -> Option<&str> {
    match error {
        ControlError::NamespaceNotFound(name) => Some(name.as_str()),
        ControlError::WorkgroupNotFound(name) => Some(name.as_str()),
        ControlError::ResourceNotFound(arn) => Some(arn),
        ControlError::Invalid { .. }
        | ControlError::Rejected(_)
        | ControlError::ClusterAlreadyExists(_)
        | ControlError::ClusterNotFound(_)
        | ControlError::InvalidClusterState { .. }
        | ControlError::NamespaceExists(_)
        | ControlError::WorkgroupExists(_)
        | ControlError::Conflict(_)
        | ControlError::RedshiftIdcApplicationAlreadyExists { .. }
        | ControlError::RedshiftIdcApplicationNotExists(_)
        | ControlError::Qev2IdcApplicationAlreadyExists { .. }
        | ControlError::Qev2IdcApplicationNotExists(_)
        | ControlError::InvalidTag { .. }
        | ControlError::TagLimit
        | ControlError::PortInUse { .. }
        | ControlError::Quota
        | ControlError::SnapshotAlreadyExists(_)
        | ControlError::SnapshotNotFound(_)
        | ControlError::InvalidSnapshotState(_)
        | ControlError::SnapshotQuota(_)
        | ControlError::InvalidRetentionPeriod(_)
        | ControlError::NoSpace { .. }
        | ControlError::ParameterGroup(_)
        | ControlError::Network(_)
        | ControlError::SecretNotFound(_)
        | ControlError::Center(_)
        | ControlError::Store(_)
        | ControlError::Host(_) => None,
    }
}

impl Fault for ApiError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Signature(error) => error.kind(),
            Self::AccessDenied(_) => ErrorKind::Denied,
            Self::Sts(error) => error.kind(),
            Self::UnsupportedOperation { .. } | Self::UnsupportedParameter { .. } => ErrorKind::Unsupported,
            Self::MissingAction
            | Self::UnknownTarget(_)
            | Self::UnknownVersion { .. }
            | Self::MissingParameter { .. }
            | Self::InvalidParameter { .. }
            | Self::ParameterCombination { .. }
            | Self::Malformed(_) => ErrorKind::InvalidInput,
            Self::BodyTooLarge => ErrorKind::LimitExceeded,
            Self::Named { kind, .. } => *kind,
            Self::IdentityNotFound { .. } => ErrorKind::NotFound,
            Self::Center(error) => error.kind(),
            Self::Control(error) => error.kind(),
            Self::AuditUnavailable => ErrorKind::Unavailable,
            Self::Interrupted => ErrorKind::Internal,
        }
    }

    fn public(&self) -> PublicMessage {
        PublicMessage::new(match self {
            Self::Signature(error) => return error.public(),
            Self::Center(error) => return error.public(),
            Self::Control(error) => return error.public(),
            Self::AccessDenied(denial) => denial.to_string(),
            Self::Sts(error) => return error.public(),
            Self::MissingAction => "The request names no operation: it needs Action and Version, or X-Amz-Target.".to_owned(),
            Self::UnknownTarget(target) => format!(
                "No service of this server has the target {target}. It has SWBExternalService (sso-admin) and \
                 AWSIdentityStore (identitystore)."
            ),
            Self::UnknownVersion { operation, version } => format!(
                "Could not find operation {operation} for version {version}. This server has 2011-06-15 (sts) and 2012-12-01 \
                 (redshift)."
            ),
            Self::UnsupportedOperation { operation } => format!("The operation {operation} is not supported by this server."),
            Self::UnsupportedParameter { operation, parameter } => {
                format!("parameter \"{parameter}\" of {operation} is not supported by this server; leave it out.")
            }
            Self::MissingParameter { operation, parameter } => format!("{operation} requires the parameter {parameter}."),
            Self::InvalidParameter { parameter, rule } => format!("{parameter} is not valid: {rule}."),
            Self::ParameterCombination { one, other } => format!("Give either {one} or {other}, not both."),
            Self::Malformed(message) | Self::Named { message, .. } => message.clone(),
            Self::BodyTooLarge => format!("The request body is larger than {} bytes.", crate::BODY_BYTES_MAX),
            Self::IdentityNotFound { kind, id: _ } => format!("{kind} not found."),
            Self::AuditUnavailable => {
                "The call can't be recorded in the audit trail, so its answer is withheld. Try again when the server's disk is \
                 writable."
                    .to_owned()
            }
            Self::Interrupted => "The call ended before its answer; the server's log says why.".to_owned(),
        })
    }
}
