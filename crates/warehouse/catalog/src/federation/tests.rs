use super::{FederatedGroup, FederatedLogin, Unmapped, like, plan_login};
use crate::testing::Bench;
use crate::{CatalogError, CatalogState};

fn login(bench: &Bench, name: &str, id: &str, groups: &[(&str, &str)]) -> Result<FederatedLogin, CatalogError> {
    let provider = bench.catalog.provider_by_name("idp").unwrap().id;
    let groups: Vec<FederatedGroup<'_>> = groups.iter().map(|(id, name)| FederatedGroup { id, name }).collect();
    plan_login(&bench.catalog, provider, name, id, &groups, bench.catalog.next_id())
}

#[test]
fn the_first_login_makes_the_user_and_the_second_nothing() {
    let mut bench = Bench::with_provider();
    bench.run("CREATE ROLE \"awsidc:awssso-sales\"");
    let groups = [("g1", "awssso-sales"), ("g2", "awssso-finance")];
    let first = login(&bench, "ethan", "u1", &groups).unwrap();
    bench.apply(&first.ops);
    let user = bench.catalog.user_by_name("awsidc:ethan").unwrap();
    assert_eq!((user.id, user.external_id.as_deref()), (first.user, Some("u1")));
    assert!(!user.superuser && user.password.is_none());
    let roles: Vec<String> = first.roles.iter().map(|held| bench.catalog.role_name(held.role)).collect();
    assert_eq!(roles, ["awsidc:awssso-sales"]);
    assert_eq!(first.unmapped[0].role_name, "awsidc:awssso-finance");
    assert_eq!(first.unmapped[0].why, Unmapped::NoRole);
    let second = login(&bench, "ethan", "u1", &groups).unwrap();
    assert!(second.ops.is_empty());
    assert_eq!(second.user, first.user);
    assert_eq!(bench.catalog.roles_of_user(first.user).count(), 0, "session roles are not stored");
}

#[test]
fn a_name_does_not_pass_to_another_person_and_a_person_keeps_their_user() {
    let mut bench = Bench::with_provider();
    let ann = login(&bench, "ann", "u1", &[]).unwrap();
    bench.apply(&ann.ops);
    assert_eq!(login(&bench, "ann", "u2", &[]).unwrap_err().state, CatalogState::InvalidAuthorization);
    let renamed = login(&bench, "ann.smith", "u1", &[]).unwrap();
    bench.apply(&renamed.ops);
    assert_eq!(renamed.user, ann.user);
    assert!(bench.catalog.user_by_name("awsidc:ann").is_none());
    let other = login(&bench, "ann", "u2", &[]).unwrap();
    assert_ne!(other.user, ann.user);
}

#[test]
fn a_user_made_beforehand_is_linked_at_the_first_login() {
    let mut bench = Bench::with_provider();
    bench.run("CREATE USER \"awsidc:ann\" PASSWORD DISABLE");
    let id = bench.catalog.user_by_name("awsidc:ann").unwrap().id;
    let first = login(&bench, "ann", "u1", &[]).unwrap();
    assert_eq!(first.user, id);
    bench.apply(&first.ops);
    assert!(login(&bench, "ann", "u2", &[]).is_err());
}

#[test]
fn a_disabled_provider_lets_nobody_in() {
    let mut bench = Bench::with_provider();
    bench.run("ALTER IDENTITY PROVIDER idp DISABLE");
    let error = login(&bench, "ann", "u1", &[]).unwrap_err();
    assert_eq!((error.sqlstate(), error.message.message.as_str()), ("28000", "identity provider \"idp\" is disabled"));
}

#[test]
fn groups_map_to_the_letter_and_near_misses_are_told() {
    let mut bench = Bench::with_provider();
    bench.run_all(&["CREATE ROLE \"awsidc:sales\"", "CREATE ROLE \"awsidc:ops\" EXTERNALID \"g9\""]);
    let result = login(&bench, "ann", "u1", &[("g1", "Sales"), ("g2", "ops"), ("g3", "other")]).unwrap();
    assert!(result.roles.is_empty());
    let why: Vec<&Unmapped> = result.unmapped.iter().map(|group| &group.why).collect();
    assert_eq!(
        why,
        [&Unmapped::NearMiss { role_name: "awsidc:sales".to_owned() }, &Unmapped::OtherExternalId, &Unmapped::NoRole]
    );
    assert_eq!(login(&bench, "ann", "u1", &[("g9", "ops")]).unwrap().roles.len(), 1);
}

#[test]
fn missing_roles_are_made_where_the_provider_says_so() {
    for (clause, group, made) in [
        ("TRUE", "sales", true),
        ("FALSE", "sales", false),
        ("TRUE INCLUDE GROUPS LIKE 'dw%'", "dw_x", true),
        ("TRUE INCLUDE GROUPS LIKE 'dw%'", "Dw_x", false),
        ("TRUE EXCLUDE GROUPS LIKE 'dw%'", "dw_x", false),
        ("TRUE EXCLUDE GROUPS LIKE 'dw%'", "sales", true),
    ] {
        let mut bench = Bench::with_provider();
        bench.run(&format!("ALTER IDENTITY PROVIDER idp AUTO_CREATE_ROLES {clause}"));
        let result = login(&bench, "ann", "u1", &[("g1", group)]).unwrap();
        bench.apply(&result.ops);
        assert_eq!(result.roles.len(), usize::from(made), "{clause} {group}");
        assert_eq!(bench.catalog.role_by_name(&format!("awsidc:{group}")).is_some(), made, "{clause} {group}");
    }
}

#[test]
fn sql_reaches_a_role_that_a_login_made_in_mixed_case() {
    let mut bench = Bench::with_provider();
    bench.run("ALTER IDENTITY PROVIDER idp AUTO_CREATE_ROLES TRUE");
    let result = login(&bench, "ann", "u1", &[("g1", "Sales")]).unwrap();
    bench.apply(&result.ops);
    bench.run("GRANT USAGE ON SCHEMA public TO ROLE \"awsidc:Sales\"");
    let role = bench.catalog.role_by_name("awsidc:Sales").unwrap().id;
    assert_eq!(bench.catalog.objects_of(crate::GranteeId::Role(role)).count(), 1);
}

#[test]
fn patterns() {
    for (pattern, text, expected) in [
        ("", "", true),
        ("", "a", false),
        ("abc", "abc", true),
        ("abc", "ABC", false),
        ("%", "", true),
        ("a%c", "abbbc", true),
        ("a%c", "abbb", false),
        ("_b", "ab", true),
        ("_b", "b", false),
        ("%dw%", "x-dw-y", true),
        ("%a%a%", "aa", true),
        ("%a%a%", "a", false),
    ] {
        assert_eq!(like(pattern, text), expected, "{pattern} {text}");
    }
}
