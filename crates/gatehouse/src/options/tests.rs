use clap::{CommandFactory as _, Parser as _};

use super::{AuditCommand, Command, LogFormat, Options, ScimProfile, ScimTokenCommand, UserCommand};

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
    assert_eq!((up.sql_domain.as_str(), up.scim_profile), ("localhost", ScimProfile::Rfc));
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

#[test]
fn tokens_and_passwords_have_defaults_and_limits() {
    let Ok(Options { command: Command::ScimToken { command: ScimTokenCommand::Create(create) } }) =
        parse("gatehouse scim-token create")
    else {
        panic!("scim-token create was expected")
    };
    assert_eq!((create.days, create.server.json), (365, false));
    let line = "gatehouse user reset-password ethan --link --minutes 60 --json --data-dir /d";
    let Ok(Options { command: Command::User { command: UserCommand::ResetPassword(reset) } }) = parse(line) else {
        panic!("user reset-password was expected")
    };
    assert_eq!((reset.name.as_str(), reset.link, reset.minutes, reset.server.json), ("ethan", true, 60, true));
    for line in [
        "gatehouse scim-token",
        "gatehouse scim-token create --days 366",
        "gatehouse scim-token delete",
        "gatehouse user reset-password",
        "gatehouse user reset-password ethan --minutes 60",
        "gatehouse user reset-password ethan --link --minutes 0",
    ] {
        assert!(parse(line).is_err(), "{line}");
    }
}

#[test]
fn a_domain_is_a_dns_name() {
    for (text, domain) in [("db.example.com", "db.example.com"), ("LocalHost", "localhost"), ("a-1.b", "a-1.b")] {
        let line = format!("gatehouse up --scim-profile idc --sql-domain {text}");
        let Ok(Options { command: Command::Up(up) }) = parse(&line) else { panic!("{line}") };
        assert_eq!((up.sql_domain.as_str(), up.scim_profile), (domain, ScimProfile::Idc));
    }
    let long = format!("{}example", "a.".repeat(100));
    for text in ["*.example.com", "a..b", ".", "-a.b", "a-.b", "10.1.2.3", "a_b", "a.b:80", long.as_str()] {
        assert!(parse(&format!("gatehouse up --sql-domain {text}")).is_err(), "{text}");
    }
    assert!(parse("gatehouse up --scim-profile aws").is_err());
}

#[test]
fn public_addresses_are_https_origins() {
    let Ok(Options { command: Command::Up(up) }) =
        parse("gatehouse up --public-url https://SSO.example.com/ --idp-url https://id.example.com:444")
    else {
        panic!("up was expected")
    };
    assert_eq!(up.public_url.as_deref(), Some("https://sso.example.com"));
    assert_eq!(up.idp_url.as_deref(), Some("https://id.example.com:444"));
    for wrong in
        ["http://sso.example.com", "https://sso.example.com/idp", "https://u@sso.example.com", "sso.example.com"]
    {
        assert!(parse(&format!("gatehouse up --public-url {wrong}")).is_err(), "{wrong}");
    }
}
