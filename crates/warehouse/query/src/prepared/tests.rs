use super::{one, script};

fn tags(text: &str) -> Vec<&'static str> {
    script(text).unwrap().iter().map(|prepared| prepared.parsed.statement.tag()).collect()
}

#[test]
fn a_script_is_its_statements_in_order() {
    assert_eq!(tags("BEGIN; SELECT 1;; COMMIT;"), ["BEGIN", "SELECT", "COMMIT"]);
    assert_eq!(tags(" ; -- nothing\n"), [""]);
    assert_eq!(tags(""), [""]);
    assert_eq!(script("SELECT 1; SELEC 2").unwrap_err().sqlstate, "42601");
}

#[test]
fn a_parse_message_takes_one_statement() {
    let error = one("SELECT 1; SELECT 2", &[]).unwrap_err();
    let told = (error.sqlstate, error.message.message.as_str());
    assert_eq!(told, ("42601", "cannot insert multiple commands into a prepared statement"));
    assert_eq!(one("SELECT 1;", &[]).unwrap().parsed.statement.tag(), "SELECT");
    assert_eq!(one("", &[]).unwrap().parsed.statement.tag(), "");
}

#[test]
fn each_parameter_has_its_declared_type_or_none() {
    let text = "SELECT a FROM t WHERE a = $1 AND b = $3";
    assert_eq!(one(text, &[]).unwrap().parameter_oids(), [0, 0, 0]);
    assert_eq!(one(text, &[23, 0]).unwrap().parameter_oids(), [23, 0, 0]);
    assert_eq!(one("SELECT 1", &[23]).unwrap().parameter_oids(), [23], "declared and not used");
    let error = one("SELECT 1", &vec![0; 65_536]).unwrap_err();
    assert_eq!((error.sqlstate, error.message.message.as_str()), ("54000", "a statement has at most 65535 parameters"));
}

#[test]
fn the_statements_that_a_failed_transaction_takes() {
    for (text, ends) in [
        ("COMMIT", true),
        ("ROLLBACK", true),
        ("END", true),
        ("ABORT", true),
        ("", true),
        ("BEGIN", false),
        ("SELECT 1", false),
    ] {
        assert_eq!(one(text, &[]).unwrap().ends_transaction(), ends, "{text}");
    }
}

#[test]
fn the_wire_is_told_which_statement_to_forget() {
    assert_eq!(one("DEALLOCATE p", &[]).unwrap().deallocates(), Some(Some("p")));
    assert_eq!(one("DEALLOCATE ALL", &[]).unwrap().deallocates(), Some(None));
    assert_eq!(one("SELECT 1", &[]).unwrap().deallocates(), None);
}
