//! Which condition keys policies ask for: what a simulation needs to be given.

use std::collections::BTreeSet;

use ::policy::DocumentKind;
use ::sts::Ask;

use super::source::{PrincipalArn, Source};
use crate::error::ApiError;
use crate::iam::call::IamCall;
use crate::iam::fields;
use crate::iam::write;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::query::Fields;
use crate::state::AwsState;

fn given(list: &[String]) -> Result<Vec<Source>, ApiError> {
    let numbered = list.iter().zip(1_usize..);
    let parsed =
        numbered.map(|(text, number)| Source::given(format!("PolicyInputList.{number}"), text, DocumentKind::Identity));
    parsed.collect()
}

/// The keys of these policies, each once.
fn answer<'a>(sources: impl IntoIterator<Item = &'a Source>) -> Answer {
    let keys: BTreeSet<String> = sources.into_iter().flat_map(|source| source.policy.document.context_keys()).collect();
    write::result(|xml| write::texts(xml, "ContextKeyNames", keys.iter().map(String::as_str)))
}

#[derive(Debug)]
pub(super) struct GetContextKeysForCustomPolicy(Vec<Source>);

impl IamCall for GetContextKeysForCustomPolicy {
    fn read(fields: &mut Fields<'_>, _: &Context<'_>) -> Result<Self, ApiError> {
        given(&fields::required_texts(fields, "PolicyInputList")?).map(Self)
    }
}

impl Operation for GetContextKeysForCustomPolicy {
    const NAME: &'static str = "GetContextKeysForCustomPolicy";

    fn resource(&self, _: &AwsState) -> String {
        "*".to_owned()
    }

    async fn run(self, _: &Context<'_>) -> Result<Answer, ApiError> {
        Ok(answer(&self.0))
    }
}

#[derive(Debug)]
pub(super) struct GetContextKeysForPrincipalPolicy {
    principal: PrincipalArn,
    input: Vec<Source>,
}

impl IamCall for GetContextKeysForPrincipalPolicy {
    fn read(fields: &mut Fields<'_>, context: &Context<'_>) -> Result<Self, ApiError> {
        let principal = PrincipalArn::read(&fields.required("PolicySourceArn")?, context.state.account())?;
        let input = fields.texts("PolicyInputList", "member")?.unwrap_or_default();
        Ok(Self { principal, input: given(&input)? })
    }
}

impl Operation for GetContextKeysForPrincipalPolicy {
    const NAME: &'static str = "GetContextKeysForPrincipalPolicy";

    fn resource(&self, _: &AwsState) -> String {
        self.principal.arn.clone()
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        vec![self.principal.target(state).ask(Self::NAME)]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let sources = super::sources_of(context.state, &self.principal)?;
        Ok(answer(self.input.iter().chain(&sources.identity).chain(sources.boundary.as_ref())))
    }
}
