use std::sync::Arc;

use base::FixedClock;
use tempfile::TempDir;
use time::Duration;
use time::macros::datetime;

use super::{idp_api_token, scim_token};
use crate::data_dir::DataDir;
use crate::wiring::testing::open_with;

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

#[tokio::test]
async fn the_providers_token_is_kept_until_its_end_is_near() {
    let folder = TempDir::new().unwrap();
    let data = DataDir::open(folder.path()).unwrap();
    let clock = Arc::new(FixedClock::at(datetime!(2026-01-02 03:04:05 UTC)));
    let gatehouse = open_with(&data, clock.clone()).await;
    let first = idp_api_token(&gatehouse, &data).await.unwrap();
    clock.advance(Duration::days(330));
    assert_eq!(idp_api_token(&gatehouse, &data).await.unwrap().expose(), first.expose());
    clock.advance(Duration::days(10));
    let second = idp_api_token(&gatehouse, &data).await.unwrap();
    gatehouse.built_in.provider.verify_api_token(&second).unwrap();
    gatehouse.built_in.provider.verify_api_token(&first).unwrap_err();
}
