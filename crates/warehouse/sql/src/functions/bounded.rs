//! Functions whose result may be longer than what they are given. The engine doesn't count long texts against its memory
//! limit, so that none may be built that is longer than Redshift's longest, 65,535 bytes.
//!
//! The refusal stands in an argument: arguments are there before the text is built, in whatever order the engine folds
//! constants or takes the branches of a CASE.

/// The most bytes that a text has (Redshift, "Character types": VARCHAR).
pub(crate) const MAX_TEXT_BYTES: usize = 65_535;

/// What the client reads of a text that is longer (22001).
pub(crate) const TOO_LONG: &str = "value too long for type character varying(65535)";

macro_rules! refuse {
    () => {
        "error('value too long for type character varying(65535)')"
    };
}

/// The engine's expression that raises [`TOO_LONG`].
pub(crate) const REFUSE: &str = refuse!();

/// Division by the length of an empty text is NULL: that may be repeated as often as one likes.
pub(super) const REPEAT: &str = concat!(
    "repeat(CAST({0} AS VARCHAR), CASE WHEN {1} > 65535 // strlen(CAST({0} AS VARCHAR)) THEN ",
    refuse!(),
    " ELSE {1} END)"
);

macro_rules! pad {
    ($function:literal, $with:literal) => {
        // a character has four bytes at most; `least` would take NULL for 65,535
        concat!(
            $function,
            "({0}, CASE WHEN CAST({1} AS INTEGER) <= 16383 THEN CAST({1} AS INTEGER) WHEN CAST({1} AS INTEGER) > 65535 \
             OR strlen(",
            $function,
            "({0}, CASE WHEN CAST({1} AS INTEGER) > 65535 THEN 65535 ELSE CAST({1} AS INTEGER) END, ",
            $with,
            ")) > 65535 THEN ",
            refuse!(),
            " ELSE CAST({1} AS INTEGER) END, ",
            $with,
            ")"
        )
    };
}

pub(super) const LPAD: &str = pad!("lpad", "' '");
pub(super) const LPAD_WITH: &str = pad!("lpad", "{2}");
pub(super) const RPAD: &str = pad!("rpad", "' '");
pub(super) const RPAD_WITH: &str = pad!("rpad", "{2}");

/// First as if the whole text were replaced, which is quickly told; then by the number of places.
pub(super) const REPLACE: &str = concat!(
    "replace({0}, {1}, CASE WHEN strlen({0}) + strlen({0}) // greatest(strlen({1}), 1) * strlen({2}) <= 65535 THEN {2} \
     WHEN strlen({0}) + (strlen({0}) - strlen(replace({0}, {1}, ''))) // greatest(strlen({1}), 1) \
     * (strlen({2}) - strlen({1})) > 65535 THEN ",
    refuse!(),
    " ELSE {2} END)"
);

/// A match may be empty: there is one more place than there are characters. Where matches are empty the engine lists more
/// of them than it replaces, so that such a pattern is refused somewhat early.
pub(super) const REGEXP_REPLACE: &str = concat!(
    "regexp_replace({0}, {1}, CASE WHEN strlen({0}) + (strlen({0}) + 1) * strlen({2}) <= 65535 THEN {2} \
     WHEN strlen({0}) + len(regexp_extract_all({0}, {1})) * strlen({2}) \
     - strlen(array_to_string(regexp_extract_all({0}, {1}), '')) > 65535 THEN ",
    refuse!(),
    " ELSE {2} END, 'g')"
);

/// Character by character: four bytes for one at most.
pub(super) const TRANSLATE: &str = concat!(
    "translate({0}, {1}, CASE WHEN strlen({0}) <= 16383 THEN {2} WHEN strlen(translate({0}, {1}, {2})) > 65535 THEN ",
    refuse!(),
    " ELSE {2} END)"
);

/// Every character twice, at most.
pub(super) const QUOTE_LITERAL: &str = concat!(
    "(CASE WHEN strlen(CAST({0} AS VARCHAR)) <= 32766 THEN '''' \
     WHEN strlen(replace(replace(CAST({0} AS VARCHAR), '\\', '\\\\'), '''', '''''')) > 65533 THEN ",
    refuse!(),
    " ELSE '''' END || replace(replace(CAST({0} AS VARCHAR), '\\', '\\\\'), '''', '''''') || '''')"
);

/// `listagg`: the engine counts what an aggregate collects, so that the whole may be measured.
pub(crate) const LISTAGG: &str = concat!("CASE WHEN strlen({0}) > 65535 THEN ", refuse!(), " ELSE {0} END");
