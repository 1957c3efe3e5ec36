//! What users, groups and roles have in common: policies of their own, attached policies, boundaries.

pub(super) mod attached;
pub(super) mod boundary;
pub(super) mod inline;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ::iam::{Holder, Iam, IamError, IamGroup, IamRole, IamUser};
use ::policy::Document;

use super::fields::PageRequest;
use super::target::Target;
use crate::state::AwsState;

/// A kind of holder: how its operations and parameters are called.
pub(super) trait Kind: std::fmt::Debug + Send + Sync + 'static {
    /// The parameter and member that names one.
    const PARAMETER: &'static str;
    const PUT_POLICY: &'static str;
    const GET_POLICY: &'static str;
    const DELETE_POLICY: &'static str;
    const LIST_POLICIES: &'static str;
    const ATTACH: &'static str;
    const DETACH: &'static str;
    const LIST_ATTACHED: &'static str;

    fn holder(name: &str) -> Holder<'_>;
    fn target(state: &AwsState, name: &str) -> Target;
    fn find(iam: &Iam, name: &str) -> Result<Held, IamError>;
}

/// A holder as it is now.
#[derive(Debug)]
pub(super) enum Held {
    User(Arc<IamUser>),
    Group(Arc<IamGroup>),
    Role(Arc<IamRole>),
}

impl Held {
    pub(super) fn inline(&self) -> &BTreeMap<String, Arc<Document>> {
        match self {
            Self::User(user) => &user.inline,
            Self::Group(group) => &group.inline,
            Self::Role(role) => &role.inline,
        }
    }

    pub(super) fn attached(&self) -> &BTreeSet<String> {
        match self {
            Self::User(user) => &user.attached,
            Self::Group(group) => &group.attached,
            Self::Role(role) => &role.attached,
        }
    }
}

#[derive(Debug)]
pub(super) struct OfUser;
#[derive(Debug)]
pub(super) struct OfGroup;
#[derive(Debug)]
pub(super) struct OfRole;

impl Kind for OfUser {
    const PARAMETER: &'static str = "UserName";
    const PUT_POLICY: &'static str = "PutUserPolicy";
    const GET_POLICY: &'static str = "GetUserPolicy";
    const DELETE_POLICY: &'static str = "DeleteUserPolicy";
    const LIST_POLICIES: &'static str = "ListUserPolicies";
    const ATTACH: &'static str = "AttachUserPolicy";
    const DETACH: &'static str = "DetachUserPolicy";
    const LIST_ATTACHED: &'static str = "ListAttachedUserPolicies";

    fn holder(name: &str) -> Holder<'_> {
        Holder::User(name)
    }

    fn target(state: &AwsState, name: &str) -> Target {
        Target::user(state, name)
    }

    fn find(iam: &Iam, name: &str) -> Result<Held, IamError> {
        iam.find_user(name).map(Held::User)
    }
}

impl Kind for OfGroup {
    const PARAMETER: &'static str = "GroupName";
    const PUT_POLICY: &'static str = "PutGroupPolicy";
    const GET_POLICY: &'static str = "GetGroupPolicy";
    const DELETE_POLICY: &'static str = "DeleteGroupPolicy";
    const LIST_POLICIES: &'static str = "ListGroupPolicies";
    const ATTACH: &'static str = "AttachGroupPolicy";
    const DETACH: &'static str = "DetachGroupPolicy";
    const LIST_ATTACHED: &'static str = "ListAttachedGroupPolicies";

    fn holder(name: &str) -> Holder<'_> {
        Holder::Group(name)
    }

    fn target(state: &AwsState, name: &str) -> Target {
        Target::group(state, name)
    }

    fn find(iam: &Iam, name: &str) -> Result<Held, IamError> {
        iam.find_group(name).map(Held::Group)
    }
}

impl Kind for OfRole {
    const PARAMETER: &'static str = "RoleName";
    const PUT_POLICY: &'static str = "PutRolePolicy";
    const GET_POLICY: &'static str = "GetRolePolicy";
    const DELETE_POLICY: &'static str = "DeleteRolePolicy";
    const LIST_POLICIES: &'static str = "ListRolePolicies";
    const ATTACH: &'static str = "AttachRolePolicy";
    const DETACH: &'static str = "DetachRolePolicy";
    const LIST_ATTACHED: &'static str = "ListAttachedRolePolicies";

    fn holder(name: &str) -> Holder<'_> {
        Holder::Role(name)
    }

    fn target(state: &AwsState, name: &str) -> Target {
        Target::role(state, name)
    }

    fn find(iam: &Iam, name: &str) -> Result<Held, IamError> {
        iam.find_role(name).map(Held::Role)
    }
}

/// A page of what one entity has (at most a few dozen), by what it is sorted by.
pub(super) fn page_of<'a>(all: impl Iterator<Item = &'a str>, page: &PageRequest) -> (Vec<&'a str>, Option<&'a str>) {
    let follows = |name: &&str| page.after.as_deref().is_none_or(|after| *name > after);
    let mut items: Vec<_> = all.filter(follows).take(page.items.saturating_add(1)).collect();
    if items.len() <= page.items {
        return (items, None);
    }
    items.truncate(page.items);
    let next = items.last().copied();
    (items, next)
}
