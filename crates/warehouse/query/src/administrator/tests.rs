use base::Secret;
use base::id::ApplicationArn;

use crate::testing::{APPLICATION, PASSWORD, World, brief, new_warehouse, ok};
use crate::{NewIdentityProvider, NewWarehouse, Warehouse};

fn provider() -> NewIdentityProvider {
    NewIdentityProvider {
        name: "idp".to_owned(),
        namespace: "awsidc".to_owned(),
        application: ApplicationArn::new(APPLICATION),
        iam_role: "arn:aws:iam::123456789012:role/R".to_owned(),
    }
}

/// To the letter what the statement makes, and it works.
#[tokio::test]
async fn a_new_warehouse_has_its_identity_provider_as_sql_would_make_it() {
    let world = World::empty().await;
    let text = format!(
        "CREATE IDENTITY PROVIDER idp TYPE AWSIDC NAMESPACE 'awsidc' APPLICATION_ARN '{APPLICATION}' \
         IAM_ROLE 'arn:aws:iam::123456789012:role/R'"
    );
    world.define(&[&text]).await;
    let mut other = world.beside("other").await;
    let new = NewWarehouse { identity_provider: Some(provider()), ..new_warehouse() };
    let engine = std::sync::Arc::<crate::testing::FakeEngine>::default();
    let parts = world.parts("made", engine.clone());
    other.warehouse = Warehouse::create(parts, new.catalog([9; 32]).unwrap()).await.unwrap();
    other.engine = engine;
    let providers = |world: &World| world.warehouse.catalog.current().catalog.providers().cloned().collect::<Vec<_>>();
    let (by_sql, from_start) = (providers(&world), providers(&other));
    assert_eq!(from_start.len(), 1);
    assert_eq!(catalog::DbIdentityProvider { id: by_sql[0].id, ..from_start[0].clone() }, by_sql[0]);
    let ethan = world.person("ethan", &[]).await;
    assert_eq!(other.sign_in(&ethan).await.current_user(), "awsidc:ethan");
}

#[test]
fn what_sql_would_refuse_is_refused() {
    let refused = |new: NewWarehouse| brief(&new.catalog([0; 32]).unwrap_err());
    let password = |text: &str| NewWarehouse { admin_password: Secret::from(text), ..new_warehouse() };
    assert_eq!(refused(password("short1A")), "22023 password must contain at least 8 characters");
    for hash in ["md50123456789abcdefABCDEF0123456789", "sha256|Passw0rd1"] {
        assert_eq!(refused(password(hash)), "22023 the password looks like a hash of a password", "{hash}");
    }
    assert!(refused(NewWarehouse { admin_user: "rdsdb".to_owned(), ..new_warehouse() }).starts_with("42939"));
    let bad = NewIdentityProvider { application: ApplicationArn::new("arn:aws:iam::1:role/x"), ..provider() };
    let error = refused(NewWarehouse { identity_provider: Some(bad), ..new_warehouse() });
    assert!(error.contains("is not the ARN of an Identity Center application"), "{error}");
}

#[tokio::test]
async fn the_administrators_password_is_changed_and_kept() {
    let world = World::new().await;
    let (old, new) = (Secret::from(PASSWORD), Secret::from("Other1234"));
    assert!(world.warehouse.is_admin_password(&old) && !world.warehouse.is_admin_password(&new));
    world.warehouse.set_admin_password(&new).await.unwrap();
    assert!(world.warehouse.is_admin_password(&new) && !world.warehouse.is_admin_password(&old));
    assert!(world.password("awsuser", PASSWORD).await.is_err());
    world.password("awsuser", "Other1234").await.unwrap();
    // the engine has it: another process finds it
    let again = Warehouse::open(world.parts("again", world.engine.clone())).await.unwrap();
    assert!(again.is_admin_password(&new));
    let error = world.warehouse.set_admin_password(&Secret::from("short")).await.unwrap_err();
    assert_eq!(error.sqlstate, "22023");
    assert!(world.warehouse.is_admin_password(&new));
}

#[tokio::test]
async fn it_is_the_administrators_whatever_they_are_called() {
    let world = World::new().await;
    let mut admin = world.admin().await;
    ok(&mut admin, "CREATE USER boss PASSWORD 'Passw0rd1' CREATEUSER").await;
    admin.close().await;
    let mut boss = world.password("boss", PASSWORD).await.unwrap();
    ok(&mut boss, "ALTER USER awsuser RENAME TO chief").await;
    ok(&mut boss, "CREATE USER awsuser PASSWORD 'Passw0rd1'").await;
    let new = Secret::from("Other1234");
    world.warehouse.set_admin_password(&new).await.unwrap();
    assert_eq!(world.warehouse.admin_name().as_deref(), Some("chief"));
    world.password("chief", "Other1234").await.unwrap();
    world.password("awsuser", PASSWORD).await.unwrap();
}
