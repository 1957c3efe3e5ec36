use catalog::Unmapped;

use crate::testing::{Bench, PROVIDER};
use crate::{RoleSource, SessionPrincipals, effective_principals};

fn bench() -> Bench {
    Bench::new(&[
        PROVIDER,
        "CREATE USER u PASSWORD 'Passw0rd1'",
        "CREATE GROUP g WITH USER u",
        "CREATE GROUP h",
        "CREATE ROLE \"awsidc:sales\"",
        "CREATE ROLE middle",
        "CREATE ROLE deep",
        "GRANT ROLE middle TO ROLE \"awsidc:sales\"",
        "GRANT ROLE deep TO ROLE middle",
        "GRANT ROLE deep TO u",
    ])
}

#[test]
fn every_role_says_where_it_comes_from() {
    let bench = bench();
    let session = bench.session(&[("awsidc:sales", "sales")], &[("ops", Unmapped::NoRole)]);
    let principals = bench.principals("u", &session);
    let role = |name: &str| bench.catalog.role_by_name(name).unwrap().id;
    let sources = |name: &str| principals.roles[&role(name)].iter().cloned().collect::<Vec<_>>();
    assert_eq!(sources("awsidc:sales"), [RoleSource::DirectoryGroup("sales".to_owned())]);
    assert_eq!(sources("middle"), [RoleSource::ViaRole(role("awsidc:sales"))]);
    assert_eq!(sources("deep"), [RoleSource::Granted, RoleSource::ViaRole(role("middle"))]);
    assert_eq!(principals.groups.len(), 1);
    assert_eq!(principals.unmapped.len(), 1);
    assert_eq!(principals.viewer().roles.len(), 3);
}

#[test]
fn roles_live_with_the_session() {
    let bench = bench();
    let principals = bench.principals("u", &SessionPrincipals::default());
    let names: Vec<String> = principals.roles.keys().map(|role| bench.catalog.role_name(*role)).collect();
    assert_eq!(names, ["deep"]);
}

#[test]
fn what_was_dropped_since_the_login_is_left_out() {
    let mut bench = bench();
    let mut session = bench.session(&[("awsidc:sales", "sales")], &[]);
    session.groups = vec![bench.catalog.group_by_name("h").unwrap().id];
    let user = bench.catalog.user_by_name("u").unwrap().id;
    assert_eq!(bench.principals("u", &session).groups.len(), 2);
    bench.run("DROP ROLE \"awsidc:sales\" FORCE");
    bench.run("DROP GROUP h");
    let principals = bench.principals("u", &session);
    assert_eq!((principals.roles.len(), principals.groups.len()), (1, 1));
    bench.run("DROP USER u");
    assert!(
        effective_principals(&bench.catalog, user, &session).is_none(),
        "a session without its user may do nothing"
    );
}
