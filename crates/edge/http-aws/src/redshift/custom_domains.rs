//! DescribeCustomDomainAssociations. This server has none: drivers ask, and go on with the cluster's identifier (apis.md 1.8).

use base::ErrorKind;

use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::query::QueryParameters;
use crate::protocol::xml::Xml;
use crate::state::AwsState;

/// `CustomDomainName`, `CustomDomainCertificateArn`, `Marker`, `MaxRecords` → `Associations`, empty; with a name or a certificate, that
/// it isn't there.
#[derive(Debug)]
pub(super) struct DescribeCustomDomainAssociations {
    wanted: Option<String>,
}

impl DescribeCustomDomainAssociations {
    pub(super) fn parse(parameters: QueryParameters) -> Result<Self, ApiError> {
        parameters.parse(Self::NAME, |fields| {
            fields.max_records()?;
            if fields.optional("Marker").is_some() {
                let rule = "there is no further page".to_owned();
                return Err(ApiError::InvalidParameter { parameter: "Marker", rule });
            }
            let (name, certificate) =
                (fields.optional("CustomDomainName"), fields.optional("CustomDomainCertificateArn"));
            Ok(Self { wanted: name.or(certificate) })
        })
    }
}

impl Operation for DescribeCustomDomainAssociations {
    const NAME: &'static str = "DescribeCustomDomainAssociations";

    fn resource(&self, _: &AwsState) -> String {
        "*".to_owned()
    }

    async fn run(self, _: &Context<'_>) -> Result<Answer, ApiError> {
        match self.wanted {
            None => Ok(Answer::Xml(Some(Xml::fragment(|xml| xml.element("Associations", |_| {}))))),
            Some(wanted) => Err(ApiError::Named {
                kind: ErrorKind::NotFound,
                status: 404,
                code: "CustomDomainAssociationNotFoundFault",
                message: format!(
                    "No custom domain name is associated for {wanted:?}. Connect with the cluster's identifier and its endpoint."
                ),
                members: Vec::new(),
            }),
        }
    }
}
