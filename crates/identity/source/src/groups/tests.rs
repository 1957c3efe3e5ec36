use std::collections::BTreeMap;

use base::id::DirectoryGroupId;
use directory::{DirectoryGroup, Origin};
use time::OffsetDateTime;

use super::{GroupPlan, Named, plan};

fn group(name: &str, origin: Origin) -> DirectoryGroup {
    DirectoryGroup {
        id: DirectoryGroupId::new(format!("g-{}", name.to_lowercase())),
        display_name: name.to_owned(),
        external_id: None,
        attributes: serde_json::Map::new(),
        origin,
        version: 1,
        created: OffsetDateTime::UNIX_EPOCH,
        modified: OffsetDateTime::UNIX_EPOCH,
    }
}

/// The groups that there are: name, origin, whether a sign-in of this source made it, whether the person is in it.
fn check(groups: &[(&str, Origin, bool, bool)], claimed: &[&str]) -> GroupPlan {
    let there: Vec<_> =
        groups.iter().map(|(name, origin, ours, member)| (group(name, *origin), *ours, *member)).collect();
    let claimed: BTreeMap<_, _> = claimed.iter().map(|name| (directory::fold(name), (*name).to_owned())).collect();
    let present: Vec<_> =
        there.iter().filter(|(_, _, member)| *member).map(|(group, ours, _)| (group, *ours)).collect();
    let named = |name: &str| {
        let found = there.iter().find(|(group, ..)| directory::fold(&group.display_name) == directory::fold(name));
        found.map_or(Named::Nothing, |(group, ours, _)| Named::Group { group, ours: *ours })
    };
    plan(&claimed, named, &present)
}

fn ids(names: &[&str]) -> Vec<DirectoryGroupId> {
    names.iter().map(|name| DirectoryGroupId::new(format!("g-{name}"))).collect()
}

#[test]
fn memberships_become_equal_to_the_claim() {
    let groups = [
        ("Sales", Origin::SignIn, true, true),
        ("finance", Origin::SignIn, true, true),
        ("it", Origin::SignIn, true, false),
    ];
    let changed = check(&groups, &["SALES", "it", "new"]);
    let expected =
        GroupPlan { create: vec!["new".to_owned()], join: ids(&["it"]), leave: ids(&["finance"]), foreign: Vec::new() };
    assert_eq!(changed, expected);
    assert_eq!(check(&groups, &["sales", "finance"]), GroupPlan::default());
    assert_eq!(check(&groups, &[]).leave, ids(&["sales", "finance"]));
}

#[test]
fn groups_of_others_are_neither_joined_nor_left() {
    let groups = [
        ("api", Origin::Api, false, false),
        ("scim", Origin::Scim, false, false),
        ("adopted", Origin::Scim, true, true),
        ("elsewhere", Origin::SignIn, false, true),
        ("claimed-api", Origin::Api, true, false),
    ];
    let changed = check(&groups, &["api", "scim", "claimed-api"]);
    assert!(changed.create.is_empty() && changed.join.is_empty() && changed.leave.is_empty(), "{changed:?}");
    assert_eq!(changed.foreign, ["api", "claimed-api", "scim"]);
}
