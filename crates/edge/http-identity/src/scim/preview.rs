//! What people may do in the warehouses, asked before a change is made.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use base::id::DirectoryUserId;
use directory::DirectoryGroup;
use serde_json::{Value, json};

/// One table and what somebody may do with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableAccess {
    /// The warehouse's name, as its clients know it.
    pub warehouse: String,
    /// `schema.table`
    pub table: String,
    /// `SELECT`, `INSERT`, …
    pub privileges: BTreeSet<&'static str>,
}

/// The warehouses' word on it.
pub trait AccessPreview: Send + Sync + fmt::Debug {
    /// What a person may do in each warehouse, if they were in these groups. Empty where they may not sign in there.
    fn tables(
        &self,
        user: &DirectoryUserId,
        user_name: &str,
        active: bool,
        groups: &[Arc<DirectoryGroup>],
    ) -> Vec<TableAccess>;
}

/// Privileges by warehouse and table.
type ByTable<'a> = BTreeMap<(&'a str, &'a str), BTreeSet<&'static str>>;

fn by_table(access: &[TableAccess]) -> ByTable<'_> {
    let mut tables = ByTable::new();
    for one in access {
        tables.entry((one.warehouse.as_str(), one.table.as_str())).or_default().extend(&one.privileges);
    }
    tables
}

/// What is in `these` and not in `those`, by warehouse.
fn beyond(these: &ByTable<'_>, those: &ByTable<'_>) -> BTreeMap<String, Vec<Value>> {
    let mut found: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for ((warehouse, table), privileges) in these {
        let known = those.get(&(*warehouse, *table));
        let more: Vec<&str> =
            privileges.iter().copied().filter(|one| known.is_none_or(|known| !known.contains(one))).collect();
        if !more.is_empty() {
            found.entry((*warehouse).to_owned()).or_default().push(json!({"table": table, "privileges": more}));
        }
    }
    found
}

/// What somebody gains and loses, one entry for each warehouse where that is anything: `{warehouse, gains: [{table, privileges}],
/// loses: [{table, privileges}]}`, ordered by warehouse and table.
#[must_use]
pub fn compare(before: &[TableAccess], after: &[TableAccess]) -> Vec<Value> {
    let (before, after) = (by_table(before), by_table(after));
    let mut gains = beyond(&after, &before);
    let mut loses = beyond(&before, &after);
    let warehouses: BTreeSet<String> = gains.keys().chain(loses.keys()).cloned().collect();
    let entry = |warehouse: String| {
        json!({
            "gains": gains.remove(&warehouse).unwrap_or_default(),
            "loses": loses.remove(&warehouse).unwrap_or_default(),
            "warehouse": warehouse,
        })
    };
    warehouses.into_iter().map(entry).collect()
}
