use super::*;

fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn pushing(group: &DirectoryGroupId) -> impl FnOnce(&mut NewTarget) {
    let group = group.clone();
    move |new| new.pushed_groups = [group].into()
}

#[tokio::test]
async fn a_group_is_pushed_with_those_of_its_people_who_are_assigned() {
    let world = World::new().await;
    let ethan = world.person("ethan").await;
    let nina = world.directory.create_user(new_user("nina")).await.unwrap().id.clone();
    let all = world.group("everybody").await;
    world.change_members(&all, &[&ethan, &nina], &[]).await;
    let target = world.target_with(pushing(&all)).await;
    world.settle(&target).await;
    assert_eq!(world.server.members("everybody"), Some(names(&["ethan"])));
    world.change_members(&world.sales, &[&nina], &[]).await;
    world.settle(&target).await;
    assert_eq!(world.server.members("everybody"), Some(names(&["ethan", "nina"])));
    world.change_members(&world.sales, &[], &[&ethan]).await;
    world.settle(&target).await;
    assert_eq!(world.server.members("everybody"), Some(names(&["nina"])));
}

#[tokio::test]
async fn members_join_and_leave_one_by_one() {
    for is_idc in [false, true] {
        let world = World::with(FakeServer::of(is_idc)).await;
        let (ethan, fiona) = (world.person("ethan").await, world.person("fiona").await);
        let team = world.group("team").await;
        world.change_members(&team, &[&ethan], &[]).await;
        let target = world.target_with(pushing(&team)).await;
        world.settle(&target).await;
        world.server.taken_log();
        world.change_members(&team, &[&fiona], &[&ethan]).await;
        world.settle(&target).await;
        assert_eq!(world.server.members("team"), Some(names(&["fiona"])));
        assert_eq!(world.server.taken_log().len(), 2, "nothing is read");
        world.full_sync(&target).await;
        assert_eq!(world.server.taken_writes(), Vec::<String>::new(), "everything is as it should be");
        world.change(&fiona, |fiona| fiona.active = false).await;
        world.settle(&target).await;
        assert_eq!(world.server.members("team"), Some(names(&[])));
    }
}

#[tokio::test]
async fn many_members_go_in_portions_of_a_hundred() {
    let world = World::with(FakeServer::of(true)).await;
    let mut people = Vec::new();
    for number in 0..250 {
        people.push(world.person(&format!("a{number}")).await);
    }
    let target = world.target_with(pushing(&world.sales)).await;
    world.settle(&target).await;
    assert_eq!(world.server.members("sales").unwrap().len(), 250);
    assert_eq!(world.server.taken_writes().iter().filter(|line| line.contains("/Groups")).count(), 3);
    world.change_members(&world.sales, &[], &people.iter().collect::<Vec<_>>()).await;
    world.settle(&target).await;
    assert_eq!(world.server.members("sales").unwrap().len(), 0);
}

#[tokio::test]
async fn a_group_is_renamed_by_a_patch() {
    let world = World::new().await;
    world.person("ethan").await;
    let target = world.target_with(pushing(&world.sales)).await;
    world.settle(&target).await;
    world.server.taken_log();
    let edit = |group: &directory::DirectoryGroup| {
        Ok::<_, directory::DirectoryError>(GroupEdit { display_name: "Sales 2".to_owned(), ..GroupEdit::from(group) })
    };
    world.directory.update_group(&world.sales, None, edit).await.unwrap();
    world
        .pusher
        .heard(&directory::DirectoryChange::MembershipChanged { group: world.sales.clone(), users: Vec::new() });
    world.settle(&target).await;
    assert_eq!(world.server.members("Sales 2"), Some(names(&["ethan"])));
    let log = world.server.taken_log();
    assert!(log.len() == 1 && log[0].contains(r#"{"op":"replace","path":"displayName","value":"Sales 2"}"#), "{log:?}");
}

#[tokio::test]
async fn a_group_that_is_there_is_adopted_and_others_members_stay() {
    for is_idc in [false, true] {
        let world = World::with(FakeServer::of(is_idc)).await;
        let theirs = world.server.put_user(json!({"userName": "their-own", "active": true}));
        world.server.put_group("SALES", &[&theirs]);
        let ethan = world.person("ethan").await;
        let target = world.target_with(pushing(&world.sales)).await;
        world.settle(&target).await;
        assert_eq!(world.server.members("sales"), Some(names(&["ethan", "their-own"])));
        world.change_members(&world.sales, &[], &[&ethan]).await;
        world.settle(&target).await;
        assert_eq!(world.server.members("sales"), Some(names(&["their-own"])));
        // It isn't ours to delete.
        let edit = TargetEdit { pushed_groups: Some(BTreeSet::new()), ..TargetEdit::default() };
        world.change_members(&world.sales, &[&ethan], &[]).await;
        world.settle(&target).await;
        world.pusher.update_target(&target, None, edit).await.unwrap();
        world.settle(&target).await;
        assert_eq!(world.server.members("sales"), Some(names(&["their-own"])));
        assert_eq!(world.pusher.status(&target).await.unwrap().groups, 0);
    }
}

#[tokio::test]
async fn a_group_that_we_made_is_deleted_when_it_isnt_pushed_any_more() {
    let world = World::new().await;
    world.person("ethan").await;
    let team = world.group("team").await;
    let target = world.target_with(pushing(&team)).await;
    world.settle(&target).await;
    assert!(world.server.members("team").is_some());
    world.directory.delete_group(&team, None).await.unwrap();
    world.pusher.heard(&directory::DirectoryChange::MembershipChanged { group: team, users: Vec::new() });
    world.settle(&target).await;
    assert_eq!(world.server.members("team"), None);
    assert!(world.server.user("ethan").is_some());
}

#[tokio::test]
async fn a_full_sync_mends_members_and_leaves_strangers() {
    let world = World::new().await;
    world.server.put_user(json!({"userName": "their-own", "active": true}));
    world.person("ethan").await;
    world.person("fiona").await;
    let nina = world.person("nina").await;
    let team = world.group("team").await;
    for name in ["ethan", "fiona"] {
        let id = world.directory.user_by_name(name).unwrap().id.clone();
        world.change_members(&team, &[&id], &[]).await;
    }
    let target = world.target_with(pushing(&team)).await;
    world.settle(&target).await;
    world.server.set_members("team", &["their-own", "nina", "fiona"]);
    world.full_sync(&target).await;
    assert_eq!(world.server.members("team"), Some(names(&["ethan", "fiona", "their-own"])));
    assert!(world.directory.active_user(&nina).is_some());
}

#[tokio::test]
async fn a_group_that_was_deleted_there_is_made_again_with_everybody() {
    for is_idc in [false, true] {
        let world = World::with(FakeServer::of(is_idc)).await;
        let ethan = world.person("ethan").await;
        world.person("fiona").await;
        let target = world.target_with(pushing(&world.sales)).await;
        world.settle(&target).await;
        world.server.remove_group("sales");
        world.change_members(&world.sales, &[], &[&ethan]).await;
        world.settle(&target).await;
        assert_eq!(world.server.members("sales"), Some(names(&["fiona"])), "idc: {is_idc}");
        assert!(world.failures(&target).await.is_empty());
    }
}

#[tokio::test]
async fn a_member_who_was_deleted_there_is_created_again_and_joins() {
    for is_idc in [false, true] {
        let world = World::with(FakeServer::of(is_idc)).await;
        let ethan = world.person("ethan").await;
        let fiona = world.person("fiona").await;
        let team = world.group("team").await;
        let target = world.target_with(pushing(&team)).await;
        world.settle(&target).await;
        world.server.remove_user("ethan");
        world.change_members(&team, &[&ethan, &fiona], &[]).await;
        world.settle(&target).await;
        assert_eq!(world.server.members("team"), Some(names(&["ethan", "fiona"])), "idc: {is_idc}");
        assert!(world.failures(&target).await.is_empty());
    }
}

#[tokio::test]
async fn a_recreated_person_is_in_their_groups_again() {
    let world = World::new().await;
    let ethan = world.person("ethan").await;
    let target = world.target_with(pushing(&world.sales)).await;
    world.settle(&target).await;
    world.server.remove_user("ethan");
    world.change(&ethan, |ethan| ethan.display_name = Some("E".to_owned())).await;
    world.settle(&target).await;
    assert_eq!(world.server.members("sales"), Some(names(&["ethan"])));
}
