//! A directory that keeps lists and scans them, and random operations on it. The store's conformance suite runs the same ones, so
//! that this file names nothing but the public API.

use std::collections::BTreeSet;

use base::id::{DirectoryGroupId, DirectoryUserId};
use base::{ErrorKind, Fault, Secret};
use directory::{Directory, DirectoryError, GroupEdit, NewGroup, NewUser, Origin, PasswordEdit, UserEdit};
use proptest::prelude::*;
use time::Duration;

/// People, groups and names are numbers; one that is out of range is a stranger.
#[derive(Debug, Clone)]
pub(crate) enum Operation {
    Person(PersonOperation),
    Secret(SecretOperation),
    Team(TeamOperation),
    /// In a sandbox, of which the directory must not notice anything.
    Sandbox(Box<Operation>),
}

#[derive(Debug, Clone)]
pub(crate) enum PersonOperation {
    Create {
        value: Value,
        writer: Origin,
    },
    /// PUT: everything new.
    Replace {
        user: usize,
        value: Value,
        writer: Origin,
        stale: bool,
    },
    /// An administrator changes one attribute and keeps the rest.
    Edit {
        user: usize,
        email: Option<u8>,
    },
    Rename {
        user: usize,
        name: u8,
    },
    SetActive {
        user: usize,
        active: bool,
    },
    Delete {
        user: usize,
        stale: bool,
    },
}

#[derive(Debug, Clone)]
pub(crate) enum SecretOperation {
    MakeLink { user: usize },
    RemovePassword { user: usize },
}

#[derive(Debug, Clone)]
pub(crate) enum TeamOperation {
    Create { name: u8, external: Option<u8>, members: Vec<usize>, writer: Origin },
    Edit { group: usize, name: u8, external: Option<u8>, writer: Origin },
    Change { group: usize, add: Vec<usize>, remove: Vec<usize> },
    Replace { group: usize, members: Vec<usize> },
    Delete { group: usize, stale: bool },
}

#[derive(Debug, Clone)]
pub(crate) struct Value {
    name: u8,
    external: Option<u8>,
    email: Option<u8>,
    active: bool,
}

/// Up to `most` operations.
pub(crate) fn operations(most: usize) -> impl Strategy<Value = Vec<Operation>> {
    prop::collection::vec(operation(), 1..most)
}

fn writer() -> impl Strategy<Value = Origin> {
    prop_oneof![Just(Origin::Api), Just(Origin::Scim)]
}

fn few() -> impl Strategy<Value = Option<u8>> {
    prop::option::of(0..5_u8)
}

fn on_a_person() -> impl Strategy<Value = PersonOperation> {
    use PersonOperation::*;
    let value = || {
        (0..10_u8, few(), few(), any::<bool>()).prop_map(|(name, external, email, active)| self::Value {
            name,
            external,
            email,
            active,
        })
    };
    let rarely = || prop::bool::weighted(0.2);
    prop_oneof![
        4 => (value(), writer()).prop_map(|(value, writer)| Create { value, writer }),
        2 => (0..7_usize, value(), writer(), rarely())
            .prop_map(|(user, value, writer, stale)| Replace { user, value, writer, stale }),
        1 => (0..7_usize, few()).prop_map(|(user, email)| Edit { user, email }),
        1 => (0..7_usize, 0..10_u8).prop_map(|(user, name)| Rename { user, name }),
        1 => (0..7_usize, any::<bool>()).prop_map(|(user, active)| SetActive { user, active }),
        1 => (0..7_usize, rarely()).prop_map(|(user, stale)| Delete { user, stale }),
    ]
}

fn on_a_team() -> impl Strategy<Value = TeamOperation> {
    use TeamOperation::*;
    let some = || prop::collection::vec(0..7_usize, 0..5);
    prop_oneof![
        2 => (0..6_u8, few(), some(), writer())
            .prop_map(|(name, external, members, writer)| Create { name, external, members, writer }),
        1 => (0..5_usize, 0..6_u8, few(), writer())
            .prop_map(|(group, name, external, writer)| Edit { group, name, external, writer }),
        4 => (0..5_usize, some(), some()).prop_map(|(group, add, remove)| Change { group, add, remove }),
        2 => (0..5_usize, some()).prop_map(|(group, members)| Replace { group, members }),
        1 => (0..5_usize, prop::bool::weighted(0.2)).prop_map(|(group, stale)| Delete { group, stale }),
    ]
}

fn operation() -> impl Strategy<Value = Operation> {
    let secret = prop_oneof![
        (0..7_usize).prop_map(|user| SecretOperation::MakeLink { user }),
        (0..7_usize).prop_map(|user| SecretOperation::RemovePassword { user }),
    ];
    let real = prop_oneof![
        10 => on_a_person().prop_map(Operation::Person),
        10 => on_a_team().prop_map(Operation::Team),
        2 => secret.prop_map(Operation::Secret),
    ];
    (real, prop::bool::weighted(0.1))
        .prop_map(|(real, sandbox)| if sandbox { Operation::Sandbox(Box::new(real)) } else { real })
}

/// Even and odd numbers are the same name in other letters.
fn name(number: u8) -> String {
    if number.is_multiple_of(2) { format!("näme{}", number / 2) } else { format!("NÄME{}", number / 2) }
}

fn address(number: u8) -> String {
    format!("{}@example.com", name(number))
}

fn same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

#[derive(Debug, Clone)]
struct Person {
    id: DirectoryUserId,
    value: NewUser,
    version: u64,
    /// The newest password link, and whether it opens.
    link: Option<(Secret<String>, bool)>,
}

#[derive(Debug, Clone)]
struct Team {
    id: DirectoryGroupId,
    name: String,
    external: Option<String>,
    origin: Origin,
    version: u64,
    members: BTreeSet<DirectoryUserId>,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Model {
    people: Vec<Person>,
    teams: Vec<Team>,
}

type Outcome = Result<(), ErrorKind>;

fn origin_after(current: Origin, writer: Origin, external: Option<&String>) -> Origin {
    if writer == Origin::Scim && external.is_some() { Origin::Scim } else { current }
}

impl Model {
    fn user(&self, user: usize) -> DirectoryUserId {
        self.people.get(user).map_or_else(|| DirectoryUserId::new(format!("stranger{user}")), |one| one.id.clone())
    }

    fn users(&self, users: &[usize]) -> Vec<DirectoryUserId> {
        users.iter().map(|user| self.user(*user)).collect()
    }

    fn group(&self, group: usize) -> DirectoryGroupId {
        self.teams.get(group).map_or_else(|| DirectoryGroupId::new("nothing"), |one| one.id.clone())
    }

    /// Number 0 is a text that is somebody's id with us, which must mean nothing.
    fn external(&self, number: Option<u8>) -> Option<String> {
        let number = number?;
        let ours = self.people.first().filter(|_| number == 0);
        Some(ours.map_or_else(|| format!("x{number}"), |person| person.id.to_string()))
    }

    fn value(&self, value: &Value, origin: Origin) -> NewUser {
        NewUser {
            user_name: name(value.name),
            external_id: self.external(value.external),
            email: value.email.map(address),
            active: value.active,
            origin,
            ..NewUser::default()
        }
    }

    fn user_fits(&self, at: Option<usize>, new: &NewUser) -> Outcome {
        let others = self.people.iter().enumerate().filter(|(number, _)| Some(*number) != at);
        let taken = |other: &Person| {
            same(&other.value.user_name, &new.user_name)
                || (new.external_id.is_some() && other.value.external_id == new.external_id)
        };
        if others.map(|(_, other)| other).any(taken) { Err(ErrorKind::Conflict) } else { Ok(()) }
    }

    fn group_fits(&self, at: Option<usize>, name: &str, external: Option<&String>) -> Outcome {
        let others = self.teams.iter().enumerate().filter(|(number, _)| Some(*number) != at);
        let taken =
            |other: &Team| same(&other.name, name) || (external.is_some() && other.external.as_ref() == external);
        if others.map(|(_, other)| other).any(taken) { Err(ErrorKind::Conflict) } else { Ok(()) }
    }

    fn all_known(&self, users: &BTreeSet<DirectoryUserId>) -> Outcome {
        let known = users.iter().all(|user| self.people.iter().any(|person| person.id == *user));
        if known { Ok(()) } else { Err(ErrorKind::InvalidInput) }
    }

    /// What an edit of a person does here; `change` gets the present value.
    fn edit_user(&mut self, user: usize, stale: bool, change: impl FnOnce(&NewUser) -> NewUser) -> Outcome {
        let current = self.people.get(user).ok_or(ErrorKind::NotFound)?;
        if stale {
            return Err(ErrorKind::Conflict);
        }
        let new = change(&current.value);
        let new = NewUser { origin: origin_after(current.value.origin, new.origin, new.external_id.as_ref()), ..new };
        if current.value != new {
            self.user_fits(Some(user), &new)?;
            let person = &mut self.people[user];
            person.version += 1;
            if !new.active {
                person.link.iter_mut().for_each(|link| link.1 = false);
            }
            person.value = new;
        }
        Ok(())
    }

    fn set_members(
        &mut self,
        group: usize,
        members: impl FnOnce(&BTreeSet<DirectoryUserId>) -> BTreeSet<DirectoryUserId>,
    ) -> Outcome {
        let team = self.teams.get(group).ok_or(ErrorKind::NotFound)?;
        let members = members(&team.members);
        self.all_known(&members)?;
        let team = &mut self.teams[group];
        if team.members != members {
            team.version += 1;
            team.members = members;
        }
        Ok(())
    }
}

/// Does the operation in both, and compares how it went.
pub(crate) async fn step(directory: &Directory, model: &mut Model, operation: &Operation) {
    match operation {
        Operation::Person(operation) => step_person(directory, model, operation).await,
        Operation::Secret(operation) => step_secret(directory, model, operation).await,
        Operation::Team(operation) => step_team(directory, model, operation).await,
        Operation::Sandbox(operation) => {
            let (sandbox, mut copy) = (directory.sandbox(), model.clone());
            Box::pin(step(&sandbox, &mut copy, operation)).await;
            agrees(&sandbox, &copy);
        }
    }
}

fn went<T>(outcome: Result<T, DirectoryError>) -> Outcome {
    outcome.map(drop).map_err(|error| error.kind())
}

async fn update(
    directory: &Directory,
    id: &DirectoryUserId,
    change: impl FnOnce(NewUser) -> NewUser + Send,
) -> Outcome {
    went(
        directory.update_user(id, None, |current| Ok::<_, DirectoryError>(change(NewUser::from(current)).into())).await,
    )
}

async fn step_person(directory: &Directory, model: &mut Model, operation: &PersonOperation) {
    match operation {
        PersonOperation::Create { value, writer } => {
            let new = model.value(value, *writer);
            let expected = model.user_fits(None, &new);
            let created = directory.create_user(new.clone()).await;
            let added =
                created.iter().map(|user| Person { id: user.id.clone(), value: new.clone(), version: 1, link: None });
            model.people.extend(added);
            assert_eq!(went(created), expected);
        }
        PersonOperation::Replace { user, value, writer, stale } => {
            let (id, new) = (model.user(*user), model.value(value, *writer));
            let version = model.people.get(*user).filter(|_| *stale).map(|person| person.version + 1);
            let outcome = went(directory.replace_user(&id, version, new.clone()).await);
            assert_eq!(outcome, model.edit_user(*user, *stale, |_| new));
        }
        PersonOperation::Edit { user, email } => {
            let email = email.map(address);
            let change = |current: NewUser| NewUser { email, ..current };
            let outcome = update(directory, &model.user(*user), change.clone()).await;
            assert_eq!(outcome, model.edit_user(*user, false, |current| change(current.clone())));
        }
        PersonOperation::Rename { user, name: number } => {
            let change = |current: NewUser| NewUser { user_name: name(*number), ..current };
            let outcome = update(directory, &model.user(*user), change).await;
            assert_eq!(outcome, model.edit_user(*user, false, |current| change(current.clone())));
        }
        PersonOperation::SetActive { user, active } => {
            let change = |current: NewUser| NewUser { active: *active, ..current };
            let outcome = update(directory, &model.user(*user), change).await;
            assert_eq!(outcome, model.edit_user(*user, false, |current| change(current.clone())));
        }
        PersonOperation::Delete { user, stale } => {
            let id = model.user(*user);
            let version = model.people.get(*user).filter(|_| *stale).map(|person| person.version + 1);
            let expected = model.edit_user(*user, *stale, NewUser::clone);
            assert_eq!(went(directory.delete_user(&id, version).await), expected);
            if expected.is_ok() {
                model.people.remove(*user);
                for team in &mut model.teams {
                    team.version += u64::from(team.members.remove(&id));
                }
            }
        }
    }
}

async fn step_secret(directory: &Directory, model: &mut Model, operation: &SecretOperation) {
    match operation {
        SecretOperation::MakeLink { user } => {
            let made = directory.create_reset_link(&model.user(*user), Duration::DAY).await;
            let expected = match model.people.get(*user) {
                None => Err(ErrorKind::NotFound),
                Some(person) if !person.value.active => Err(ErrorKind::InvalidInput),
                Some(_) => Ok(()),
            };
            if let (Ok(token), Some(person)) = (&made, model.people.get_mut(*user))
                && let Some((old, _)) = person.link.replace((token.clone(), true))
            {
                assert!(directory.reset_link(&old).is_err(), "one link a person");
            }
            assert_eq!(went(made), expected);
        }
        SecretOperation::RemovePassword { user } => {
            let remove = |current: &directory::DirectoryUser| {
                Ok::<_, DirectoryError>(UserEdit { value: NewUser::from(current), password: PasswordEdit::Remove })
            };
            let outcome = went(directory.update_user(&model.user(*user), None, remove).await);
            assert_eq!(outcome, model.edit_user(*user, false, NewUser::clone));
            let link = model.people.get_mut(*user).and_then(|person| person.link.as_mut());
            link.into_iter().for_each(|link| link.1 = false);
        }
    }
}

async fn step_team(directory: &Directory, model: &mut Model, operation: &TeamOperation) {
    match operation {
        TeamOperation::Create { name: number, external, members, writer } => {
            let (name, external, users) = (name(*number), model.external(*external), model.users(members));
            let members: BTreeSet<_> = users.iter().cloned().collect();
            let expected = model.group_fits(None, &name, external.as_ref()).and_then(|()| model.all_known(&members));
            let (display_name, external_id, origin) = (name.clone(), external.clone(), *writer);
            let new = NewGroup { display_name, external_id, members: users, origin, ..NewGroup::default() };
            let created = directory.create_group(new).await;
            let id = created.as_ref().ok().map(|group| group.id.clone());
            model.teams.extend(id.map(|id| Team { id, name, external, origin, version: 1, members }));
            assert_eq!(went(created), expected);
        }
        TeamOperation::Edit { group, name: number, external, writer } => {
            let (id, name, external) = (model.group(*group), name(*number), model.external(*external));
            let edit = |current: &directory::DirectoryGroup| {
                let (display_name, external_id) = (name.clone(), external.clone());
                Ok::<_, DirectoryError>(GroupEdit { display_name, external_id, origin: *writer, ..current.into() })
            };
            let outcome = went(directory.update_group(&id, None, edit).await);
            assert_eq!(outcome, model.edit_group(*group, name, external, *writer));
        }
        TeamOperation::Change { group, add, remove } => {
            let (id, add, remove) = (model.group(*group), model.users(add), model.users(remove));
            let outcome = went(directory.change_members(&id, &add, &remove).await);
            let after = |members: &BTreeSet<DirectoryUserId>| {
                members.iter().chain(&add).filter(|user| !remove.contains(user)).cloned().collect()
            };
            assert_eq!(outcome, model.set_members(*group, after));
        }
        TeamOperation::Replace { group, members } => {
            let (id, users) = (model.group(*group), model.users(members));
            let outcome = went(directory.replace_members(&id, &users).await);
            assert_eq!(outcome, model.set_members(*group, |_| users.into_iter().collect()));
        }
        TeamOperation::Delete { group, stale } => {
            let team = model.teams.get(*group);
            let version = team.filter(|_| *stale).map(|team| team.version + 1);
            let expected = match team {
                None => Err(ErrorKind::NotFound),
                Some(_) if *stale => Err(ErrorKind::Conflict),
                Some(_) => Ok(()),
            };
            assert_eq!(went(directory.delete_group(&model.group(*group), version).await), expected);
            if expected.is_ok() {
                model.teams.remove(*group);
            }
        }
    }
}

impl Model {
    fn edit_group(&mut self, group: usize, name: String, external: Option<String>, writer: Origin) -> Outcome {
        let team = self.teams.get(group).ok_or(ErrorKind::NotFound)?;
        let origin = origin_after(team.origin, writer, external.as_ref());
        if team.name != name || team.external != external || team.origin != origin {
            self.group_fits(Some(group), &name, external.as_ref())?;
            let team = &mut self.teams[group];
            team.version += 1;
            (team.name, team.external, team.origin) = (name, external, origin);
        }
        Ok(())
    }
}

/// Every index, both directions of every membership, and every version.
pub(crate) fn agrees(directory: &Directory, model: &Model) {
    people_agree(directory, model);
    teams_agree(directory, model);
    let external = |number: u8| model.external(Some(number)).unwrap();
    for number in 0..10 {
        let named = model.people.iter().find(|person| same(&person.value.user_name, &name(number)));
        assert_eq!(directory.user_by_name(&name(number)).map(|user| user.id.clone()), named.map(|one| one.id.clone()));
        let known = model.people.iter().find(|person| person.value.external_id == Some(external(number)));
        let found = directory.user_by_external_id(&external(number)).map(|user| user.id.clone());
        assert_eq!(found, known.map(|one| one.id.clone()));
        let has = |person: &&Person| person.value.email.as_ref().is_some_and(|email| same(email, &address(number)));
        let mut with: Vec<_> = model.people.iter().filter(has).map(|person| person.id.clone()).collect();
        let only = with.pop().filter(|_| with.is_empty());
        assert_eq!(directory.user_by_email(&address(number)).map(|user| user.id.clone()), only);
        let named = model.teams.iter().find(|team| same(&team.name, &name(number)));
        let found = directory.group_by_name(&name(number)).map(|group| group.id.clone());
        assert_eq!(found, named.map(|team| team.id.clone()));
        let known = model.teams.iter().find(|team| team.external == Some(external(number)));
        let found = directory.group_by_external_id(&external(number)).map(|group| group.id.clone());
        assert_eq!(found, known.map(|team| team.id.clone()));
    }
}

fn people_agree(directory: &Directory, model: &Model) {
    let mut ids: Vec<_> = model.people.iter().map(|person| person.id.clone()).collect();
    ids.sort();
    let found = |users: Vec<std::sync::Arc<directory::DirectoryUser>>| -> Vec<DirectoryUserId> {
        users.iter().map(|user| user.id.clone()).collect()
    };
    let (users, total) = directory.users_at(1, 3);
    assert_eq!(found(users), ids.iter().skip(1).take(3).cloned().collect::<Vec<_>>());
    assert_eq!((total, found(directory.users(None, 1000))), (ids.len(), ids));
    for person in &model.people {
        let user = directory.user(&person.id).unwrap();
        assert_eq!((&NewUser::from(user.as_ref()), user.version), (&person.value, person.version));
        assert_eq!(directory.active_user(&person.id).is_some(), person.value.active);
        let mut groups: Vec<_> =
            model.teams.iter().filter(|team| team.members.contains(&person.id)).map(|team| team.id.clone()).collect();
        groups.sort();
        let all: Vec<_> = directory.groups_of(&person.id).iter().map(|group| group.id.clone()).collect();
        assert_eq!((directory.group_count_of(&person.id), &all), (groups.len(), &groups));
        let behind: Vec<_> =
            directory.groups_after(&person.id, groups.first(), 2).iter().map(|group| group.id.clone()).collect();
        assert_eq!(behind, groups.iter().skip(1).take(2).cloned().collect::<Vec<_>>());
        if let Some((token, opens)) = &person.link {
            let opened = directory.reset_link(token).map(|user| user.id().clone());
            assert_eq!(opened.ok(), opens.then(|| person.id.clone()));
        }
    }
}

fn teams_agree(directory: &Directory, model: &Model) {
    assert_eq!(directory.group_count(), model.teams.len());
    for team in &model.teams {
        let group = directory.group(&team.id).unwrap();
        let found = (&group.display_name, &group.external_id, group.origin, group.version);
        assert_eq!(found, (&team.name, &team.external, team.origin, team.version));
        let members: Vec<_> = team.members.iter().cloned().collect();
        let ids = |users: Vec<std::sync::Arc<directory::DirectoryUser>>| -> Vec<DirectoryUserId> {
            users.iter().map(|user| user.id.clone()).collect()
        };
        assert_eq!(
            (directory.member_count(&team.id), ids(directory.members_of(&team.id))),
            (members.len(), members.clone())
        );
        let (page, total) = directory.members_at(&team.id, 1, 2);
        let expected: Vec<_> = members.iter().skip(1).take(2).cloned().collect();
        assert_eq!((ids(page), total), (expected.clone(), members.len()));
        if let Some(first) = members.first() {
            assert_eq!(ids(directory.members_after(&team.id, Some(first), 2)), expected);
        }
        for person in &model.people {
            assert_eq!(directory.is_member(&team.id, &person.id), team.members.contains(&person.id));
        }
    }
}

/// Each membership has an id of its own by which it is found, and nothing else has.
pub(crate) async fn memberships_agree(directory: &Directory, model: &Model) {
    let mut seen = BTreeSet::new();
    for team in &model.teams {
        let pairs: Vec<_> = model.people.iter().map(|person| (team.id.clone(), person.id.clone())).collect();
        let ids = directory.membership_ids(&pairs).await.unwrap();
        for (pair, id) in pairs.into_iter().zip(ids) {
            assert_eq!(id.is_some(), team.members.contains(&pair.1), "{pair:?}");
            let Some(id) = id else { continue };
            assert_eq!(directory.membership(&id).await.unwrap(), Some(pair));
            assert!(seen.insert(id));
        }
    }
}
