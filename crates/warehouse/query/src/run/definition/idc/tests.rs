use base::AuditStep;

use crate::idc_permissions::IdcAsk;
use crate::testing::{APPLICATION, World, field, ok, refused, run};

const ROLE: &str = "arn:aws:iam::123456789012:role/R";

fn alter(clauses: &str) -> String {
    format!("ALTER IDENTITY PROVIDER idp {clauses}")
}

/// What is asked for which statement; nothing to take something away.
#[tokio::test]
async fn definitions_of_the_provider_and_its_people_are_asked_in_its_role() {
    let world = World::new().await;
    let both = vec![IdcAsk::DescribeApplication, IdcAsk::DescribeInstance];
    let instance = vec![IdcAsk::DescribeInstance];
    let cases = [
        (alter(&format!("IAM_ROLE '{ROLE}'")), Some(both.clone())),
        (alter("NAMESPACE 'other'"), Some(both.clone())),
        (alter("DISABLE"), None),
        (alter("ENABLE"), Some(both)),
        ("CREATE ROLE \"other:ops\"".to_owned(), Some(instance.clone())),
        ("CREATE USER \"other:ann\" PASSWORD DISABLE".to_owned(), Some(instance)),
        ("ALTER USER \"other:ann\" CREATEUSER".to_owned(), None),
        ("CREATE ROLE plain".to_owned(), None),
        ("GRANT ROLE plain TO bob".to_owned(), None),
        ("DROP IDENTITY PROVIDER idp CASCADE".to_owned(), None),
    ];
    world.idc.asked();
    let mut admin = world.admin().await;
    for (statement, asks) in cases {
        ok(&mut admin, &statement).await;
        let asked = world.idc.asked();
        assert_eq!(asked.first().map(|question| question.asks.clone()), asks, "{statement}");
        for question in asked {
            assert_eq!((question.role.as_deref(), question.application.as_str()), (Some(ROLE), APPLICATION));
        }
    }
}

#[tokio::test]
async fn a_role_that_may_not_is_refused_in_redshifts_words_and_nothing_is_done() {
    let world = World::new().await;
    world.idc.deny("default");
    world.forget();
    let mut admin = world.admin().await;
    let reference = admin.handle.context().correlation().clone();
    let error = run(&mut admin, "CREATE ROLE \"awsidc:ops\"").await.unwrap_err();
    assert_eq!(error.sqlstate, "42501");
    let line = format!("(default) Insufficient privileges to access AWS IdC. [ErrorId: {reference}]");
    assert_eq!(error.message.message, line);
    assert_eq!(error.message.detail.as_deref(), Some("The role may not sso:DescribeInstance."));
    assert_eq!(error.message.hint.as_deref(), Some("Allow it."));
    assert!(!world.engine.stored("role").iter().any(|row| row.contains("ops")));
    let records = world.audit.take(AuditStep::Statement);
    let denied = records.iter().find(|record| record.outcome == base::Outcome::Denied).unwrap();
    assert_eq!(denied.correlation, reference);
    assert_eq!(
        (field(denied, "mend"), field(denied, "reason")),
        ("Allow it.", "The role may not sso:DescribeInstance.")
    );
    assert!(field(denied, "checks").contains("sso:DescribeInstance"));
    let refusal = refused(&mut admin, &alter("NAMESPACE 'x'")).await;
    assert!(refusal.contains("Insufficient privileges to access AWS IdC."), "{refusal}");
    ok(&mut admin, &alter("DISABLE")).await;
}

#[tokio::test]
async fn an_application_that_is_not_there_is_refused() {
    let world = World::new().await;
    let mut admin = world.admin().await;
    let gone = "arn:aws:sso::123456789012:application/ssoins-1/apl-gone";
    let create =
        format!("CREATE IDENTITY PROVIDER two TYPE AWSIDC NAMESPACE 'n' APPLICATION_ARN '{gone}' IAM_ROLE '{ROLE}'");
    let refusal = refused(&mut admin, &create).await;
    assert_eq!(refusal, format!("42704 the application \"{gone}\" does not exist in IAM Identity Center"));
}
