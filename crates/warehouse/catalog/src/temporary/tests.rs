use super::*;
use crate::testing::Bench;

fn login<'a>(user: &'a str, make: bool, groups: &'a [String], roles: &'a [String]) -> TemporaryLogin<'a> {
    TemporaryLogin { user, make, groups, roles }
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[track_caller]
fn plan(bench: &Bench, login: &TemporaryLogin<'_>) -> TemporaryStanding {
    plan_temporary_login(&bench.catalog, login, bench.catalog.next_id()).unwrap()
}

#[track_caller]
fn refused(bench: &Bench, login: &TemporaryLogin<'_>) -> CatalogError {
    let error = plan_temporary_login(&bench.catalog, login, bench.catalog.next_id()).unwrap_err();
    assert_eq!(error.sqlstate(), "28000");
    error
}

#[test]
fn a_user_is_made_where_that_was_asked_for_and_found_the_next_time() {
    let mut bench = Bench::new();
    for name in ["bob", "IAM:alice", "IAMR:Analysts"] {
        let first = plan(&bench, &login(name, true, &[], &[]));
        bench.apply(&first.ops);
        let user = bench.catalog.user_by_name(name).unwrap();
        assert!(user.id == first.user && user.password.is_none() && !user.superuser, "{name}");
        let second = plan(&bench, &login(name, false, &[], &[]));
        assert_eq!((second.user, second.ops.len()), (first.user, 0));
    }
}

#[test]
fn a_user_who_is_not_there_is_refused_with_what_to_do() {
    let mut bench = Bench::new();
    let error = refused(&bench, &login("bob", false, &[], &[]));
    assert_eq!(error.message.message, "user \"bob\" does not exist");
    let hint = error.message.hint.unwrap();
    assert!(hint.contains("AutoCreate=true") && hint.contains("CREATE USER bob PASSWORD DISABLE;"), "{hint}");
    bench.run("CREATE USER bob PASSWORD DISABLE");
    let error = refused(&bench, &login("Bob", false, &[], &[]));
    assert!(error.message.detail.unwrap().contains("There is a user \"bob\""));
}

#[test]
fn nobody_is_the_warehouses_own_user_or_public_or_a_role() {
    let mut bench = Bench::new();
    bench.run("CREATE ROLE sales");
    for (name, told) in [("rdsdb", "own"), ("public", "reserved"), ("sales", "name of a role")] {
        let error = plan_temporary_login(&bench.catalog, &login(name, true, &[], &[]), 9000).unwrap_err();
        assert!(error.message.message.contains(told), "{name}: {error:?}");
    }
}

#[test]
fn groups_and_roles_must_be_there() {
    let mut bench = Bench::new();
    bench.run_all(&["CREATE USER bob PASSWORD DISABLE", "CREATE GROUP \"redshift-dbgroup\"", "CREATE ROLE r"]);
    let (groups, roles) = (names(&["redshift-dbgroup"]), names(&["r"]));
    let standing = plan(&bench, &login("bob", false, &groups, &roles));
    assert_eq!(bench.catalog.group(standing.groups[0]).unwrap().name, "redshift-dbgroup");
    assert_eq!(bench.catalog.role_name(standing.roles[0]), "r");
    assert!(standing.ops.is_empty(), "neither is stored");
    let error = refused(&bench, &login("bob", false, &names(&["redshift-dbgroup", "no-group"]), &[]));
    assert_eq!(error.message.message, "group \"no-group\" does not exist");
    assert!(error.message.hint.unwrap().contains("CREATE GROUP \"no-group\";"));
    let error = refused(&bench, &login("bob", false, &[], &names(&["none"])));
    assert_eq!(error.message.message, "role \"none\" does not exist");
    assert!(error.message.hint.unwrap().contains("CREATE ROLE none;"));
}

/// The users of IAM identities are users like others, but for a password.
#[test]
fn users_of_iam_identities_are_administered_and_dropped() {
    let mut bench = Bench::new();
    let made = plan(&bench, &login("IAMR:Analysts", true, &[], &[]));
    bench.apply(&made.ops);
    bench.run_all(&[
        "CREATE SCHEMA s",
        "GRANT USAGE ON SCHEMA s TO \"IAMR:Analysts\"",
        "CREATE GROUP g USER \"IAMR:Analysts\"",
    ]);
    assert_eq!(
        bench.refusal("ALTER USER \"IAMR:Analysts\" PASSWORD 'Passw0rd1'"),
        "22023 user \"IAMR:Analysts\" can't have a password: it is an IAM identity's"
    );
    bench.run_all(&["ALTER USER \"IAMR:Analysts\" CREATEUSER", "ALTER USER \"IAMR:Analysts\" NOCREATEUSER"]);
    assert!(bench.refusal("CREATE USER \"IAMR:Other\" PASSWORD DISABLE").starts_with("42704"));
    bench.run_all(&["REVOKE USAGE ON SCHEMA s FROM \"IAMR:Analysts\"", "DROP USER \"IAMR:Analysts\""]);
    assert!(bench.catalog.user_by_name("IAMR:Analysts").is_none());
}
