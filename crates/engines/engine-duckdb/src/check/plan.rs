//! A bound plan: its kind and its tables. Every operator must be known.

use serde_json::Value as Json;

/// Operators that read nothing but their children, and table functions that make rows of their arguments.
const HARMLESS: [&str; 36] = [
    "AGGREGATE",
    "ANY_JOIN",
    "ASOF_JOIN",
    "CHUNK_GET",
    "COLUMN_DATA_SCAN",
    "COMPARISON_JOIN",
    "CROSS_PRODUCT",
    "CTE",
    "CTE_SCAN",
    "DELIM_GET",
    "DELIM_JOIN",
    "DEPENDENT_JOIN",
    "DISTINCT",
    "DUMMY_SCAN",
    "EMPTY_RESULT",
    "EXCEPT",
    "EXPRESSION_GET",
    "FILTER",
    "GENERATE_SERIES",
    "INTERSECT",
    "JOIN",
    "LIMIT",
    "LIMIT_PERCENT",
    "MATERIALIZED_CTE",
    "ORDER_BY",
    "POSITIONAL_JOIN",
    "PROJECTION",
    "RANGE",
    "REC_CTE",
    "SAMPLE",
    "STREAMING_LIMIT",
    "TOP_N",
    "UNION",
    "UNNEST",
    "VALUES",
    "WINDOW",
];

const SCAN: &str = "SEQ_SCAN";

/// What the plan does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Query,
    Insert,
    Update,
    Delete,
    CreateTableAs,
}

/// The plan as the binder made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bound {
    pub(super) kind: Kind,
    /// `database.schema.table`, quoted where DuckDB quotes; each scan one entry.
    pub(super) tables: Vec<String>,
}

/// Reads `EXPLAIN (FORMAT JSON)`; errors with the operator that isn't known.
pub(super) fn read(plan: &str) -> Result<Bound, String> {
    let plan: Json = serde_json::from_str(plan).map_err(|error| format!("an unreadable plan: {error}"))?;
    let [root] = plan.as_array().map(Vec::as_slice).unwrap_or_default() else {
        return Err("a plan without a root".to_owned());
    };
    let mut open: Vec<&Json> = Vec::new();
    // A walk with its own stack: the depth is the text's choice.
    let root = behind_with(root, &mut open)?;
    let inputs = children(root)?;
    let kind = match operator(root)? {
        "INSERT" => Kind::Insert,
        "UPDATE" => Kind::Update,
        "DELETE" => Kind::Delete,
        // Without a query it is CREATE TABLE with columns.
        "CREATE_TABLE" if !inputs.is_empty() => Kind::CreateTableAs,
        _ => Kind::Query,
    };
    let mut tables = Vec::new();
    if kind == Kind::Query {
        open.push(root);
    } else {
        open.extend(inputs);
    }
    while let Some(node) = open.pop() {
        match operator(node)? {
            SCAN => tables.push(table(node)?),
            known if HARMLESS.contains(&known) => {}
            stranger => return Err(format!("the operator {stranger}")),
        }
        open.extend(children(node)?);
    }
    Ok(Bound { kind, tables })
}

/// The statement that stands behind its WITH; the common table expressions go to `open`. In DuckDB's plan the last child of a
/// CTE is what uses it.
fn behind_with<'plan>(mut root: &'plan Json, open: &mut Vec<&'plan Json>) -> Result<&'plan Json, String> {
    while matches!(operator(root)?, "CTE" | "MATERIALIZED_CTE" | "REC_CTE") {
        let Some((used, definitions)) = children(root)?.split_last() else { break };
        open.extend(definitions);
        root = used;
    }
    Ok(root)
}

fn operator(node: &Json) -> Result<&str, String> {
    node.get("name").and_then(Json::as_str).map(str::trim).ok_or_else(|| "an operator without a name".to_owned())
}

fn children(node: &Json) -> Result<&[Json], String> {
    let children = node.get("children").and_then(Json::as_array);
    children.map(Vec::as_slice).ok_or_else(|| "an operator without children".to_owned())
}

fn table(scan: &Json) -> Result<String, String> {
    let name = scan.get("extra_info").and_then(|info| info.get("Table")).and_then(Json::as_str);
    name.map(str::to_owned).ok_or_else(|| "a scan of no table".to_owned())
}

#[cfg(test)]
mod tests;
