//! CREATE, ALTER, DROP TABLE and TRUNCATE (`r_CREATE_TABLE_NEW.html`, `r_CREATE_TABLE_AS.html`, `r_ALTER_TABLE.html`).

use sqlparser::tokenizer::Token;

use super::column::{check_refused, column, constraint_name_refused, references};
use super::cursor::Cursor;
use super::data;
use crate::error::{SqlError, SqlState};
use crate::statement::{
    ColumnDefinition, CreateTable, CreateTableAs, ObjectName, Statement, TableConstraint, TableStorage,
};

mod alter;
mod storage;

pub(super) use alter::alter;

/// After CREATE: `[LOCAL] [TEMPORARY|TEMP] TABLE [IF NOT EXISTS] name …`
pub(super) fn create(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.eat("LOCAL");
    let temporary = cursor.eat("TEMPORARY") || cursor.eat("TEMP");
    cursor.expect("TABLE")?;
    let if_not_exists = cursor.if_not_exists();
    let name = cursor.object_name()?;
    let temporary = temporary || name.name.starts_with('#');
    if temporary && (name.schema.is_some() || name.database.is_some()) {
        return Err(SqlError::new(SqlState::SyntaxError, "temporary tables cannot specify a schema name"));
    }
    if at_column_names(cursor) || !cursor.at_token(&Token::LParen) {
        return create_as(cursor, name, temporary, if_not_exists);
    }
    let elements = Elements::read(cursor)?;
    let mut storage = storage::table_storage(cursor)?;
    refuse_table_suffix(cursor)?;
    let Elements { columns, constraints } = elements;
    storage::complete(&mut storage, &columns)?;
    check_columns(&columns, &constraints, &storage)?;
    let columns = with_not_null_keys(columns, &constraints);
    Ok(Statement::CreateTable(Box::new(CreateTable { name, temporary, if_not_exists, columns, constraints, storage })))
}

/// `( name ,` or `( name )`: the column names of CREATE TABLE AS.
fn at_column_names(cursor: &Cursor<'_>) -> bool {
    cursor.at_token(&Token::LParen)
        && cursor.peek_at(2).is_some_and(|lexeme| matches!(lexeme.token.token, Token::Comma | Token::RParen))
}

fn create_as(
    cursor: &mut Cursor<'_>,
    name: ObjectName,
    temporary: bool,
    if_not_exists: bool,
) -> Result<Statement, SqlError> {
    let columns = if cursor.at_token(&Token::LParen) { cursor.parenthesised(Cursor::name)? } else { Vec::new() };
    let storage = storage::table_storage(cursor)?;
    cursor.expect("AS")?;
    let query = data::query(cursor)?;
    Ok(Statement::CreateTableAs(Box::new(CreateTableAs { name, temporary, if_not_exists, columns, storage, query })))
}

/// PostgreSQL's clauses after the columns, which Redshift doesn't have.
fn refuse_table_suffix(cursor: &Cursor<'_>) -> Result<(), SqlError> {
    if cursor.at("INHERITS") {
        return Err(SqlError::unsupported("table inheritance"));
    }
    if cursor.at_all(&["PARTITION", "BY"]) || cursor.at_all(&["PARTITIONED", "BY"]) {
        return Err(SqlError::unsupported("table partitioning").hint("Use SORTKEY and DISTKEY."));
    }
    if cursor.at_all(&["ON", "COMMIT"]) || cursor.at("TABLESPACE") {
        return Err(SqlError::unsupported(cursor.words_ahead(2).join(" ")));
    }
    Ok(())
}

/// What stands between the parentheses.
#[derive(Debug, Default)]
struct Elements {
    columns: Vec<ColumnDefinition>,
    constraints: Vec<TableConstraint>,
}

impl Elements {
    fn read(cursor: &mut Cursor<'_>) -> Result<Self, SqlError> {
        let mut elements = Self::default();
        cursor.parenthesised(|cursor| elements.element(cursor))?;
        if elements.columns.is_empty() {
            return Err(SqlError::new(SqlState::SyntaxError, "a table needs at least one column"));
        }
        Ok(elements)
    }

    fn element(&mut self, cursor: &mut Cursor<'_>) -> Result<(), SqlError> {
        if cursor.at("CONSTRAINT") {
            return Err(constraint_name_refused());
        }
        if cursor.at("CHECK") {
            return Err(check_refused());
        }
        if cursor.at("LIKE") {
            return Err(SqlError::unsupported("CREATE TABLE with LIKE").hint("Write the columns out."));
        }
        if cursor.at_all(&["EXCLUDE", "USING"]) || matches!(exclusion(cursor), Some(Token::LParen)) {
            return Err(SqlError::unsupported("an exclusion constraint"));
        }
        if cursor.eat_all(&["PRIMARY", "KEY"]) {
            let columns = cursor.parenthesised(Cursor::name)?;
            self.constraints.push(TableConstraint::PrimaryKey { columns });
        } else if cursor.eat("UNIQUE") {
            let columns = cursor.parenthesised(Cursor::name)?;
            self.constraints.push(TableConstraint::Unique { columns });
        } else if cursor.eat_all(&["FOREIGN", "KEY"]) {
            let columns = cursor.parenthesised(Cursor::name)?;
            self.constraints.push(references(cursor, columns)?);
        } else {
            let (column, foreign_key) = column(cursor)?;
            self.columns.push(column);
            self.constraints.extend(foreign_key);
        }
        Ok(())
    }
}

/// The token after EXCLUDE.
fn exclusion<'a>(cursor: &Cursor<'a>) -> Option<&'a Token> {
    cursor.at("EXCLUDE").then(|| cursor.peek_at(1)).flatten().map(|lexeme| &lexeme.token.token)
}

/// Keys name columns of this table, and there is one primary key.
fn check_columns(
    columns: &[ColumnDefinition],
    constraints: &[TableConstraint],
    storage: &TableStorage,
) -> Result<(), SqlError> {
    let exists = |name: &String| columns.iter().any(|column| column.name == *name);
    let mut primary_keys = columns.iter().filter(|column| column.primary_key).count();
    let mut missing = storage.distkey.iter().chain(&storage.sortkey).find(|name| !exists(name));
    for constraint in constraints {
        let named = match constraint {
            TableConstraint::PrimaryKey { columns } => {
                primary_keys += 1;
                columns
            }
            TableConstraint::Unique { columns }
            | TableConstraint::ForeignKey { columns, references: _, referred_columns: _ } => columns,
        };
        missing = missing.or_else(|| named.iter().find(|name| !exists(name)));
    }
    if let Some(name) = missing {
        return Err(SqlError::new(SqlState::UndefinedColumn, format!("column \"{name}\" named in key does not exist")));
    }
    if primary_keys > 1 {
        return Err(SqlError::new(SqlState::SyntaxError, "multiple primary keys for a table are not allowed"));
    }
    Ok(())
}

/// The columns of a primary key hold no NULL.
fn with_not_null_keys(mut columns: Vec<ColumnDefinition>, constraints: &[TableConstraint]) -> Vec<ColumnDefinition> {
    let keys: Vec<&String> = constraints
        .iter()
        .flat_map(|constraint| match constraint {
            TableConstraint::PrimaryKey { columns } => columns.as_slice(),
            TableConstraint::Unique { columns: _ } | TableConstraint::ForeignKey { .. } => &[],
        })
        .collect();
    for column in &mut columns {
        column.not_null |= keys.contains(&&column.name);
    }
    columns
}

/// After DROP TABLE: `[IF EXISTS] table [, ...] [CASCADE|RESTRICT]`
pub(super) fn drop(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    let if_exists = cursor.if_exists();
    let names = cursor.list(Cursor::object_name)?;
    let cascade = cascade(cursor);
    Ok(Statement::DropTable { names, if_exists, cascade })
}

/// `[CASCADE|RESTRICT]`; RESTRICT is the default.
pub(super) fn cascade(cursor: &mut Cursor<'_>) -> bool {
    let cascade = cursor.eat("CASCADE");
    if !cascade {
        cursor.eat("RESTRICT");
    }
    cascade
}

/// `TRUNCATE [TABLE] table`
pub(super) fn truncate(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.expect("TRUNCATE")?;
    cursor.eat("TABLE");
    let table = cursor.object_name()?;
    if cursor.at_token(&Token::Comma) {
        return Err(SqlError::unsupported("TRUNCATE of several tables").hint("Truncate one table per statement."));
    }
    Ok(Statement::Truncate { table })
}
