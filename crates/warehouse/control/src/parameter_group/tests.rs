use std::collections::BTreeMap;
use std::time::Duration;

use super::{
    AppliedParameters, Family, PARAMETERS, ParameterGroup, WarehouseSettings, check_config, check_value, is_name,
    settings_of_config, shown_config,
};
use crate::ControlError;

fn check(name: &str, value: &str, expected: Result<&str, &str>) {
    let outcome = check_value(Family::Redshift1, name, value).map(|(_, value)| value);
    match (outcome, expected) {
        (Ok(value), Ok(expected)) => assert_eq!(value, expected, "{name}"),
        (Err(ControlError::Rejected(text)), Err(expected)) => assert!(text.contains(expected), "{text}"),
        (outcome, expected) => panic!("{name} {value:?}: {outcome:?}, not {expected:?}"),
    }
}

#[test]
fn values_that_are_carried_out_have_their_rules() {
    check("require_ssl", "TRUE", Ok("true"));
    check("require_ssl", "on", Err("true or false"));
    check("statement_timeout", "0", Ok("0"));
    check("statement_timeout", "100", Ok("100"));
    check("statement_timeout", "2147483647", Ok("2147483647"));
    for wrong in ["99", "2147483648", "-1", "soon", ""] {
        check("statement_timeout", wrong, Err("from 100 to 2147483647"));
    }
    check("search_path", "'$user', public,\"Sales\"", Ok("$user, public, Sales"));
    for wrong in ["", "a,,b", "a\"b", &"x".repeat(128)] {
        check("search_path", wrong, Err("names of schemas"));
    }
    check("query_group", "reports", Ok("reports"));
    check("query_group", &"x".repeat(321), Err("320 bytes"));
    check("no_such_parameter", "1", Err("isn't one of redshift-1.0. It has auto_analyze"));
}

#[test]
fn what_is_not_carried_out_keeps_its_default_and_says_why() {
    check("datestyle", "iso, mdy", Ok("ISO, MDY"));
    check("datestyle", "German", Err("can only be \"ISO, MDY\""));
    check("enable_user_activity_logging", "false", Err("nobody can switch that off"));
    check("enable_case_sensitive_identifier", "true", Err("folded to lower case"));
    check("max_concurrency_scaling_clusters", "1", Err("adds no clusters"));
    check("wlm_json_configuration", "[]", Err("without queues"));
    for parameter in PARAMETERS {
        for family in Family::ALL {
            let default = parameter.default_in(family);
            let kept = check_value(family, parameter.name, default).unwrap();
            assert_eq!(kept, (parameter.name.to_owned(), default.to_owned()));
        }
    }
}

#[test]
fn the_second_family_requires_encryption() {
    let settings = |family| ParameterGroup::of_family(family).applied().settings();
    assert_eq!(settings(Family::Redshift1), WarehouseSettings::default());
    assert_eq!(settings(Family::Redshift2), WarehouseSettings { require_ssl: true, ..WarehouseSettings::default() });
    for family in Family::ALL {
        assert_eq!(Family::from_name(family.name()), Some(family));
    }
    assert_eq!(Family::from_name("redshift-3.0"), None);
}

#[test]
fn what_a_group_says_is_pending_until_it_is_applied() {
    let mut group = ParameterGroup::of_family(Family::Redshift1);
    let applied = group.applied();
    assert!(applied.pending(&group).is_empty());
    group.values = BTreeMap::from([("statement_timeout".to_owned(), "2500".to_owned())]);
    let pending: Vec<_> = applied.pending(&group).iter().map(|parameter| parameter.name).collect();
    assert_eq!(pending, ["statement_timeout"]);
    assert_eq!(group.applied().settings().statement_timeout, Duration::from_millis(2500));
    let second = ParameterGroup::of_family(Family::Redshift2);
    let pending: Vec<_> =
        AppliedParameters::default().pending(&second).iter().map(|parameter| parameter.name).collect();
    assert_eq!(pending, ["require_ssl"]);
}

#[test]
fn a_workgroup_keeps_what_is_not_the_default() {
    let config = |pairs: &[(&str, &str)]| {
        let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        check_config(&pairs.collect())
    };
    let kept = config(&[("require_ssl", "true"), ("SEARCH_PATH", "sales"), ("datestyle", "ISO, MDY")]).unwrap();
    assert_eq!(kept.keys().collect::<Vec<_>>(), ["require_ssl", "search_path"]);
    let settings = settings_of_config(&kept);
    assert!(settings.require_ssl);
    assert_eq!(settings.search_path, ["sales"]);
    assert!(shown_config(&kept).contains(&("require_ssl", "true".to_owned())));
    for (name, value, message) in [
        ("max_query_execution_time", "10", "max_query_execution_time"),
        ("statement_timeout", "2500", "SET statement_timeout"),
        ("use_fips_ssl", "true", "FIPS"),
    ] {
        let error = config(&[(name, value)]).unwrap_err();
        assert!(error.to_string().contains(message), "{error}");
    }
}

#[test]
fn names_follow_the_rule() {
    for right in ["a", "my-group-1"] {
        assert!(is_name(right), "{right}");
    }
    for wrong in ["", "1a", "a-", "a--b", "a_b", "A", &"a".repeat(256)] {
        assert!(!is_name(wrong), "{wrong}");
    }
}
