//! Names that mean nothing, or too much.

use engine::EngineErrorKind as Kind;

use super::wording::{between, type_name};
use super::{Translation, invalid};

/// `Binder Error`
pub(super) fn binder(text: &str) -> Translation {
    column(text)
        .or_else(|| function(text))
        .or_else(|| grouping(text))
        .or_else(|| form(text))
        .or_else(|| lookup(text))
        .unwrap_or_else(|| invalid("the engine can't carry out this statement as it is written"))
}

fn column(text: &str) -> Option<Translation> {
    if let Some(name) = between(text, "Referenced column \"", "\" not found") {
        return Some((Kind::UndefinedColumn, format!("column \"{name}\" does not exist")));
    }
    if let Some(name) = between(text, "Referenced update column ", " not found") {
        return Some((Kind::UndefinedColumn, format!("column \"{name}\" does not exist")));
    }
    if let Some(table) = between(text, "Referenced table \"", "\" not found") {
        return Some((Kind::UndefinedTable, format!("missing FROM-clause entry for table \"{table}\"")));
    }
    if let Some(name) = between(text, "Ambiguous reference to column name \"", "\"") {
        return Some((Kind::AmbiguousColumn, format!("column reference \"{name}\" is ambiguous")));
    }
    if let Some(rest) = text.strip_prefix("Values list \"") {
        let (table, rest) = rest.split_once('"')?;
        let name = between(rest, "named \"", "\"")?;
        return Some((Kind::UndefinedColumn, format!("column {table}.{name} does not exist")));
    }
    if let Some(rest) = text.strip_prefix("Table \"") {
        let (table, rest) = rest.split_once('"')?;
        let name = between(rest, "name \"", "\"").or_else(|| between(rest, "named \"", "\""))?;
        return Some((Kind::UndefinedColumn, format!("column \"{name}\" of relation \"{table}\" does not exist")));
    }
    let name = between(text, "Column \"", "\" does not exist")?;
    Some((Kind::UndefinedColumn, format!("column \"{name}\" does not exist")))
}

/// `'+(INTEGER, VARCHAR)'`: an operator with its two sides, or a function with its arguments.
fn function(text: &str) -> Option<Translation> {
    let unique = text.starts_with("Could not choose a best candidate function");
    let call = between(text, "argument types '", "'. You").or_else(|| between(text, "function call \"", "\". In"))?;
    let (name, arguments) = call.split_once('(')?;
    let arguments = split_types(arguments.strip_suffix(')')?);
    let operator = !name.starts_with(|c: char| c.is_alphabetic() || c == '_' || c == '"');
    let message = match (operator, arguments.as_slice(), unique) {
        (true, [left, right], false) => format!("operator does not exist: {left} {name} {right}"),
        (true, [left, right], true) => format!("operator is not unique: {left} {name} {right}"),
        (_, arguments, false) => format!("function {name}({}) does not exist", arguments.join(", ")),
        (_, arguments, true) => format!("function {name}({}) is not unique", arguments.join(", ")),
    };
    Some((Kind::UndefinedFunction, message))
}

/// Types between commas that aren't inside parentheses.
fn split_types(list: &str) -> Vec<String> {
    let mut depth = 0_i32;
    let parts = list.split(|c: char| {
        depth += i32::from(matches!(c, '(' | '[')) - i32::from(matches!(c, ')' | ']'));
        c == ',' && depth == 0
    });
    parts.map(str::trim).filter(|part| !part.is_empty()).map(type_name).collect()
}

fn grouping(text: &str) -> Option<Translation> {
    if let Some(name) = between(text, "column \"", "\" must appear in the GROUP BY clause") {
        let message =
            format!("column \"{name}\" must appear in the GROUP BY clause or be used in an aggregate function");
        return Some((Kind::Grouping, message));
    }
    let lower = text.to_ascii_lowercase();
    if lower.contains("must appear in the group by clause") {
        let message = "columns must appear in the GROUP BY clause or be used in an aggregate function";
        return Some((Kind::Grouping, message.to_owned()));
    }
    if lower.contains("cannot be nested") {
        return Some((Kind::Grouping, "aggregate function calls cannot be nested".to_owned()));
    }
    let (clause, _) = text.split_once(" clause cannot contain aggregates")?;
    let clause = ["WHERE", "HAVING", "GROUP BY", "JOIN", "RETURNING"].into_iter().find(|known| *known == clause)?;
    Some((Kind::Grouping, format!("aggregate functions are not allowed in {clause}")))
}

fn form(text: &str) -> Option<Translation> {
    if text.contains("LIMIT/OFFSET cannot be negative") {
        return Some(invalid("LIMIT and OFFSET must not be negative"));
    }
    if text.starts_with("ORDER term out of range") {
        return Some(invalid("ORDER BY position is not in select list"));
    }
    if text.starts_with("GROUP BY term out of range") {
        return Some(invalid("GROUP BY position is not in select list"));
    }
    if text.contains("values were supplied") {
        return Some(invalid("INSERT has more or fewer expressions than target columns"));
    }
    if text.starts_with("Set operations can only apply") {
        return Some(invalid("each query of a set operation must have the same number of columns"));
    }
    if text.starts_with("Cannot compare values of type") || text.starts_with("Cannot mix values of type") {
        let types =
            text.strip_prefix("Cannot compare values of type ").or(text.strip_prefix("Cannot mix values of type "))?;
        let (left, rest) = types.split_once(" and ")?;
        let right = rest.split_once(" in").or(rest.split_once(" -")).map_or(rest, |(right, _)| right);
        let right = right.strip_prefix("values of type ").or(right.strip_prefix("type ")).unwrap_or(right);
        let message = format!("types {} and {} cannot be matched", type_name(left), type_name(right));
        return Some((Kind::DatatypeMismatch, message));
    }
    None
}

/// The binder repeats what the catalogue says.
fn lookup(text: &str) -> Option<Translation> {
    (text.contains("does not exist") || text.contains("already exists")).then(|| catalog(text))
}

/// `Catalog Error`
pub(super) fn catalog(text: &str) -> Translation {
    exists(text)
        .or_else(|| missing(text))
        .unwrap_or_else(|| invalid("the engine can't carry out this statement on these objects"))
}

fn exists(text: &str) -> Option<Translation> {
    let (object, _) = text.split_once(" already exists")?;
    let (sort, name) = object.split_once(" with name ")?;
    let name = name.trim_matches('"');
    let sort = match sort {
        "Table" | "View" | "Index" => "relation",
        "Schema" => "schema",
        "Column" => "column",
        _ => "object",
    };
    Some((Kind::Duplicate, format!("{sort} \"{name}\" already exists")))
}

fn missing(text: &str) -> Option<Translation> {
    let (object, _) = text.split_once(" does not exist")?;
    if let Some((sort, name)) = object.split_once(" with name ") {
        let name = name.trim_matches('"');
        let found = match sort {
            "Schema" => (Kind::UndefinedTable, format!("schema \"{name}\" does not exist")),
            "Table" | "View" => (Kind::UndefinedTable, format!("relation \"{name}\" does not exist")),
            "Type" => (Kind::DatatypeMismatch, format!("type \"{name}\" does not exist")),
            sort if sort.ends_with("Function") => (Kind::UndefinedFunction, format!("function {name} does not exist")),
            _ => return None,
        };
        return Some(found);
    }
    let name = object.strip_prefix("Catalog \"")?.trim_matches('"');
    Some((Kind::UndefinedTable, format!("schema \"{name}\" does not exist")))
}
