//! From words to a filter. Precedence: grouping, then not, and, or.

use serde_json::Number;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::lex::{Token, tokens};
use super::{DEEPEST, Filter, LONGEST, Literal, Operator};
use crate::path::AttrPath;
use crate::schema::{Attribute, Kind, ResourceType, Returned};

/// What names mean here.
#[derive(Clone, Copy)]
enum Scope<'a> {
    Resource,
    /// Inside the brackets behind this attribute.
    EntryOf(&'a AttrPath),
}

struct Parser<'a> {
    tokens: std::iter::Peekable<std::vec::IntoIter<Token>>,
    resource_type: &'a ResourceType,
    depth: usize,
}

type Parsed<T> = Result<T, String>;

/// What stands in the brackets, and the part behind them.
pub(crate) type Selection = (Filter, Option<String>);

pub(super) fn parse(text: &str, resource_type: &ResourceType) -> Parsed<Filter> {
    let mut parser = Parser::new(text, resource_type)?;
    let filter = parser.or(Scope::Resource)?;
    parser.end()?;
    Ok(filter)
}

/// A PATCH path: an attribute, or `attribute[filter]` with an optional `.part` behind it.
pub(crate) fn parse_path(text: &str, resource_type: &ResourceType) -> Parsed<(AttrPath, Option<Selection>)> {
    let mut parser = Parser::new(text, resource_type)?;
    let Some(Token::Word(word)) = parser.tokens.next() else { return Err(format!("\"{text}\" isn't a path.")) };
    let path = AttrPath::parse(&word, resource_type)?;
    if parser.tokens.peek().is_none() {
        return Ok((path, None));
    }
    let filter = parser.brackets(&path)?;
    let part = match parser.tokens.next() {
        None => None,
        Some(Token::Word(part)) => match part.strip_prefix('.') {
            Some(part) => Some(part.to_owned()),
            None => return Err(format!("\"{part}\" isn't expected behind the brackets.")),
        },
        Some(_) => return Err("Behind the brackets only .attribute can follow.".to_owned()),
    };
    parser.end()?;
    Ok((path, Some((filter, part))))
}

impl<'a> Parser<'a> {
    fn new(text: &str, resource_type: &'a ResourceType) -> Parsed<Self> {
        if text.len() > LONGEST {
            return Err(format!("The filter is longer than {LONGEST} bytes."));
        }
        Ok(Self { tokens: tokens(text)?.into_iter().peekable(), resource_type, depth: 0 })
    }

    fn end(&mut self) -> Parsed<()> {
        match self.tokens.next() {
            None => Ok(()),
            Some(token) => Err(format!("{} isn't expected here.", shown(&token))),
        }
    }

    fn deeper(&mut self) -> Parsed<()> {
        self.depth += 1;
        if self.depth > DEEPEST { Err(format!("The filter is nested deeper than {DEEPEST} levels.")) } else { Ok(()) }
    }

    fn next_is(&mut self, keyword: &str) -> bool {
        let is = |token: &Token| matches!(token, Token::Word(word) if word.eq_ignore_ascii_case(keyword));
        self.tokens.next_if(is).is_some()
    }

    fn or(&mut self, scope: Scope<'_>) -> Parsed<Filter> {
        let first = self.and(scope)?;
        let mut parts = vec![first];
        while self.next_is("or") {
            parts.push(self.and(scope)?);
        }
        Ok(one_or(parts, Filter::Or))
    }

    fn and(&mut self, scope: Scope<'_>) -> Parsed<Filter> {
        let first = self.unary(scope)?;
        let mut parts = vec![first];
        while self.next_is("and") {
            parts.push(self.unary(scope)?);
        }
        Ok(one_or(parts, Filter::And))
    }

    fn unary(&mut self, scope: Scope<'_>) -> Parsed<Filter> {
        match self.tokens.next() {
            Some(Token::Open) => self.group(scope),
            Some(Token::Word(word)) => {
                if word.eq_ignore_ascii_case("not") && self.tokens.next_if_eq(&Token::Open).is_some() {
                    return Ok(Filter::Not(Box::new(self.group(scope)?)));
                }
                self.attribute(&word, scope)
            }
            Some(token) => Err(format!("{} isn't expected here; an attribute name is.", shown(&token))),
            None => Err("The filter ends where an attribute name is expected.".to_owned()),
        }
    }

    /// Behind an opening parenthesis.
    fn group(&mut self, scope: Scope<'_>) -> Parsed<Filter> {
        self.deeper()?;
        let filter = self.or(scope)?;
        self.depth -= 1;
        match self.tokens.next() {
            Some(Token::Close) => Ok(filter),
            Some(token) => Err(format!("{} isn't expected here; a closing parenthesis is.", shown(&token))),
            None => Err("A closing parenthesis is missing.".to_owned()),
        }
    }

    fn brackets(&mut self, path: &AttrPath) -> Parsed<Filter> {
        if self.tokens.next_if_eq(&Token::OpenBracket).is_none() {
            return Err("An opening bracket is expected.".to_owned());
        }
        if path.sub.is_some() || path.is_whole_extension() {
            return Err("Brackets can only follow the name of an attribute.".to_owned());
        }
        if path.declared.is_some_and(|attribute| attribute.parts().is_empty()) {
            return Err(format!("{} has no parts that brackets could select by.", path.name));
        }
        self.deeper()?;
        let filter = self.or(Scope::EntryOf(path))?;
        self.depth -= 1;
        match self.tokens.next() {
            Some(Token::CloseBracket) => Ok(filter),
            Some(token) => Err(format!("{} isn't expected here; a closing bracket is.", shown(&token))),
            None => Err("A closing bracket is missing.".to_owned()),
        }
    }

    fn attribute(&mut self, word: &str, scope: Scope<'_>) -> Parsed<Filter> {
        let path = match scope {
            Scope::Resource => AttrPath::parse(word, self.resource_type)?,
            Scope::EntryOf(outer) => AttrPath::part_of(outer, word)?,
        };
        if self.tokens.peek() != Some(&Token::OpenBracket) {
            return self.comparison(path);
        }
        if matches!(scope, Scope::EntryOf(_)) {
            return Err("Brackets inside brackets aren't possible.".to_owned());
        }
        let filter = self.brackets(&path)?;
        // `emails[type eq "work"].value eq "x"`, as Entra asks: one entry that fulfils both
        let is_part = |token: &Token| matches!(token, Token::Word(word) if word.starts_with('.'));
        let filter = match self.tokens.next_if(is_part) {
            Some(Token::Word(part)) => {
                let part = AttrPath::part_of(&path, part.trim_start_matches('.'))?;
                Filter::And(vec![filter, self.comparison(part)?])
            }
            Some(_) | None => filter,
        };
        Ok(Filter::Entry { path, filter: Box::new(filter) })
    }

    fn comparison(&mut self, path: AttrPath) -> Parsed<Filter> {
        let Some(Token::Word(word)) = self.tokens.next() else {
            return Err(format!("Behind {} an operator is expected.", path.name));
        };
        if word.eq_ignore_ascii_case("pr") {
            check(path.compared(), &path.name, Operator::Eq, &Literal::Null)?;
            return Ok(Filter::Present(path));
        }
        let operator = operator(&word).ok_or_else(|| format!("\"{word}\" is not an operator."))?;
        let value = match self.tokens.next() {
            Some(Token::Text(text)) => Literal::Text(text),
            Some(Token::Word(word)) => literal(&word)?,
            Some(token) => return Err(format!("{} isn't expected here; a value is.", shown(&token))),
            None => return Err(format!("Behind {word} a value is expected.")),
        };
        check(path.compared(), &path.name, operator, &value)?;
        Ok(Filter::Compare { path, operator, value })
    }
}

fn one_or(mut parts: Vec<Filter>, many: impl Fn(Vec<Filter>) -> Filter) -> Filter {
    match (parts.pop(), parts.is_empty()) {
        (Some(only), true) => only,
        (Some(last), false) => {
            parts.push(last);
            many(parts)
        }
        (None, _) => many(parts),
    }
}

fn shown(token: &Token) -> String {
    match token {
        Token::Open => "\"(\"".to_owned(),
        Token::Close => "\")\"".to_owned(),
        Token::OpenBracket => "\"[\"".to_owned(),
        Token::CloseBracket => "\"]\"".to_owned(),
        Token::Word(word) => format!("\"{word}\""),
        Token::Text(_) => "A string".to_owned(),
    }
}

fn operator(word: &str) -> Option<Operator> {
    Some(match word.to_ascii_lowercase().as_str() {
        "eq" => Operator::Eq,
        "ne" => Operator::Ne,
        "co" => Operator::Co,
        "sw" => Operator::Sw,
        "ew" => Operator::Ew,
        "gt" => Operator::Gt,
        "ge" => Operator::Ge,
        "lt" => Operator::Lt,
        "le" => Operator::Le,
        _ => return None,
    })
}

fn literal(word: &str) -> Parsed<Literal> {
    match word {
        _ if word.eq_ignore_ascii_case("true") => Ok(Literal::Bool(true)),
        _ if word.eq_ignore_ascii_case("false") => Ok(Literal::Bool(false)),
        _ if word.eq_ignore_ascii_case("null") => Ok(Literal::Null),
        _ => serde_json::from_str::<Number>(word)
            .map(Literal::Number)
            .map_err(|_| format!("{word} isn't a value; strings are written in double quotes.")),
    }
}

/// Refuses comparisons that have no meaning for the attribute's type.
fn check(attribute: Option<&Attribute>, name: &str, operator: Operator, value: &Literal) -> Parsed<()> {
    if attribute.is_some_and(|attribute| attribute.returned == Returned::Never) {
        return Err(format!("{name} is never shown: it can't be filtered by."));
    }
    let ordering = matches!(operator, Operator::Gt | Operator::Ge | Operator::Lt | Operator::Le);
    let substring = matches!(operator, Operator::Co | Operator::Sw | Operator::Ew);
    if substring && !matches!(value, Literal::Text(_)) {
        return Err(format!("{name} is compared with co, sw or ew: the value must be a string."));
    }
    if ordering && matches!(value, Literal::Bool(_) | Literal::Null) {
        return Err(format!("{name} is compared by order: the value must be a string or a number."));
    }
    match attribute.map(|attribute| attribute.kind) {
        Some(Kind::Boolean) if ordering || substring => {
            Err(format!("{name} is a boolean: only eq and ne are possible."))
        }
        Some(Kind::Boolean) => match value {
            Literal::Bool(_) | Literal::Null => Ok(()),
            Literal::Text(text) if text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false") => Ok(()),
            Literal::Text(_) | Literal::Number(_) => {
                Err(format!("{name} is a boolean: compare it with true or false."))
            }
        },
        Some(Kind::Binary) if ordering => Err(format!("{name} is binary: it has no order.")),
        Some(Kind::DateTime) if !substring => match value {
            Literal::Text(text) if OffsetDateTime::parse(text, &Rfc3339).is_ok() => Ok(()),
            Literal::Null => Ok(()),
            Literal::Text(_) | Literal::Number(_) | Literal::Bool(_) => {
                Err(format!("{name} is a time: compare it with one like \"2026-01-31T12:00:00Z\"."))
            }
        },
        Some(Kind::Complex(_) | Kind::String | Kind::Binary | Kind::Reference(_) | Kind::DateTime) | None => Ok(()),
    }
}
