use crate::parse;
use crate::parse::redact;

#[test]
fn a_password_is_never_in_the_text() {
    let texts = [
        "ALTER USER bob PASSWORD 'S3cret!x'",
        "alter user bob with password   'S3cret!x' valid until 'infinity'",
        "create user bob PassWord E'S3cret!x'",
        "create user bob password $$S3cret!x$$",
        "create user bob password $t$S3cret!x$t$",
        "create user bob password = 'S3cret!x'",
        "create user bob password /* c */ 'S3cret!x'",
        "create user bob password 'a' 'S3cret!x'",
        "create user bob password 'a'\n'S3cret!x'",
        "create user bob password \"S3cret!x\"",
        "create user bob password S3cret!x",
        "create user bob password 'S3cret!x",
        "create user bob password $$S3cret!x",
        "create user bob password 'o'S3cret!x",
        "create user bob password 'o'S3cret!x'",
        "create user o'brien password 'S3cret!x'",
        "create user o'brien password 'S3cret!x' in group 'g",
        "create user \"bob password 'S3cret!x'",
        "create user \"bob password \"S3cret!x\"",
        "select 1; nonsense; create user bob password 'S3cret!x'; select 'unterminated",
        "-- create user bob password 'S3cret!x'\nselect 1",
        "select 1 /* create user bob password 'S3cret!x' */",
        "/* create user bob password 'S3cret!x'",
        "do $$ create user bob password 'S3cret!x' $$",
        "select 'create user bob password ''S3cret!x'''",
        "select * from users where password = 'S3cret!x'",
        "copy t from 's3://b' access_key_id 'AKIA' secret_access_key 'S3cret!x'",
        "copy t from 's3://b' credentials as 'aws_secret_access_key=S3cret!x'",
        "create identity provider p type azure namespace 'a' parameters '{\"client_secret\":\"S3cret!x\"}'",
    ];
    for text in texts {
        let redacted = redact(text);
        assert!(!redacted.contains("S3cret"), "{text} -> {redacted}");
        assert!(redacted.contains("***"), "{text} -> {redacted}");
        if let Err(error) = parse(text) {
            assert!(!format!("{error} {error:?}").contains("S3cret"), "{text} -> {error:?}");
        }
        for one in parse(text).into_iter().flatten() {
            assert!(!format!("{one:?}").contains("S3cret") || one.statement.tag() == "SELECT", "{text} -> {one:?}");
            assert!(!one.text.contains("S3cret"), "{text} -> {}", one.text);
        }
    }
}

#[test]
fn what_is_no_secret_stays() {
    let same = [
        "alter user bob password disable",
        "select password from users",
        "select 'reset password please'",
        "create table t (password varchar(20), parameters int)",
        "select 1 -- nothing",
        "select 'unterminated",
    ];
    for text in same {
        assert_eq!(redact(text), text);
    }
    assert_eq!(
        redact("create user a password 'x' createdb; alter user b password 'y'"),
        "create user a password '***' createdb; alter user b password '***'"
    );
    assert_eq!(
        redact("create user a password 'x y' 'z' valid until 'infinity'"),
        "create user a password '***' '***' valid until 'infinity'"
    );
    assert_eq!(redact("create user a password $1"), "create user a password $1");
    assert_eq!(
        redact("create user a password DISABLE externalid 'q'"),
        "create user a password DISABLE externalid 'q'"
    );
}

#[test]
fn a_statement_s_own_text_is_redacted() {
    let parsed = parse(" alter user bob password 'S3cret!x' ; select 1").unwrap();
    assert_eq!(parsed[0].text, "alter user bob password '***'");
    assert_eq!(parsed[1].text, "select 1");
}
