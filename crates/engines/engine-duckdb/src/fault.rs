//! DuckDB's words to ours: the kind, PostgreSQL's wording for the client, DuckDB's own words for the log.
//!
//! What the client reads is always made here. DuckDB's messages quote the rendered text, list tables and columns outside
//! the reader's cage and name settings, so that none of them is passed on whole.

mod catalog;
mod value;
mod wording;

use engine::{EngineError, EngineErrorKind};

/// Kind and message for the client.
type Translation = (EngineErrorKind, String);

/// An error of the `duckdb` crate.
pub(crate) fn translate(error: duckdb::Error) -> EngineError {
    if let duckdb::Error::DuckDBFailure(_, Some(words)) = &error {
        return from_words(words);
    }
    let (kind, message) = if matches!(error, duckdb::Error::InvalidParameterCount(..)) {
        invalid("the statement has parameters without values")
    } else {
        unknown()
    };
    EngineError { kind, message, log: error.to_string() }
}

/// DuckDB's message, e.g. `Catalog Error: Table with name t does not exist!`.
pub(crate) fn from_words(words: &str) -> EngineError {
    let (kind, message) = unusable(words).or_else(|| by_class(words)).unwrap_or_else(unknown);
    EngineError { kind, message, log: words.to_owned() }
}

/// Our own defect, or the machine's.
pub(crate) fn internal(log: String) -> EngineError {
    let (kind, message) = unknown();
    EngineError { kind, message, log }
}

pub(crate) fn cancelled() -> EngineError {
    from_words("INTERRUPT Error: Interrupted!")
}

/// `check` found something else than what was authorised. The finding is for the log alone.
pub(crate) fn unauthorized(finding: &str) -> EngineError {
    EngineError {
        kind: EngineErrorKind::UnauthorizedTable,
        message: "permission denied: the engine found more in the statement than was authorised".to_owned(),
        log: format!("the engine's check of the rendered text: {finding}"),
    }
}

fn unknown() -> Translation {
    (EngineErrorKind::Internal, "the engine failed; the server's log says why".to_owned())
}

/// After a defect of its own DuckDB refuses everything in these words, whatever the class, until the file is opened anew.
fn unusable(words: &str) -> Option<Translation> {
    let invalidated = words.contains("atabase") && words.contains("has been invalidated");
    invalidated.then(|| (EngineErrorKind::Unusable, "the engine has stopped after a defect of its own".to_owned()))
}

/// `None`: not a class of errors that a statement can cause.
fn by_class(words: &str) -> Option<Translation> {
    let (class, text) = words.split_once(" Error: ")?;
    match class {
        "Binder" => Some(catalog::binder(text)),
        "Catalog" => Some(catalog::catalog(text)),
        "Parser" | "Syntax" => Some(invalid("syntax error: the engine can't read the statement")),
        "Dependency" => Some(invalid("cannot drop it because other objects depend on it")),
        "Conversion" => Some(value::conversion(text)),
        "Out of Range" => Some(value::out_of_range(text)),
        "Constraint" => value::constraint(text),
        "Invalid Input" => Some(value::invalid_input(text)),
        "Not implemented" => Some(value::not_implemented(text)),
        "TransactionContext" => transaction(text),
        "INTERRUPT" => Some((EngineErrorKind::Cancelled, "Query cancelled on user's request".to_owned())),
        "Out of Memory" => Some((EngineErrorKind::OutOfMemory, "out of memory".to_owned())),
        "Permission" => Some(invalid("files, networks and extensions are out of reach of statements")),
        _ => None,
    }
}

/// Also COMMIT's failure, which names its cause in the same class.
fn transaction(text: &str) -> Option<Translation> {
    let lower = text.to_ascii_lowercase();
    if lower.contains("transaction is aborted") {
        let message = "current transaction is aborted, commands ignored until end of transaction block";
        return Some((EngineErrorKind::TransactionAborted, message.to_owned()));
    }
    if lower.contains("conflict") {
        return Some((
            EngineErrorKind::Conflict,
            "could not complete because of conflict with concurrent transaction".to_owned(),
        ));
    }
    if lower.contains("no transaction is active") {
        return Some(invalid("there is no transaction in progress"));
    }
    lower.contains("within a transaction").then(|| invalid("there is already a transaction in progress"))
}

fn invalid(message: &str) -> Translation {
    (EngineErrorKind::InvalidQuery, message.to_owned())
}

#[cfg(test)]
mod tests;
