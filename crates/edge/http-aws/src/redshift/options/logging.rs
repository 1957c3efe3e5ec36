//! Audit logging: nothing is exported. Who did what is in the audit trail, and nobody can switch that off.

use base::ErrorKind;
use base::id::ClusterId;
use control::ControlError;

use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::query::{Fields, QueryParameters};
use crate::protocol::xml::Xml;
use crate::state::AwsState;

fn resource(state: &AwsState, id: &ClusterId) -> String {
    state.redshift_arn(&format!("cluster:{id}"))
}

fn identifier(fields: &mut Fields<'_>) -> Result<ClusterId, ApiError> {
    fields.required("ClusterIdentifier").map(ClusterId::new)
}

/// The status of a cluster that is there: not logging.
fn status(state: &AwsState, id: ClusterId) -> Result<Answer, ApiError> {
    state.control.cluster(&id).ok_or(ControlError::ClusterNotFound(id))?;
    Ok(Answer::Xml(Some(Xml::fragment(|xml| xml.text("LoggingEnabled", "false")))))
}

/// DescribeLoggingStatus and DisableLogging, which answer the same: there is nothing to switch off.
#[derive(Debug)]
pub(in crate::redshift) struct LoggingStatus<const DISABLES: bool>(ClusterId);

pub(in crate::redshift) type DescribeLoggingStatus = LoggingStatus<false>;
pub(in crate::redshift) type DisableLogging = LoggingStatus<true>;

impl<const DISABLES: bool> LoggingStatus<DISABLES> {
    pub(in crate::redshift) fn parse(parameters: QueryParameters) -> Result<Self, ApiError> {
        parameters.parse(Self::NAME, |fields| identifier(fields).map(Self))
    }
}

impl<const DISABLES: bool> Operation for LoggingStatus<DISABLES> {
    const NAME: &'static str = if DISABLES { "DisableLogging" } else { "DescribeLoggingStatus" };

    fn resource(&self, state: &AwsState) -> String {
        resource(state, &self.0)
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        status(context.state, self.0)
    }
}

/// Refused: there is nowhere to export to.
#[derive(Debug)]
pub(in crate::redshift) struct EnableLogging {
    id: ClusterId,
    destination: String,
}

impl EnableLogging {
    pub(in crate::redshift) fn parse(parameters: QueryParameters) -> Result<Self, ApiError> {
        parameters.parse(Self::NAME, |fields| {
            for parameter in ["BucketName", "S3KeyPrefix", "LogExports", "S3TableKmsKeyId", "S3TableGranularity"] {
                fields.take_all(parameter);
            }
            let destination = fields.optional("LogDestinationType").unwrap_or_else(|| "s3".to_owned());
            if !["s3", "cloudwatch", "s3table"].contains(&destination.as_str()) {
                let rule = "it must be s3, cloudwatch or s3table".to_owned();
                return Err(ApiError::InvalidParameter { parameter: "LogDestinationType", rule });
            }
            Ok(Self { id: identifier(fields)?, destination })
        })
    }
}

impl Operation for EnableLogging {
    const NAME: &'static str = "EnableLogging";

    fn resource(&self, state: &AwsState) -> String {
        resource(state, &self.id)
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        status(context.state, self.id)?;
        let message = format!(
            "parameter \"LogDestinationType\" of EnableLogging is not supported: this server exports nothing to {}. Every connection and \
             statement is recorded in the audit trail anyway: see cloudtrail LookupEvents and sys_connection_log.",
            self.destination
        );
        let (kind, code) = (ErrorKind::Unsupported, "UnsupportedOperation");
        Err(ApiError::Named { kind, status: 400, code, message, members: Vec::new() })
    }
}
