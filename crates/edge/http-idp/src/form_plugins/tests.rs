use super::is_provider;

#[test]
fn only_the_public_host_is_the_providers_and_443_needs_no_word() {
    for (public, host) in [
        ("https://idp.example", "idp.example"),
        ("https://idp.example", "idp.example:443"),
        ("https://idp.example", "IDP.example"),
        ("https://localhost:8443", "localhost:8443"),
        ("https://[::1]:8443", "[::1]:8443"),
    ] {
        assert!(is_provider(public, host), "{public} {host}");
    }
    for (public, host) in [
        ("https://idp.example", "idp.example:8443"),
        ("https://idp.example", "other.idp.example"),
        ("https://localhost:8443", "localhost"),
        ("https://localhost:8443", "127.0.0.1:8443"),
        ("https://idp.example", ""),
        ("https://idp.example", "a b"),
        ("no address", "no address"),
    ] {
        assert!(!is_provider(public, host), "{public} {host}");
    }
}
