//! In which ways tokens are got for an application.

use base::ErrorKind;
use base::id::ApplicationArn;
use center::{ApplicationGrants, CenterError, GrantType};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::fields::{application, find, invalid, listed, only_page};
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::json::{self, Fields};
use crate::state::AwsState;

const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// `GrantType`, where the model has one more than applications here can have.
fn grant_type(fields: &mut Fields) -> Result<Result<GrantType, &'static str>, ApiError> {
    let name: String = fields.required("GrantType")?;
    match GrantType::from_name(&name) {
        Some(grant) => Ok(Ok(grant)),
        None if name == JWT_BEARER => Ok(Err(JWT_BEARER)),
        None => {
            let rule = "it must be authorization_code, refresh_token, urn:ietf:params:oauth:grant-type:token-exchange or \
                        urn:ietf:params:oauth:grant-type:jwt-bearer";
            Err(invalid("GrantType", rule))
        }
    }
}

/// The member of the union `Grant` that goes with a type.
const fn member(grant: GrantType) -> &'static str {
    match grant {
        GrantType::AuthorizationCode => "AuthorizationCode",
        GrantType::RefreshToken => "RefreshToken",
        GrantType::TokenExchange => "TokenExchange",
    }
}

/// The grant as it is shown, where the application has it.
fn show(grants: &ApplicationGrants, grant: GrantType) -> Option<Value> {
    let content = match grant {
        GrantType::AuthorizationCode => json!({ "RedirectUris": grants.authorization_code.as_ref()? }),
        GrantType::RefreshToken | GrantType::TokenExchange => json!({}),
    };
    grants.has(grant).then(|| json!({ member(grant): content }))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct AuthorizationCode {
    redirect_uris: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Empty {}

#[derive(Debug)]
pub(super) struct PutApplicationGrant {
    application: ApplicationArn,
    grant: GrantType,
    redirect_uris: Vec<String>,
}

impl PutApplicationGrant {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| {
            let application = application(fields)?;
            let grant = grant_type(fields)?.map_err(|name| ApiError::Named {
                kind: ErrorKind::Unsupported,
                status: 400,
                code: "ValidationException",
                message: format!(
                    "The GrantType {name} is not supported by this server, which has no trusted token issuers; use \
                     authorization_code or {}.",
                    GrantType::TokenExchange.name()
                ),
                members: Vec::new(),
            })?;
            Ok(Self { application, grant, redirect_uris: redirect_uris(grant, fields.required("Grant")?)? })
        })
    }
}

/// Reads the union `Grant`: the one member that goes with the type.
fn redirect_uris(grant: GrantType, given: Map<String, Value>) -> Result<Vec<String>, ApiError> {
    let mut given = given.into_iter().filter(|(_, value)| !value.is_null());
    let content = match (given.next(), given.next()) {
        (Some((name, content)), None) if name == member(grant) => content,
        _ => {
            let rule = format!("for {} it has exactly the member {}", grant.name(), member(grant));
            return Err(ApiError::InvalidParameter { parameter: "Grant", rule });
        }
    };
    let read = match grant {
        GrantType::AuthorizationCode => {
            serde_json::from_value::<AuthorizationCode>(content).map(|given| given.redirect_uris)
        }
        GrantType::RefreshToken | GrantType::TokenExchange => {
            serde_json::from_value::<Empty>(content).map(|Empty {}| Vec::new())
        }
    };
    read.map_err(|error| ApiError::InvalidParameter { parameter: "Grant", rule: json::rule_of(&error) })
}

impl Operation for PutApplicationGrant {
    const NAME: &'static str = "PutApplicationGrant";

    fn resource(&self, _: &AwsState) -> String {
        self.application.as_str().to_owned()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        context.state.center.put_grant(&self.application, self.grant, self.redirect_uris).await?;
        Ok(Answer::Json(json!({})))
    }
}

/// The parameters of GetApplicationGrant and DeleteApplicationGrant.
#[derive(Debug)]
struct Named {
    application: ApplicationArn,
    grant: Result<GrantType, &'static str>,
}

impl Named {
    fn read(fields: &mut Fields) -> Result<Self, ApiError> {
        Ok(Self { application: application(fields)?, grant: grant_type(fields)? })
    }

    fn missing(self) -> ApiError {
        let name = self.grant.map_or_else(|name| name, GrantType::name);
        CenterError::SettingNotFound { application: self.application, setting: format!("grant {name}") }.into()
    }
}

#[derive(Debug)]
pub(super) struct GetApplicationGrant(Named);

impl GetApplicationGrant {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| Named::read(fields).map(Self))
    }
}

impl Operation for GetApplicationGrant {
    const NAME: &'static str = "GetApplicationGrant";

    fn resource(&self, _: &AwsState) -> String {
        self.0.application.as_str().to_owned()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let application = find(context.state, &self.0.application)?;
        let shown = self.0.grant.ok().and_then(|grant| show(&application.grants, grant));
        shown.map(|grant| Answer::Json(json!({ "Grant": grant }))).ok_or_else(|| self.0.missing())
    }
}

#[derive(Debug)]
pub(super) struct DeleteApplicationGrant(Named);

impl DeleteApplicationGrant {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| Named::read(fields).map(Self))
    }
}

impl Operation for DeleteApplicationGrant {
    const NAME: &'static str = "DeleteApplicationGrant";

    fn resource(&self, _: &AwsState) -> String {
        self.0.application.as_str().to_owned()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        find(context.state, &self.0.application)?;
        let Ok(grant) = self.0.grant else { return Err(self.0.missing()) };
        context.state.center.delete_grant(&self.0.application, grant).await?;
        Ok(Answer::Json(json!({})))
    }
}

#[derive(Debug)]
pub(super) struct ListApplicationGrants(ApplicationArn);

impl ListApplicationGrants {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| {
            only_page(fields)?;
            application(fields).map(Self)
        })
    }
}

impl Operation for ListApplicationGrants {
    const NAME: &'static str = "ListApplicationGrants";

    fn resource(&self, _: &AwsState) -> String {
        self.0.as_str().to_owned()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let application = find(context.state, &self.0)?;
        let shown = GrantType::ALL
            .into_iter()
            .filter_map(|grant| Some(json!({ "GrantType": grant.name(), "Grant": show(&application.grants, grant)? })));
        Ok(Answer::Json(listed(Self::NAME, "Grants", shown.collect(), None)))
    }
}
