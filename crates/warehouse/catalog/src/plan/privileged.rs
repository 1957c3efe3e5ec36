//! What keeps a user, group or role from being dropped, in words.

use crate::catalog::Catalog;
use crate::error::{CatalogError, CatalogState};
use crate::model::GranteeId;

use super::list;

/// 55006 with the list of what the user owns.
pub(super) fn owns_nothing(catalog: &Catalog, user: base::id::DbUserId) -> Result<(), CatalogError> {
    let owned: Vec<String> = catalog.owned_by(user).map(|owned| catalog.describe_owned(owned)).collect();
    if owned.is_empty() {
        return Ok(());
    }
    let name = catalog.user_name(user);
    Err(CatalogError::new(
        CatalogState::ObjectInUse,
        format!("user \"{name}\" can't be dropped because the user owns some object"),
    )
    .detail(format!("User \"{name}\" owns: {}.", list(owned)))
    .hint("Drop these objects, or give them to another user with ALTER … OWNER TO."))
}

/// 55006 with the list of objects on which the grantee holds something.
pub(super) fn holds_nothing(catalog: &Catalog, kind: &str, name: &str, grantee: GranteeId) -> Result<(), CatalogError> {
    let held: Vec<String> = catalog
        .objects_of(grantee)
        .map(|object| {
            let privileges = catalog.grants(object, grantee).iter().map(|grant| grant.privilege.name().to_owned());
            format!("{} on {}", list(privileges), catalog.describe(object))
        })
        .collect();
    if held.is_empty() {
        return Ok(());
    }
    Err(CatalogError::new(
        CatalogState::ObjectInUse,
        format!("{kind} \"{name}\" can't be dropped because the {kind} has a privilege on some object"),
    )
    .detail(format!("{} \"{name}\" has: {}.", capitalised(kind), list(held)))
    .hint("Take these privileges back with REVOKE first."))
}

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
