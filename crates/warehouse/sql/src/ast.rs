//! Queries and data changes as our own closed tree: every variant here is one that binding resolves and rendering writes.
//!
//! Made only by `lower`. Table names are unresolved until [`crate::bind`] has filled in each [`TableRef`]'s target.

mod expr;

use base::id::RelationId;

use crate::statement::ObjectName;

pub use expr::{
    Aggregate, BinaryOp, Call, CaseBranch, ColumnName, Expr, Frame, FrameBound, FrameUnit, Interval, Like,
    SessionFunction, TextPiece, TextStyle, Truth, UnaryOp, Value, Window, WindowSpec,
};

/// `[WITH …] body [ORDER BY …] [LIMIT …] [OFFSET …]`
#[derive(Debug, Clone)]
pub struct Query {
    pub with: Option<With>,
    pub body: QueryBody,
    pub order_by: Vec<OrderKey>,
    pub limit: Option<Expr>,
    pub offset: Option<Expr>,
}

/// `WITH [RECURSIVE] …`
#[derive(Debug, Clone)]
pub struct With {
    pub recursive: bool,
    pub ctes: Vec<Cte>,
}

#[derive(Debug, Clone)]
pub struct Cte {
    pub name: String,
    pub columns: Vec<String>,
    pub query: Query,
    /// Unique within the statement; given by binding. The engine sees the number and never the name.
    pub number: usize,
}

#[derive(Debug, Clone)]
pub enum QueryBody {
    Select(Box<Select>),
    Query(Box<Query>),
    Set { operator: SetOperator, all: bool, left: Box<QueryBody>, right: Box<QueryBody> },
    Values(Vec<Vec<Expr>>),
}

/// MINUS is EXCEPT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetOperator {
    Union,
    Intersect,
    Except,
}

#[derive(Debug, Clone)]
pub struct Select {
    pub distinct: bool,
    pub items: Vec<SelectItem>,
    pub from: Vec<TableExpr>,
    pub filter: Option<Expr>,
    pub group_by: Vec<GroupKey>,
    pub having: Option<Expr>,
    pub windows: Vec<(String, WindowSpec)>,
    pub qualify: Option<Expr>,
}

#[derive(Debug, Clone)]
pub enum SelectItem {
    Wildcard,
    /// `[schema.]table.*`
    QualifiedWildcard(Vec<String>),
    /// `label` is the result column's name as PostgreSQL gives it.
    Expr {
        expr: Expr,
        label: String,
    },
}

/// A whole number stands for a result column, anything else for itself.
#[derive(Debug, Clone)]
pub enum Key {
    Ordinal(u32),
    Expr(Expr),
}

#[derive(Debug, Clone)]
pub enum GroupKey {
    Key(Key),
    Rollup(Vec<Vec<Expr>>),
    Cube(Vec<Vec<Expr>>),
    GroupingSets(Vec<Vec<Expr>>),
}

/// Nulls sort last ascending and first descending, unless written otherwise.
#[derive(Debug, Clone)]
pub struct OrderKey {
    pub key: Key,
    pub descending: bool,
    pub nulls_first: bool,
}

/// `AS name [(column, …)]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alias {
    pub name: String,
    pub columns: Vec<String>,
}

#[derive(Debug, Clone)]
pub enum TableExpr {
    Table(TableRef),
    Derived { query: Box<Query>, alias: Option<Alias> },
    Join(Box<Join>),
}

/// What a table's name was found to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    Unresolved,
    Relation(RelationId),
    /// The number of a [`Cte`].
    Cte(usize),
}

#[derive(Debug, Clone)]
pub struct TableRef {
    pub name: ObjectName,
    pub alias: Option<Alias>,
    pub target: Target,
    /// A relation's columns that the alias gives another name: (own, given). Filled in by binding, so that the names stay
    /// with their columns where the reader doesn't see all of them.
    pub renamed: Vec<(String, String)>,
}

#[derive(Debug, Clone)]
pub struct Join {
    pub left: TableExpr,
    pub kind: JoinKind,
    pub right: TableExpr,
    pub constraint: JoinConstraint,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JoinKind {
    Inner,
    Left,
    Right,
    Full,
    Cross,
}

#[derive(Debug, Clone)]
pub enum JoinConstraint {
    On(Expr),
    Using(Vec<String>),
    /// Becomes `Using` in binding.
    Natural,
    None,
}

/// `INSERT INTO table [(columns)] source`
#[derive(Debug, Clone)]
pub struct Insert {
    pub table: ObjectName,
    /// Empty: the table's own, in order. Never empty after binding, except for `DEFAULT VALUES`.
    pub columns: Vec<String>,
    pub source: InsertSource,
}

#[derive(Debug, Clone)]
pub enum InsertSource {
    DefaultValues,
    Values(Vec<Vec<SetTo>>),
    Query(Box<Query>),
}

/// An expression, or DEFAULT.
#[derive(Debug, Clone)]
pub enum SetTo {
    Default,
    Expr(Expr),
}

/// `[WITH …] UPDATE table [AS alias] SET … [FROM …] [WHERE …]`
#[derive(Debug, Clone)]
pub struct Update {
    pub with: Option<With>,
    pub table: ObjectName,
    pub alias: Option<String>,
    pub set: Vec<(String, SetTo)>,
    pub from: Vec<TableExpr>,
    pub filter: Option<Expr>,
}

/// `[WITH …] DELETE FROM table [AS alias] [USING …] [WHERE …]`
#[derive(Debug, Clone)]
pub struct Delete {
    pub with: Option<With>,
    pub table: ObjectName,
    pub alias: Option<String>,
    pub using: Vec<TableExpr>,
    pub filter: Option<Expr>,
}
