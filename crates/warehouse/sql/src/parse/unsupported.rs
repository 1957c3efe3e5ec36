//! Statements that Redshift (or the engine) knows and we don't carry out: refused by name, with the alternative where there is one.

use super::cursor::Cursor;
use crate::error::SqlError;

/// First word, its name in the refusal, what to do instead.
const COMMANDS: [(&str, &str, Option<&str>); 46] = [
    ("ANALYZE", "ANALYZE", Some("Statistics are kept up to date by the engine.")),
    ("ANALYSE", "ANALYZE", Some("Statistics are kept up to date by the engine.")),
    ("ATTACH", "ATTACH", None),
    ("CALL", "CALL", Some("There are no stored procedures.")),
    ("CANCEL", "CANCEL", Some("Cancel with the client's own means, for example Ctrl-C in psql.")),
    ("CHECKPOINT", "CHECKPOINT", None),
    ("CLOSE", "CLOSE", Some("There are no SQL cursors; the driver's fetch size does the same.")),
    ("CLUSTER", "CLUSTER", None),
    ("COMMENT", "COMMENT", None),
    ("COPY", "COPY", Some("Use INSERT INTO … VALUES.")),
    ("DECLARE", "DECLARE", Some("There are no SQL cursors; the driver's fetch size does the same.")),
    ("DETACH", "DETACH", None),
    ("DISCARD", "DISCARD", Some("Use RESET ALL and DEALLOCATE ALL.")),
    ("DO", "DO", None),
    ("EXECUTE", "EXECUTE", Some("Prepare statements with the driver.")),
    ("EXPORT", "EXPORT", None),
    ("FETCH", "FETCH", Some("There are no SQL cursors; the driver's fetch size does the same.")),
    ("IMPORT", "IMPORT", None),
    ("INSTALL", "INSTALL", None),
    ("LISTEN", "LISTEN", None),
    ("LOAD", "LOAD", None),
    ("LOCK", "LOCK", Some("Transactions are serializable without it.")),
    ("MERGE", "MERGE", Some("Use UPDATE and INSERT in one transaction.")),
    ("MOVE", "MOVE", Some("There are no SQL cursors; the driver's fetch size does the same.")),
    ("NOTIFY", "NOTIFY", None),
    ("PRAGMA", "PRAGMA", None),
    ("PREPARE", "PREPARE", Some("Prepare statements with the driver.")),
    ("REASSIGN", "REASSIGN OWNED", Some("Use ALTER TABLE … OWNER TO.")),
    ("REFRESH", "REFRESH MATERIALIZED VIEW", None),
    ("REINDEX", "REINDEX", None),
    ("RELEASE", "RELEASE SAVEPOINT", Some("There are no savepoints.")),
    ("REPLACE", "REPLACE", None),
    ("SAVEPOINT", "SAVEPOINT", Some("There are no savepoints; use one transaction for each unit of work.")),
    ("SECURITY", "SECURITY LABEL", None),
    ("SUMMARIZE", "SUMMARIZE", None),
    ("UNDROP", "UNDROP", None),
    ("UNLISTEN", "UNLISTEN", None),
    ("UNLOAD", "UNLOAD", Some("Use SELECT.")),
    ("UNSET", "UNSET", Some("Use RESET.")),
    ("USE", "USE", Some("Connect to the other database.")),
    ("VACUUM", "VACUUM", Some("Space is reclaimed by the engine.")),
    ("PIVOT", "PIVOT", None),
    ("UNPIVOT", "UNPIVOT", None),
    ("FROM", "a query that begins with FROM", Some("Begin with SELECT.")),
    ("KILL", "KILL", None),
    ("EXPLAIN", "EXPLAIN", None),
];

/// What follows CREATE, ALTER, DROP or DESC; the longer ones first.
const OBJECTS: [&[&str]; 50] = [
    &["OR", "REPLACE", "MATERIALIZED", "VIEW"],
    &["OR", "REPLACE", "LIBRARY"],
    &["OR", "REPLACE", "VIEW"],
    &["OR", "REPLACE", "PROCEDURE"],
    &["OR", "REPLACE", "EXTERNAL", "FUNCTION"],
    &["OR", "REPLACE", "FUNCTION"],
    &["OR", "REPLACE", "TABLE"],
    &["OR", "REPLACE", "TEMPORARY"],
    &["OR", "REPLACE", "TEMP"],
    &["OR", "REPLACE", "MACRO"],
    &["EXTERNAL", "SCHEMA"],
    &["EXTERNAL", "TABLE"],
    &["EXTERNAL", "VIEW"],
    &["EXTERNAL", "MODEL"],
    &["EXTERNAL", "FUNCTION"],
    &["EXTERNAL", "DATABASE"],
    &["MATERIALIZED", "VIEW"],
    &["RLS", "POLICY"],
    &["MASKING", "POLICY"],
    &["DEFAULT", "PRIVILEGES"],
    &["TEMPORARY", "VIEW"],
    &["TEMP", "VIEW"],
    &["VIEW"],
    &["DATABASE"],
    &["PROCEDURE"],
    &["FUNCTION"],
    &["AGGREGATE"],
    &["MODEL"],
    &["DATASHARE"],
    &["LIBRARY"],
    &["TEMPLATE"],
    &["SYSTEM"],
    &["UNIQUE", "INDEX"],
    &["INDEX"],
    &["SEQUENCE"],
    &["TRIGGER"],
    &["RULE"],
    &["TYPE"],
    &["DOMAIN"],
    &["CAST"],
    &["OPERATOR"],
    &["LANGUAGE"],
    &["TABLESPACE"],
    &["EXTENSION"],
    &["MACRO"],
    &["SECRET"],
    &["PERSISTENT", "SECRET"],
    &["OWNED"],
    &["FOREIGN"],
    &["SERVER"],
];

/// The SHOW commands, and where the same is found.
const SHOW: [(&[&str], &str, Option<&str>); 24] = [
    (&["ALL"], "ALL", Some("Name the parameter: SHOW search_path.")),
    (&["EXTERNAL", "TABLE"], "EXTERNAL TABLE", None),
    (&["COLUMN", "GRANTS"], "COLUMN GRANTS", None),
    (&["DATA", "CATALOG"], "DATA CATALOG", None),
    (&["DATABASES"], "DATABASES", None),
    (&["SCHEMAS"], "SCHEMAS", None),
    (&["TABLES"], "TABLES", Some("Query svv_tables.")),
    (&["COLUMNS"], "COLUMNS", Some("Query svv_columns.")),
    (&["GRANTS"], "GRANTS", Some("Query svv_relation_privileges and svv_schema_privileges.")),
    (&["ROLES"], "ROLES", Some("Query svv_roles.")),
    (&["USERS"], "USERS", Some("Query pg_user.")),
    (&["GROUPS"], "GROUPS", None),
    (&["CONSTRAINTS"], "CONSTRAINTS", None),
    (&["PROCEDURES"], "PROCEDURES", None),
    (&["FUNCTIONS"], "FUNCTIONS", None),
    (&["PARAMETERS"], "PARAMETERS", None),
    (&["DATASHARES"], "DATASHARES", None),
    (&["TEMPLATES"], "TEMPLATES", None),
    (&["POLICIES"], "POLICIES", None),
    (&["VIEW"], "VIEW", None),
    (&["PROCEDURE"], "PROCEDURE", None),
    (&["MODEL"], "MODEL", None),
    (&["TEMPLATE"], "TEMPLATE", None),
    (&["TABLE"], "TABLE", Some("Query svv_columns.")),
];

/// The refusal of a command by its first word (in upper case).
pub(super) fn command(word: &str) -> Option<SqlError> {
    let (_, name, hint) = COMMANDS.iter().find(|(known, _, _)| *known == word)?;
    Some(with_hint(SqlError::unsupported(name), *hint))
}

pub(super) fn is_known(word: &str) -> bool {
    COMMANDS.iter().any(|(known, _, _)| *known == word)
}

/// The refusal of `verb` and what follows it, or 42601 where that means nothing.
pub(super) fn object(verb: &str, cursor: &Cursor<'_>) -> SqlError {
    let Some(words) = OBJECTS.iter().find(|words| cursor.at_all(words)) else {
        return cursor.unexpected();
    };
    let error = SqlError::unsupported(format!("{verb} {}", words.join(" ")));
    let hint = match words.last().copied() {
        Some("VIEW") if verb == "CREATE" => Some("Use CREATE TABLE … AS, or repeat the query."),
        Some("DATABASE") => Some("There is one database per warehouse."),
        Some("INDEX") => Some("Use SORTKEY."),
        Some("PRIVILEGES") => Some("GRANT … ON ALL TABLES IN SCHEMA again when there are new tables."),
        Some("POLICY") if verb == "CREATE" => Some("Grant SELECT on a table that holds only what may be read."),
        Some(_) | None => None,
    };
    with_hint(error, hint)
}

pub(super) fn show(cursor: &Cursor<'_>) -> Option<SqlError> {
    let (_, name, hint) = SHOW.iter().find(|(words, _, _)| cursor.at_all(words))?;
    Some(with_hint(SqlError::unsupported(format!("SHOW {name}")), *hint))
}

fn with_hint(error: SqlError, hint: Option<&str>) -> SqlError {
    match hint {
        Some(hint) => error.hint(hint),
        None => error,
    }
}
