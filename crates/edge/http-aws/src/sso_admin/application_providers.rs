//! Which kinds of applications there are.

use center::{CUSTOM_PROVIDER_ARN, CenterError, REDSHIFT_CONNECT_SCOPE};
use control::{QEV2_PROVIDER_ARN, REDSHIFT_PROVIDER_ARN};
use serde_json::{Map, Value, json};

use super::fields::{check, is_provider_arn, listed};
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::json::{self, Fields};
use crate::state::AwsState;

/// Who makes and deletes the applications of a provider.
#[derive(Debug, Clone, Copy)]
pub(super) enum Owner {
    /// CreateApplication and DeleteApplication.
    Customer,
    /// A service, by operations of its own.
    Service { create: &'static str, delete: &'static str },
}

/// An application provider.
#[derive(Debug)]
pub(super) struct Provider {
    arn: &'static str,
    name: &'static str,
    description: &'static str,
    pub(super) owner: Owner,
    /// The scopes that the provider's applications check, as resource servers, with a title.
    scopes: &'static [(&'static str, &'static str)],
}

/// Ordered by ARN.
const PROVIDERS: [Provider; 3] = [
    Provider {
        arn: CUSTOM_PROVIDER_ARN,
        name: "Custom application",
        description: "An OAuth 2.0 application that its owner manages.",
        owner: Owner::Customer,
        scopes: &[],
    },
    Provider {
        arn: QEV2_PROVIDER_ARN,
        name: "Amazon Redshift query editor v2",
        description: "The query editor, managed by Amazon Redshift.",
        owner: Owner::Service {
            create: "redshift CreateQev2IdcApplication",
            delete: "redshift DeleteQev2IdcApplication",
        },
        scopes: &[],
    },
    Provider {
        arn: REDSHIFT_PROVIDER_ARN,
        name: "Amazon Redshift",
        description: "Warehouses that people sign in to, managed by Amazon Redshift.",
        owner: Owner::Service {
            create: "redshift CreateRedshiftIdcApplication",
            delete: "redshift DeleteRedshiftIdcApplication",
        },
        scopes: &[(REDSHIFT_CONNECT_SCOPE, "Connect to a warehouse and run queries there.")],
    },
];

impl Provider {
    pub(super) fn find(arn: &str) -> Option<&'static Self> {
        PROVIDERS.iter().find(|provider| provider.arn == arn)
    }

    fn show(&self) -> Value {
        let mut shown = json!({
            "ApplicationProviderArn": self.arn,
            "FederationProtocol": "OAUTH",
            "DisplayData": { "DisplayName": self.name, "Description": self.description },
        });
        if let (false, Some(members)) = (self.scopes.is_empty(), shown.as_object_mut()) {
            let scopes =
                self.scopes.iter().map(|(scope, title)| ((*scope).to_owned(), json!({ "DetailedTitle": title })));
            members.insert("ResourceServerConfig".to_owned(), json!({ "Scopes": scopes.collect::<Map<_, _>>() }));
        }
        shown
    }
}

/// `ApplicationProviderArn`: of the model's shape.
pub(super) fn provider(fields: &mut Fields) -> Result<String, ApiError> {
    let parameter = "ApplicationProviderArn";
    let arn: String = fields.required(parameter)?;
    check(parameter, &arn, is_provider_arn).map(|()| arn)
}

#[derive(Debug)]
pub(super) struct ListApplicationProviders {
    after: Option<String>,
    records: usize,
}

impl ListApplicationProviders {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| {
            let after = fields.position()?;
            if after.as_deref().is_some_and(|after| Provider::find(after).is_none()) {
                return Err(json::bad_token());
            }
            Ok(Self { after, records: fields.max_results()? })
        })
    }
}

impl Operation for ListApplicationProviders {
    const NAME: &'static str = "ListApplicationProviders";

    fn resource(&self, _: &AwsState) -> String {
        "*".to_owned()
    }

    async fn run(self, _: &Context<'_>) -> Result<Answer, ApiError> {
        let following = || PROVIDERS.iter().filter(|one| self.after.as_deref().is_none_or(|after| one.arn > after));
        let page: Vec<_> = following().take(self.records).collect();
        let next = page.last().filter(|_| following().count() > page.len()).map(|last| last.arn);
        let shown = page.iter().map(|provider| provider.show()).collect();
        Ok(Answer::Json(listed(Self::NAME, "ApplicationProviders", shown, next)))
    }
}

#[derive(Debug)]
pub(super) struct DescribeApplicationProvider(String);

impl DescribeApplicationProvider {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| provider(fields).map(Self))
    }
}

impl Operation for DescribeApplicationProvider {
    const NAME: &'static str = "DescribeApplicationProvider";

    fn resource(&self, _: &AwsState) -> String {
        self.0.clone()
    }

    async fn run(self, _: &Context<'_>) -> Result<Answer, ApiError> {
        let found = Provider::find(&self.0).ok_or(CenterError::ResourceNotFound(self.0))?;
        Ok(Answer::Json(found.show()))
    }
}
