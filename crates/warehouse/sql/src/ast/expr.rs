//! Expressions.

use crate::ast::{OrderKey, Query};
use crate::functions::Function;
use crate::types::DataType;

#[derive(Debug, Clone)]
pub enum Expr {
    Column(ColumnName),
    Value(Value),
    /// `DATE '2024-01-01'`
    Typed {
        text: String,
        data_type: DataType,
    },
    Interval(Interval),
    /// `$n`, from 1.
    Parameter(usize),
    Session(SessionFunction),
    Unary {
        op: UnaryOp,
        expr: Box<Expr>,
    },
    Binary {
        op: BinaryOp,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    /// Two or more; flat, so that a long chain isn't deep.
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Is {
        expr: Box<Expr>,
        truth: Truth,
        negated: bool,
    },
    DistinctFrom {
        left: Box<Expr>,
        right: Box<Expr>,
        negated: bool,
    },
    Between {
        expr: Box<Expr>,
        low: Box<Expr>,
        high: Box<Expr>,
        negated: bool,
    },
    InList {
        expr: Box<Expr>,
        list: Vec<Expr>,
        negated: bool,
    },
    InQuery {
        expr: Box<Expr>,
        query: Box<Query>,
        negated: bool,
    },
    Exists {
        query: Box<Query>,
        negated: bool,
    },
    /// `expr op ANY (query)`, or ALL.
    Quantified {
        expr: Box<Expr>,
        op: BinaryOp,
        all: bool,
        query: Box<Query>,
    },
    Like(Box<Like>),
    /// `~`, `~*`, and SIMILAR TO, whose pattern `lower` has turned into an anchored regular expression.
    Regex {
        expr: Box<Expr>,
        pattern: Box<Expr>,
        insensitive: bool,
        negated: bool,
    },
    Case {
        operand: Option<Box<Expr>>,
        branches: Vec<CaseBranch>,
        default: Option<Box<Expr>>,
    },
    Cast {
        expr: Box<Expr>,
        to: DataType,
    },
    Scalar(Box<Query>),
    Row(Vec<Expr>),
    Call(Call),
    Aggregate(Box<Aggregate>),
    /// `to_char(value, pattern)`: the pieces are joined.
    Text {
        value: Box<Expr>,
        pieces: Vec<TextPiece>,
    },
    /// `value AT TIME ZONE zone`
    AtTimeZone {
        value: Box<Expr>,
        zone: Box<Expr>,
    },
}

/// `[[database.]schema.]table.column`: the qualifier has no, one or two parts (after binding no or one: the alias).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnName {
    pub qualifier: Vec<String>,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Null,
    Bool(bool),
    /// Digits, point and exponent only.
    Number(String),
    Text(String),
}

/// The three parts that an interval keeps apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Interval {
    pub months: i32,
    pub days: i32,
    pub micros: i64,
}

/// Answered from [`crate::SessionValues`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionFunction {
    CurrentUser,
    SessionUser,
    CurrentUserId,
    CurrentDatabase,
    CurrentSchema,
    Version,
    BackendPid,
    /// `getdate()`, `sysdate`, `localtimestamp`: no time zone.
    Now,
    /// `now()`, `current_timestamp`
    NowTz,
    CurrentDate,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnaryOp {
    Not,
    Minus,
    Plus,
    BitNot,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BinaryOp {
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    Concat,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    BitAnd,
    BitOr,
}

impl BinaryOp {
    #[must_use]
    pub const fn is_comparison(self) -> bool {
        match self {
            Self::Equal | Self::NotEqual | Self::Less | Self::LessOrEqual | Self::Greater | Self::GreaterOrEqual => {
                true
            }
            Self::Add
            | Self::Subtract
            | Self::Multiply
            | Self::Divide
            | Self::Modulo
            | Self::Concat
            | Self::BitAnd
            | Self::BitOr => false,
        }
    }
}

/// `IS [NOT] NULL | TRUE | FALSE` (UNKNOWN is NULL).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truth {
    Null,
    True,
    False,
}

#[derive(Debug, Clone)]
pub struct Like {
    pub expr: Expr,
    pub pattern: Expr,
    /// One character, or none: nothing is escaped. A backslash where the text names none.
    pub escape: Option<char>,
    pub insensitive: bool,
    pub negated: bool,
}

#[derive(Debug, Clone)]
pub struct CaseBranch {
    pub when: Expr,
    pub then: Expr,
}

/// A scalar function of the allow-list. The number of arguments has been checked.
#[derive(Debug, Clone)]
pub struct Call {
    pub function: &'static Function,
    pub args: Vec<Expr>,
}

/// An aggregate or window function of the allow-list.
#[derive(Debug, Clone)]
pub struct Aggregate {
    pub function: &'static Function,
    pub distinct: bool,
    /// Empty for `count(*)`.
    pub args: Vec<Expr>,
    /// `WITHIN GROUP (ORDER BY …)`
    pub within: Vec<OrderKey>,
    pub filter: Option<Expr>,
    pub ignore_nulls: bool,
    pub over: Option<Window>,
}

#[derive(Debug, Clone)]
pub enum Window {
    Named(String),
    Spec(WindowSpec),
}

#[derive(Debug, Clone)]
pub struct WindowSpec {
    pub base: Option<String>,
    pub partition_by: Vec<Expr>,
    pub order_by: Vec<OrderKey>,
    pub frame: Option<Frame>,
}

#[derive(Debug, Clone)]
pub struct Frame {
    pub unit: FrameUnit,
    pub start: FrameBound,
    pub end: Option<FrameBound>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrameUnit {
    Rows,
    Range,
}

#[derive(Debug, Clone)]
pub enum FrameBound {
    UnboundedPreceding,
    Preceding(Box<Expr>),
    CurrentRow,
    Following(Box<Expr>),
    UnboundedFollowing,
}

/// A part of a `to_char` pattern, in the engine's `strftime` notation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextPiece {
    pub strftime: String,
    pub style: TextStyle,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextStyle {
    AsIs,
    Upper,
    Lower,
    /// Month and day names fill nine characters unless `FM` says otherwise.
    PadNine,
    UpperPadNine,
    LowerPadNine,
    /// The quarter of the year, 1 to 4.
    Quarter,
}
