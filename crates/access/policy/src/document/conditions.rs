//! `Condition`: operators, keys and values.

use std::collections::HashSet;

use serde_json::Value;

use super::read::{Read, error, object, shown, values};
use crate::arn::ArnTemplate;
use crate::condition::{Comparison, Condition, Operator, SetForm, Test};
use crate::context::fold;
use crate::template::{Syntax, Template, is_key};
use crate::value::{self, Decimal};

/// Digits of a JSON number that are kept exactly.
const EXACT_DIGITS: usize = 15;

pub(super) fn read(given: &Value, place: &str, variables: bool) -> Read<Vec<Condition>> {
    let mut conditions = Vec::new();
    for (name, keys) in object(given, place)? {
        let place = format!("{place}.{name}");
        let (operator, kind) = operator(name).or_else(|reason| error(&*place, reason))?;
        let mut seen = HashSet::new();
        let keys = object(keys, &place)?;
        for key in keys.keys() {
            let at = format!("{place}.{key}");
            if !is_key(key) {
                return error(at, "a condition key has a vendor and a name, e.g. aws:username or saml:aud");
            }
            let folded = fold(key);
            let values = texts(values(keys, &place, key)?)?;
            let test = kind.test(&values, variables).or_else(|reason| error(&*at, reason))?;
            conditions.push(Condition {
                operator: operator.clone(),
                written_key: key.as_str().into(),
                key: folded.as_ref().into(),
                test,
                values,
            });
            if !seen.insert(folded) {
                return error(
                    at,
                    "the key is given twice, since keys are compared without case; put its values into one list",
                );
            }
        }
    }
    Ok(conditions)
}

/// A text, a number or a boolean is a value.
fn texts(values: Vec<(&Value, String)>) -> Read<Vec<String>> {
    let read = |(value, place): (&Value, String)| match value {
        Value::String(text) => Ok(text.clone()),
        Value::Bool(yes) => Ok(yes.to_string()),
        Value::Number(number) => {
            let text = number.to_string();
            if number.is_f64() && text.bytes().filter(u8::is_ascii_digit).count() > EXACT_DIGITS {
                return error(place, "the number is too long to be exact; put it into quotes");
            }
            Ok(text)
        }
        Value::Null | Value::Array(_) | Value::Object(_) => error(place, "it must be a text, a number or a boolean"),
    };
    values.into_iter().map(read).collect()
}

#[derive(Clone, Copy)]
enum Kind {
    Text,
    IgnoreCase,
    Like,
    Numeric(Comparison),
    Date(Comparison),
    Bool,
    Binary,
    Ip,
    Arn,
    Null,
}

/// Reads the name of an operator. Names are compared with case.
fn operator(written: &str) -> Result<(Operator, Kind), String> {
    let unknown = || format!("{} is not a condition operator", shown(written));
    let (set, name) = match written.split_once(':') {
        None => (SetForm::None, written),
        Some(("ForAllValues", name)) => (SetForm::ForAllValues, name),
        Some(("ForAnyValue", name)) => (SetForm::ForAnyValue, name),
        Some(_) => return Err(unknown()),
    };
    let (name, if_exists) = name.strip_suffix("IfExists").map_or((name, false), |name| (name, true));
    let (kind, negated) = match name {
        "StringEquals" => (Kind::Text, false),
        "StringNotEquals" => (Kind::Text, true),
        "StringEqualsIgnoreCase" => (Kind::IgnoreCase, false),
        "StringNotEqualsIgnoreCase" => (Kind::IgnoreCase, true),
        "StringLike" => (Kind::Like, false),
        "StringNotLike" => (Kind::Like, true),
        "Bool" => (Kind::Bool, false),
        "BinaryEquals" => (Kind::Binary, false),
        "IpAddress" => (Kind::Ip, false),
        "NotIpAddress" => (Kind::Ip, true),
        "ArnEquals" | "ArnLike" => (Kind::Arn, false),
        "ArnNotEquals" | "ArnNotLike" => (Kind::Arn, true),
        "Null" if if_exists || set != SetForm::None => {
            return Err("Null tests whether a key is there: it has no IfExists and no set form".to_owned());
        }
        "Null" => (Kind::Null, false),
        other => compared(other).ok_or_else(unknown)?,
    };
    Ok((Operator { written: written.into(), set, negated, if_exists }, kind))
}

fn compared(name: &str) -> Option<(Kind, bool)> {
    let (kind, comparison): (fn(Comparison) -> Kind, _) = match name.strip_prefix("Numeric") {
        Some(comparison) => (Kind::Numeric, comparison),
        None => (Kind::Date, name.strip_prefix("Date")?),
    };
    let (comparison, negated) = match comparison {
        "Equals" => (Comparison::Equal, false),
        "NotEquals" => (Comparison::Equal, true),
        "LessThan" => (Comparison::Less, false),
        "LessThanEquals" => (Comparison::LessOrEqual, false),
        "GreaterThan" => (Comparison::Greater, false),
        "GreaterThanEquals" => (Comparison::GreaterOrEqual, false),
        _ => return None,
    };
    Some((kind(comparison), negated))
}

impl Kind {
    fn test(self, values: &[String], variables: bool) -> Result<Test, String> {
        let exact = Syntax { variables, wildcards: false };
        let template = |syntax: Syntax| move |text: &String| Template::parse(text, syntax);
        Ok(match self {
            Self::Text => Test::Text(values.iter().map(template(exact)).collect::<Result<_, _>>()?),
            Self::IgnoreCase => Test::IgnoreCase(values.iter().map(template(exact)).collect::<Result<_, _>>()?),
            Self::Like => {
                let wild = Syntax { variables, wildcards: true };
                Test::Text(values.iter().map(template(wild)).collect::<Result<_, _>>()?)
            }
            Self::Numeric(comparison) => {
                Test::Numeric(comparison, typed(values, Decimal::parse, "a number such as 3600")?)
            }
            Self::Date(comparison) => {
                let what = "a time such as 2026-11-22T10:00:00Z or seconds since 1970";
                Test::Date(comparison, typed(values, value::date, what)?)
            }
            Self::Bool => Test::Bool(values.iter().map(|text| boolean(text, exact)).collect::<Result<_, _>>()?),
            Self::Binary => Test::Binary(typed(values, value::binary, "base64")?),
            Self::Ip => Test::Ip(typed(values, value::network, "an address or a CIDR block such as 203.0.113.0/24")?),
            Self::Arn => {
                Test::Arn(values.iter().map(|text| ArnTemplate::parse(text, variables)).collect::<Result<_, _>>()?)
            }
            Self::Null => Test::Null(typed(values, value::boolean, "true or false")?),
        })
    }
}

fn typed<T>(values: &[String], parse: impl Fn(&str) -> Option<T>, what: &str) -> Result<Vec<T>, String> {
    let read = |text: &String| parse(text).ok_or_else(|| format!("{} is not {what}", shown(text)));
    values.iter().map(read).collect()
}

/// `true`, `false`, or a variable that stands for one of them.
fn boolean(text: &str, syntax: Syntax) -> Result<Template, String> {
    let template = Template::parse(text, syntax)?;
    if template.has_variables() || value::boolean(text).is_some() {
        return Ok(template);
    }
    Err(format!("{} is not true or false", shown(text)))
}
