//! How deep a tree the tokens can make at most, before any tree is made.
//!
//! sqlparser limits its own recursion, but not the trees that its loops build: `1+1+1+…` and `a OR b OR …` lean to the left,
//! one level per operator, and freeing such a tree takes as much stack as there are levels.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "sqlparser's tokens are many and grow: what isn't named is an ordinary token"
)]

use sqlparser::tokenizer::Token;

use crate::parse::tokens::Lexeme;

/// The most levels. Freeing 1,000 took under 128 KiB of stack in a debug build, which is what sqlparser always keeps free.
const MAX_LEVELS: usize = 800;

/// The most set operations, and table operators such as PIVOT, side by side.
const MAX_SIDE_BY_SIDE: usize = 200;

/// The most joins that wait for their ON: sqlparser recurses for `a JOIN b JOIN c …` without a limit of its own, with
/// 35 KiB of stack each in a debug build, and grows its stack elsewhere only when 128 KiB are left.
const MAX_OPEN_JOINS: usize = 2;

/// The most open parentheses.
const MAX_OPEN: usize = 200;

/// Between two parentheses.
#[derive(Debug, Default)]
struct Level {
    /// Operators since the last comma.
    operators: usize,
    /// The deepest closed parenthesis since the last comma.
    inner: usize,
    /// The deepest item before the last comma.
    items: usize,
    /// Set operations. A comma doesn't end them.
    side_by_side: usize,
    /// Joins without their ON so far.
    open_joins: usize,
}

impl Level {
    fn depth(&self) -> usize {
        self.side_by_side + self.items.max(self.operators + self.inner)
    }
}

/// The token at which the statement becomes too deep.
pub(super) fn too_deep(lexemes: &[Lexeme]) -> Option<&Lexeme> {
    let mut outer: Vec<Level> = Vec::new();
    let mut level = Level::default();
    let mut constraint_free = false;
    for lexeme in lexemes {
        match &lexeme.token.token {
            Token::Whitespace(_) => {}
            Token::LParen | Token::LBracket | Token::LBrace => outer.push(std::mem::take(&mut level)),
            Token::RParen | Token::RBracket | Token::RBrace => {
                let depth = level.depth() + 1;
                level = outer.pop().unwrap_or_default();
                level.inner = level.inner.max(depth);
                if lexeme.token.token == Token::RBracket {
                    level.operators += 1;
                }
            }
            Token::Comma => {
                level.items = level.items.max(level.operators + level.inner);
                level.operators = 0;
                level.inner = 0;
            }
            Token::Word(_) if lexeme.is_word("JOIN") => level.open_joins += usize::from(!constraint_free),
            Token::Word(_) if lexeme.is_word("ON") || lexeme.is_word("USING") => {
                level.open_joins = level.open_joins.saturating_sub(1);
            }
            Token::Word(_) if lexeme.bare_word().is_some_and(is_side_by_side) => level.side_by_side += 1,
            Token::Word(_) if !lexeme.bare_word().is_some_and(is_operator) => {}
            Token::Number(..) | Token::Period | Token::Placeholder(_) => {}
            _ if lexeme.text_literal().is_some() => {}
            _ => level.operators += 1,
        }
        if !lexeme.is_blank() {
            constraint_free = lexeme.is_word("CROSS") || lexeme.is_word("NATURAL");
        }
        if level.depth() > MAX_LEVELS
            || level.side_by_side > MAX_SIDE_BY_SIDE
            || level.open_joins > MAX_OPEN_JOINS
            || outer.len() > MAX_OPEN
        {
            return Some(lexeme);
        }
    }
    None
}

fn is_side_by_side(word: &str) -> bool {
    const WORDS: [&str; 7] = ["UNION", "EXCEPT", "INTERSECT", "MINUS", "PIVOT", "UNPIVOT", "MATCH_RECOGNIZE"];
    WORDS.iter().any(|known| word.eq_ignore_ascii_case(known))
}

fn is_operator(word: &str) -> bool {
    const WORDS: [&str; 20] = [
        "AND", "OR", "XOR", "NOT", "IS", "ISNULL", "NOTNULL", "LIKE", "ILIKE", "RLIKE", "REGEXP", "SIMILAR", "BETWEEN",
        "IN", "COLLATE", "AT", "OVERLAPS", "DIV", "MEMBER", "OPERATOR",
    ];
    WORDS.iter().any(|known| word.eq_ignore_ascii_case(known))
}
