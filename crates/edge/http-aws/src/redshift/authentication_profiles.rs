//! Authentication profiles: connection parameters that drivers fetch by name (`auth_profile`, drivers.md 3.3).

use credentials::AuthenticationProfile;

use super::credentials::refused;
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::query::{Fields, QueryParameters};
use crate::protocol::xml::Xml;
use crate::state::AwsState;

const NAME: &str = "AuthenticationProfileName";
const CONTENT: &str = "AuthenticationProfileContent";

#[derive(Debug)]
struct Given {
    name: String,
    content: String,
}

impl Given {
    fn read(fields: &mut Fields<'_>) -> Result<Self, ApiError> {
        Ok(Self { name: fields.required(NAME)?, content: fields.required(CONTENT)? })
    }

    fn profile(self) -> Result<AuthenticationProfile, ApiError> {
        AuthenticationProfile::new(self.name, self.content).map_err(refused)
    }
}

fn written(profile: &AuthenticationProfile) -> Answer {
    Answer::Xml(Some(Xml::fragment(|xml| write(xml, profile))))
}

fn write(xml: &mut Xml, profile: &AuthenticationProfile) {
    xml.text(NAME, &profile.name);
    xml.text(CONTENT, &profile.content);
}

/// `AuthenticationProfileName`, `AuthenticationProfileContent` (a JSON object) → the same.
#[derive(Debug)]
pub(super) struct CreateAuthenticationProfile(Given);

impl CreateAuthenticationProfile {
    pub(super) fn parse(parameters: QueryParameters) -> Result<Self, ApiError> {
        parameters.parse(Self::NAME, |fields| Given::read(fields).map(Self))
    }
}

impl Operation for CreateAuthenticationProfile {
    const NAME: &'static str = "CreateAuthenticationProfile";

    fn resource(&self, _: &AwsState) -> String {
        "*".to_owned()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let profile = self.0.profile()?;
        context.state.credentials.create_profile(profile.clone()).await.map_err(refused)?;
        Ok(written(&profile))
    }
}

/// As [`CreateAuthenticationProfile`], of one that is there.
#[derive(Debug)]
pub(super) struct ModifyAuthenticationProfile(Given);

impl ModifyAuthenticationProfile {
    pub(super) fn parse(parameters: QueryParameters) -> Result<Self, ApiError> {
        parameters.parse(Self::NAME, |fields| Given::read(fields).map(Self))
    }
}

impl Operation for ModifyAuthenticationProfile {
    const NAME: &'static str = "ModifyAuthenticationProfile";

    fn resource(&self, _: &AwsState) -> String {
        "*".to_owned()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let profile = self.0.profile()?;
        context.state.credentials.modify_profile(profile.clone()).await.map_err(refused)?;
        Ok(written(&profile))
    }
}

/// `AuthenticationProfileName` → the same.
#[derive(Debug)]
pub(super) struct DeleteAuthenticationProfile(String);

impl DeleteAuthenticationProfile {
    pub(super) fn parse(parameters: QueryParameters) -> Result<Self, ApiError> {
        parameters.parse(Self::NAME, |fields| fields.required(NAME).map(Self))
    }
}

impl Operation for DeleteAuthenticationProfile {
    const NAME: &'static str = "DeleteAuthenticationProfile";

    fn resource(&self, _: &AwsState) -> String {
        "*".to_owned()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        context.state.credentials.delete_profile(&self.0).await.map_err(refused)?;
        Ok(Answer::Xml(Some(Xml::fragment(|xml| xml.text(NAME, &self.0)))))
    }
}

/// (`AuthenticationProfileName`) → `AuthenticationProfiles`, at most [`credentials::PROFILES_MAX`].
#[derive(Debug)]
pub(super) struct DescribeAuthenticationProfiles(Option<String>);

impl DescribeAuthenticationProfiles {
    pub(super) fn parse(parameters: QueryParameters) -> Result<Self, ApiError> {
        parameters.parse(Self::NAME, |fields| Ok(Self(fields.optional(NAME))))
    }
}

impl Operation for DescribeAuthenticationProfiles {
    const NAME: &'static str = "DescribeAuthenticationProfiles";

    fn resource(&self, _: &AwsState) -> String {
        "*".to_owned()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let kept = &context.state.credentials;
        let profiles = match self.0 {
            Some(name) => vec![kept.profile(&name).map_err(refused)?],
            None => kept.profiles(),
        };
        Ok(Answer::Xml(Some(Xml::fragment(|xml| {
            xml.element("AuthenticationProfiles", |xml| {
                for profile in &profiles {
                    xml.element("member", |xml| write(xml, profile));
                }
            });
        }))))
    }
}
