//! Scalar functions. Tried one by one on DuckDB 1.5.5 (`tests.rs` names the semantics that differ).

use super::{ANY, BIGINT, BOOLEAN, DATE, DOUBLE, FIRST, Function, INTEGER, Returns, TEXT, TIMESTAMP, bounded};

const MONTHS_BETWEEN: &str = "(CAST((date_part('year', {0}) - date_part('year', {1})) * 12 \
    + date_part('month', {0}) - date_part('month', {1}) AS DOUBLE) \
    + CASE WHEN date_part('day', {0}) = date_part('day', {1}) \
    OR (last_day({0}) = CAST({0} AS DATE) AND last_day({1}) = CAST({1} AS DATE)) THEN 0 \
    ELSE (date_part('day', {0}) - date_part('day', {1})) / CAST(31 AS DOUBLE) END)";

/// The last day of a month stays the last day, as Redshift's `add_months` has it and `dateadd` doesn't.
const ADD_MONTHS: &str = "CASE WHEN last_day({0}) = CAST({0} AS DATE) \
    THEN CAST(last_day({0} + to_months(CAST({1} AS INTEGER))) AS TIMESTAMP) + ({0} - date_trunc('day', {0})) \
    ELSE {0} + to_months(CAST({1} AS INTEGER)) END";

const INITCAP: &str = "array_to_string(list_transform(\
    regexp_extract_all(lower(CAST({0} AS VARCHAR)), '[\\pL\\pN]+|[^\\pL\\pN]+'), \
    lambda \"word\": upper(\"word\"[1]) || \"word\"[2:]), '')";

/// Positions before the first character exist and are empty, in Redshift and PostgreSQL.
const SUBSTRING_FROM: &str = "substr({0}, CASE WHEN {1} < 1 THEN 1 ELSE {1} END)";
const SUBSTRING_FOR: &str = "CASE WHEN {2} < 0 THEN error('negative substring length not allowed') \
    WHEN {1} >= 1 THEN substr({0}, {1}, {2}) \
    WHEN {1} + {2} > 1 THEN substr({0}, 1, {1} + {2} - 1) \
    WHEN {1} + {2} <= 1 THEN left({0}, 0) END";

pub(crate) const SCALAR: &[Function] = &[
    // conditions
    Function::new("coalesce", (1, ANY), "coalesce({*})", Returns::Common),
    Function::new("nvl", (1, ANY), "coalesce({*})", Returns::Common),
    Function::new("nvl2", (3, 3), "CASE WHEN {0} IS NOT NULL THEN {1} ELSE {2} END", Returns::Unknown),
    Function::new("nullif", (2, 2), "nullif({0}, {1})", FIRST),
    Function::new("greatest", (1, ANY), "greatest({*})", Returns::Common),
    Function::new("least", (1, ANY), "least({*})", Returns::Common),
    // its template is made from the number of its arguments
    Function::new("decode", (3, ANY), "decode", Returns::DecodeResults),
    // text
    Function::new("upper", (1, 1), "upper({0})", TEXT),
    Function::new("lower", (1, 1), "lower({0})", TEXT),
    Function::new("len", (1, 1), "CAST(length(CAST({0} AS VARCHAR)) AS INTEGER)", INTEGER),
    Function::new("length", (1, 1), "CAST(length(CAST({0} AS VARCHAR)) AS INTEGER)", INTEGER),
    Function::new("char_length", (1, 1), "CAST(length(CAST({0} AS VARCHAR)) AS INTEGER)", INTEGER),
    Function::new("character_length", (1, 1), "CAST(length(CAST({0} AS VARCHAR)) AS INTEGER)", INTEGER),
    Function::new("textlen", (1, 1), "CAST(length(CAST({0} AS VARCHAR)) AS INTEGER)", INTEGER),
    Function::new("octet_length", (1, 1), "CAST(strlen(CAST({0} AS VARCHAR)) AS INTEGER)", INTEGER),
    Function::new("btrim", (1, 1), "trim({0})", TEXT),
    Function::new("btrim", (2, 2), "trim({0}, {1})", TEXT),
    Function::new("trim", (1, 1), "trim({0})", TEXT),
    Function::new("trim", (2, 2), "trim({0}, {1})", TEXT),
    Function::new("ltrim", (1, 1), "ltrim({0})", TEXT),
    Function::new("ltrim", (2, 2), "ltrim({0}, {1})", TEXT),
    Function::new("rtrim", (1, 1), "rtrim({0})", TEXT),
    Function::new("rtrim", (2, 2), "rtrim({0}, {1})", TEXT),
    Function::new("left", (2, 2), "left({0}, {1})", TEXT),
    Function::new("right", (2, 2), "right({0}, {1})", TEXT),
    Function::new("substring", (2, 2), SUBSTRING_FROM, TEXT),
    Function::new("substring", (3, 3), SUBSTRING_FOR, TEXT),
    Function::new("substr", (2, 2), SUBSTRING_FROM, TEXT),
    Function::new("substr", (3, 3), SUBSTRING_FOR, TEXT),
    Function::new("replace", (3, 3), bounded::REPLACE, TEXT),
    Function::new("lpad", (2, 2), bounded::LPAD, TEXT),
    Function::new("lpad", (3, 3), bounded::LPAD_WITH, TEXT),
    Function::new("rpad", (2, 2), bounded::RPAD, TEXT),
    Function::new("rpad", (3, 3), bounded::RPAD_WITH, TEXT),
    Function::new("repeat", (2, 2), bounded::REPEAT, TEXT),
    Function::new("replicate", (2, 2), bounded::REPEAT, TEXT),
    Function::new("reverse", (1, 1), "reverse({0})", TEXT),
    Function::new("split_part", (3, 3), "split_part({0}, {1}, {2})", TEXT),
    Function::new("strpos", (2, 2), "CAST(strpos({0}, {1}) AS INTEGER)", INTEGER),
    Function::new("charindex", (2, 2), "CAST(strpos({1}, {0}) AS INTEGER)", INTEGER),
    Function::new("initcap", (1, 1), INITCAP, TEXT),
    // rendered as `||`
    Function::new("concat", (2, 2), "concat", TEXT),
    Function::new("regexp_replace", (2, 2), "regexp_replace({0}, {1}, '', 'g')", TEXT),
    Function::new("regexp_replace", (3, 3), bounded::REGEXP_REPLACE, TEXT),
    Function::new("regexp_substr", (2, 2), "regexp_extract({0}, {1})", TEXT),
    Function::new("regexp_count", (2, 2), "CAST(len(regexp_extract_all({0}, {1})) AS INTEGER)", INTEGER),
    Function::new("translate", (3, 3), bounded::TRANSLATE, TEXT),
    Function::new("chr", (1, 1), "chr(CAST({0} AS INTEGER))", TEXT),
    Function::new("ascii", (1, 1), "ascii({0})", INTEGER),
    Function::new("md5", (1, 1), "md5({0})", TEXT),
    Function::new("sha", (1, 1), "sha1({0})", TEXT),
    Function::new("sha1", (1, 1), "sha1({0})", TEXT),
    Function::new("func_sha1", (1, 1), "sha1({0})", TEXT),
    Function::new("sha2", (2, 2), "sha256({0})", TEXT),
    Function::new("quote_literal", (1, 1), bounded::QUOTE_LITERAL, TEXT),
    // numbers
    Function::new("abs", (1, 1), "abs({0})", FIRST),
    Function::new("ceil", (1, 1), "ceil({0})", Returns::Whole),
    Function::new("ceiling", (1, 1), "ceil({0})", Returns::Whole),
    Function::new("floor", (1, 1), "floor({0})", Returns::Whole),
    Function::new("round", (1, 1), "round({0})", Returns::Whole),
    Function::new("round", (2, 2), "round({0}, CAST({1} AS INTEGER))", FIRST),
    Function::new("trunc", (1, 1), "trunc({0})", Returns::Whole),
    Function::new("trunc", (2, 2), "trunc({0}, CAST({1} AS INTEGER))", FIRST),
    Function::new("mod", (2, 2), "CASE WHEN {1} = 0 THEN error('division by zero') ELSE mod({0}, {1}) END", FIRST),
    Function::new("power", (2, 2), "power({0}, {1})", DOUBLE),
    Function::new("pow", (2, 2), "power({0}, {1})", DOUBLE),
    Function::new("sqrt", (1, 1), "sqrt({0})", DOUBLE),
    Function::new("cbrt", (1, 1), "cbrt({0})", DOUBLE),
    Function::new("exp", (1, 1), "exp({0})", DOUBLE),
    Function::new("dexp", (1, 1), "exp({0})", DOUBLE),
    Function::new("ln", (1, 1), "ln({0})", DOUBLE),
    Function::new("dlog1", (1, 1), "ln({0})", DOUBLE),
    Function::new("log", (1, 1), "log10({0})", DOUBLE),
    Function::new("dlog10", (1, 1), "log10({0})", DOUBLE),
    Function::new("sign", (1, 1), "CAST(sign({0}) AS INTEGER)", INTEGER),
    Function::new("random", (0, 0), "random()", DOUBLE),
    Function::new("pi", (0, 0), "pi()", DOUBLE),
    Function::new("degrees", (1, 1), "degrees({0})", DOUBLE),
    Function::new("radians", (1, 1), "radians({0})", DOUBLE),
    Function::new("sin", (1, 1), "sin({0})", DOUBLE),
    Function::new("cos", (1, 1), "cos({0})", DOUBLE),
    Function::new("tan", (1, 1), "tan({0})", DOUBLE),
    Function::new("cot", (1, 1), "cot({0})", DOUBLE),
    Function::new("asin", (1, 1), "asin({0})", DOUBLE),
    Function::new("acos", (1, 1), "acos({0})", DOUBLE),
    Function::new("atan", (1, 1), "atan({0})", DOUBLE),
    Function::new("atan2", (2, 2), "atan2({0}, {1})", DOUBLE),
    // dates
    Function::new("last_day", (1, 1), "last_day({0})", DATE).on_timestamps(&[0]),
    Function::new("add_months", (2, 2), ADD_MONTHS, TIMESTAMP).on_timestamps(&[0]),
    Function::new("months_between", (2, 2), MONTHS_BETWEEN, DOUBLE).on_timestamps(&[0, 1]),
    Function::new("date_part_year", (1, 1), "CAST(date_part('year', {0}) AS INTEGER)", INTEGER).on_timestamps(&[0]),
    Function::new("convert_timezone", (2, 2), "timezone({0}, timezone('UTC', {1}))", TIMESTAMP).on_timestamps(&[1]),
    Function::new("convert_timezone", (3, 3), "timezone({1}, timezone({0}, {2}))", TIMESTAMP).on_timestamps(&[2]),
    // JSON
    Function::new("is_valid_json", (1, 1), "json_valid({0})", BOOLEAN),
    Function::new("json_array_length", (1, 1), "CAST(json_array_length({0}) AS INTEGER)", INTEGER),
];

/// What `lower` calls by itself, once it has read their first argument or pattern.
pub(crate) static DATE_PART: Function =
    Function::new("date_part", (2, 2), "CAST(date_part({0}, {1}) AS DOUBLE)", DOUBLE).on_timestamps(&[1]);
pub(crate) static EXTRACT: Function =
    Function::new("extract", (2, 2), "CAST(floor(date_part({0}, {1})) AS BIGINT)", BIGINT).on_timestamps(&[1]);
pub(crate) static DATE_TRUNC: Function =
    Function::new("date_trunc", (2, 2), "date_trunc({0}, {1})", Returns::Argument(1)).on_timestamps(&[1]);
pub(crate) static DATEDIFF: Function =
    Function::new("datediff", (3, 3), "date_diff({0}, {1}, {2})", BIGINT).on_timestamps(&[1, 2]);
pub(crate) static TO_DATE: Function = Function::new("to_date", (2, 2), "CAST(strptime({0}, {1}) AS DATE)", DATE);
pub(crate) static TO_TIMESTAMP: Function = Function::new(
    "to_timestamp",
    (2, 2),
    "CAST(strptime({0}, {1}) AS TIMESTAMPTZ)",
    Returns::Known(crate::types::DataType::TimestampTz),
);
pub(crate) static JSON_PATH: Function =
    Function::new("json_extract_path_text", (2, 2), "json_extract_string({0}, {1})", TEXT);
pub(crate) static JSON_PATH_IF_VALID: Function = Function::new(
    "json_extract_path_text",
    (2, 2),
    "CASE WHEN json_valid({0}) THEN json_extract_string({0}, {1}) END",
    TEXT,
);
/// Where the positions are constants that both engines count alike.
pub(crate) static SUBSTRING_PLAIN: Function = Function::new("substring", (2, 3), "substr({*})", TEXT);
/// `trunc` of a date or time.
pub(crate) static TRUNC_TO_DATE: Function = Function::new("trunc", (1, 1), "CAST({0} AS DATE)", DATE);

/// `dateadd(part, number, time)`; the arguments here are number and time.
pub(crate) static DATEADD: &[Function] = &[
    add("century", "{1} + to_years(CAST({0} AS INTEGER) * 100)"),
    add("decade", "{1} + to_years(CAST({0} AS INTEGER) * 10)"),
    add("year", "{1} + to_years(CAST({0} AS INTEGER))"),
    add("quarter", "{1} + to_months(CAST({0} AS INTEGER) * 3)"),
    add("month", "{1} + to_months(CAST({0} AS INTEGER))"),
    add("week", "{1} + to_days(CAST({0} AS INTEGER) * 7)"),
    add("day", "{1} + to_days(CAST({0} AS INTEGER))"),
    add("hour", "{1} + to_hours(CAST({0} AS BIGINT))"),
    add("minute", "{1} + to_minutes(CAST({0} AS BIGINT))"),
    add("second", "{1} + to_seconds(CAST({0} AS BIGINT))"),
    add("millisecond", "{1} + to_microseconds(CAST({0} AS BIGINT) * 1000)"),
    add("microsecond", "{1} + to_microseconds(CAST({0} AS BIGINT))"),
];

const fn add(part: &'static str, template: &'static str) -> Function {
    Function::new(part, (2, 2), template, Returns::Argument(1)).on_timestamps(&[1])
}
