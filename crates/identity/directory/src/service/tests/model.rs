//! Random operations on the directory and on a model that scans lists.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

#[derive(Debug, Clone)]
enum Operation {
    CreateUser { name: u8, external: Option<u8> },
    ReplaceUser { user: usize, name: u8, external: Option<u8>, active: bool },
    DeleteUser { user: usize },
    CreateGroup { name: u8, members: Vec<usize> },
    RenameGroup { group: usize, name: u8 },
    ChangeMembers { group: usize, add: Vec<usize>, remove: Vec<usize> },
    ReplaceMembers { group: usize, members: Vec<usize> },
    DeleteGroup { group: usize },
}

fn operation() -> impl Strategy<Value = Operation> {
    use Operation::*;
    let some = || prop::collection::vec(0..6_usize, 0..4);
    let external = || prop::option::of(0..4_u8);
    prop_oneof![
        3 => (0..8_u8, external()).prop_map(|(name, external)| CreateUser { name, external }),
        2 => (0..6_usize, 0..8_u8, external(), any::<bool>())
            .prop_map(|(user, name, external, active)| ReplaceUser { user, name, external, active }),
        1 => (0..6_usize).prop_map(|user| DeleteUser { user }),
        2 => (0..5_u8, some()).prop_map(|(name, members)| CreateGroup { name, members }),
        1 => (0..4_usize, 0..5_u8).prop_map(|(group, name)| RenameGroup { group, name }),
        3 => (0..4_usize, some(), some()).prop_map(|(group, add, remove)| ChangeMembers { group, add, remove }),
        1 => (0..4_usize, some()).prop_map(|(group, members)| ReplaceMembers { group, members }),
        1 => (0..4_usize).prop_map(|group| DeleteGroup { group }),
    ]
}

/// Even and odd numbers are the same name in other letters.
fn name(number: u8) -> String {
    if number.is_multiple_of(2) { format!("name{}", number / 2) } else { format!("NAME{}", number / 2) }
}

#[derive(Debug, Default)]
struct Model {
    users: Vec<(DirectoryUserId, NewUser)>,
    groups: Vec<(DirectoryGroupId, String, BTreeSet<DirectoryUserId>)>,
}

impl Model {
    fn id(&self, user: usize) -> DirectoryUserId {
        self.users.get(user).map_or_else(|| DirectoryUserId::new(format!("stranger{user}")), |(id, _)| id.clone())
    }

    fn ids(&self, users: &[usize]) -> Vec<DirectoryUserId> {
        users.iter().map(|user| self.id(*user)).collect()
    }

    fn group(&self, group: usize) -> DirectoryGroupId {
        self.groups.get(group).map_or_else(|| DirectoryGroupId::new("nothing"), |(id, ..)| id.clone())
    }

    fn knows(&self, id: &DirectoryUserId) -> bool {
        self.users.iter().any(|(known, _)| known == id)
    }

    fn user_fits(&self, id: Option<&DirectoryUserId>, new: &NewUser) -> bool {
        self.users.iter().filter(|(other, _)| Some(other) != id).all(|(_, other)| {
            other.user_name.to_lowercase() != new.user_name.to_lowercase()
                && (new.external_id.is_none() || other.external_id != new.external_id)
        })
    }

    fn group_fits(&self, id: Option<&DirectoryGroupId>, name: &str) -> bool {
        self.groups.iter().all(|(other, taken, _)| Some(other) == id || taken.to_lowercase() != name.to_lowercase())
    }
}

fn value(number: u8, external: Option<u8>, active: bool) -> NewUser {
    NewUser { external_id: external.map(|id| format!("x{id}")), active, ..person(&name(number)) }
}

async fn step_user(directory: &Directory, model: &mut Model, operation: &Operation) {
    match operation {
        Operation::CreateUser { name, external } => {
            let new = value(*name, *external, true);
            let created = directory.create_user(new.clone()).await;
            assert_eq!(created.is_ok(), model.user_fits(None, &new));
            model.users.extend(created.ok().map(|user| (user.id.clone(), new)));
        }
        Operation::ReplaceUser { user, name, external, active } => {
            let (id, new) = (model.id(*user), value(*name, *external, *active));
            let expected = model.knows(&id) && model.user_fits(Some(&id), &new);
            assert_eq!(directory.replace_user(&id, None, new.clone()).await.is_ok(), expected);
            if expected {
                model.users.iter_mut().filter(|(known, _)| *known == id).for_each(|(_, kept)| kept.clone_from(&new));
            }
        }
        Operation::DeleteUser { user } => {
            let id = model.id(*user);
            assert_eq!(directory.delete_user(&id, None).await.is_ok(), model.knows(&id));
            model.users.retain(|(known, _)| *known != id);
            model.groups.iter_mut().for_each(|(_, _, members)| {
                members.remove(&id);
            });
        }
        Operation::CreateGroup { .. }
        | Operation::RenameGroup { .. }
        | Operation::ChangeMembers { .. }
        | Operation::ReplaceMembers { .. }
        | Operation::DeleteGroup { .. } => {}
    }
}

async fn step_group(directory: &Directory, model: &mut Model, operation: &Operation) {
    match operation {
        Operation::CreateGroup { name: number, members } => {
            let (name, ids) = (name(*number), model.ids(members));
            let expected = model.group_fits(None, &name) && ids.iter().all(|id| model.knows(id));
            let created = directory.create_group(NewGroup { members: ids.clone(), ..team(&name) }).await;
            assert_eq!(created.is_ok(), expected);
            model.groups.extend(created.ok().map(|group| (group.id.clone(), name, ids.into_iter().collect())));
        }
        Operation::RenameGroup { group, name: number } => {
            let (id, name) = (model.group(*group), name(*number));
            let expected = model.groups.iter().any(|(known, ..)| *known == id) && model.group_fits(Some(&id), &name);
            let renamed = directory
                .update_group(&id, None, |current| {
                    Ok::<_, DirectoryError>(crate::edit::GroupEdit { display_name: name.clone(), ..current.into() })
                })
                .await;
            assert_eq!(renamed.is_ok(), expected);
            if expected {
                model
                    .groups
                    .iter_mut()
                    .filter(|(known, ..)| *known == id)
                    .for_each(|(_, kept, _)| kept.clone_from(&name));
            }
        }
        Operation::ChangeMembers { group, add, remove } => {
            let (id, add, remove) = (model.group(*group), model.ids(add), model.ids(remove));
            let joins: Vec<_> = add.iter().filter(|user| !remove.contains(user)).cloned().collect();
            let expected =
                model.groups.iter().any(|(known, ..)| *known == id) && joins.iter().all(|user| model.knows(user));
            assert_eq!(directory.change_members(&id, &add, &remove).await.is_ok(), expected);
            if let Some((.., members)) = model.groups.iter_mut().find(|(known, ..)| expected && *known == id) {
                members.retain(|user| !remove.contains(user));
                members.extend(joins);
            }
        }
        Operation::ReplaceMembers { group, members } => {
            let (id, ids) = (model.group(*group), model.ids(members));
            let expected =
                model.groups.iter().any(|(known, ..)| *known == id) && ids.iter().all(|user| model.knows(user));
            assert_eq!(directory.replace_members(&id, &ids).await.is_ok(), expected);
            if let Some((.., members)) = model.groups.iter_mut().find(|(known, ..)| expected && *known == id) {
                *members = ids.into_iter().collect();
            }
        }
        Operation::DeleteGroup { group } => {
            let id = model.group(*group);
            let expected = model.groups.iter().any(|(known, ..)| *known == id);
            assert_eq!(directory.delete_group(&id, None).await.is_ok(), expected);
            model.groups.retain(|(known, ..)| *known != id);
        }
        Operation::CreateUser { .. } | Operation::ReplaceUser { .. } | Operation::DeleteUser { .. } => {}
    }
}

fn agrees(directory: &Directory, model: &Model) {
    let mut ids: Vec<_> = model.users.iter().map(|(id, _)| id.clone()).collect();
    ids.sort();
    let (users, total) = directory.users_at(0, 1000);
    assert_eq!(users.iter().map(|user| user.id.clone()).collect::<Vec<_>>(), ids);
    assert_eq!(total, ids.len());
    for (id, new) in &model.users {
        assert_eq!(&NewUser::from(directory.user(id).unwrap().as_ref()), new);
        assert_eq!(&directory.user_by_name(&new.user_name.to_uppercase()).unwrap().id, id);
        assert_eq!(directory.active_user(id).is_some(), new.active);
        let groups: BTreeSet<_> = directory.groups_of(id).iter().map(|group| group.id.clone()).collect();
        let expected =
            model.groups.iter().filter(|(.., members)| members.contains(id)).map(|(group, ..)| group.clone());
        assert_eq!(groups, expected.collect());
    }
    for number in 0..8 {
        let holder = model.users.iter().find(|(_, user)| user.user_name.to_lowercase() == name(number).to_lowercase());
        assert_eq!(directory.user_by_name(&name(number)).map(|user| user.id.clone()), holder.map(|(id, _)| id.clone()));
        let external = format!("x{number}");
        let holder = model.users.iter().find(|(_, user)| user.external_id.as_ref() == Some(&external));
        assert_eq!(
            directory.user_by_external_id(&external).map(|user| user.id.clone()),
            holder.map(|(id, _)| id.clone())
        );
        let holder = model.groups.iter().find(|(_, kept, _)| kept.to_lowercase() == name(number).to_lowercase());
        assert_eq!(
            directory.group_by_name(&name(number)).map(|group| group.id.clone()),
            holder.map(|(id, ..)| id.clone())
        );
    }
    assert_eq!(directory.group_count(), model.groups.len());
    for (id, name, members) in &model.groups {
        assert_eq!(&directory.group(id).unwrap().display_name, name);
        let found: Vec<_> = directory.members_of(id).iter().map(|user| user.id.clone()).collect();
        assert_eq!(found, members.iter().cloned().collect::<Vec<_>>());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn random_operations_agree_with_a_naive_model(operations in prop::collection::vec(operation(), 1..60)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let World { directory, store, clock } = world().await;
            let mut model = Model::default();
            for operation in &operations {
                step_user(&directory, &mut model, operation).await;
                step_group(&directory, &mut model, operation).await;
                agrees(&directory, &model);
            }
            let again = Directory::open(store, clock).await.unwrap();
            agrees(&again, &model);
        });
    }
}
