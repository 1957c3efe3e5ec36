use super::{Bound, Kind, read};

#[track_caller]
fn check(plan: &str, expected: Result<(Kind, &[&str]), &str>) {
    let expected = expected
        .map(|(kind, tables)| Bound { kind, tables: tables.iter().map(|&table| table.to_owned()).collect() })
        .map_err(str::to_owned);
    assert_eq!(read(plan), expected);
}

#[test]
fn kinds_and_tables() {
    let scan = r#"{"name": "SEQ_SCAN ", "children": [], "extra_info": {"Table": "d.s.t"}}"#;
    check(&format!("[{scan}]"), Ok((Kind::Query, &["d.s.t"])));
    for (operator, kind) in [
        ("INSERT", Kind::Insert),
        ("UPDATE", Kind::Update),
        ("DELETE", Kind::Delete),
        ("CREATE_TABLE", Kind::CreateTableAs),
        ("PROJECTION", Kind::Query),
    ] {
        check(&format!(r#"[{{"name": "{operator}", "children": [{scan}]}}]"#), Ok((kind, &["d.s.t"])));
    }
}

#[test]
fn a_change_behind_its_with() {
    let scan = |table: &str| format!(r#"{{"name": "SEQ_SCAN", "children": [], "extra_info": {{"Table": "{table}"}}}}"#);
    let change = format!(r#"{{"name": "UPDATE", "children": [{}]}}"#, scan("d.s.t"));
    let plan = |last: &str| format!(r#"[{{"name": "CTE", "children": [{}, {last}]}}]"#, scan("d.s.u"));
    check(&plan(&change), Ok((Kind::Update, &["d.s.t", "d.s.u"])));
    // a change in a definition stays a stranger
    check(&format!(r#"[{{"name": "CTE", "children": [{change}, {}]}}]"#, scan("d.s.u")), Err("the operator UPDATE"));
}

#[test]
fn what_is_unknown_is_refused() {
    check(r#"[{"name": "READ_CSV", "children": []}]"#, Err("the operator READ_CSV"));
    check(r#"[{"name": "CREATE_TABLE", "children": []}]"#, Err("the operator CREATE_TABLE"));
    check(r#"[{"name": "PROJECTION", "children": [{"name": "DELETE", "children": []}]}]"#, Err("the operator DELETE"));
    check(r#"[{"name": "INSERT", "children": [{"name": "INSERT", "children": []}]}]"#, Err("the operator INSERT"));
    check(r#"[{"name": "SEQ_SCAN", "children": []}]"#, Err("a scan of no table"));
    check(r#"[{"name": "PROJECTION"}]"#, Err("an operator without children"));
    check("[]", Err("a plan without a root"));
}
