use std::sync::Arc;

use base::id::SourceId;
use directory::{DirectoryUser, NewGroup, NewUser, Origin, UserEdit};

use super::world::{Outcome as _, World, saml_source};
use crate::model::MatchBy;
use crate::{IdentitySource, NewSource, SignIn, SignInDenial};

async fn source(world: &World) -> Arc<IdentitySource> {
    let groups_claim = Some("groups".to_owned());
    world.sources.create(NewSource { just_in_time: true, groups_claim, ..saml_source() }).await.unwrap()
}

async fn with_groups(world: &World, id: &SourceId, groups: Vec<&str>) -> SignIn {
    world.sign_in(id, |draft| draft.attributes = vec![("groups", groups)]).await
}

fn groups_of(world: &World, user: &str) -> Vec<String> {
    let user = world.directory.user_by_name(user).unwrap();
    let mut names: Vec<_> =
        world.directory.groups_of(&user.id).iter().map(|group| group.display_name.clone()).collect();
    names.sort();
    names
}

fn groups_check(signed_in: &SignIn) -> String {
    signed_in.checks.list().iter().find(|checked| checked.check == "groups").unwrap().found.clone()
}

#[tokio::test]
async fn the_first_sign_in_makes_the_person_and_the_second_finds_them() {
    let world = World::new().await;
    let source = source(&world).await;
    let signed_in = world
        .sign_in(&source.id, |draft| {
            draft.name_id = "nina@example.com";
            draft.attributes = vec![
                ("givenName", vec!["Nina"]),
                ("sn", vec!["Ricci"]),
                ("displayName", vec!["Nina R.", "N."]),
                ("mail", vec!["nina@elsewhere.org"]),
            ];
        })
        .await;
    let admitted = signed_in.admitted();
    assert!(admitted.created);
    let nina = world.directory.user(admitted.user.id()).unwrap();
    assert_eq!((nina.user_name.as_str(), nina.origin, nina.active), ("nina@example.com", Origin::SignIn, true));
    assert_eq!((nina.given_name.as_deref(), nina.family_name.as_deref()), (Some("Nina"), Some("Ricci")));
    assert_eq!(nina.display_name.as_deref(), Some("nina@example.com"), "an attribute with two values says nothing");
    assert_eq!((nina.email.as_deref(), &nina.external_id), (Some("nina@elsewhere.org"), &None));
    let again = world.sign_in(&source.id, |draft| draft.name_id = "NINA@example.com").await.admitted();
    assert_eq!((again.user.id(), again.created), (&nina.id, false));
}

#[tokio::test]
async fn an_address_that_somebody_has_is_not_given_to_another_one() {
    let world = World::new().await;
    let source = source(&world).await;
    let ethan = world.person("ethan").await;
    let mail = vec![("mail", vec!["ethan@example.com"])];
    let made = world
        .sign_in(&source.id, |draft| {
            draft.name_id = "nina";
            draft.attributes = mail;
        })
        .await;
    assert_eq!(world.directory.user(made.admitted().user.id()).unwrap().email, None);
    assert_eq!(world.directory.user_by_email("ethan@example.com").unwrap().id, ethan.id);
    let own = world
        .sign_in(&source.id, |draft| {
            draft.name_id = "olivia";
            draft.attributes = vec![("mail", vec!["olivia@example.com"])];
        })
        .await;
    let olivia = world.directory.user(own.admitted().user.id()).unwrap();
    assert_eq!(olivia.email.as_deref(), Some("olivia@example.com"), "an address of the source's own domain");
}

#[tokio::test]
async fn a_name_that_nobody_can_have_makes_nobody() {
    let world = World::new().await;
    let source = source(&world).await;
    let long = "n".repeat(129);
    let denied = world.sign_in(&source.id, |draft| draft.name_id = &long).await.denied().1;
    assert!(
        matches!(&denied.denial, SignInDenial::NotCreatable { rule, .. } if rule.contains("128")),
        "{}",
        denied.denial
    );
    assert_eq!(world.directory.user_count(), 0);
}

#[tokio::test]
async fn provisioning_adopts_who_was_made_at_sign_in() {
    let world = World::new().await;
    let source = source(&world).await;
    let made = world.sign_in(&source.id, |_| {}).await.admitted();
    let taken = NewUser { user_name: "ETHAN".to_owned(), origin: Origin::Scim, ..NewUser::default() };
    world.directory.create_user(taken).await.unwrap_err();
    let adopt = |user: &DirectoryUser| {
        let value = NewUser { external_id: Some("00u1".to_owned()), origin: Origin::Scim, ..NewUser::from(user) };
        Ok::<_, directory::DirectoryError>(UserEdit::from(value))
    };
    let adopted = world.directory.update_user(made.user.id(), None, adopt).await.unwrap();
    assert_eq!((adopted.origin, adopted.id.clone()), (Origin::Scim, made.user.id().clone()));
    let again = world.sign_in(&source.id, |_| {}).await.admitted();
    assert_eq!((again.user.id(), again.created), (&adopted.id, false));
}

#[tokio::test]
async fn many_first_sign_ins_at_once_make_one_person() {
    let world = Arc::new(World::new().await);
    let source = source(&world).await;
    let sign_ins: Vec<_> = (0..8)
        .map(|_| {
            let (world, id) = (Arc::clone(&world), source.id.clone());
            base::task::spawn("sign-in", async move { with_groups(&world, &id, vec!["sales"]).await.admitted() })
        })
        .collect();
    let mut made = 0;
    for sign_in in sign_ins {
        made += usize::from(sign_in.await.unwrap().created);
    }
    assert_eq!((made, world.directory.user_count(), world.directory.group_count()), (1, 1, 1));
    assert_eq!(groups_of(&world, "ethan"), ["sales"]);
}

#[tokio::test]
async fn many_first_sign_ins_by_address_make_one_person_too() {
    let world = Arc::new(World::new().await);
    let mut new = NewSource { just_in_time: true, ..saml_source() };
    new.subject.to = MatchBy::Email;
    let id = world.sources.create(new).await.unwrap().id.clone();
    let sign_ins: Vec<_> = (0..8)
        .map(|_| {
            let (world, id) = (Arc::clone(&world), id.clone());
            base::task::spawn("sign-in", async move {
                world.sign_in(&id, |draft| draft.name_id = "nina@example.com").await.admitted().created
            })
        })
        .collect();
    let mut made = 0;
    for sign_in in sign_ins {
        made += usize::from(sign_in.await.unwrap());
    }
    assert_eq!((made, world.directory.user_count()), (1, 1));
    let nina = world.directory.user_by_email("nina@example.com").unwrap();
    assert_eq!(nina.user_name, "nina@example.com");
    let other = NewUser { user_name: "olivia@example.com".to_owned(), active: true, ..NewUser::default() };
    world.directory.create_user(other).await.unwrap();
    let denied = world.sign_in(&id, |draft| draft.name_id = "olivia@example.com").await.denied().1.denial;
    assert!(
        matches!(&denied, SignInDenial::NotCreatable { rule, .. } if rule.contains("another e-mail address")),
        "{denied}"
    );
}

#[tokio::test]
async fn memberships_follow_the_claim() {
    let mut world = World::new().await;
    let source = source(&world).await;
    with_groups(&world, &source.id, vec!["sales", "finance", "SALES", " "]).await.admitted();
    assert_eq!(groups_of(&world, "ethan"), ["finance", "sales"]);
    assert_eq!(world.directory.group_by_name("sales").unwrap().origin, Origin::SignIn);
    world.restarted().await;
    with_groups(&world, &source.id, vec!["Finance", "support"]).await.admitted();
    assert_eq!(groups_of(&world, "ethan"), ["finance", "support"]);
    world.sign_in(&source.id, |_| {}).await.admitted();
    assert!(groups_of(&world, "ethan").is_empty(), "no attribute, no groups");
    assert_eq!(world.directory.group_count(), 3);
}

#[tokio::test]
async fn a_claim_joins_nobody_to_a_group_of_another_origin() {
    let world = World::new().await;
    let source = source(&world).await;
    let ethan = world.person("ethan").await;
    for (name, origin) in [("admins", Origin::Api), ("awssso-sales", Origin::Scim), ("lost", Origin::SignIn)] {
        let new = NewGroup { display_name: name.to_owned(), origin, ..NewGroup::default() };
        world.directory.create_group(new).await.unwrap();
    }
    let mine = NewGroup { display_name: "mine".to_owned(), members: vec![ethan.id.clone()], ..NewGroup::default() };
    world.directory.create_group(mine).await.unwrap();
    let signed_in = with_groups(&world, &source.id, vec!["Admins", "awssso-sales", "lost", "own"]).await;
    let told = groups_check(&signed_in);
    assert!(told.contains("not joined") && told.contains("admins") && told.contains("lost"), "{told}");
    signed_in.admitted();
    assert_eq!(groups_of(&world, "ethan"), ["mine", "own"], "what others gave stays");
}

#[tokio::test]
async fn a_group_that_provisioning_adopted_is_no_longer_the_claims() {
    let world = World::new().await;
    let source = source(&world).await;
    with_groups(&world, &source.id, vec!["sales"]).await.admitted();
    let sales = world.directory.group_by_name("sales").unwrap();
    let adopt = |group: &directory::DirectoryGroup| {
        let edit = directory::GroupEdit::from(group);
        let external_id = Some("00g1".to_owned());
        Ok::<_, directory::DirectoryError>(directory::GroupEdit { external_id, origin: Origin::Scim, ..edit })
    };
    world.directory.update_group(&sales.id, None, adopt).await.unwrap();
    with_groups(&world, &source.id, vec![]).await.admitted();
    assert_eq!(groups_of(&world, "ethan"), ["sales"]);
}

#[tokio::test]
async fn more_than_500_groups_are_refused_by_name() {
    let world = World::new().await;
    let source = source(&world).await;
    let names: Vec<String> = (0..501).map(|number| format!("g{number}")).collect();
    let claimed = |count: usize| names.iter().take(count).map(String::as_str).collect::<Vec<_>>();
    let denied = with_groups(&world, &source.id, claimed(501)).await.denied().1;
    let expected = SignInDenial::TooManyGroups { claim: "groups".to_owned(), count: 501 };
    assert_eq!(denied.denial, expected);
    assert_eq!((world.directory.user_count(), world.directory.group_count()), (0, 0));
    with_groups(&world, &source.id, claimed(500)).await.admitted();
    assert_eq!(world.directory.group_count(), 500);
}

#[tokio::test]
async fn a_name_that_no_group_can_have_is_told_and_passed_over() {
    let world = World::new().await;
    let source = source(&world).await;
    let long = "g".repeat(1025);
    let signed_in = with_groups(&world, &source.id, vec![&long, "sales"]).await;
    assert!(groups_check(&signed_in).contains("no group can be called that"), "{}", groups_check(&signed_in));
    signed_in.admitted();
    assert_eq!(groups_of(&world, "ethan"), ["sales"]);
}

#[tokio::test]
async fn nobody_is_made_by_an_external_id() {
    let world = World::new().await;
    let mut new = NewSource { just_in_time: true, ..saml_source() };
    new.subject.to = MatchBy::ExternalId;
    let refused = world.sources.create(new).await.unwrap_err();
    assert!(refused.to_string().contains("JustInTime"), "{refused}");
}
