//! The policy simulator: what would be allowed, decided by the function that decides real calls.

mod context;
mod keys;
mod outcome;
mod positions;
mod scenario;
mod source;

use ::sts::Ask;

use self::keys::{GetContextKeysForCustomPolicy, GetContextKeysForPrincipalPolicy};
use self::scenario::Scenario;
use self::source::{PrincipalArn, Sources};
use super::call::{Entry, IamCall, entry};
use super::fields;
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::query::Fields;
use crate::state::AwsState;

pub(super) const OPERATIONS: &[Entry] = &[
    entry::<SimulatePrincipalPolicy>(),
    entry::<SimulateCustomPolicy>(),
    entry::<GetContextKeysForPrincipalPolicy>(),
    entry::<GetContextKeysForCustomPolicy>(),
];

/// What a user, a group or a role may do, by the policies that they have, and more that the client gives.
#[derive(Debug)]
struct SimulatePrincipalPolicy {
    principal: PrincipalArn,
    scenario: Scenario,
}

impl IamCall for SimulatePrincipalPolicy {
    fn read(fields: &mut Fields<'_>, context: &Context<'_>) -> Result<Self, ApiError> {
        let principal = PrincipalArn::read(&fields.required("PolicySourceArn")?, context.state.account())?;
        let input = fields.texts("PolicyInputList", "member")?.unwrap_or_default();
        Ok(Self { principal, scenario: Scenario::read(fields, &input, context.state)? })
    }
}

impl Operation for SimulatePrincipalPolicy {
    const NAME: &'static str = "SimulatePrincipalPolicy";

    fn resource(&self, _: &AwsState) -> String {
        self.principal.arn.clone()
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        vec![self.principal.target(state).ask(Self::NAME)]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let Self { principal, scenario } = self;
        scenario.answer(context.state, Some(&principal)).await
    }
}

/// What policies that the client gives would allow.
#[derive(Debug)]
struct SimulateCustomPolicy(Scenario);

impl IamCall for SimulateCustomPolicy {
    fn read(fields: &mut Fields<'_>, context: &Context<'_>) -> Result<Self, ApiError> {
        let input = fields::required_texts(fields, "PolicyInputList")?;
        Scenario::read(fields, &input, context.state).map(Self)
    }
}

impl Operation for SimulateCustomPolicy {
    const NAME: &'static str = "SimulateCustomPolicy";

    fn resource(&self, _: &AwsState) -> String {
        "*".to_owned()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        self.0.answer(context.state, None).await
    }
}

/// The policies of a user, a group or a role, with those of a user's groups.
fn sources_of(state: &AwsState, principal: &PrincipalArn) -> Result<Sources, ApiError> {
    Sources::of(&state.iam, principal)
}
