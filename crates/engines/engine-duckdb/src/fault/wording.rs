//! Pieces of DuckDB's messages, and PostgreSQL's names of types.

/// What stands between `start` and the next `end`.
pub(super) fn between<'text>(text: &'text str, start: &str, end: &str) -> Option<&'text str> {
    let (_, rest) = text.split_once(start)?;
    let (middle, _) = rest.split_once(end)?;
    Some(middle)
}

/// PostgreSQL's name of a DuckDB type, e.g. `integer` of `INT32` and `INTEGER_LITERAL`.
pub(super) fn type_name(duckdb: &str) -> String {
    let base = duckdb.split_once('(').map_or(duckdb, |(base, _)| base).trim();
    let base = base.strip_suffix("_LITERAL").unwrap_or(base);
    let name = match base {
        "BOOL" | "BOOLEAN" => "boolean",
        "INT8" | "INT16" | "UINT8" | "TINYINT" | "UTINYINT" | "SMALLINT" => "smallint",
        "INT32" | "UINT16" | "INTEGER" | "USMALLINT" => "integer",
        "INT64" | "UINT32" | "BIGINT" | "UINTEGER" => "bigint",
        "INT128" | "UINT64" | "UINT128" | "HUGEINT" | "UBIGINT" | "UHUGEINT" | "DECIMAL" => "numeric",
        "FLOAT" => "real",
        "DOUBLE" => "double precision",
        "VARCHAR" | "STRING" => "character varying",
        "BLOB" => "bytea",
        "DATE" => "date",
        "TIME" => "time without time zone",
        "TIME WITH TIME ZONE" => "time with time zone",
        "TIMESTAMP" | "TIMESTAMP_S" | "TIMESTAMP_MS" | "TIMESTAMP_NS" => "timestamp without time zone",
        "TIMESTAMP WITH TIME ZONE" => "timestamp with time zone",
        "INTERVAL" => "interval",
        other => return other.to_ascii_lowercase(),
    };
    name.to_owned()
}

/// A number as SQL writes one: whether a refused text was too big or no number at all.
pub(super) fn is_number(text: &str) -> bool {
    let trimmed = text.trim();
    trimmed.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.')) && trimmed.parse::<f64>().is_ok()
}
