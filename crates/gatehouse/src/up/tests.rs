use std::net::SocketAddr;

use super::{host_name, reachable, url};

#[test]
fn an_address_is_told_as_a_client_can_use_it() {
    for (address, host, address_url) in [
        ("127.0.0.1:80", "127.0.0.1", "https://127.0.0.1:80"),
        ("0.0.0.0:443", "127.0.0.1", "https://127.0.0.1:443"),
        ("[::]:443", "127.0.0.1", "https://127.0.0.1:443"),
        ("[::1]:443", "::1", "https://[::1]:443"),
        ("10.1.2.3:443", "10.1.2.3", "https://10.1.2.3:443"),
    ] {
        let address: SocketAddr = address.parse().unwrap();
        assert_eq!((reachable(address).as_str(), url("https", address).as_str()), (host, address_url));
    }
}

#[test]
fn only_names_go_into_the_certificate() {
    for (address, name) in [
        ("https://sso.example.com", "sso.example.com"),
        ("https://localhost:8443", "localhost"),
        ("https://127.0.0.1:8443", ""),
        ("https://[::1]:8443", ""),
    ] {
        assert_eq!(host_name(address), name);
    }
}
