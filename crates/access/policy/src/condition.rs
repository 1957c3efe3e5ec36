//! Conditions: operators, and whether they hold.

use std::fmt;

use ipnet::IpNet;
use time::OffsetDateTime;

use crate::Context;
use crate::arn::ArnTemplate;
use crate::template::Template;
use crate::value::{self, Decimal};

/// One operator on one key.
#[derive(Debug, Clone)]
pub(crate) struct Condition {
    pub(crate) operator: Operator,
    /// As the document writes it.
    pub(crate) written_key: Box<str>,
    /// As [`crate::context::fold`] makes it.
    pub(crate) key: Box<str>,
    pub(crate) test: Test,
    /// As the document writes them.
    pub(crate) values: Vec<String>,
}

/// How a test is asked.
#[derive(Debug, Clone)]
pub(crate) struct Operator {
    /// As the document writes it: `ForAnyValue:StringNotLikeIfExists`.
    pub(crate) written: Box<str>,
    pub(crate) set: SetForm,
    pub(crate) negated: bool,
    pub(crate) if_exists: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SetForm {
    /// A key is expected to have one value; of several, one that matches is enough.
    None,
    ForAllValues,
    ForAnyValue,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// A test without its negation, and the values of which one must match.
#[derive(Debug, Clone)]
pub(crate) enum Test {
    /// `StringEquals`, `StringLike`
    Text(Vec<Template>),
    IgnoreCase(Vec<Template>),
    Numeric(Comparison, Vec<Decimal>),
    Date(Comparison, Vec<OffsetDateTime>),
    /// A variable may stand for the value.
    Bool(Vec<Template>),
    Binary(Vec<Vec<u8>>),
    Ip(Vec<IpNet>),
    Arn(Vec<ArnTemplate>),
    /// Whether the key must be missing.
    Null(Vec<bool>),
}

impl Condition {
    /// Whether it holds. A missing key: positive operators don't, negated ones do, `IfExists` does, `ForAllValues` does,
    /// `ForAnyValue` doesn't.
    pub(crate) fn holds(&self, context: &Context) -> bool {
        let values = context.get_folded(&self.key);
        if let Test::Null(wanted) = &self.test {
            return wanted.iter().any(|missing| *missing == values.is_none());
        }
        let Operator { set, negated, if_exists, .. } = self.operator;
        let Some(values) = values else {
            return if_exists
                || match set {
                    SetForm::None => negated,
                    SetForm::ForAllValues => true,
                    SetForm::ForAnyValue => false,
                };
        };
        let passes = |value: &String| self.test.matches(value, context) != negated;
        match set {
            SetForm::None => values.iter().any(|value| self.test.matches(value, context)) != negated,
            SetForm::ForAllValues => values.iter().all(passes),
            SetForm::ForAnyValue => values.iter().any(passes),
        }
    }

    /// The keys, in lower case, that it asks for.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&*self.key).chain(self.test.templates().into_iter().flat_map(Template::keys))
    }

    /// The keys that the request lacks and that could have changed the answer.
    pub(crate) fn missing<'a>(&'a self, context: &'a Context) -> impl Iterator<Item = &'a str> {
        let asks_presence = matches!(self.test, Test::Null(_));
        let own = (!asks_presence && context.get_folded(&self.key).is_none()).then_some(&*self.key);
        own.into_iter().chain(self.test.templates().into_iter().flat_map(|template| template.missing(context)))
    }
}

impl Test {
    /// Whether one of the document's values matches a value of the request.
    fn matches(&self, given: &str, context: &Context) -> bool {
        match self {
            Self::Text(wanted) => wanted.iter().any(|template| template.matches(given, context)),
            Self::IgnoreCase(wanted) => wanted
                .iter()
                .any(|template| template.text(context).is_some_and(|wanted| equal_ignoring_case(&wanted, given))),
            Self::Numeric(comparison, wanted) => {
                Decimal::parse(given).is_some_and(|given| wanted.iter().any(|wanted| comparison.holds(&given, wanted)))
            }
            Self::Date(comparison, wanted) => {
                value::date(given).is_some_and(|given| wanted.iter().any(|wanted| comparison.holds(&given, wanted)))
            }
            Self::Bool(wanted) => value::boolean(given).is_some_and(|given| {
                wanted
                    .iter()
                    .any(|template| template.text(context).and_then(|text| value::boolean(&text)) == Some(given))
            }),
            Self::Binary(wanted) => value::binary(given).is_some_and(|given| wanted.contains(&given)),
            Self::Ip(wanted) => {
                value::address(given).is_some_and(|given| wanted.iter().any(|network| network.contains(&given)))
            }
            Self::Arn(wanted) => wanted.iter().any(|template| template.matches(given, context)),
            Self::Null(_) => false,
        }
    }

    fn templates(&self) -> Vec<&Template> {
        match self {
            Self::Text(templates) | Self::IgnoreCase(templates) | Self::Bool(templates) => {
                templates.iter().filter(|template| template.has_variables()).collect()
            }
            Self::Arn(templates) => templates.iter().filter_map(ArnTemplate::template).collect(),
            Self::Numeric(..) | Self::Date(..) | Self::Binary(_) | Self::Ip(_) | Self::Null(_) => Vec::new(),
        }
    }
}

impl Comparison {
    fn holds<T: Ord>(self, given: &T, wanted: &T) -> bool {
        match self {
            Self::Equal => given == wanted,
            Self::Less => given < wanted,
            Self::LessOrEqual => given <= wanted,
            Self::Greater => given > wanted,
            Self::GreaterOrEqual => given >= wanted,
        }
    }
}

fn equal_ignoring_case(one: &str, other: &str) -> bool {
    one.chars().flat_map(char::to_lowercase).eq(other.chars().flat_map(char::to_lowercase))
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.operator.written, self.written_key)
    }
}
