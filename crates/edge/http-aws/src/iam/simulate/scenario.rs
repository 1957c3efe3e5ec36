//! What is simulated: which actions on which resources, by whom, under which conditions.

use ::policy::{Context as Keys, DocumentKind, NamedPolicy, Policies, Request, evaluate};

use super::context;
use super::outcome::Evaluated;
use super::source::{PrincipalArn, SimulatedCaller, Source, Sources};
use crate::error::ApiError;
use crate::iam::call::{invalid_input, no_such_entity};
use crate::iam::fields::{self, PageRequest};
use crate::iam::write;
use crate::operation::Answer;
use crate::protocol::query::Fields;
use crate::protocol::xml::Xml;
use crate::state::AwsState;

/// What the questions of one page may come to: characters of policies that are looked through. A managed policy of the greatest size is
/// asked a thousand questions within it.
const EFFORT_MAX: usize = 8_000_000;
/// `ActionNameType`, `ResourceNameType`
const ACTION_MAX: usize = 128;
const RESOURCE_MAX: usize = 2048;

/// How many questions stand on one page, which may be fewer than `MaxItems` says (IAM API, SimulateCustomPolicy).
fn questions_of_a_page(items: usize, characters_of_policies: usize) -> usize {
    EFFORT_MAX.checked_div(characters_of_policies).unwrap_or(items).clamp(1, items.max(1))
}

/// Parameters that both simulations have.
#[derive(Debug)]
pub(super) struct Scenario {
    actions: Vec<String>,
    /// `None` where they aren't given: then it is `*`.
    resources: Option<Vec<String>>,
    input: Vec<Source>,
    boundary: Option<Source>,
    resource_policy: Option<Source>,
    /// A user's name.
    caller: Option<String>,
    entries: Keys,
    /// The number of the first result of this page, from 0.
    begin: usize,
    items: usize,
}

impl Scenario {
    pub(super) fn read(fields: &mut Fields<'_>, input: &[String], state: &AwsState) -> Result<Self, ApiError> {
        let actions = fields::required_texts(fields, "ActionNames")?;
        if let Some(wrong) = actions.iter().find(|action| !is_action(action)) {
            return Err(invalid_input(format!(
                "Invalid ActionName: {wrong}. Name one operation of one service, such as iam:CreateUser, without wildcards."
            )));
        }
        let resources = fields.texts("ResourceArns", "member")?.filter(|resources| !resources.is_empty());
        let is_arn =
            |text: &str| text.len() <= RESOURCE_MAX && text.splitn(6, ':').count() == 6 && text.starts_with("arn:");
        let is_resource = |text: &String| text == "*" || is_arn(text);
        if let Some(wrong) = resources.iter().flatten().find(|resource| !is_resource(resource)) {
            return Err(invalid_input(format!(
                "Invalid ResourceArn: {wrong}. Give ARNs, of at most {RESOURCE_MAX} characters, or *."
            )));
        }
        let boundaries = fields.texts("PermissionsBoundaryPolicyInputList", "member")?.unwrap_or_default();
        if boundaries.len() > 1 {
            let message =
                "PermissionsBoundaryPolicyInputList may have one policy: an entity has one boundary at a time.";
            return Err(invalid_input(message.to_owned()));
        }
        owner_is_us(fields.optional("ResourceOwner"), state.account())?;
        let named = |list: &str, number: usize| format!("{list}.{number}");
        let input = input.iter().zip(1_usize..);
        let boundary = boundaries
            .first()
            .map(|text| Source::given(named("PermissionsBoundaryPolicyInputList", 1), text, DocumentKind::Identity));
        let resource_policy = fields.optional("ResourcePolicy");
        let resource_policy =
            resource_policy.map(|text| Source::given("ResourcePolicy".to_owned(), &text, DocumentKind::Resource));
        let mut entries = Keys::new();
        context::read(fields, &mut entries)?;
        let PageRequest { after, items } = PageRequest::read(fields)?;
        let unknown = |_| invalid_input("Marker is not one that this operation gave.".to_owned());
        Ok(Self {
            actions,
            resources,
            input: input
                .map(|(text, number)| Source::given(named("PolicyInputList", number), text, DocumentKind::Identity))
                .collect::<Result<_, _>>()?,
            boundary: boundary.transpose()?,
            resource_policy: resource_policy.transpose()?,
            caller: fields.optional("CallerArn"),
            entries,
            begin: after.map_or(Ok(0), |marker| marker.parse()).map_err(unknown)?,
            items,
        })
    }

    /// Decides what stands on this page: each action with each resource, in the order of the request.
    pub(super) async fn answer(self, state: &AwsState, principal: Option<&PrincipalArn>) -> Result<Answer, ApiError> {
        let Sources { mut identity, boundary } = match principal {
            Some(principal) => super::sources_of(state, principal)?,
            None => Sources::default(),
        };
        identity.extend(self.input);
        let sources = AllSources {
            policies: identity.iter().map(|source| source.policy.clone()).collect(),
            boundary: self.boundary.or(boundary),
            resource: self.resource_policy,
            identity,
        };
        let caller = caller(state, principal, self.caller.as_deref(), sources.resource.is_some())?;
        let mut keys = Keys::new();
        for (key, value) in caller.keys.iter().cloned() {
            keys.set(&key, value);
        }
        for (key, values) in self.entries.iter() {
            keys.set_all(key, values.iter().cloned());
        }
        let given = self.resources.is_some();
        let resources = self.resources.unwrap_or_else(|| vec!["*".to_owned()]);
        let all = self.actions.iter().flat_map(|action| resources.iter().map(move |resource| (action, resource)));
        let items = questions_of_a_page(self.items, sources.characters());
        let mut questions: Vec<_> = all.skip(self.begin).take(items.saturating_add(1)).collect();
        let more = questions.len() > items;
        questions.truncate(items);
        let next = more.then(|| self.begin.saturating_add(items).to_string());
        let policies = Policies {
            identity: &sources.policies,
            boundary: sources.boundary.as_ref().map(|source| &source.policy),
            session: None,
            resource: sources.resource.as_ref().map(|source| &source.policy),
            resource_must_allow: false,
        };
        let mut results = Vec::with_capacity(questions.len());
        for (action, resource) in questions {
            let request = Request { subject: &caller.subject, action, resource, context: &keys };
            let decision = evaluate(&request, &policies);
            let evaluated = Evaluated { action, resource, decision: &decision, sources: &sources, is_given: given };
            results.push(Xml::fragment(|xml| evaluated.write(xml)));
            // A question may be about a megabyte of policies: others' calls come between.
            tokio::task::yield_now().await;
        }
        Ok(write::page("EvaluationResults", &results, next.as_deref(), |xml, result| xml.raw(result)))
    }
}

/// Every policy of a simulation.
#[derive(Debug)]
pub(super) struct AllSources {
    pub(super) identity: Vec<Source>,
    pub(super) boundary: Option<Source>,
    pub(super) resource: Option<Source>,
    /// Those of `identity`, as they are evaluated.
    policies: Vec<NamedPolicy>,
}

impl AllSources {
    fn characters(&self) -> usize {
        let all = self.identity.iter().chain(&self.boundary).chain(&self.resource);
        all.map(|source| source.policy.document.text().len()).sum()
    }
}

/// `service:Operation`, without wildcards.
fn is_action(text: &str) -> bool {
    let is_word = |word: &str| {
        !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    text.len() <= ACTION_MAX
        && text.split_once(':').is_some_and(|(service, operation)| is_word(service) && is_word(operation))
}

/// `ResourceOwner`: whose a resource is whose ARN doesn't say it. Nobody but this account owns anything here.
fn owner_is_us(owner: Option<String>, account: &str) -> Result<(), ApiError> {
    let ours = [account.to_owned(), format!("arn:aws:iam::{account}:root")];
    match owner.filter(|owner| !ours.contains(owner)) {
        None => Ok(()),
        Some(owner) => Err(invalid_input(format!(
            "ResourceOwner {owner} is not this account. Leave it out, or give {account}; for another account's resource put that \
             account into the ResourceArns."
        ))),
    }
}

/// `CallerArn`, else the principal itself.
fn caller(
    state: &AwsState,
    principal: Option<&PrincipalArn>,
    caller: Option<&str>,
    has_resource_policy: bool,
) -> Result<SimulatedCaller, ApiError> {
    if let Some(arn) = caller {
        let is_user = arn.starts_with(&format!("arn:aws:iam::{}:user/", state.account()));
        if !is_user {
            return Err(invalid_input(format!("CallerArn {arn} is not the ARN of a user of this account.")));
        }
        let user = state.iam.user_by_arn(arn);
        let user = user.ok_or_else(|| no_such_entity(format!("The user {arn} of CallerArn cannot be found.")))?;
        return Ok(SimulatedCaller::user(state, &user));
    }
    let is_user = principal.is_some_and(|principal| principal.arn.contains(":user/"));
    if has_resource_policy && !is_user {
        let message = "CallerArn is required: a ResourcePolicy is given, and the policies simulated are not a user's.";
        return Err(invalid_input(message.to_owned()));
    }
    match principal {
        Some(principal) => SimulatedCaller::of(state, principal),
        None => Ok(SimulatedCaller::somebody(state)),
    }
}
