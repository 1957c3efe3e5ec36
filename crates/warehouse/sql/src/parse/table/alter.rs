//! ALTER TABLE: one action per statement.

use crate::error::SqlError;
use crate::parse::column::column;
use crate::parse::cursor::Cursor;
use crate::statement::{AlterTableAction, Statement};

/// After ALTER TABLE: `name action`
pub(in crate::parse) fn alter(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    if cursor.at_all(&["IF", "EXISTS"]) {
        return Err(SqlError::unsupported("ALTER TABLE IF EXISTS"));
    }
    let table = cursor.object_name()?;
    let action = action(cursor)?;
    Ok(Statement::AlterTable { table, action })
}

fn action(cursor: &mut Cursor<'_>) -> Result<AlterTableAction, SqlError> {
    if let Some(refused) = refused(cursor) {
        return Err(SqlError::unsupported(format!("ALTER TABLE {refused}")));
    }
    if cursor.eat_all(&["OWNER", "TO"]) {
        return Ok(AlterTableAction::OwnerTo(cursor.user_name()?));
    }
    if cursor.eat("RENAME") {
        if cursor.eat("TO") {
            return Ok(AlterTableAction::RenameTo(cursor.name()?));
        }
        cursor.eat("COLUMN");
        let from = cursor.name()?;
        cursor.expect("TO")?;
        return Ok(AlterTableAction::RenameColumn { from, to: cursor.name()? });
    }
    if cursor.eat("ADD") {
        cursor.eat("COLUMN");
        let (column, foreign_key) = column(cursor)?;
        if foreign_key.is_some() || column.primary_key || column.unique {
            return Err(SqlError::unsupported("ALTER TABLE ADD COLUMN with a key"));
        }
        if column.distkey || column.sortkey {
            return Err(SqlError::unsupported("ALTER TABLE ADD COLUMN with DISTKEY or SORTKEY"));
        }
        return Ok(AlterTableAction::AddColumn(Box::new(column)));
    }
    cursor.expect("DROP")?;
    cursor.eat("COLUMN");
    let column = cursor.name()?;
    let cascade = super::cascade(cursor);
    Ok(AlterTableAction::DropColumn { column, cascade })
}

/// Actions that Redshift knows and we don't carry out.
const REFUSED: [(&[&str], &str); 20] = [
    (&["ADD", "CONSTRAINT"], "ADD CONSTRAINT"),
    (&["ADD", "PRIMARY", "KEY"], "ADD PRIMARY KEY"),
    (&["ADD", "UNIQUE"], "ADD UNIQUE"),
    (&["ADD", "FOREIGN", "KEY"], "ADD FOREIGN KEY"),
    (&["ADD", "CHECK"], "ADD CHECK"),
    (&["ADD", "PARTITION"], "ADD PARTITION"),
    (&["DROP", "CONSTRAINT"], "DROP CONSTRAINT"),
    (&["DROP", "PARTITION"], "DROP PARTITION"),
    (&["ALTER", "COLUMN"], "ALTER COLUMN"),
    (&["ALTER", "DISTKEY"], "ALTER DISTKEY"),
    (&["ALTER", "DISTSTYLE"], "ALTER DISTSTYLE"),
    (&["ALTER", "SORTKEY"], "ALTER SORTKEY"),
    (&["ALTER", "COMPOUND"], "ALTER SORTKEY"),
    (&["ALTER", "INTERLEAVED"], "ALTER SORTKEY"),
    (&["ALTER", "ENCODE"], "ALTER ENCODE"),
    (&["ROW", "LEVEL", "SECURITY"], "ROW LEVEL SECURITY"),
    (&["MASKING"], "MASKING"),
    (&["APPEND", "FROM"], "APPEND"),
    (&["SET"], "SET"),
    (&["PARTITION"], "PARTITION"),
];

fn refused(cursor: &Cursor<'_>) -> Option<&'static str> {
    REFUSED.iter().find(|(words, _)| cursor.at_all(words)).map(|(_, name)| *name)
}
