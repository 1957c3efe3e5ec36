//! Applications as a person at the terminal reads them.

use serde_json::Value;

use crate::idp_command::shown::{facts, is, line, list, time, word, yes_or_no};
use crate::table;

/// An application that was just made, and what comes next.
pub(super) fn added(answer: &Value) -> String {
    let (label, slug) = (word(answer, "label"), word(answer, "slug"));
    let secret = match word(answer, "client_secret") {
        "" => String::new(),
        secret => format!("{}It isn't shown again.\n", line("Client secret", secret)),
    };
    let groups = if list(answer, "groups").is_empty() {
        format!("\nNobody may open it yet. Authorise a group with: gatehouse idp app authorise {slug} --group GROUP\n")
    } else {
        String::new()
    };
    let metadata = if word(answer, "connector") == "oidc" {
        String::new()
    } else {
        format!("\nOur metadata, to upload at the service provider: gatehouse idp app metadata {slug} --out FILE\n")
    };
    format!("{label} is added.\n\n{}{secret}{metadata}{groups}", told(answer))
}

/// What the other side has to know, and what is still missing.
fn told(answer: &Value) -> String {
    const FACTS: [(&str, &str); 3] = [("slug", "Slug"), ("id", "Id"), ("idp_url", "IdP URL")];
    let configuration = answer.get("configuration").unwrap_or(&Value::Null);
    let missing = list(answer, "missing").iter().filter_map(Value::as_str).map(|one| line("Missing", one));
    format!(
        "{}{}{}",
        facts(answer, &FACTS),
        facts(configuration, &[("client_id", "Client id")]),
        missing.collect::<String>()
    )
}

pub(super) fn list_of(applications: &[Value]) -> String {
    if applications.is_empty() {
        return "There is no application. Add one with: gatehouse idp app add identity-center LABEL\n".to_owned();
    }
    let rows = applications.iter().map(|application| {
        let state = match (is(application, "active"), list(application, "missing")) {
            (false, _) => "deactivated".to_owned(),
            (true, []) => "ready".to_owned(),
            (true, missing) => format!("{} missing", missing.len()),
        };
        [
            word(application, "label").to_owned(),
            word(application, "slug").to_owned(),
            word(application, "connector").to_owned(),
            state,
            list(application, "groups").len().to_string(),
            word(application, "id").to_owned(),
        ]
    });
    table::render(["LABEL", "SLUG", "CONNECTOR", "STATE", "GROUPS", "ID"], &rows.collect::<Vec<_>>())
}

/// Everything there is to know of an application.
pub(super) fn application(answer: &Value) -> String {
    const FACTS: [(&str, &str); 4] =
        [("label", "Label"), ("description", "Description"), ("connector", "Connector"), ("open_url", "Tile")];
    const CONFIGURED: [(&str, &str); 20] = [
        ("sp_entity_id", "Audience"),
        ("acs_urls", "ACS"),
        ("requests_signed", "Signed requests"),
        ("single_logout", "Logout"),
        ("name_id", "NameID"),
        ("relay_state", "RelayState"),
        ("lifetime", "Lifetime (s)"),
        ("sign_response", "Signed response"),
        ("session_end", "Session's end"),
        ("public", "Public client"),
        ("redirect_uris", "Redirect to"),
        ("post_logout_redirect_uris", "After logout"),
        ("login_uri", "Begins at"),
        ("grants", "Grants"),
        ("group_attribute", "Groups as"),
        ("groups_claim", "Groups as"),
        ("id_token_lifetime", "ID token (s)"),
        ("access_token_lifetime", "Access token (s)"),
        ("refresh_token_lifetime", "Refresh token (s)"),
        ("client_secret", "Client secret"),
    ];
    let configuration = answer.get("configuration").unwrap_or(&Value::Null);
    let mut shown = facts(answer, &FACTS);
    shown.push_str(&line("Active", yes_or_no(is(answer, "active"))));
    shown.push_str(&line("In the console", yes_or_no(!is(answer, "hidden"))));
    shown.push_str(&told(answer));
    let groups = list(answer, "authorised_groups").iter().map(|group| word(group, "display_name")).collect::<Vec<_>>();
    let groups = if answer.get("authorised_groups").is_none() {
        list(answer, "groups").len().to_string()
    } else {
        groups.join(", ")
    };
    shown.push_str(&line("Groups", if groups.is_empty() { "none: nobody may open it" } else { &groups }));
    shown.push_str(&facts(configuration, &CONFIGURED));
    let certificates = list(configuration, "sp_certificates").len();
    if certificates > 0 {
        shown.push_str(&line("SP certificates", &certificates.to_string()));
    }
    attributes(configuration).map_or(shown.clone(), |table| format!("{shown}\n{table}"))
}

fn attributes(configuration: &Value) -> Option<String> {
    let of = |member: &'static str, kind: &'static str, value: &'static str| {
        let all = list(configuration, member).iter();
        all.map(move |one| [word(one, "name").to_owned(), kind.to_owned(), word(one, value).to_owned()])
    };
    let rows: Vec<[String; 3]> = of("user_attributes", "person", "from")
        .chain(of("constant_attributes", "constant", "value"))
        .chain(of("claims", "person", "from"))
        .collect();
    (!rows.is_empty()).then(|| table::render(["ATTRIBUTE", "FROM", "VALUE"], &rows))
}

pub(super) fn keys(answer: &Value) -> String {
    let rows = list(answer, "keys").iter().map(|key| {
        let state = match time(key, "until").as_str() {
            "" => word(key, "state").to_owned(),
            until => format!("retired until {until}"),
        };
        [word(key, "id").to_owned(), state, time(key, "not_after"), word(key, "sha256").to_owned()]
    });
    let table = table::render(["ID", "STATE", "VALID UNTIL", "CERTIFICATE (SHA-256)"], &rows.collect::<Vec<_>>());
    if is(answer, "shared") { format!("{table}All OpenID Connect applications share these keys.\n") } else { table }
}
