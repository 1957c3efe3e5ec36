//! What a call is about, as policies see it: its ARN, and what is known of it.

use ::iam::{IamGroup, IamRole, IamUser, Tags};
use ::sts::Ask;

use crate::state::AwsState;

/// A resource of IAM, there already or not.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) arn: String,
    tags: Tags,
    /// The boundary that it has now.
    boundary: Option<String>,
}

impl Target {
    /// What has no tags and no boundary, or doesn't exist yet.
    pub(super) fn plain(arn: impl Into<String>) -> Self {
        Self { arn: arn.into(), tags: Tags::default(), boundary: None }
    }

    /// `arn:aws:iam::ACCOUNT:<kind><path><name>`, for what is to be made. No path is `/`.
    pub(super) fn new(state: &AwsState, kind: &str, path: Option<&str>, name: &str) -> Self {
        Self::plain(format!("arn:aws:iam::{}:{kind}{}{name}", state.account(), path.unwrap_or("/")))
    }

    pub(super) fn user(state: &AwsState, name: &str) -> Self {
        match state.iam.user(name) {
            Some(user) => Self::of_user(&user),
            None => Self::new(state, "user", None, name),
        }
    }

    pub(super) fn of_user(user: &IamUser) -> Self {
        Self { arn: user.arn.clone(), tags: user.tags.clone(), boundary: user.boundary.clone() }
    }

    pub(super) fn group(state: &AwsState, name: &str) -> Self {
        match state.iam.group(name) {
            Some(group) => Self::of_group(&group),
            None => Self::new(state, "group", None, name),
        }
    }

    pub(super) fn of_group(group: &IamGroup) -> Self {
        Self::plain(group.arn.as_str())
    }

    pub(super) fn role(state: &AwsState, name: &str) -> Self {
        match state.iam.role(name) {
            Some(role) => Self::of_role(&role),
            None => Self::new(state, "role", None, name),
        }
    }

    pub(super) fn of_role(role: &IamRole) -> Self {
        Self { arn: role.arn.clone(), tags: role.tags.clone(), boundary: role.boundary.clone() }
    }

    pub(super) fn policy(state: &AwsState, arn: &str) -> Self {
        let tags = state.iam.policy(arn).map(|policy| policy.tags.clone()).unwrap_or_default();
        Self { arn: arn.to_owned(), tags, boundary: None }
    }

    pub(super) fn saml_provider(state: &AwsState, arn: &str) -> Self {
        let tags = state.iam.saml_provider(arn).map(|provider| provider.tags.clone()).unwrap_or_default();
        Self { arn: arn.to_owned(), tags, boundary: None }
    }

    pub(super) fn oidc_provider(state: &AwsState, arn: &str) -> Self {
        let tags = state.iam.oidc_provider(arn).map(|provider| provider.tags.clone()).unwrap_or_default();
        Self { arn: arn.to_owned(), tags, boundary: None }
    }

    /// May the caller do this to it? With `aws:ResourceTag/*` and `iam:ResourceTag/*`.
    pub(super) fn ask(self, action: &str) -> Ask {
        let Self { arn, tags, boundary: _ } = self;
        let ask = Ask::new(action, arn).with_resource_tags(tags.iter());
        tags.iter().fold(ask, |ask, (key, value)| ask.with(format!("iam:ResourceTag/{key}"), value))
    }

    /// The same, with `iam:PermissionsBoundary` as it is: for what changes the permissions of a user or a role.
    pub(super) fn ask_with_boundary(mut self, action: &str) -> Ask {
        let boundary = self.boundary.take();
        with_boundary(self.ask(action), boundary.as_deref())
    }
}

/// `iam:PermissionsBoundary`, where there is one.
pub(super) fn with_boundary(ask: Ask, boundary: Option<&str>) -> Ask {
    match boundary {
        Some(boundary) => ask.with("iam:PermissionsBoundary", boundary),
        None => ask,
    }
}

/// What making something asks: the operation itself, and to tag it if it gets tags (IAM User Guide, "Controlling access to and for
/// IAM users and roles using tags").
pub(super) fn asks_to_make(ask: Ask, tags: &Tags, tag_action: &str) -> Vec<Ask> {
    let ask = ask.with_request_tags(tags.iter());
    if tags.is_empty() {
        return vec![ask];
    }
    let to_tag = Ask::new(tag_action, ask.resource.clone()).with_request_tags(tags.iter());
    vec![ask, to_tag]
}
