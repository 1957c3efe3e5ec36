use clap::{CommandFactory as _, Parser as _};

use super::{AuditCommand, Command, LogFormat, Options};

fn parse(line: &str) -> Result<Options, clap::Error> {
    Options::try_parse_from(line.split(' '))
}

#[test]
fn the_command_line_is_sound() {
    Options::command().debug_assert();
}

#[test]
fn the_defaults_are_the_contract() {
    let Ok(Options { command: Command::Up(up) }) = parse("gatehouse up") else { panic!("up was expected") };
    assert_eq!(up.http.to_string(), "127.0.0.1:8080");
    assert_eq!(up.https.to_string(), "127.0.0.1:8443");
    assert_eq!(up.sql.to_string(), "127.0.0.1:5439");
    assert_eq!((up.demo, up.log_format, up.log.as_str()), (false, LogFormat::Text, "info"));
}

#[test]
fn addresses_and_formats_are_checked() {
    let line =
        "gatehouse up --demo --data-dir /d --http 127.0.0.1:0 --https 0.0.0.0:443 --sql [::1]:0 --log-format json";
    let Ok(Options { command: Command::Up(up) }) = parse(line) else { panic!("up was expected") };
    assert!(up.demo && up.http.port() == 0 && up.sql.is_ipv6());
    for line in [
        "gatehouse",
        "gatehouse up --http localhost",
        "gatehouse up --sql 5439",
        "gatehouse up --log-format xml",
        "gatehouse up extra",
        "gatehouse audit",
    ] {
        assert!(parse(line).is_err(), "{line}");
    }
}

#[test]
fn the_audit_trail_is_verified_since_a_record() {
    let line = "gatehouse audit verify --data-dir /d --since 12:ab --json";
    let Ok(Options { command: Command::Audit { command: AuditCommand::Verify(verify) } }) = parse(line) else {
        panic!("audit verify was expected")
    };
    assert_eq!((verify.since.as_deref(), verify.json), (Some("12:ab"), true));
}
