//! Who granted what, and what falls when a grant option falls.

use std::collections::BTreeSet;

use base::id::DbUserId;

use crate::catalog::Catalog;
use crate::model::{Grant, GranteeId, ObjectId};

/// The grants on `object` that no chain of grant options leads to from its owner: (grantee, grant).
pub(crate) fn orphans(catalog: &Catalog, object: ObjectId) -> Vec<(GranteeId, Grant)> {
    let Some(owner) = catalog.owner(object) else { return Vec::new() };
    let all: Vec<(GranteeId, Grant)> = catalog
        .grants_on(object)
        .flat_map(|(grantee, grants)| grants.iter().map(move |grant| (grantee, *grant)))
        .collect();
    let privileges: BTreeSet<_> = all.iter().map(|(_, grant)| grant.privilege).collect();
    let mut out = Vec::new();
    for privilege in privileges {
        let mine: Vec<_> = all.iter().filter(|(_, grant)| grant.privilege == privilege).collect();
        let mut grantors = BTreeSet::from([owner]);
        let mut grew = true;
        while grew {
            grew = false;
            for (grantee, grant) in &mine {
                if let GranteeId::User(user) = grantee
                    && grant.grant_option
                    && grantors.contains(&grant.grantor)
                {
                    grew |= grantors.insert(*user);
                }
            }
        }
        out.extend(mine.into_iter().filter(|(_, grant)| !grantors.contains(&grant.grantor)).copied());
    }
    out
}

/// `grants` and one more; a grant that is there keeps or gains the grant option.
pub(crate) fn with(grants: &[Grant], grant: Grant) -> Vec<Grant> {
    let mut out = grants.to_vec();
    match out.iter_mut().find(|old| old.privilege == grant.privilege && old.grantor == grant.grantor) {
        Some(old) => old.grant_option |= grant.grant_option,
        None => out.push(grant),
    }
    out.sort_unstable();
    out
}

/// The grants on an object after it changed hands: the old owner's grants become the new owner's, and what the new owner
/// held by grant is theirs anyway.
pub(crate) fn after_owner_change(
    catalog: &Catalog,
    object: ObjectId,
    old: DbUserId,
    new: DbUserId,
) -> Vec<(GranteeId, Vec<Grant>)> {
    catalog
        .grants_on(object)
        .map(|(grantee, grants)| {
            if grantee == GranteeId::User(new) {
                return (grantee, Vec::new());
            }
            let mut next = Vec::new();
            for grant in grants {
                let grantor = if grant.grantor == old { new } else { grant.grantor };
                next = with(&next, Grant { grantor, ..*grant });
            }
            (grantee, next)
        })
        .collect()
}
