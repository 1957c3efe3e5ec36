//! The allow-list: every function that a statement may call, and the engine text that carries it out.
//!
//! A template's `{0}` is its first argument, `{*}` all of them. What isn't here doesn't exist (42883). Where Redshift and
//! the engine differ (`substring` before the first character, `concat` with NULL, `log`'s base …) the template makes up for it.

pub(crate) mod bounded;
pub(crate) mod scalar;

#[cfg(test)]
mod tests;

use crate::types::DataType;

pub(crate) use scalar::SCALAR;

/// The type of a call's result, where it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Returns {
    Known(DataType),
    /// That of the argument at this place.
    Argument(usize),
    /// That of the first argument, without a fraction.
    Whole,
    /// The type that holds all arguments.
    Common,
    /// The type that holds all results of `decode`.
    DecodeResults,
    Unknown,
}

/// One entry of the allow-list. Made only in this module.
#[derive(Debug)]
pub struct Function {
    pub(crate) name: &'static str,
    pub(crate) min: usize,
    pub(crate) max: usize,
    pub(crate) template: &'static str,
    pub(crate) returns: Returns,
    /// The arguments that must be timestamps: cast where they aren't known to be.
    pub(crate) timestamps: &'static [usize],
}

impl Function {
    const fn new(name: &'static str, arity: (usize, usize), template: &'static str, returns: Returns) -> Self {
        Self { name, min: arity.0, max: arity.1, template, returns, timestamps: &[] }
    }

    const fn on_timestamps(mut self, places: &'static [usize]) -> Self {
        self.timestamps = places;
        self
    }

    /// As a statement calls it, in lower case.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }
}

/// No upper limit.
pub(crate) const ANY: usize = usize::MAX;

const BIGINT: Returns = Returns::Known(DataType::BigInt);
const INTEGER: Returns = Returns::Known(DataType::Integer);
const DOUBLE: Returns = Returns::Known(DataType::Double);
const TEXT: Returns = Returns::Known(DataType::Text);
const BOOLEAN: Returns = Returns::Known(DataType::Boolean);
const DATE: Returns = Returns::Known(DataType::Date);
const TIMESTAMP: Returns = Returns::Known(DataType::Timestamp);
const FIRST: Returns = Returns::Argument(0);

/// Where an aggregate's or window function's arguments go; the rest (DISTINCT, FILTER, OVER) is common to all.
pub(crate) const AGGREGATES: &[Function] = &[
    Function::new("count", (0, 1), "count", BIGINT),
    Function::new("sum", (1, 1), "sum", Returns::Unknown),
    Function::new("avg", (1, 1), "avg", DOUBLE),
    Function::new("min", (1, 1), "min", FIRST),
    Function::new("max", (1, 1), "max", FIRST),
    Function::new("stddev", (1, 1), "stddev_samp", DOUBLE),
    Function::new("stddev_samp", (1, 1), "stddev_samp", DOUBLE),
    Function::new("stddev_pop", (1, 1), "stddev_pop", DOUBLE),
    Function::new("variance", (1, 1), "var_samp", DOUBLE),
    Function::new("var_samp", (1, 1), "var_samp", DOUBLE),
    Function::new("var_pop", (1, 1), "var_pop", DOUBLE),
    Function::new("bool_and", (1, 1), "bool_and", BOOLEAN),
    Function::new("bool_or", (1, 1), "bool_or", BOOLEAN),
    Function::new("bit_and", (1, 1), "bit_and", FIRST),
    Function::new("bit_or", (1, 1), "bit_or", FIRST),
    Function::new("any_value", (1, 1), "any_value", FIRST),
    Function::new("median", (1, 1), "median", Returns::Unknown),
    Function::new("listagg", (1, 2), "string_agg", TEXT),
    Function::new("percentile_cont", (1, 1), "quantile_cont", Returns::Unknown),
    Function::new("percentile_disc", (1, 1), "quantile_disc", Returns::Unknown),
];

/// Those that need OVER.
pub(crate) const WINDOWS: &[Function] = &[
    Function::new("row_number", (0, 0), "row_number", BIGINT),
    Function::new("rank", (0, 0), "rank", BIGINT),
    Function::new("dense_rank", (0, 0), "dense_rank", BIGINT),
    Function::new("percent_rank", (0, 0), "percent_rank", DOUBLE),
    Function::new("cume_dist", (0, 0), "cume_dist", DOUBLE),
    Function::new("ntile", (1, 1), "ntile", BIGINT),
    Function::new("lag", (1, 3), "lag", FIRST),
    Function::new("lead", (1, 3), "lead", FIRST),
    Function::new("first_value", (1, 1), "first_value", FIRST),
    Function::new("last_value", (1, 1), "last_value", FIRST),
    Function::new("nth_value", (2, 2), "nth_value", FIRST),
    Function::new("ratio_to_report", (1, 1), "ratio_to_report", DOUBLE),
];

/// `avg` of whole numbers is a whole number in Redshift; binding puts it in `avg`'s place.
pub(crate) static AVERAGE_OF_INTEGERS: Function = Function::new("avg", (1, 1), "integer average", BIGINT);

/// The entry of this name that takes this number of arguments; `Err(true)` where only the number is wrong.
pub(crate) fn find(table: &'static [Function], name: &str, arguments: usize) -> Result<&'static Function, bool> {
    let mut known = false;
    for function in table.iter().filter(|function| function.name == name) {
        known = true;
        if (function.min..=function.max).contains(&arguments) {
            return Ok(function);
        }
    }
    Err(known)
}

/// The parts of a date that Redshift names, with its abbreviations, and the engine's name for each.
pub(crate) fn date_part(word: &str) -> Option<&'static str> {
    Some(match word.to_ascii_lowercase().as_str() {
        "millennium" | "millennia" | "mil" | "mils" => "millennium",
        "century" | "centuries" | "c" | "cent" | "cents" => "century",
        "decade" | "decades" | "dec" | "decs" => "decade",
        "epoch" => "epoch",
        "year" | "years" | "y" | "yr" | "yrs" => "year",
        "quarter" | "quarters" | "qtr" | "qtrs" => "quarter",
        "month" | "months" | "mon" | "mons" => "month",
        "week" | "weeks" | "w" => "week",
        "dayofweek" | "dow" | "dw" | "weekday" => "dow",
        "dayofyear" | "doy" | "dy" | "yearday" => "doy",
        "day" | "days" | "d" => "day",
        "hour" | "hours" | "h" | "hr" | "hrs" => "hour",
        "minute" | "minutes" | "m" | "min" | "mins" => "minute",
        "second" | "seconds" | "s" | "sec" | "secs" => "second",
        "millisecond" | "milliseconds" | "ms" | "msec" | "msecs" | "msecond" | "mseconds" | "millisec"
        | "millisecs" | "millisecon" => "millisecond",
        "microsecond" | "microseconds" | "us" | "usec" | "usecs" | "usecond" | "useconds" | "microsec"
        | "microsecs" | "microsecon" => "microsecond",
        _ => return None,
    })
}
