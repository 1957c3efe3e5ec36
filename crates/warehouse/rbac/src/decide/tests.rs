use std::collections::BTreeSet;

use base::id::{DbRoleId, DbUserId};
use catalog::{Catalog, GranteeId, ObjectId, SessionRole};
use proptest::prelude::*;
use sql::Privilege;

use crate::testing::Bench;
use crate::{Decision, Requirement, SessionPrincipals, decide, effective_principals};

mod matrix;

const USERS: [&str; 3] = ["u1", "u2", "u3"];
const ROLES: [&str; 4] = ["r1", "r2", "r3", "r4"];

fn statement() -> impl Strategy<Value = String> {
    let user = || prop::sample::select(USERS.to_vec());
    let role = || prop::sample::select(ROLES.to_vec());
    let grantee = || {
        prop_oneof![
            prop::sample::select(USERS.to_vec()).prop_map(ToOwned::to_owned),
            prop::sample::select(ROLES.to_vec()).prop_map(|role| format!("ROLE {role}")),
            Just("GROUP g".to_owned()),
            Just("PUBLIC".to_owned()),
        ]
    };
    let privilege = || prop::sample::select(vec!["SELECT", "DELETE", "TRUNCATE", "ALL"]);
    prop_oneof![
        (role(), role()).prop_map(|(r, to)| format!("GRANT ROLE {r} TO ROLE {to}")),
        (role(), role()).prop_map(|(r, from)| format!("REVOKE ROLE {r} FROM ROLE {from}")),
        (role(), user()).prop_map(|(r, u)| format!("GRANT ROLE {r} TO {u}")),
        (role(), user()).prop_map(|(r, u)| format!("REVOKE ROLE {r} FROM {u}")),
        user().prop_map(|u| format!("ALTER GROUP g ADD USER {u}")),
        user().prop_map(|u| format!("ALTER GROUP g DROP USER {u}")),
        (privilege(), grantee()).prop_map(|(p, g)| format!("GRANT {p} ON s.t TO {g}")),
        (privilege(), grantee()).prop_map(|(p, g)| format!("REVOKE {p} ON s.t FROM {g}")),
        grantee().prop_map(|g| format!("GRANT USAGE ON SCHEMA s TO {g}")),
        grantee().prop_map(|g| format!("REVOKE USAGE ON SCHEMA s FROM {g}")),
        user().prop_map(|u| format!("ALTER TABLE s.t OWNER TO {u}")),
        user().prop_map(|u| format!("ALTER USER {u} CREATEUSER")),
    ]
}

/// The same question answered the slow way: every grant on the object is looked at, and membership is a walk from the
/// grantee down to the user.
fn naive(catalog: &Catalog, user: DbUserId, session: &[DbRoleId], object: ObjectId, privilege: Privilege) -> bool {
    if catalog.user(user).unwrap().superuser || catalog.owner(object) == Some(user) {
        return true;
    }
    catalog.grants_on(object).any(|(grantee, grants)| {
        let reaches = match grantee {
            GranteeId::Public => true,
            GranteeId::User(id) => id == user,
            GranteeId::Group(id) => catalog.members(id).any(|member| member == user),
            GranteeId::Role(id) => reaches(catalog, id, user, session, &mut BTreeSet::new()),
        };
        reaches && grants.iter().any(|grant| grant.privilege == privilege)
    })
}

fn reaches(
    catalog: &Catalog,
    role: DbRoleId,
    user: DbUserId,
    session: &[DbRoleId],
    seen: &mut BTreeSet<DbRoleId>,
) -> bool {
    seen.insert(role)
        && (session.contains(&role)
            || catalog.users_of_role(role).any(|holder| holder == user)
            || catalog.holders_of_role(role).any(|holder| reaches(catalog, holder, user, session, seen)))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn decisions_agree_with_the_naive_model(
        statements in prop::collection::vec(statement(), 0..40),
        session in prop::sample::subsequence(ROLES.to_vec(), 0..=2),
    ) {
        let mut bench = Bench::new(&[
            "CREATE USER u1 PASSWORD 'Passw0rd1'", "CREATE USER u2 PASSWORD 'Passw0rd1'", "CREATE USER u3 PASSWORD 'Passw0rd1'",
            "CREATE ROLE r1", "CREATE ROLE r2", "CREATE ROLE r3", "CREATE ROLE r4",
            "CREATE GROUP g", "CREATE SCHEMA s", "CREATE TABLE s.t (a int)",
        ]);
        for text in &statements {
            let _ = bench.try_run(text);
        }
        let catalog = &bench.catalog;
        let schema = catalog.schema_by_name("s").unwrap().id;
        let table = catalog.relation_by_name(schema, "t").unwrap().id;
        let roles: Vec<DbRoleId> = session.iter().map(|role| catalog.role_by_name(role).unwrap().id).collect();
        let session = SessionPrincipals {
            roles: roles.iter().map(|role| SessionRole { role: *role, group: "g".to_owned() }).collect(),
            ..SessionPrincipals::default()
        };
        for user in USERS {
            let user = catalog.user_by_name(user).unwrap().id;
            let principals = effective_principals(catalog, user, &session).unwrap();
            for privilege in [Privilege::Select, Privilege::Insert, Privilege::Delete, Privilege::Truncate] {
                let required = [Requirement::SchemaUsage(schema), Requirement::RelationPrivilege { relation: table, privilege }];
                let expected = naive(catalog, user, &roles, ObjectId::Schema(schema), Privilege::Usage)
                    && naive(catalog, user, &roles, ObjectId::Relation(table), privilege);
                let decision = decide(&required, catalog, &principals);
                prop_assert_eq!(matches!(decision, Decision::Allowed(_)), expected, "{:?}", decision);
            }
        }
    }
}

#[test]
fn an_unknown_relation_is_denied() {
    let bench = Bench::new(&["CREATE USER u PASSWORD 'Passw0rd1'"]);
    let principals = bench.principals("u", &SessionPrincipals::default());
    let required =
        [Requirement::RelationPrivilege { relation: base::id::RelationId(9999), privilege: Privilege::Select }];
    assert!(matches!(decide(&required, &bench.catalog, &principals), Decision::Denied(_)));
}

#[test]
fn a_superuser_who_took_anothers_identity_has_only_that_ones_rights() {
    let bench = Bench::new(&["CREATE USER u PASSWORD 'Passw0rd1'", "CREATE SCHEMA s", "CREATE TABLE s.t (a int)"]);
    let session = SessionPrincipals { authenticated: Some(catalog::ADMIN_USER), ..SessionPrincipals::default() };
    let principals = bench.principals("u", &session);
    assert!(matches!(bench.decide("SELECT * FROM s.t", &principals).unwrap(), Decision::Denied(_)));
    for text in ["SET SESSION AUTHORIZATION awsuser", "SET SESSION AUTHORIZATION DEFAULT"] {
        assert!(matches!(bench.decide(text, &principals).unwrap(), Decision::Allowed(_)), "{text}");
    }
}

#[test]
fn people_change_their_own_password_and_no_more() {
    let bench = Bench::new(&["CREATE USER u PASSWORD 'Passw0rd1'", "CREATE USER v PASSWORD DISABLE"]);
    let allowed = |user: &str, text: &str| {
        let principals = bench.principals(user, &SessionPrincipals::default());
        matches!(bench.decide(text, &principals).unwrap(), Decision::Allowed(_))
    };
    assert!(allowed("u", "ALTER USER u PASSWORD 'Passw0rd2'"));
    assert!(allowed("u", "ALTER USER u SET search_path TO s"));
    assert!(!allowed("u", "ALTER USER u PASSWORD DISABLE"));
    assert!(!allowed("u", "ALTER USER u PASSWORD 'Passw0rd2' VALID UNTIL 'infinity'"));
    assert!(!allowed("u", "ALTER USER v PASSWORD 'Passw0rd2'"));
    assert!(!allowed("v", "ALTER USER v PASSWORD 'Passw0rd2'"), "a password that is off is switched on by a superuser");
}
