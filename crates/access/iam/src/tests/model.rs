//! Operations in any order, against a model.

mod naive;

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use naive::Model;

use super::fixture::{Fixture, allowing, trust};
use crate::{Holder, Iam, IamError, KeyHolder, KeyOwner, NewPolicy, NewRole, NewUser};

const USERS: [&str; 3] = ["u0", "u1", "u2"];
const GROUPS: [&str; 2] = ["g0", "g1"];
const ROLES: [&str; 3] = ["r0", "r1", "r2"];
const POLICIES: [&str; 3] = ["p0", "p1", "p2"];

/// Names are by their first letter: `u1`, `g0`, `r2`.
type Name = &'static str;

#[derive(Debug, Clone)]
enum Operation {
    Create(Name),
    CreateTrusting(Name, Name),
    Delete(Name),
    Rename(Name, Name),
    CreatePolicy(Name),
    DeletePolicy(Name),
    Version(Name, bool),
    SetDefault(Name, u32),
    DeleteVersion(Name, u32),
    /// Of a user, a group or a role.
    Hold(Name, Holding),
    Belong(Belonging),
}

#[derive(Debug, Clone)]
enum Holding {
    Attach(Name),
    Detach(Name),
    Put(u8),
    DeleteInline(u8),
    Bound(Name),
    Unbound,
}

#[derive(Debug, Clone)]
enum Belonging {
    Join(Name, Name),
    Leave(Name, Name),
    MakeKey(Name),
    DeleteKey(Name),
}

fn operation() -> impl Strategy<Value = Operation> {
    let user = || prop::sample::select(USERS.to_vec());
    let group = || prop::sample::select(GROUPS.to_vec());
    let role = || prop::sample::select(ROLES.to_vec());
    let policy = || prop::sample::select(POLICIES.to_vec());
    let holder = || prop_oneof![user(), group(), role()];
    let named = || prop_oneof![user(), role()];
    prop_oneof![
        6 => holder().prop_map(Operation::Create),
        4 => (role(), named()).prop_map(|(role, named)| Operation::CreateTrusting(role, named)),
        4 => holder().prop_map(Operation::Delete),
        1 => (user(), user()).prop_map(|(from, to)| Operation::Rename(from, to)),
        4 => policy().prop_map(Operation::CreatePolicy),
        2 => policy().prop_map(Operation::DeletePolicy),
        2 => (policy(), any::<bool>()).prop_map(|(policy, default)| Operation::Version(policy, default)),
        1 => (policy(), 1..8_u32).prop_map(|(policy, number)| Operation::SetDefault(policy, number)),
        1 => (policy(), 1..8_u32).prop_map(|(policy, number)| Operation::DeleteVersion(policy, number)),
        16 => (holder(), holding()).prop_map(|(holder, holding)| Operation::Hold(holder, holding)),
        8 => belonging().prop_map(Operation::Belong),
    ]
}

fn holding() -> impl Strategy<Value = Holding> {
    let policy = || prop::sample::select(POLICIES.to_vec());
    prop_oneof![
        5 => policy().prop_map(Holding::Attach),
        4 => policy().prop_map(Holding::Detach),
        2 => (0..2_u8).prop_map(Holding::Put),
        2 => (0..2_u8).prop_map(Holding::DeleteInline),
        2 => policy().prop_map(Holding::Bound),
        1 => Just(Holding::Unbound),
    ]
}

fn belonging() -> impl Strategy<Value = Belonging> {
    let user = || prop::sample::select(USERS.to_vec());
    let group = || prop::sample::select(GROUPS.to_vec());
    prop_oneof![
        4 => (group(), user()).prop_map(|(group, user)| Belonging::Join(group, user)),
        3 => (group(), user()).prop_map(|(group, user)| Belonging::Leave(group, user)),
        2 => user().prop_map(Belonging::MakeKey),
        1 => user().prop_map(Belonging::DeleteKey),
    ]
}

/// Of a user it doesn't tell whose: users are renamed.
fn inline_action(name: &str, number: u8) -> String {
    let kind = if name.starts_with('u') { "user" } else { name };
    format!("redshift:Inline{kind}{number}")
}

fn version_action(policy: &str, number: u32) -> String {
    format!("redshift:Policy{policy}Version{number}")
}

fn holder(name: &str) -> Holder<'_> {
    match name.as_bytes()[0] {
        b'u' => Holder::User(name),
        b'g' => Holder::Group(name),
        _ => Holder::Role(name),
    }
}

fn arn(policy: &str) -> String {
    format!("arn:aws:iam::123456789012:policy/{policy}")
}

/// The id of the real one.
fn id(iam: &Iam, name: &str) -> Option<String> {
    match holder(name) {
        Holder::User(name) => iam.user(name).map(|user| user.id.clone()),
        Holder::Group(name) => iam.group(name).map(|group| group.id.clone()),
        Holder::Role(name) => iam.role(name).map(|role| role.id.clone()),
    }
}

async fn create(iam: &Iam, name: Name, trusted: Option<String>) -> Result<(), IamError> {
    let name_text = name.to_owned();
    match holder(name) {
        Holder::User(_) => iam.create_user(NewUser { name: name_text, ..NewUser::default() }).await.map(drop),
        Holder::Group(_) => iam.create_group(name, None).await.map(drop),
        Holder::Role(_) => {
            let trust = trust(trusted.as_deref().unwrap_or("*"));
            iam.create_role(NewRole { name: name_text, trust, ..NewRole::default() }).await.map(drop)
        }
    }
}

async fn perform(iam: &Iam, latest: &dyn Fn(Name) -> u32, operation: &Operation) -> Result<(), IamError> {
    match operation {
        Operation::Create(name) => create(iam, name, None).await,
        Operation::CreateTrusting(name, named) => {
            let kind = if named.starts_with('u') { "user" } else { "role" };
            create(iam, name, Some(format!("arn:aws:iam::123456789012:{kind}/{named}"))).await
        }
        Operation::Delete(name) => match holder(name) {
            Holder::User(name) => iam.delete_user(name).await,
            Holder::Group(name) => iam.delete_group(name).await,
            Holder::Role(name) => iam.delete_role(name).await,
        },
        Operation::Rename(from, to) => iam.update_user(from, Some(to), None).await.map(drop),
        Operation::CreatePolicy(name) => {
            let document = allowing(&version_action(name, 1));
            iam.create_policy(NewPolicy { name: (*name).to_owned(), document, ..NewPolicy::default() }).await.map(drop)
        }
        Operation::DeletePolicy(name) => iam.delete_policy(&arn(name)).await,
        Operation::Version(name, default) => {
            let document = allowing(&version_action(name, latest(name) + 1));
            iam.create_policy_version(&arn(name), &document, *default).await.map(drop)
        }
        Operation::SetDefault(name, number) => iam.set_default_policy_version(&arn(name), &format!("v{number}")).await,
        Operation::DeleteVersion(name, number) => iam.delete_policy_version(&arn(name), &format!("v{number}")).await,
        Operation::Hold(name, holding) => hold(iam, name, holding).await,
        Operation::Belong(belonging) => belong(iam, belonging).await,
    }
}

async fn hold(iam: &Iam, name: Name, holding: &Holding) -> Result<(), IamError> {
    let holder = holder(name);
    match holding {
        Holding::Attach(policy) => iam.attach_policy(holder, &arn(policy)).await,
        Holding::Detach(policy) => iam.detach_policy(holder, &arn(policy)).await,
        Holding::Put(number) => {
            let document = allowing(&inline_action(name, *number));
            iam.put_policy(holder, &number.to_string(), &document).await
        }
        Holding::DeleteInline(number) => iam.delete_policy_of(holder, &number.to_string()).await,
        Holding::Bound(policy) => iam.put_boundary(holder, &arn(policy)).await,
        Holding::Unbound => iam.delete_boundary(holder).await,
    }
}

async fn belong(iam: &Iam, belonging: &Belonging) -> Result<(), IamError> {
    match belonging {
        Belonging::Join(group, user) => iam.add_user_to_group(group, user).await,
        Belonging::Leave(group, user) => iam.remove_user_from_group(group, user).await,
        Belonging::MakeKey(user) => iam.create_access_key(KeyHolder::User(user)).await.map(drop),
        Belonging::DeleteKey(user) => {
            let keys = id(iam, user).map(|id| iam.access_keys_of(&KeyOwner::User(id))).unwrap_or_default();
            let key = keys.first().map_or("AKIANONE", |key| key.id.as_str());
            iam.delete_access_key(KeyHolder::User(user), key).await
        }
    }
}

/// That everything is as the model has it.
fn check(iam: &Iam, model: &Model) {
    for name in USERS.into_iter().chain(GROUPS).chain(ROLES) {
        assert_eq!(id(iam, name).as_ref(), model.entities.get(name).map(|entity| &entity.id), "{name}");
    }
    let ids: BTreeMap<&str, Name> = model.entities.iter().map(|(name, entity)| (entity.id.as_str(), *name)).collect();
    for (name, entity) in &model.entities {
        let grants =
            if name.starts_with('u') { iam.grants_of_user(&entity.id) } else { iam.grants_of_role(&entity.id) };
        if !name.starts_with('g') {
            let mut texts: Vec<_> = grants.identity.iter().map(|one| one.document.text().to_owned()).collect();
            texts.sort();
            assert_eq!(texts, model.grants(name), "grants of {name}");
            let boundary = grants.boundary.as_ref().map(|one| one.document.text().to_owned());
            assert_eq!(boundary, entity.boundary.map(|policy| model.text(policy)), "boundary of {name}");
        }
        if let Some(trusted) = &entity.trusts {
            let text = iam.role(name).unwrap().trust.text().to_owned();
            let expected = match ids.get(trusted.as_str()) {
                Some(alive) if alive.starts_with('u') => format!("\"arn:aws:iam::123456789012:user/{alive}\""),
                Some(alive) => format!("\"arn:aws:iam::123456789012:role/{alive}\""),
                None => format!("\"{trusted}\""),
            };
            assert!(text.contains(&expected), "{name} trusts {expected}: {text}");
        }
    }
    for name in POLICIES {
        let policy = iam.policy(&arn(name));
        let versions = policy.as_ref().map(|policy| policy.versions.keys().copied().collect::<BTreeSet<_>>());
        assert_eq!(versions, model.policies.get(name).map(|policy| policy.versions.clone()), "{name}");
    }
    iam.check_indexes();
}

fn run(operations: &[Operation]) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let fixture = Fixture::new().await;
        let mut model = Model::default();
        for operation in operations {
            let latest = |name: Name| model.policies.get(name).map_or(0, |policy| policy.latest);
            let done = perform(&fixture.iam, &latest, operation).await;
            let code = done.as_ref().map(|&()| ()).map_err(IamError::code);
            assert_eq!(code, model.apply(operation), "{operation:?}: {done:?}");
            for (name, entity) in model.entities.iter_mut().filter(|(_, entity)| entity.id.is_empty()) {
                entity.id = id(&fixture.iam, name).unwrap();
            }
            check(&fixture.iam, &model);
        }
        check(&fixture.reopened().await, &model);
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn operations_in_any_order_do_what_the_model_says(operations in prop::collection::vec(operation(), 1..120)) {
        run(&operations);
    }
}
