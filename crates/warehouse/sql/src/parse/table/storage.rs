//! Storage hints: DISTSTYLE, DISTKEY, SORTKEY, ENCODE AUTO, BACKUP. Kept and shown back.

use sqlparser::tokenizer::Token;

use crate::error::{SqlError, SqlState};
use crate::parse::cursor::Cursor;
use crate::statement::{ColumnDefinition, TableStorage};

const DISTSTYLES: [&str; 4] = ["AUTO", "EVEN", "KEY", "ALL"];

/// The attributes after the columns, in any order, each once.
pub(super) fn table_storage(cursor: &mut Cursor<'_>) -> Result<TableStorage, SqlError> {
    let mut storage = TableStorage::default();
    loop {
        if cursor.at("BACKUP") && storage.backup.is_none() {
            cursor.next();
            storage.backup = Some(yes_or_no(cursor)?);
        } else if cursor.at("DISTSTYLE") && storage.diststyle.is_none() {
            cursor.next();
            storage.diststyle = Some(diststyle(cursor)?);
        } else if cursor.at("DISTKEY") && storage.distkey.is_none() {
            cursor.next();
            cursor.expect_token(&Token::LParen)?;
            storage.distkey = Some(cursor.name()?);
            cursor.expect_token(&Token::RParen)?;
        } else if cursor.at_any(&["COMPOUND", "INTERLEAVED", "SORTKEY"]) {
            if !storage.sortkey.is_empty() || storage.sortkey_auto {
                return Err(cursor.unexpected());
            }
            sortkey(cursor, &mut storage)?;
        } else if cursor.at_all(&["ENCODE", "AUTO"]) && !storage.encode_auto {
            cursor.expect_all(&["ENCODE", "AUTO"])?;
            storage.encode_auto = true;
        } else {
            return Ok(storage);
        }
    }
}

fn yes_or_no(cursor: &mut Cursor<'_>) -> Result<bool, SqlError> {
    if cursor.eat("YES") {
        return Ok(true);
    }
    cursor.expect("NO")?;
    Ok(false)
}

fn diststyle(cursor: &mut Cursor<'_>) -> Result<String, SqlError> {
    let found = cursor.command_word().filter(|word| DISTSTYLES.contains(&word.as_str()));
    let Some(style) = found else { return Err(cursor.unexpected()) };
    cursor.next();
    Ok(style.to_ascii_lowercase())
}

fn sortkey(cursor: &mut Cursor<'_>, storage: &mut TableStorage) -> Result<(), SqlError> {
    storage.interleaved = cursor.eat("INTERLEAVED");
    let compound = !storage.interleaved && cursor.eat("COMPOUND");
    cursor.expect("SORTKEY")?;
    if !storage.interleaved && !compound && cursor.eat("AUTO") {
        storage.sortkey_auto = true;
        return Ok(());
    }
    storage.sortkey = cursor.parenthesised(Cursor::name)?;
    Ok(())
}

/// A column's own DISTKEY and SORTKEY are the table's; DISTSTYLE KEY needs a key, and no other style may have one.
pub(super) fn complete(storage: &mut TableStorage, columns: &[ColumnDefinition]) -> Result<(), SqlError> {
    for column in columns {
        if column.distkey && storage.distkey.replace(column.name.clone()).is_some() {
            return Err(invalid("cannot specify more than one distribution key for a table"));
        }
    }
    let own: Vec<String> = columns.iter().filter(|column| column.sortkey).map(|column| column.name.clone()).collect();
    if !own.is_empty() {
        if !storage.sortkey.is_empty() || storage.sortkey_auto {
            return Err(invalid("cannot specify more than one sort key for a table"));
        }
        storage.sortkey = own;
    }
    let by_key = storage.diststyle.as_deref().map(|style| style == "key");
    match (by_key, &storage.distkey) {
        (Some(true), None) => Err(invalid("DISTSTYLE KEY needs a DISTKEY")),
        (Some(false), Some(_)) => Err(invalid("DISTKEY is only possible with DISTSTYLE KEY")),
        (Some(true), Some(_)) | (Some(false), None) | (None, _) => Ok(()),
    }
}

fn invalid(message: &str) -> SqlError {
    SqlError::new(SqlState::SyntaxError, message)
}
