use base::Fault as _;

use super::*;

#[test]
fn a_refused_parameter_is_shown_to_its_client_and_not_in_the_log() {
    let error = WireError::InvalidText { type_name: "integer", value: "s3cret".into() };
    assert_eq!(error.public().message, "invalid input syntax for type integer: \"s3cret\"");
    assert!(!error.to_string().contains("s3cret"));
}

#[test]
fn a_huge_refused_parameter_is_cut() {
    let error = WireError::InvalidText { type_name: "integer", value: "é".repeat(5000) };
    assert!(error.public().message.chars().count() < 200);
}

#[test]
fn statements_are_named_as_postgresql_names_them() {
    assert_eq!(WireError::UndefinedStatement(String::new()).to_string(), "unnamed prepared statement does not exist");
    assert_eq!(WireError::UndefinedStatement("s".into()).to_string(), "prepared statement \"s\" does not exist");
}

#[test]
fn what_the_query_layer_says_keeps_its_state_position_and_severity() {
    let mut inner = QueryError::new(ErrorKind::Denied, "42501", "permission denied for relation revenue").hint("ask");
    inner.position = Some(15);
    let error = WireError::from(inner.clone());
    assert_eq!((error.sqlstate(), error.position(), error.is_fatal()), ("42501", Some(15), false));
    assert_eq!(error.public().hint.as_deref(), Some("ask"));
    assert!(WireError::from(inner.fatal()).is_fatal());
}
