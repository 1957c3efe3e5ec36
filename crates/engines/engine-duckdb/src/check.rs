//! The last look before a text runs: what DuckDB's own binder finds in it.
//!
//! `EXPLAIN` shows the plan as it was bound, before the optimiser: every table with its full name, views expanded, every
//! table function. (The C API's `duckdb_get_table_names` was tried: it can't read UPDATE and DELETE, leaves out the
//! target of INSERT, and finds nothing in `duckdb_tables()` or `information_schema.tables`.)
//!
//! Invariant: no text of `query`, `change`, `describe` or `explain` runs that wasn't looked at here.

mod cache;
mod plan;
mod target;

use std::collections::BTreeSet;

pub(crate) use cache::Checked;
use duckdb::Connection;
use engine::{CheckedText, EngineError};

use crate::database::{CATALOG_SCHEMA, Shared};
use crate::{fault, names};
use plan::{Bound, Kind};
use target::Target;

/// What the caller means to do with the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expected {
    Query,
    Change,
}

type Tables = BTreeSet<(String, String)>;

/// Errors with `UnauthorizedTable` unless the text is one statement of the expected kind over exactly its tables.
pub(crate) fn check(
    connection: &Connection,
    shared: &Shared,
    text: &CheckedText,
    expected: Expected,
) -> Result<(), EngineError> {
    let count = shared.parser.count(&text.text).map_err(|words| fault::from_words(&words))?;
    if count != 1 {
        return Err(fault::unauthorized(&format!("{count} statements where one was authorised")));
    }
    let bound = bind(connection, &text.text)?;
    let mut found = tables(shared, &bound)?;
    let authorised: Tables = text.tables.iter().cloned().collect();
    match (expected, bound.kind) {
        (Expected::Query, Kind::Query) | (Expected::Change, Kind::Update | Kind::Delete) => {}
        (Expected::Change, Kind::Insert) => {
            let target = target::of_insert(&text.text).ok_or_else(|| fault::unauthorized("INSERT of another form"))?;
            found.extend(resolve(connection, shared, &target)?);
        }
        (Expected::Change, Kind::CreateTableAs) => {
            let target = target::of_create(&text.text).ok_or_else(|| fault::unauthorized("CREATE of another form"))?;
            let target = new_table(shared, target)?;
            // It isn't there yet: whether it is named among the tables is the caller's choice.
            if authorised.contains(&target) {
                found.insert(target);
            }
        }
        (Expected::Query, Kind::Insert | Kind::Update | Kind::Delete | Kind::CreateTableAs)
        | (Expected::Change, Kind::Query) => {
            return Err(fault::unauthorized(&format!("{:?} where a {expected:?} was authorised", bound.kind)));
        }
    }
    compare(&text.text, &found, &authorised)
}

/// DuckDB doesn't bind a common table expression that nothing reads, so that a text with one may touch fewer tables.
fn compare(text: &str, found: &Tables, authorised: &Tables) -> Result<(), EngineError> {
    let fewer = found.is_subset(authorised) && text.to_ascii_uppercase().contains("WITH");
    if found == authorised || fewer {
        return Ok(());
    }
    Err(fault::unauthorized(&format!("found {found:?}, authorised {authorised:?}")))
}

fn bind(connection: &Connection, text: &str) -> Result<Bound, EngineError> {
    let plan = explain(connection, "EXPLAIN (FORMAT JSON)", text, "logical_plan")?;
    plan::read(&plan).map_err(|stranger| fault::unauthorized(&stranger))
}

/// One of the plans that EXPLAIN answers, by DuckDB's key for it.
pub(crate) fn explain(connection: &Connection, explain: &str, text: &str, key: &str) -> Result<String, EngineError> {
    let mut statement = connection.prepare(&format!("{explain} {text}")).map_err(fault::translate)?;
    let plans = statement
        .query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))
        .map_err(fault::translate)?;
    for plan in plans {
        let (name, plan) = plan.map_err(fault::translate)?;
        if name == key {
            return Ok(plan);
        }
    }
    Err(fault::unauthorized("no plan"))
}

/// Tables of the session's own database, outside Gatehouse's schema; any other is refused whatever was authorised.
fn tables(shared: &Shared, bound: &Bound) -> Result<Tables, EngineError> {
    bound
        .tables
        .iter()
        .map(|full| match names::qualified(full).as_deref() {
            Some([database, schema, name]) if *database == shared.database && schema != CATALOG_SCHEMA => {
                Ok((schema.clone(), name.clone()))
            }
            Some(_) | None => Err(fault::unauthorized(&format!("found {full}"))),
        })
        .collect()
}

/// The binder itself says which table the name of INSERT's target means.
fn resolve(connection: &Connection, shared: &Shared, target: &Target) -> Result<Tables, EngineError> {
    let (schema, name) = target;
    let bound = bind(connection, &format!("DELETE FROM {}.{}", names::quote(schema), names::quote(name)))?;
    tables(shared, &bound)
}

fn new_table(shared: &Shared, target: Target) -> Result<Target, EngineError> {
    let (schema, _) = &target;
    let elsewhere = [CATALOG_SCHEMA, "temp", "system", shared.database.as_str()];
    if elsewhere.iter().any(|name| name.eq_ignore_ascii_case(schema)) {
        return Err(fault::unauthorized(&format!("a new table in {schema}")));
    }
    Ok(target)
}

#[cfg(test)]
mod tests;
