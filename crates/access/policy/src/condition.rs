//! Conditions: operators, and whether they hold.

use std::fmt;

use ipnet::IpNet;
use time::OffsetDateTime;

use crate::arn::ArnTemplate;
use crate::template::Template;
use crate::value::{self, Decimal};
use crate::{Context, Effect};

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

/// What a comparison comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fit {
    Matches,
    Differs,
    /// The request's value isn't what the operator compares, or a variable of the document's has no value.
    Unknown,
}

impl Fit {
    const fn of(matches: bool) -> Self {
        if matches { Self::Matches } else { Self::Differs }
    }
}

impl Condition {
    /// Whether it holds. A missing key: positive operators don't, negated ones do, `IfExists` does, `ForAllValues` does,
    /// `ForAnyValue` doesn't. What can't be compared isn't equal; that it is unequal counts for a statement that denies only, so that
    /// it never gives anybody access.
    pub(crate) fn holds(&self, context: &Context, effect: Effect) -> bool {
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
        let passes = |value: &String| match self.test.fit(value, context) {
            Fit::Matches => !negated,
            Fit::Differs => negated,
            Fit::Unknown => negated && effect == Effect::Deny,
        };
        match set {
            SetForm::None if negated => values.iter().all(passes),
            SetForm::None => values.iter().any(passes),
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
    /// How a value of the request compares with the document's.
    fn fit(&self, given: &str, context: &Context) -> Fit {
        let matches = match self {
            Self::Text(wanted) => wanted.iter().any(|template| template.matches(given, context)),
            Self::IgnoreCase(wanted) => wanted
                .iter()
                .any(|template| template.text(context).is_some_and(|wanted| equal_ignoring_case(&wanted, given))),
            Self::Numeric(comparison, wanted) => return comparison.any(Decimal::parse(given), wanted),
            Self::Date(comparison, wanted) => return comparison.any(value::date(given), wanted),
            Self::Bool(wanted) => {
                let Some(given) = value::boolean(given) else { return Fit::Unknown };
                let means = |template: &Template| template.text(context).and_then(|text| value::boolean(&text));
                wanted.iter().any(|template| means(template) == Some(given))
            }
            Self::Binary(wanted) => {
                return value::binary(given).map_or(Fit::Unknown, |given| Fit::of(wanted.contains(&given)));
            }
            Self::Ip(wanted) => {
                let Some(given) = value::address(given) else { return Fit::Unknown };
                wanted.iter().any(|network| network.contains(&given))
            }
            Self::Arn(wanted) => wanted.iter().any(|template| template.matches(given, context)),
            Self::Null(_) => false,
        };
        if !matches && !self.templates().into_iter().all(|template| template.resolves(context)) {
            return Fit::Unknown;
        }
        Fit::of(matches)
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
    fn any<T: Ord>(self, given: Option<T>, wanted: &[T]) -> Fit {
        given.map_or(Fit::Unknown, |given| Fit::of(wanted.iter().any(|wanted| self.holds(&given, wanted))))
    }

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
