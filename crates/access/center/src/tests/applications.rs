use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use base::id::{ApplicationArn, DirectoryUserId};
use serde_json::json;

use super::fake::{MemoryStore, application, center, new_application, people, tags, user};
use crate::{
    ActorPolicy, ApplicationEdit, ApplicationGrants, ApplicationStatus, CenterChange, CenterError, GrantType,
    NewApplication, REDSHIFT_CONNECT_SCOPE,
};

fn unknown() -> ApplicationArn {
    ApplicationArn::new("arn:aws:sso::123456789012:application/x/apl-x")
}

fn policy() -> ActorPolicy {
    let statement = json!({"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"});
    ActorPolicy::parse(json!({"Version": "2012-10-17", "Statement": statement})).unwrap()
}

#[tokio::test]
async fn a_new_application_has_what_it_was_given() {
    let store = Arc::new(MemoryStore::default());
    let first = center(&store).await;
    let instance = first.instance().arn.as_str().to_owned();
    let grants = ApplicationGrants {
        authorization_code: Some(vec!["http://localhost/".to_owned()]),
        refresh_token: true,
        token_exchange: false,
    };
    let scopes = BTreeMap::from([(REDSHIFT_CONNECT_SCOPE.to_owned(), BTreeSet::from([instance]))]);
    let new = NewApplication {
        description: Some("what it is".to_owned()),
        status: ApplicationStatus::Disabled,
        assignment_required: false,
        grants: grants.clone(),
        scopes: scopes.clone(),
        tags: tags(&[("team", "data")]),
        ..new_application("app")
    };
    let made = first.create_application(new).await.unwrap();
    assert_eq!((&made.grants, &made.scopes, &made.tags), (&grants, &scopes, &tags(&[("team", "data")])));
    assert_eq!((made.status, made.assignment_required), (ApplicationStatus::Disabled, false));
    assert!(GrantType::ALL.map(|grant| made.grants.has(grant)) == [true, true, false]);
    assert_eq!(center(&store).await.applications(), [made]);
}

#[tokio::test]
async fn a_client_token_makes_one_application() {
    let store = Arc::new(MemoryStore::default());
    let first = center(&store).await;
    let made = first.create_application_once(new_application("app"), "t").await.unwrap();
    let edit = ApplicationEdit { name: Some("renamed".to_owned()), ..ApplicationEdit::default() };
    first.update_application(&made.arn, edit).await.unwrap();
    for center in [&first, &center(&store).await] {
        let again = center.create_application_once(new_application("app"), "t").await.unwrap();
        assert_eq!((&again.arn, again.name.as_str()), (&made.arn, "renamed"));
        let other = center.create_application_once(new_application("renamed"), "t").await;
        assert_eq!(other, Err(CenterError::ClientTokenReused));
        let tagged = NewApplication { tags: tags(&[("k", "v")]), ..new_application("app") };
        assert_eq!(center.create_application_once(tagged, "t").await, Err(CenterError::ClientTokenReused));
    }
    assert_ne!(first.create_application_once(new_application("app"), "u").await.unwrap().arn, made.arn);
    assert_ne!(first.create_application(new_application("app")).await.unwrap().arn, made.arn);
    first.delete_application(&made.arn).await.unwrap();
    assert_ne!(first.create_application_once(new_application("app"), "t").await.unwrap().arn, made.arn);
    for token in [String::new(), "x".repeat(65), "a b".to_owned(), "ä".to_owned()] {
        let refused = first.create_application_once(new_application("app"), &token).await;
        assert!(matches!(refused, Err(CenterError::Invalid { field: "ClientToken", .. })), "{token:?}");
    }
}

#[tokio::test]
async fn an_edit_changes_what_it_names_and_nothing_else() {
    let center = center(&Arc::new(MemoryStore::default())).await;
    let before = application(&center).await;
    let arn = &before.arn;
    center.create_assignment(arn, &user("ethan"), &people(&["ethan"])).await.unwrap();
    let ethan = DirectoryUserId::new("ethan");
    let edit = ApplicationEdit { status: Some(ApplicationStatus::Disabled), ..ApplicationEdit::default() };
    center.update_application(arn, edit).await.unwrap();
    assert!(!center.decide(arn, &ethan, &[]).allowed);
    let edit = ApplicationEdit {
        description: Some("d".to_owned()),
        status: Some(ApplicationStatus::Enabled),
        ..ApplicationEdit::default()
    };
    center.update_application(arn, edit).await.unwrap();
    let after = center.application(arn).unwrap();
    assert_eq!((after.name.as_str(), after.description.as_deref()), ("redshift", Some("d")));
    assert!(center.decide(arn, &ethan, &[]).allowed);
    center.update_application(arn, ApplicationEdit::default()).await.unwrap();
    assert_eq!(center.application(arn).unwrap(), after);
    let edit = ApplicationEdit { name: Some(String::new()), ..ApplicationEdit::default() };
    assert!(matches!(center.update_application(arn, edit).await, Err(CenterError::Invalid { field: "Name", .. })));
    let edit = ApplicationEdit { description: Some("d".repeat(129)), ..ApplicationEdit::default() };
    assert!(center.update_application(arn, edit).await.is_err());
    assert_eq!(center.application(arn).unwrap(), after);
    let missing = center.update_application(&unknown(), ApplicationEdit::default()).await;
    assert_eq!(missing, Err(CenterError::ApplicationNotFound(unknown())));
}

#[tokio::test]
async fn grants_are_put_and_deleted() {
    let center = center(&Arc::new(MemoryStore::default())).await;
    let arn = application(&center).await.arn.clone();
    let grants = || center.application(&arn).unwrap().grants.clone();
    let uris = |uris: &[&str]| uris.iter().map(|uri| (*uri).to_owned()).collect::<Vec<_>>();
    center.put_grant(&arn, GrantType::AuthorizationCode, uris(&["http://localhost/"])).await.unwrap();
    center.put_grant(&arn, GrantType::AuthorizationCode, uris(&["https://app.example.com/cb"])).await.unwrap();
    center.put_grant(&arn, GrantType::RefreshToken, Vec::new()).await.unwrap();
    center.put_grant(&arn, GrantType::TokenExchange, Vec::new()).await.unwrap();
    assert_eq!(grants().authorization_code, Some(uris(&["https://app.example.com/cb"])));
    for (grant, given) in [
        (GrantType::AuthorizationCode, uris(&[])),
        (GrantType::AuthorizationCode, uris(&["http://localhost/"; 11])),
        (GrantType::AuthorizationCode, uris(&["http://localhost/", "http://example.com/"])),
        (GrantType::RefreshToken, uris(&["http://localhost/"])),
    ] {
        let refused = center.put_grant(&arn, grant, given).await;
        assert!(matches!(refused, Err(CenterError::Invalid { field: "RedirectUris", .. })), "{refused:?}");
    }
    for grant in GrantType::ALL {
        assert!(grants().has(grant));
        center.delete_grant(&arn, grant).await.unwrap();
        assert!(!grants().has(grant));
        let again = center.delete_grant(&arn, grant).await.unwrap_err();
        assert!(matches!(&again, CenterError::SettingNotFound { setting, .. } if setting.ends_with(grant.name())));
    }
    assert_eq!(grants(), ApplicationGrants::default());
    assert!(center.put_grant(&unknown(), GrantType::RefreshToken, Vec::new()).await.is_err());
}

#[tokio::test]
async fn redirect_uris_are_found_as_long_as_an_application_lists_them() {
    let store = Arc::new(MemoryStore::default());
    let first = center(&store).await;
    let (one, other) = (application(&first).await.arn.clone(), application(&first).await.arn.clone());
    let (here, there) = ("https://a.example/cb".to_owned(), "https://b.example/cb".to_owned());
    assert!(!first.lists_redirect_uri(&here));
    for arn in [&one, &other] {
        first.put_grant(arn, GrantType::AuthorizationCode, vec![here.clone(), here.clone()]).await.unwrap();
    }
    first.put_grant(&one, GrantType::AuthorizationCode, vec![there.clone()]).await.unwrap();
    for center in [&first, &center(&store).await] {
        assert!(center.lists_redirect_uri(&here) && center.lists_redirect_uri(&there));
        assert!(!center.lists_redirect_uri("https://a.example/"));
    }
    first.delete_grant(&one, GrantType::AuthorizationCode).await.unwrap();
    assert!(first.lists_redirect_uri(&here) && !first.lists_redirect_uri(&there));
    first.delete_application(&other).await.unwrap();
    assert!(!first.lists_redirect_uri(&here));
}

#[tokio::test]
async fn scopes_are_put_and_deleted() {
    let center = center(&Arc::new(MemoryStore::default())).await;
    let (arn, other) = (application(&center).await.arn.clone(), application(&center).await.arn.clone());
    let set = |targets: &[&str]| targets.iter().map(|one| (*one).to_owned()).collect::<BTreeSet<_>>();
    let targets = set(&[other.as_str(), center.instance().arn.as_str()]);
    center.put_scope(&arn, REDSHIFT_CONNECT_SCOPE, BTreeSet::new()).await.unwrap();
    center.put_scope(&arn, REDSHIFT_CONNECT_SCOPE, targets.clone()).await.unwrap();
    let scopes = || center.application(&arn).unwrap().scopes.clone();
    assert_eq!(scopes(), BTreeMap::from([(REDSHIFT_CONNECT_SCOPE.to_owned(), targets)]));
    let missing = center.put_scope(&arn, REDSHIFT_CONNECT_SCOPE, set(&[unknown().as_str()])).await;
    assert_eq!(missing, Err(CenterError::ResourceNotFound(unknown().as_str().to_owned())));
    // A target that is deleted stays listed: without it, the list could become empty, which means any application.
    center.put_scope(&arn, REDSHIFT_CONNECT_SCOPE, set(&[other.as_str()])).await.unwrap();
    center.delete_application(&other).await.unwrap();
    assert_eq!(scopes()[REDSHIFT_CONNECT_SCOPE], set(&[other.as_str()]));
    center.delete_scope(&arn, REDSHIFT_CONNECT_SCOPE).await.unwrap();
    assert!(scopes().is_empty());
    let again = center.delete_scope(&arn, REDSHIFT_CONNECT_SCOPE).await;
    assert!(matches!(again, Err(CenterError::SettingNotFound { .. })));
}

#[tokio::test]
async fn the_actor_policy_is_put_and_deleted() {
    let center = center(&Arc::new(MemoryStore::default())).await;
    let arn = application(&center).await.arn.clone();
    assert!(matches!(center.delete_authentication(&arn).await, Err(CenterError::SettingNotFound { .. })));
    center.put_authentication(&arn, policy()).await.unwrap();
    assert_eq!(center.application(&arn).unwrap().authentication, Some(policy()));
    center.delete_authentication(&arn).await.unwrap();
    assert_eq!(center.application(&arn).unwrap().authentication, None);
}

#[tokio::test]
async fn every_change_is_one_write_and_announced_once() {
    let store = Arc::new(MemoryStore::default());
    let center = center(&store).await;
    let arn = application(&center).await.arn.clone();
    let mut changes = center.subscribe();
    // Each twice: the second time there is nothing to do.
    for _ in 0..2 {
        let edit = ApplicationEdit { status: Some(ApplicationStatus::Disabled), ..ApplicationEdit::default() };
        center.update_application(&arn, edit).await.unwrap();
        center.set_assignment_required(&arn, false).await.unwrap();
        center.put_grant(&arn, GrantType::RefreshToken, Vec::new()).await.unwrap();
        center.put_scope(&arn, REDSHIFT_CONNECT_SCOPE, BTreeSet::new()).await.unwrap();
        center.put_authentication(&arn, policy()).await.unwrap();
        center.tag(arn.as_str(), tags(&[("k", "v")])).await.unwrap();
    }
    center.delete_grant(&arn, GrantType::RefreshToken).await.unwrap();
    center.delete_scope(&arn, REDSHIFT_CONNECT_SCOPE).await.unwrap();
    center.delete_authentication(&arn).await.unwrap();
    center.untag(arn.as_str(), &["k".to_owned()]).await.unwrap();
    for _ in 0..10 {
        assert_eq!(changes.try_recv(), Ok(CenterChange::ApplicationChanged(arn.clone())));
    }
    assert!(changes.try_recv().is_err());
    // The instance, the application, and the ten.
    assert_eq!(store.writes.load(Ordering::Relaxed), 12);
}

#[tokio::test]
async fn a_change_that_could_not_be_stored_is_not_done() {
    let store = Arc::new(MemoryStore::default());
    let center = center(&store).await;
    let before = application(&center).await;
    store.broken.store(true, Ordering::Relaxed);
    let refused = center.put_grant(&before.arn, GrantType::RefreshToken, Vec::new()).await;
    assert!(matches!(refused, Err(CenterError::Store(_))));
    assert!(center.rename_instance("main").await.is_err());
    assert_eq!(center.application(&before.arn).unwrap(), before);
    assert_eq!(center.instance_settings().name, None);
}

#[tokio::test]
async fn applications_are_paged_by_arn_and_by_provider() {
    let center = center(&Arc::new(MemoryStore::default())).await;
    let other = "arn:aws:sso::aws:applicationProvider/redshift";
    for number in 0..7 {
        let provider_arn = if number % 2 == 0 { other.to_owned() } else { new_application("").provider_arn };
        center.create_application(NewApplication { provider_arn, ..new_application("app") }).await.unwrap();
    }
    let all = center.applications();
    let of_other: Vec<_> = all.iter().filter(|one| one.provider_arn == other).cloned().collect();
    assert_eq!((all.len(), of_other.len()), (7, 4));
    for records in 1..=8 {
        for (expected, provider) in [(&all, None), (&of_other, Some(other))] {
            let (mut seen, mut after) = (Vec::new(), None::<ApplicationArn>);
            loop {
                let page = match provider {
                    None => center.applications_page(after.as_ref(), records),
                    Some(provider) => center.applications_of_provider(provider, after.as_ref(), records),
                };
                assert!(page.items.len() <= records);
                seen.extend(page.items);
                after = page.next.map(|last| last.arn.clone());
                if after.is_none() {
                    break;
                }
            }
            assert_eq!(seen, *expected, "{records} a page");
        }
    }
    center.delete_application(&of_other[0].arn).await.unwrap();
    assert_eq!(center.applications_of_provider(other, None, 10).items, of_other[1..]);
    assert!(center.applications_of_provider("arn:none", None, 10).items.is_empty());
}

#[tokio::test]
async fn the_applications_of_a_principal_are_paged() {
    let center = center(&Arc::new(MemoryStore::default())).await;
    let mut arns = Vec::new();
    for _ in 0..3 {
        let arn = application(&center).await.arn.clone();
        center.create_assignment(&arn, &user("ethan"), &people(&["ethan"])).await.unwrap();
        arns.push(arn);
    }
    arns.sort();
    let first = center.assignments_of(&user("ethan"), None, 2);
    assert_eq!((first.items.as_slice(), first.next.as_ref()), (&arns[..2], Some(&arns[1])));
    let rest = center.assignments_of(&user("ethan"), first.next.as_ref(), 2);
    assert_eq!((rest.items.as_slice(), rest.next), (&arns[2..], None));
    assert!(center.assignments_of(&user("fiona"), None, 2).items.is_empty());
    assert!(center.is_assigned(&arns[0], &user("ethan")) && !center.is_assigned(&arns[0], &user("fiona")));
}

#[tokio::test]
async fn there_is_a_most_of_applications() {
    let center = center(&Arc::new(MemoryStore::default())).await;
    for _ in 0..crate::APPLICATIONS_MAX {
        application(&center).await;
    }
    let refused = center.create_application(new_application("one more")).await;
    assert!(matches!(refused, Err(CenterError::TooMany { max: crate::APPLICATIONS_MAX, .. })));
}
