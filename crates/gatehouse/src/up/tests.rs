use std::net::SocketAddr;
use std::sync::Arc;

use base::FixedClock;
use tempfile::TempDir;
use time::Duration;
use time::macros::datetime;

use super::{reachable, scim_token, url};
use crate::data_dir::DataDir;
use crate::wiring::testing::open_with;

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

#[tokio::test]
async fn the_scim_token_is_kept_until_its_end_is_near() {
    let folder = TempDir::new().unwrap();
    let data = DataDir::open(folder.path()).unwrap();
    let clock = Arc::new(FixedClock::at(datetime!(2026-01-02 03:04:05 UTC)));
    let gatehouse = open_with(&data, clock.clone()).await;
    let first = scim_token(&gatehouse, &data).await.unwrap();
    clock.advance(Duration::days(330));
    assert_eq!(scim_token(&gatehouse, &data).await.unwrap().expose(), first.expose());
    clock.advance(Duration::days(10));
    let second = scim_token(&gatehouse, &data).await.unwrap();
    assert_ne!(second.expose(), first.expose());
    gatehouse.directory.verify_scim_token(&second).unwrap();
    gatehouse.directory.verify_scim_token(&first).unwrap_err();
    // long after its end, and after somebody deleted it
    clock.advance(Duration::days(1000));
    let third = scim_token(&gatehouse, &data).await.unwrap();
    gatehouse.directory.verify_scim_token(&third).unwrap();
}
