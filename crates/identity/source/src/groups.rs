//! What a groups claim does to the person's memberships.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use base::id::DirectoryGroupId;
use directory::{DirectoryGroup, Origin};

/// What a name of the claim means here.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Named<'a> {
    Nothing,
    /// `ours`: a sign-in of this source made it.
    Group {
        group: &'a DirectoryGroup,
        ours: bool,
    },
}

/// What to do.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct GroupPlan {
    /// Names of groups that have to be made first.
    pub(crate) create: Vec<String>,
    pub(crate) join: Vec<DirectoryGroupId>,
    pub(crate) leave: Vec<DirectoryGroupId>,
    /// Names of groups that an administrator or a provisioning client made: a claim joins nobody to them.
    pub(crate) foreign: Vec<String>,
}

/// A group is the source's while it has the origin that sign-ins give: one that a provisioning client adopted is the client's.
pub(crate) fn is_ours(group: &DirectoryGroup, made_by_this_source: bool) -> bool {
    group.origin == Origin::SignIn && made_by_this_source
}

/// Makes the person's memberships in the source's own groups equal to the claim. Every other membership is left alone. `claimed` has
/// names by their folded form, `present` the person's groups.
pub(crate) fn plan<'a>(
    claimed: &BTreeMap<String, String>,
    named: impl Fn(&str) -> Named<'a>,
    present: &[(&DirectoryGroup, bool)],
) -> GroupPlan {
    let mut plan = GroupPlan::default();
    for name in claimed.values() {
        match named(name) {
            Named::Nothing => plan.create.push(name.clone()),
            Named::Group { group, ours } if is_ours(group, ours) => {
                if !present.iter().any(|(member_of, _)| member_of.id == group.id) {
                    plan.join.push(group.id.clone());
                }
            }
            Named::Group { group, ours: _ } => plan.foreign.push(group.display_name.clone()),
        }
    }
    for (group, ours) in present {
        if is_ours(group, *ours) && !claimed.contains_key(&directory::fold(&group.display_name)) {
            plan.leave.push(group.id.clone());
        }
    }
    plan
}
