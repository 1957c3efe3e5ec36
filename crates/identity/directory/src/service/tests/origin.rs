//! Where people come from, their external ids, and the sandbox.

use super::*;
use crate::edit::{GroupEdit, UserEdit};
use crate::model::{DirectoryGroup, Origin};

fn from_scim(user_name: &str, external_id: &str) -> NewUser {
    NewUser { external_id: Some(external_id.to_owned()), origin: Origin::Scim, ..person(user_name) }
}

#[tokio::test]
async fn who_exists_is_adopted_by_an_external_id_and_never_by_a_name() {
    let World { directory, store, clock } = world().await;
    let made = directory.create_user(person("ethan")).await.unwrap();
    let group = directory.create_group(NewGroup { members: vec![made.id.clone()], ..team("g") }).await.unwrap();
    assert_eq!((made.origin, group.origin), (Origin::Api, Origin::Api));
    let taken = directory.create_user(from_scim("Ethan", "00u1")).await.unwrap_err();
    assert_eq!(taken.kind(), ErrorKind::Conflict);
    assert_eq!(directory.user(&made.id).unwrap(), made, "nothing was taken over");
    let put = directory.replace_user(&made.id, None, from_scim("ethan", "00u1")).await.unwrap();
    assert_eq!((put.origin, put.id.clone(), put.version), (Origin::Scim, made.id.clone(), 2));
    assert!(directory.is_member(&group.id, &made.id));
    let by_api = |current: &DirectoryUser| {
        let value = NewUser { display_name: Some("Ethan".to_owned()), origin: Origin::Api, ..NewUser::from(current) };
        Ok::<_, DirectoryError>(UserEdit::from(value))
    };
    let edited = directory.update_user(&made.id, None, by_api).await.unwrap();
    assert_eq!(
        (edited.origin, edited.external_id.as_deref()),
        (Origin::Scim, Some("00u1")),
        "an administrator keeps it"
    );
    let again = Directory::open(store, clock).await.unwrap();
    assert_eq!(again.user_by_external_id("00u1").unwrap().origin, Origin::Scim);
}

#[tokio::test]
async fn who_was_made_at_a_sign_in_is_adopted_as_who_an_administrator_made() {
    let World { directory, store, clock } = world().await;
    let new = NewUser { origin: Origin::SignIn, ..person("ethan") };
    let made = directory.create_user(new).await.unwrap();
    let new = NewGroup { origin: Origin::SignIn, members: vec![made.id.clone()], ..team("sales") };
    let group = directory.create_group(new).await.unwrap();
    let taken = directory.create_user(from_scim("ETHAN", "00u1")).await.unwrap_err();
    assert_eq!(taken.kind(), ErrorKind::Conflict);
    let renamed = NewUser { display_name: Some("E".to_owned()), origin: Origin::Api, ..person("ethan") };
    assert_eq!(directory.replace_user(&made.id, None, renamed).await.unwrap().origin, Origin::SignIn);
    let again = Directory::open(store.clone(), clock.clone()).await.unwrap();
    assert_eq!(again.group(&group.id).unwrap().origin, Origin::SignIn, "it is kept");
    let adopted = directory.replace_user(&made.id, None, from_scim("ethan", "00u1")).await.unwrap();
    assert_eq!((adopted.origin, &adopted.id), (Origin::Scim, &made.id));
    let adopt = |current: &DirectoryGroup| {
        let edit = GroupEdit::from(current);
        Ok::<_, DirectoryError>(GroupEdit { external_id: Some("00g1".to_owned()), origin: Origin::Scim, ..edit })
    };
    let adopted = directory.update_group(&group.id, None, adopt).await.unwrap();
    assert_eq!((adopted.origin, directory.is_member(&group.id, &made.id)), (Origin::Scim, true));
}

#[tokio::test]
async fn an_external_id_that_looks_like_ours_is_only_an_external_id() {
    let World { directory, .. } = world().await;
    let ethan = directory.create_user(person("ethan")).await.unwrap();
    let fiona = directory.create_user(from_scim("fiona", ethan.id.as_str())).await.unwrap();
    assert_eq!(directory.user(&ethan.id).unwrap().user_name, "ethan");
    assert_eq!(directory.user_by_external_id(ethan.id.as_str()).unwrap().id, fiona.id);
    let group =
        directory.create_group(NewGroup { external_id: Some(ethan.id.to_string()), ..team("g") }).await.unwrap();
    assert_eq!(directory.group_by_external_id(ethan.id.as_str()).unwrap().id, group.id, "unique per type");
}

#[tokio::test]
async fn an_address_that_several_have_names_nobody() {
    let World { directory, .. } = world().await;
    let with = |name: &str, email: &str| NewUser { email: Some(email.to_owned()), ..person(name) };
    let ethan = directory.create_user(with("ethan", "Sales@Example.com")).await.unwrap();
    assert_eq!(directory.user_by_email("sales@example.COM").unwrap().id, ethan.id);
    let fiona = directory.create_user(with("fiona", "sales@example.com")).await.unwrap();
    let olivia = directory.create_user(with("olivia", "sales@example.com")).await.unwrap();
    assert!(directory.user_by_email("sales@example.com").is_none());
    directory.delete_user(&fiona.id, None).await.unwrap();
    directory.replace_user(&ethan.id, None, person("ethan")).await.unwrap();
    assert_eq!(directory.user_by_email("sales@example.com").unwrap().id, olivia.id);
    directory.replace_user(&olivia.id, None, person("olivia")).await.unwrap();
    assert!(directory.user_by_email("sales@example.com").is_none());
}

#[tokio::test]
async fn a_sandbox_changes_nothing_and_tells_nobody() {
    let World { directory, store, .. } = world().await;
    let ethan = directory.create_user(person("ethan")).await.unwrap();
    let group = directory.create_group(NewGroup { members: vec![ethan.id.clone()], ..team("g") }).await.unwrap();
    let membership = directory.membership_id(&group.id, &ethan.id).await.unwrap().unwrap();
    let mut changes = directory.subscribe();
    let (writes, sandbox) = (store.writes.load(Ordering::SeqCst), directory.sandbox());
    let fiona = sandbox.create_user(person("fiona")).await.unwrap();
    sandbox.change_members(&group.id, std::slice::from_ref(&fiona.id), &[]).await.unwrap();
    sandbox.delete_user(&ethan.id, None).await.unwrap();
    assert_eq!((sandbox.user_count(), sandbox.member_count(&group.id)), (1, 1));
    assert_eq!(sandbox.membership(&membership).await.unwrap(), None, "left in the sandbox");
    assert!(directory.user(&fiona.id).is_none() && directory.is_member(&group.id, &ethan.id));
    assert_eq!(directory.membership(&membership).await.unwrap(), Some((group.id.clone(), ethan.id.clone())));
    assert_eq!(store.writes.load(Ordering::SeqCst), writes);
    assert!(changes.try_recv().is_err());
    directory.replace_user(&ethan.id, Some(1), person("ethan.new")).await.unwrap();
    assert!(sandbox.user_by_name("ethan.new").is_none(), "it doesn't follow either");
}

#[tokio::test]
async fn a_page_of_memberships_is_bounded() {
    let World { directory, .. } = world().await;
    let pair = (DirectoryGroupId::new("g"), DirectoryUserId::new("u"));
    assert_eq!(directory.membership_ids(&vec![pair.clone(); 100]).await.unwrap(), vec![None; 100]);
    assert_eq!(directory.membership_ids(&vec![pair; 101]).await.unwrap_err().kind(), ErrorKind::InvalidInput);
}
