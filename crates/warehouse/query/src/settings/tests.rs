use std::sync::Arc;
use std::time::Duration;

use sql::statement::SetValue;

use super::{SessionFacts, Settings, WarehouseSettings};

fn check(name: &str, value: &str, expected: Result<&str, &str>) {
    let mut settings = Settings::of(Arc::default());
    let outcome = settings.set(name, &SetValue::Values(vec![value.to_owned()]));
    let facts = SessionFacts { session_user: "ethan", superuser: false };
    let shown =
        outcome.and_then(|_| settings.show(name, facts)).map(|(_, value)| value).map_err(|error| error.sqlstate);
    assert_eq!(shown.as_deref().map_err(|state| *state), expected, "SET {name} TO {value}");
}

#[test]
fn what_can_be_set_is_shown() {
    check("search_path", "sales_schema, public", Ok("sales_schema, public"));
    check("application_name", "dbt", Ok("dbt"));
    check("statement_timeout", "2500", Ok("2500"));
    check("client_encoding", "utf-8", Ok("UTF8"));
    check("TimeZone", "utc", Ok("UTC"));
    check("transaction_isolation", "read committed", Ok("SERIALIZABLE"));
}

#[test]
fn what_has_no_meaning_here_is_refused() {
    check("timezone", "Europe/Paris", Err("0A000"));
    check("client_encoding", "latin1", Err("0A000"));
    check("enable_case_sensitive_identifier", "true", Err("0A000"));
    check("statement_timeout", "soon", Err("22023"));
    check("server_version", "16", Err("55P02"));
    check("memory_limit", "1GB", Err("42704"));
    check("enable_external_access", "true", Err("42704"));
}

#[test]
fn reset_takes_the_default_back() {
    let mut settings = Settings::of(Arc::default());
    settings.set("search_path", &SetValue::Values(vec!["a".to_owned()])).unwrap();
    settings.reset(Some("search_path")).unwrap();
    assert_eq!(settings, Settings::of(Arc::default()));
}

#[test]
fn a_long_application_name_is_cut_between_characters() {
    let mut settings = Settings::of(Arc::default());
    settings.set("application_name", &SetValue::Values(vec!["é".repeat(200)])).unwrap();
    assert_eq!(settings.application_name.len(), 250);
}

#[test]
fn a_session_begins_with_the_warehouse_s_settings_and_reset_goes_back_to_them() {
    let warehouse = Arc::new(WarehouseSettings {
        search_path: vec!["sales".to_owned(), "public".to_owned()],
        statement_timeout: Duration::from_millis(2500),
        query_group: "reports".to_owned(),
        ..WarehouseSettings::default()
    });
    let facts = SessionFacts { session_user: "ethan", superuser: false };
    let shown = |settings: &Settings, name: &str| settings.show(name, facts).unwrap().1;
    for all in [true, false] {
        let mut settings = Settings::of(Arc::clone(&warehouse));
        for (name, begun_with, own) in [
            ("search_path", "sales, public", "own"),
            ("statement_timeout", "2500", "0"),
            ("query_group", "reports", "own"),
        ] {
            assert_eq!(shown(&settings, name), begun_with);
            settings.set(name, &SetValue::Values(vec![own.to_owned()])).unwrap();
            assert_eq!(shown(&settings, name), own, "what the session sets wins");
            settings.reset(Some(name).filter(|_| !all)).unwrap();
            assert_eq!(shown(&settings, name), begun_with);
        }
    }
}
