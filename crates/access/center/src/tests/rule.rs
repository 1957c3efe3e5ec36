use std::collections::{BTreeMap, BTreeSet, HashSet};

use base::id::{ApplicationArn, DirectoryGroupId, DirectoryUserId, InstanceArn};
use time::OffsetDateTime;

use super::fake::{group, user};
use crate::access::decide;
use crate::{Application, ApplicationGrants, ApplicationStatus, AssignedPrincipal, Via};

fn application(arn: &ApplicationArn, status: ApplicationStatus, assignment_required: bool) -> Application {
    Application {
        arn: arn.clone(),
        provider_arn: String::new(),
        name: String::new(),
        description: None,
        status,
        assignment_required,
        grants: ApplicationGrants::default(),
        authentication: None,
        scopes: BTreeMap::new(),
        tags: BTreeMap::new(),
        creation: None,
        created: OffsetDateTime::UNIX_EPOCH,
    }
}

/// `status assignment_required | assigned | user: groups -> expected`, the expected being `no`, `direct`, `open` or a group.
fn check(
    status: ApplicationStatus,
    required: bool,
    assigned: &[AssignedPrincipal],
    groups: &[&str],
    expected: Option<Via>,
) {
    let arn = ApplicationArn::new("arn:a");
    let application = application(&arn, status, required);
    let assigned: HashSet<_> = assigned.iter().cloned().collect();
    let groups: Vec<_> = groups.iter().map(|id| DirectoryGroupId::new(*id)).collect();
    let ethan = DirectoryUserId::new("ethan");
    let decision = decide(&arn, Some(&application), |principal| assigned.contains(principal), &ethan, &groups);
    assert_eq!(decision.via, expected, "{status:?} {required} {assigned:?} {groups:?}: {:?}", decision.reasons);
    assert_eq!(decision.allowed, expected.is_some());
    assert!(!decision.reasons.is_empty());
    let missing = decide(&arn, None, |principal| assigned.contains(principal), &ethan, &groups);
    assert!(!missing.allowed && missing.via.is_none());
}

#[test]
fn who_may_use_an_application() {
    use ApplicationStatus::{Disabled, Enabled};
    let by = |id: &str| Some(Via::Group(DirectoryGroupId::new(id)));
    check(Enabled, true, &[], &[], None);
    check(Enabled, true, &[], &["sales"], None);
    check(Enabled, true, &[user("ethan")], &[], Some(Via::Direct));
    check(Enabled, true, &[user("fiona")], &["sales"], None);
    check(Enabled, true, &[group("sales")], &["sales"], by("sales"));
    check(Enabled, true, &[group("finance")], &["sales", "finance"], by("finance"));
    check(Enabled, true, &[group("sales"), user("ethan")], &["sales"], Some(Via::Direct));
    // A group's id is no user's id, and the other way round.
    check(Enabled, true, &[group("ethan")], &[], None);
    check(Enabled, true, &[user("sales")], &["sales"], None);
    check(Enabled, false, &[], &[], Some(Via::NoAssignmentRequired));
    check(Disabled, false, &[], &[], None);
    check(Disabled, true, &[user("ethan")], &[], None);
}

#[test]
fn every_assignment_that_lets_in_is_a_reason() {
    let arn = ApplicationArn::new("arn:a");
    let application = application(&arn, ApplicationStatus::Enabled, true);
    let groups = ["a", "b", "c"].map(DirectoryGroupId::new);
    let decision = decide(&arn, Some(&application), |p| p.id() != "b", &DirectoryUserId::new("u"), &groups);
    let reasons: Vec<_> = decision.reasons.iter().map(ToString::to_string).collect();
    assert_eq!(
        reasons,
        ["USER u is assigned to arn:a", "GROUP a is assigned to arn:a", "GROUP c is assigned to arn:a"]
    );
}

#[test]
fn a_scope_reaches_its_targets() {
    let (arn, instance) = (ApplicationArn::new("arn:a"), InstanceArn::new("arn:i"));
    let mut application = application(&arn, ApplicationStatus::Enabled, true);
    let target = ApplicationArn::new("arn:t");
    assert!(!application.reaches("redshift:connect", &target, &instance));
    for (targets, expected) in
        [(&[][..], true), (&["arn:t"], true), (&["arn:i"], true), (&["arn:a"], false), (&["arn:a", "arn:t"], true)]
    {
        let targets: BTreeSet<_> = targets.iter().map(|one| (*one).to_owned()).collect();
        application.scopes.insert("redshift:connect".to_owned(), targets.clone());
        assert_eq!(application.reaches("redshift:connect", &target, &instance), expected, "{targets:?}");
        assert!(!application.reaches("redshift", &target, &instance));
    }
}
