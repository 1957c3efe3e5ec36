//! The tables themselves.

use super::{AGGREGATES, ANY, Function, SCALAR, WINDOWS, date_part, find, scalar};

#[test]
fn every_template_writes_the_arguments_that_its_function_takes() {
    let read_by_lower = [
        &scalar::DATE_PART,
        &scalar::EXTRACT,
        &scalar::DATE_TRUNC,
        &scalar::DATEDIFF,
        &scalar::TO_DATE,
        &scalar::TO_TIMESTAMP,
        &scalar::JSON_PATH,
        &scalar::JSON_PATH_IF_VALID,
        &scalar::SUBSTRING_PLAIN,
        &scalar::TRUNC_TO_DATE,
    ];
    let functions: Vec<&Function> = SCALAR.iter().chain(scalar::DATEADD).chain(read_by_lower).collect();
    for function in functions {
        let Function { name, min, max, template, .. } = *function;
        // its template is made from its arguments
        if matches!(name, "decode" | "concat") {
            continue;
        }
        let all = template.contains("{*}");
        assert!(all || max != ANY, "{name}");
        for place in 0..min {
            // the bits of sha2 are checked where the call is read
            let written = all || template.contains(&format!("{{{place}}}")) || (name == "sha2" && place == 1);
            assert!(written, "{name} drops argument {place}");
        }
        for place in max..10 {
            assert!(!template.contains(&format!("{{{place}}}")), "{name} writes argument {place}");
        }
    }
}

#[test]
fn a_name_and_a_number_of_arguments_stand_for_one_function() {
    for table in [SCALAR, AGGREGATES, WINDOWS] {
        for (at, function) in table.iter().enumerate() {
            let twin = table[at + 1..]
                .iter()
                .find(|other| other.name == function.name && other.min <= function.max && function.min <= other.max);
            assert!(twin.is_none(), "{}", function.name);
            assert_eq!(function.name, function.name.to_ascii_lowercase());
        }
    }
    assert!(matches!(find(SCALAR, "upper", 1), Ok(function) if function.name() == "upper"));
    assert!(matches!(find(SCALAR, "upper", 2), Err(true)));
    assert!(matches!(find(SCALAR, "nope", 1), Err(false)));
}

#[test]
fn date_parts_have_redshifts_abbreviations() {
    for (word, part) in [
        ("YEAR", Some("year")),
        ("yrs", Some("year")),
        ("qtr", Some("quarter")),
        ("mon", Some("month")),
        ("m", Some("minute")),
        ("dow", Some("dow")),
        ("us", Some("microsecond")),
        ("timezone", None),
        ("julian", None),
    ] {
        assert_eq!(date_part(word), part, "{word}");
    }
}
