//! GetAccountAuthorizationDetails: everything that grants, page by page.

use std::collections::BTreeSet;
use std::sync::Arc;

use ::iam::{Iam, IamGroup, IamRole, IamUser, Listing, ManagedPolicy, Page};

use crate::error::ApiError;
use crate::iam::call::{IamCall, invalid_input, validation};
use crate::iam::fields::PageRequest;
use crate::iam::holders::Held;
use crate::iam::write::{self, Detail};
use crate::operation::{Answer, Context, Operation};
use crate::protocol::query::Fields;
use crate::protocol::xml::Xml;
use crate::state::AwsState;

/// What there is, in the order in which it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    User,
    Group,
    Role,
    LocalManagedPolicy,
    AwsManagedPolicy,
}

impl Kind {
    const ALL: [Self; 5] = [Self::User, Self::Group, Self::Role, Self::LocalManagedPolicy, Self::AwsManagedPolicy];

    /// In `Filter` and in markers.
    const fn name(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Group => "Group",
            Self::Role => "Role",
            Self::LocalManagedPolicy => "LocalManagedPolicy",
            Self::AwsManagedPolicy => "AWSManagedPolicy",
        }
    }

    fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

#[derive(Debug)]
pub(super) struct GetAccountAuthorizationDetails {
    kinds: BTreeSet<Kind>,
    /// The first kind of the page, and what comes before it in its list.
    begin: (Kind, Option<String>),
    items: usize,
}

impl IamCall for GetAccountAuthorizationDetails {
    fn read(fields: &mut Fields<'_>, _: &Context<'_>) -> Result<Self, ApiError> {
        let mut kinds = BTreeSet::new();
        for name in fields.texts("Filter", "member")?.unwrap_or_default() {
            let names = Kind::ALL.map(Kind::name).join(", ");
            let unknown = || validation(format!("Filter {name:?} is not known. It may have {names}."));
            kinds.insert(Kind::by_name(&name).ok_or_else(unknown)?);
        }
        if kinds.is_empty() {
            kinds.extend(Kind::ALL);
        }
        let PageRequest { after, items } = PageRequest::read(fields)?;
        let begin = match after {
            None => (Kind::User, None),
            Some(marker) => {
                let (kind, after) = marker.split_once(':').unwrap_or((marker.as_str(), ""));
                let unknown = || invalid_input("Marker is not one that this operation gave.".to_owned());
                (Kind::by_name(kind).ok_or_else(unknown)?, Some(after.to_owned()).filter(|after| !after.is_empty()))
            }
        };
        Ok(Self { kinds, begin, items })
    }
}

/// What of it stands on a page.
#[derive(Debug, Default)]
struct Shown {
    users: Vec<Arc<IamUser>>,
    groups: Vec<Arc<IamGroup>>,
    roles: Vec<Arc<IamRole>>,
    policies: Vec<Arc<ManagedPolicy>>,
}

impl Shown {
    /// Adds what follows of a kind; says how many that were, and what the next page of it begins after.
    fn add(&mut self, iam: &Iam, kind: Kind, listing: &Listing<'_>) -> (usize, Option<String>) {
        fn take<T>(page: Page<T>, into: &mut Vec<T>) -> (usize, Option<String>) {
            let Page { items, next } = page;
            let count = items.len();
            into.extend(items);
            (count, next)
        }
        match kind {
            Kind::User => take(iam.list_users(listing), &mut self.users),
            Kind::Group => take(iam.list_groups(listing), &mut self.groups),
            Kind::Role => take(iam.list_roles(listing), &mut self.roles),
            Kind::LocalManagedPolicy => {
                take(iam.list_policies(listing, |policy| !policy.aws_managed), &mut self.policies)
            }
            Kind::AwsManagedPolicy => take(iam.list_policies(listing, |policy| policy.aws_managed), &mut self.policies),
        }
    }
}

impl Operation for GetAccountAuthorizationDetails {
    const NAME: &'static str = "GetAccountAuthorizationDetails";

    fn resource(&self, _: &AwsState) -> String {
        "*".to_owned()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let iam = &context.state.iam;
        let (first, mut after) = self.begin;
        let (mut shown, mut room, mut marker) = (Shown::default(), self.items, None);
        for kind in self.kinds.into_iter().filter(|kind| *kind >= first) {
            if room == 0 {
                marker = Some(kind.name().to_owned());
                break;
            }
            let after = if kind == first { after.take() } else { None };
            let listing = Listing { path_prefix: "/", after: after.as_deref(), limit: room };
            let (count, next) = shown.add(iam, kind, &listing);
            room = room.saturating_sub(count);
            if let Some(next) = next {
                marker = Some(format!("{}:{next}", kind.name()));
                break;
            }
        }
        Ok(write::result(|xml| {
            write::members(xml, "UserDetailList", &shown.users, |xml, it| user(xml, iam, it));
            write::members(xml, "GroupDetailList", &shown.groups, group);
            write::members(xml, "RoleDetailList", &shown.roles, |xml, it| role(xml, iam, it));
            write::members(xml, "Policies", &shown.policies, |xml, it| policy(xml, iam, it));
            write::end_of_page(xml, marker.as_deref());
        }))
    }
}

fn user(xml: &mut Xml, iam: &Iam, user: &Arc<IamUser>) {
    write::user(xml, user, Detail::Full);
    let mut groups: Vec<_> = iam.groups_of(&user.id).iter().map(|group| group.name.clone()).collect();
    groups.sort();
    write::texts(xml, "GroupList", groups.iter().map(String::as_str));
    grants(xml, "UserPolicyList", &Held::User(Arc::clone(user)));
}

fn group(xml: &mut Xml, group: &Arc<IamGroup>) {
    write::group(xml, group);
    grants(xml, "GroupPolicyList", &Held::Group(Arc::clone(group)));
}

fn role(xml: &mut Xml, iam: &Iam, role: &Arc<IamRole>) {
    write::role(xml, iam, role, Detail::Full);
    xml.element("InstanceProfileList", |_| {});
    grants(xml, "RolePolicyList", &Held::Role(Arc::clone(role)));
}

/// Inline policies, then what is attached.
fn grants(xml: &mut Xml, inline: &str, held: &Held) {
    write::members(xml, inline, held.inline(), |xml, (name, document)| {
        xml.text("PolicyName", name);
        write::document(xml, "PolicyDocument", document.text());
    });
    write::members(xml, "AttachedManagedPolicies", held.attached(), |xml, arn| write::attached(xml, arn));
}

fn policy(xml: &mut Xml, iam: &Iam, policy: &ManagedPolicy) {
    write::policy(xml, iam, policy, Detail::Full);
    write::members(xml, "PolicyVersionList", policy.versions.values(), |xml, version| {
        write::version(xml, policy, version, Detail::Full);
    });
}
