//! Whose policies are simulated, and what they are called in the answer.

use std::sync::{Arc, OnceLock};

use ::iam::{Iam, IamUser};
use ::policy::{Document, DocumentKind, NamedPolicy, Subject, SubjectKind};

use super::positions::{Placed, statements};
use crate::error::ApiError;
use crate::iam::call::{invalid_input, no_such_entity};
use crate::iam::holders::Held;
use crate::iam::target::Target;
use crate::state::AwsState;

/// The ARN of a user, a group or a role of this account.
#[derive(Debug)]
pub(super) struct PrincipalArn {
    pub(super) arn: String,
    kind: PrincipalKind,
    name: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PrincipalKind {
    User,
    Group,
    Role,
}

impl PrincipalArn {
    pub(super) fn read(arn: &str, account: &str) -> Result<Self, ApiError> {
        let invalid = || {
            invalid_input(format!(
                "Invalid Entity Arn: {arn} does not clearly define entity type and name. Give the ARN of a user, a group or a \
                 role of this account."
            ))
        };
        let resource = arn.strip_prefix(&format!("arn:aws:iam::{account}:")).ok_or_else(invalid)?;
        let (kind, path_and_name) = resource.split_once('/').ok_or_else(invalid)?;
        let kind = match kind {
            "user" => PrincipalKind::User,
            "group" => PrincipalKind::Group,
            "role" => PrincipalKind::Role,
            _ => return Err(invalid()),
        };
        let name = path_and_name.rsplit('/').next().filter(|name| !name.is_empty()).ok_or_else(invalid)?;
        Ok(Self { arn: arn.to_owned(), kind, name: name.to_owned() })
    }

    pub(super) fn target(&self, state: &AwsState) -> Target {
        match self.find(&state.iam) {
            Ok(Held::User(user)) => Target::of_user(&user),
            Ok(Held::Group(group)) => Target::of_group(&group),
            Ok(Held::Role(role)) => Target::of_role(&role),
            Err(_) => Target::plain(self.arn.as_str()),
        }
    }

    /// By the whole ARN: a name with another path is somebody else.
    fn find(&self, iam: &Iam) -> Result<Held, ApiError> {
        let held = match self.kind {
            PrincipalKind::User => iam.user(&self.name).filter(|user| user.arn == self.arn).map(Held::User),
            PrincipalKind::Group => iam.group(&self.name).filter(|group| group.arn == self.arn).map(Held::Group),
            PrincipalKind::Role => iam.role(&self.name).filter(|role| role.arn == self.arn).map(Held::Role),
        };
        held.ok_or_else(|| no_such_entity(format!("The entity {} cannot be found.", self.arn)))
    }
}

/// A policy and what it is called in the answer (IAM API, `Statement`).
#[derive(Debug)]
pub(super) struct Source {
    /// `SourcePolicyId`
    pub(super) id: String,
    /// `SourcePolicyType`
    pub(super) kind: &'static str,
    pub(super) policy: NamedPolicy,
    statements: OnceLock<Vec<Placed>>,
}

impl Source {
    fn new(id: String, kind: &'static str, name: &str, document: Arc<Document>) -> Self {
        Self { id, kind, policy: NamedPolicy { name: name.into(), document }, statements: OnceLock::new() }
    }

    /// Where the statement with this `Sid`, or number from 1, stands.
    pub(super) fn place(&self, statement: &str) -> Option<&Placed> {
        let all = self.statements.get_or_init(|| statements(self.policy.document.text()));
        let by_number = || all.get(statement.parse::<usize>().ok()?.checked_sub(1)?);
        all.iter().find(|placed| placed.sid.as_deref() == Some(statement)).or_else(by_number)
    }

    /// A document that the client gives, with its parameter's name as id.
    pub(super) fn given(id: String, text: &str, kind: DocumentKind) -> Result<Self, ApiError> {
        let source_kind = match kind {
            DocumentKind::Resource => "resource",
            DocumentKind::Identity | DocumentKind::Trust => "none",
        };
        match Document::parse(text, kind) {
            Ok(document) => Ok(Self::new(id.clone(), source_kind, &id, Arc::new(document))),
            Err(error) => Err(invalid_input(format!("{id} is not a policy document: {error}"))),
        }
    }

    fn inline(owner_kind: &'static str, owner: &str, name: &str, document: &Arc<Document>) -> Self {
        let named = format!("inline policy {name:?} of {owner_kind} {owner:?}");
        Self::new(format!("{owner_kind}_{owner}_{name}"), owner_kind, &named, Arc::clone(document))
    }

    fn managed(iam: &Iam, arn: &str) -> Option<Self> {
        let managed = iam.policy(arn)?;
        let document = Arc::clone(managed.document()?);
        let kind = if managed.aws_managed { "aws-managed" } else { "user-managed" };
        Some(Self::new(managed.name.clone(), kind, arn, document))
    }
}

/// Everything that says what a principal may do.
#[derive(Debug, Default)]
pub(super) struct Sources {
    pub(super) identity: Vec<Source>,
    pub(super) boundary: Option<Source>,
}

impl Sources {
    pub(super) fn of(iam: &Iam, principal: &PrincipalArn) -> Result<Self, ApiError> {
        let held = principal.find(iam)?;
        let mut sources = Self::default();
        sources.add(iam, &held);
        let boundary = match &held {
            Held::User(user) => {
                for group in iam.groups_of(&user.id) {
                    sources.add(iam, &Held::Group(group));
                }
                user.boundary.as_deref()
            }
            Held::Role(role) => role.boundary.as_deref(),
            Held::Group(_) => None,
        };
        sources.boundary = boundary.and_then(|arn| Source::managed(iam, arn));
        Ok(sources)
    }

    fn add(&mut self, iam: &Iam, held: &Held) {
        let (kind, owner) = match held {
            Held::User(user) => ("user", &user.name),
            Held::Group(group) => ("group", &group.name),
            Held::Role(role) => ("role", &role.name),
        };
        let inline = held.inline().iter().map(|(name, document)| Source::inline(kind, owner, name, document));
        self.identity.extend(inline);
        self.identity.extend(held.attached().iter().filter_map(|arn| Source::managed(iam, arn)));
    }
}

/// Who makes the simulated call, and what is known of them.
#[derive(Debug)]
pub(super) struct SimulatedCaller {
    pub(super) subject: Subject,
    pub(super) keys: Vec<(String, String)>,
}

impl SimulatedCaller {
    pub(super) fn user(state: &AwsState, user: &IamUser) -> Self {
        let kind = SubjectKind::User { arn: user.arn.clone(), id: user.id.clone() };
        let mut keys = vec![
            ("aws:PrincipalArn".to_owned(), user.arn.clone()),
            ("aws:PrincipalType".to_owned(), "User".to_owned()),
            ("aws:userid".to_owned(), user.id.clone()),
            ("aws:username".to_owned(), user.name.clone()),
        ];
        keys.extend(user.tags.iter().map(|(key, value)| (format!("aws:PrincipalTag/{key}"), value.to_owned())));
        Self::new(state, kind, keys)
    }

    /// Who has the principal's policies. Of a role, any session of it; a group calls nothing: some user of it.
    pub(super) fn of(state: &AwsState, principal: &PrincipalArn) -> Result<Self, ApiError> {
        match principal.find(&state.iam)? {
            Held::User(user) => Ok(Self::user(state, &user)),
            Held::Group(_) => Ok(Self::somebody(state)),
            Held::Role(role) => {
                let session_arn = format!("arn:aws:sts::{}:assumed-role/{}/simulated", state.account(), role.name);
                let kind = SubjectKind::Role {
                    role_arn: role.arn.clone(),
                    role_id: role.id.clone(),
                    session_arn,
                    session_name: "simulated".to_owned(),
                };
                let mut keys = vec![
                    ("aws:PrincipalArn".to_owned(), role.arn.clone()),
                    ("aws:PrincipalType".to_owned(), "AssumedRole".to_owned()),
                ];
                let tags = role.tags.iter();
                keys.extend(tags.map(|(key, value)| (format!("aws:PrincipalTag/{key}"), value.to_owned())));
                Ok(Self::new(state, kind, keys))
            }
        }
    }

    /// A user of whom nothing is known.
    pub(super) fn somebody(state: &AwsState) -> Self {
        let arn = format!("arn:aws:iam::{}:user/simulated", state.account());
        Self::new(state, SubjectKind::User { arn, id: String::new() }, Vec::new())
    }

    fn new(state: &AwsState, kind: SubjectKind, mut keys: Vec<(String, String)>) -> Self {
        keys.push(("aws:PrincipalAccount".to_owned(), state.account().to_owned()));
        Self { subject: Subject { account: state.account().to_owned(), kind }, keys }
    }
}
