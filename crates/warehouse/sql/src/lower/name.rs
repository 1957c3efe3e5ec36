//! Identifiers: folded as Redshift folds them, cut at 127 bytes.

use sqlparser::ast as parsed;

use super::{Result, refuse_if};
use crate::ast::Alias;
use crate::error::{SqlError, SqlState};
use crate::statement::ObjectName;

const MAX_IDENTIFIER_BYTES: usize = 127;

pub(super) fn ident(ident: parsed::Ident) -> Result<String> {
    let parsed::Ident { value, quote_style, span: _ } = ident;
    match quote_style {
        None | Some('"') => {}
        // sqlparser also takes 'text' and [text] for names in some places
        Some(quote) => return Err(SqlError::syntax(&format!("{quote}{value}"))),
    }
    fold(&value)
}

fn fold(name: &str) -> Result<String> {
    if name.is_empty() {
        return Err(SqlError::new(SqlState::SyntaxError, "zero-length delimited identifier"));
    }
    if name.contains('\0') {
        return Err(SqlError::new(SqlState::SyntaxError, "a name can't contain a NUL character"));
    }
    let mut folded = String::with_capacity(name.len().min(MAX_IDENTIFIER_BYTES));
    for character in name.chars() {
        if folded.len() + character.len_utf8() > MAX_IDENTIFIER_BYTES {
            break;
        }
        folded.push(character.to_ascii_lowercase());
    }
    Ok(folded)
}

pub(super) fn parts(name: parsed::ObjectName) -> Result<Vec<String>> {
    let parsed::ObjectName(parts) = name;
    parts
        .into_iter()
        .map(|part| match part {
            parsed::ObjectNamePart::Identifier(part) => ident(part),
            parsed::ObjectNamePart::Function(_) => Err(SqlError::unsupported("a computed name")),
        })
        .collect()
}

/// A name without a qualifier.
pub(super) fn single(name: parsed::ObjectName) -> Result<String> {
    let mut parts = parts(name)?.into_iter();
    match (parts.next(), parts.next()) {
        (Some(name), None) => Ok(name),
        (_, Some(second)) => Err(SqlError::syntax(&format!(".{second}"))),
        (None, None) => Err(SqlError::syntax("")),
    }
}

pub(super) fn object(name: parsed::ObjectName) -> Result<ObjectName> {
    let mut reversed = parts(name)?.into_iter().rev();
    let (name, schema, database) = (reversed.next(), reversed.next(), reversed.next());
    match (name, reversed.next()) {
        (Some(name), None) => Ok(ObjectName { database, schema, name }),
        (Some(_), Some(_)) => {
            Err(SqlError::new(SqlState::SyntaxError, "improper qualified name (too many dotted names)"))
        }
        (None, _) => Err(SqlError::syntax("")),
    }
}

pub(super) fn alias(alias: parsed::TableAlias) -> Result<Alias> {
    let parsed::TableAlias { explicit: _, name, columns, at } = alias;
    refuse_if(at.is_some(), "AT in a table alias")?;
    let columns = columns
        .into_iter()
        .map(|parsed::TableAliasColumnDef { name, data_type }| {
            refuse_if(data_type.is_some(), "a column definition list")?;
            ident(name)
        })
        .collect::<Result<_>>()?;
    Ok(Alias { name: ident(name)?, columns })
}
