use serde_json::json;

use super::*;

fn saml() -> Value {
    json!({
        "SourceId": "ids-1", "Name": "Okta", "Type": "SAML", "Status": "ENABLED", "Domains": ["a.example.com", "b.example.com"],
        "MatchBy": "userName", "JustInTime": false, "Contact": "it@example.com", "Saml": { "EntityId": "http://okta/x",
        "SingleSignOn": [{ "Binding": "HTTP-Redirect", "Location": "http://okta/sso" }], "Certificates": [
            { "Sha256": "aa11", "Subject": "CN=okta", "NotAfter": 1_800_000_000, "Status": "VALID" },
            { "Sha256": "bb22", "Subject": "CN=okta", "NotAfter": 1_700_000_000, "Status": "EXPIRED" },
            { "Sha256": "cc33", "Subject": "CN=okta", "NotAfter": 1_767_000_000, "Status": "EXPIRING", "ExpiresInDays": 9 },
        ] },
        "ServiceProvider": { "EntityId": "https://center/platform/saml/ids-1", "AcsUrl": "https://center/platform/saml/ids-1/acs" },
    })
}

#[test]
fn who_adds_a_source_reads_what_to_enter_at_the_provider() {
    let shown = added(&json!({ "IdentitySource": saml() })).unwrap();
    assert_eq!(
        shown,
        "Okta is added as ids-1; people can sign in with it now.\n\nEnter at the identity provider:\n\
         Entity ID        https://center/platform/saml/ids-1\n\
         ACS URL          https://center/platform/saml/ids-1/acs\n\
         \nOr upload our metadata there: gatehouse identity-source metadata ids-1 --out FILE\n"
    );
    let oidc = json!({ "IdentitySource": { "SourceId": "ids-2", "Name": "Entra", "Type": "OIDC",
        "ServiceProvider": { "RedirectUri": "https://center/platform/oidc/ids-2/callback" } } });
    let shown = added(&oidc).unwrap();
    assert!(shown.contains("Redirect URI     https://center/platform/oidc/ids-2/callback\n"), "{shown}");
    assert!(!shown.contains("metadata"), "{shown}");
}

#[test]
fn a_source_is_shown_with_its_certificates() {
    let shown = source(&json!({ "IdentitySource": saml() })).unwrap();
    for part in [
        "Name             Okta\n",
        "Domains          a.example.com, b.example.com\n",
        "Just in time     no\n",
        "\nThe identity provider:\nEntity ID        http://okta/x\nSign-in          http://okta/sso\n",
        "\nIt has to know of us:\nEntity ID        https://center",
        "aa11                   valid               2027-01-15T08:00:00Z  CN=okta\n",
        "bb22                   expired             2023-11-14T22:13:20Z  CN=okta\n",
        "cc33                   expiring in 9 days  2025-12-29T09:20:00Z  CN=okta\n",
    ] {
        assert!(shown.contains(part), "{part:?} is missing in {shown}");
    }
    assert!(!shown.contains("Issuer") && !shown.contains("Groups from"));
}

#[test]
fn the_list_begins_with_the_directory() {
    let shown = list("DISABLED", &[saml()]);
    let lines: Vec<&str> = shown.lines().collect();
    assert_eq!(lines.len(), 3);
    assert_eq!(
        lines[0],
        "ID         NAME                       TYPE       STATUS    DOMAINS                       CERTIFICATES"
    );
    assert_eq!(lines[1], "directory  Identity Center directory  passwords  disabled");
    assert_eq!(
        lines[2],
        "ids-1      Okta                       saml       enabled   a.example.com, b.example.com  1 valid, 1 expired, 1 expiring"
    );
}

#[test]
fn a_refresh_says_what_changed() {
    let same =
        refreshed(&json!({ "IdentitySource": saml(), "AddedCertificates": [], "DroppedCertificates": [] })).unwrap();
    assert!(same.starts_with("The metadata was read; the certificates are the same.\n"), "{same}");
    let changed = refreshed(&json!({ "IdentitySource": saml(), "AddedCertificates": ["aa11"], "DroppedCertificates": ["bb22"], "LeftOut": ["One can't be used."] })).unwrap();
    assert!(
        changed.starts_with("New certificates aa11\nDropped, expired bb22\nLeft out         One can't be used.\n"),
        "{changed}"
    );
}
