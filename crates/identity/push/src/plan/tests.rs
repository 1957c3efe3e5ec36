use std::collections::BTreeMap;

use proptest::collection::{btree_set, vec};
use proptest::prelude::*;

use super::*;

fn object(value: Value) -> Attributes {
    let Value::Object(object) = value else { panic!("no object") };
    object
}

fn known(has: Value, sent: Option<Value>) -> KnownUser {
    KnownUser { remote: "r1".to_owned(), has: object(has), sent: sent.map(object) }
}

#[test]
fn only_what_differs_is_changed() {
    let wanted = object(json!({"userName": "ethan", "title": "Agent", "active": true}));
    let has = known(json!({"userName": "ethan", "title": "Clerk", "active": true}), None);
    let changes = vec![Change { path: "title".to_owned(), from: Some(json!("Clerk")), to: Some(json!("Agent")) }];
    let step = UserStep::Change { remote: "r1".to_owned(), changes: changes.clone() };
    assert_eq!(user(Some(&wanted), Some(&has), Deprovision::Deactivate), step);
    assert_eq!(operations(&changes), json!([{"op": "replace", "path": "title", "value": "Agent"}]));
}

#[test]
fn an_attribute_that_we_sent_is_removed_and_one_that_we_didnt_stays() {
    let wanted = object(json!({"userName": "ethan"}));
    let has = json!({"userName": "ethan", "title": "Agent"});
    assert_eq!(user(Some(&wanted), Some(&known(has.clone(), None)), Deprovision::Deactivate), UserStep::Nothing);
    let sent = Some(json!({"userName": "ethan", "title": "Agent"}));
    let UserStep::Change { changes, .. } =
        user(Some(&wanted), Some(&known(has, sent.clone())), Deprovision::Deactivate)
    else {
        panic!("no change")
    };
    assert_eq!(operations(&changes), json!([{"op": "remove", "path": "title"}]));
    let is_gone = known(json!({"userName": "ethan"}), sent);
    assert_eq!(user(Some(&wanted), Some(&is_gone), Deprovision::Deactivate), UserStep::Nothing);
}

#[test]
fn a_value_that_the_server_keeps_with_more_is_the_same() {
    let wanted = object(json!({"emails": [{"value": "e@example.com", "primary": true}]}));
    let has = json!({"emails": [{"value": "x"}, {"value": "e@example.com", "primary": true, "display": "E"}]});
    assert_eq!(user(Some(&wanted), Some(&known(has, None)), Deprovision::Deactivate), UserStep::Nothing);
    let other = json!({"emails": [{"value": "e@example.com", "primary": false}]});
    let step = user(Some(&wanted), Some(&known(other, None)), Deprovision::Deactivate);
    assert!(matches!(step, UserStep::Change { .. }));
}

#[test]
fn somebody_whom_we_never_pushed_is_never_taken_away() {
    let stranger = known(json!({"userName": "stranger", "active": true}), None);
    for deprovision in [Deprovision::Deactivate, Deprovision::Delete] {
        assert_eq!(user(None, Some(&stranger), deprovision), UserStep::Nothing);
    }
}

/// A server as simple as can be.
#[derive(Debug, Clone, PartialEq)]
struct Naive {
    users: BTreeMap<String, Attributes>,
    members: BTreeSet<String>,
}

fn attributes() -> impl Strategy<Value = Attributes> {
    let name = prop_oneof![Just("title"), Just("locale"), Just("name.givenName"), Just("displayName")];
    vec((name, "[ab]{1,2}"), 0..5).prop_map(|pairs| {
        let mut attributes: Attributes =
            pairs.into_iter().map(|(name, value)| (name.to_owned(), json!(value))).collect();
        attributes.insert("active".to_owned(), json!(true));
        attributes
    })
}

fn deprovision() -> impl Strategy<Value = Deprovision> {
    prop_oneof![Just(Deprovision::Deactivate), Just(Deprovision::Delete)]
}

/// What the step makes of the server.
fn apply_user(server: &mut Naive, wanted: Option<&Attributes>, step: &UserStep) {
    match step {
        UserStep::Nothing => {}
        UserStep::Create => {
            server.users.insert("new".to_owned(), wanted.unwrap().clone());
        }
        UserStep::Change { remote, changes } => {
            for change in changes {
                let user = server.users.get_mut(remote).unwrap();
                assert_eq!(user.get(&change.path), change.from.as_ref());
                match &change.to {
                    Some(value) => user.insert(change.path.clone(), value.clone()),
                    None => user.remove(&change.path),
                };
            }
        }
        UserStep::Deactivate { remote } => {
            server.users.get_mut(remote).unwrap().insert("active".to_owned(), json!(false));
        }
        UserStep::Delete { remote } => {
            server.users.remove(remote);
        }
    }
}

proptest! {
    /// Whatever the server has, and whatever we sent it before: after the step it has what is wanted, and all else is as it was.
    #[test]
    fn a_step_gives_what_is_wanted_and_touches_nothing_else(
        wanted in proptest::option::of(attributes()),
        there in proptest::option::of((attributes(), proptest::option::of(attributes()))),
        is_active in any::<bool>(),
        deprovision in deprovision(),
    ) {
        let mut server = Naive { users: BTreeMap::new(), members: BTreeSet::new() };
        server.users.insert("stranger".to_owned(), object(json!({"title": "theirs", "active": true})));
        let known = there.map(|(mut has, sent)| {
            has.insert("active".to_owned(), json!(is_active));
            server.users.insert("r1".to_owned(), has.clone());
            KnownUser { remote: "r1".to_owned(), has, sent }
        });
        let before = server.clone();
        let step = user(wanted.as_ref(), known.as_ref(), deprovision);
        apply_user(&mut server, wanted.as_ref(), &step);
        prop_assert_eq!(&server.users["stranger"], &before.users["stranger"]);
        let remote = if known.is_some() { "r1" } else { "new" };
        let after = server.users.get(remote);
        match (&wanted, &known) {
            (Some(wanted), known) => {
                let after = after.unwrap();
                for (path, value) in wanted {
                    prop_assert_eq!(after.get(path), Some(value));
                }
                let ours = |path: &String| {
                    wanted.contains_key(path)
                        || known.as_ref().and_then(|known| known.sent.as_ref()).is_some_and(|sent| sent.contains_key(path))
                };
                let had = before.users.get(remote).cloned().unwrap_or_default();
                for (path, value) in had.iter().filter(|(path, _)| !ours(path)) {
                    prop_assert_eq!(after.get(path), Some(value), "{} isn't ours", path);
                }
                for path in after.keys().filter(|path| !wanted.contains_key(*path)) {
                    prop_assert!(!ours(path), "{} was ours", path);
                }
                // Once more, there is nothing to do.
                let sent = Some(wanted.clone());
                let again = KnownUser { remote: remote.to_owned(), has: after.clone(), sent };
                prop_assert_eq!(user(Some(wanted), Some(&again), deprovision), UserStep::Nothing);
            }
            (None, Some(known)) if known.sent.is_some() => {
                prop_assert!(after.is_none_or(|after| after["active"] == json!(false)));
                prop_assert_eq!(after.is_none(), deprovision == Deprovision::Delete && is_active);
            }
            (None, _) => prop_assert_eq!(&server, &before),
        }
    }

    /// The members of a group afterwards: those who are wanted, and everybody who isn't ours.
    #[test]
    fn a_group_gets_our_people_and_keeps_others(
        wanted in proptest::option::of(btree_set("[a-h]", 0..8)),
        there in proptest::option::of(btree_set("[a-l]", 0..8)),
        created in any::<bool>(),
        is_renamed in any::<bool>(),
    ) {
        // a..h are people of ours, i..l are others
        let ours: BTreeSet<String> = ('a'..='h').map(String::from).collect();
        let known = there.clone().map(|members| KnownGroup {
            remote: "g1".to_owned(),
            display_name: if is_renamed { "before".to_owned() } else { "now".to_owned() },
            members,
            created,
        });
        let wanted_group = wanted.clone().map(|members| WantedGroup { display_name: "now".to_owned(), members });
        let mut after = there.clone();
        match group(wanted_group.as_ref(), known.as_ref(), &ours) {
            GroupStep::Nothing => prop_assert!(!is_renamed || wanted.is_none() || there.is_none()),
            GroupStep::Create { members } => after = Some(members),
            GroupStep::Change { rename, add, remove, .. } => {
                prop_assert_eq!(rename, is_renamed);
                let members = after.as_mut().unwrap();
                prop_assert!(remove.iter().all(|member| members.remove(member)));
                prop_assert!(add.into_iter().all(|member| members.insert(member)));
            }
            GroupStep::Delete { .. } => {
                prop_assert!(created);
                after = None;
            }
            GroupStep::Release { remove, .. } => {
                prop_assert!(!created);
                let members = after.as_mut().unwrap();
                prop_assert!(remove.iter().all(|member| members.remove(member)));
            }
        }
        let others = |members: &BTreeSet<String>| members.difference(&ours).cloned().collect::<BTreeSet<_>>();
        match (wanted, there, after) {
            (Some(wanted), there, Some(after)) => {
                let stayed = there.as_ref().map(others).unwrap_or_default();
                prop_assert_eq!(after, wanted.union(&stayed).cloned().collect::<BTreeSet<_>>());
            }
            (None, Some(there), Some(after)) => prop_assert_eq!(after, others(&there)),
            (None, Some(_), None) => prop_assert!(created),
            (None, None, after) => prop_assert!(after.is_none()),
            (Some(_), _, None) => prop_assert!(false, "it has to be there"),
        }
    }
}
