use std::collections::BTreeSet;

use base::id::SsoApplicationId;
use base::{ErrorKind, Fault as _};

use super::*;
use crate::application::{ApplicationEdit, NameIdFormat};
use crate::opening::{Decision, Denial};

/// As AWS hands it out: its sign-in pages, several times.
const AWS_METADATA: &str = r#"<?xml version="1.0"?>
<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="urn:amazon:webservices">
  <SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol" WantAssertionsSigned="true">
    <NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:persistent</NameIDFormat>
    <NameIDFormat>urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified</NameIDFormat>
    <AssertionConsumerService index="1" isDefault="true" Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://signin.aws.amazon.com/saml"/>
    <AssertionConsumerService index="2" Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://us-east-1.signin.aws.amazon.com/saml"/>
  </SPSSODescriptor>
</EntityDescriptor>"#;

fn saml_app(label: &str) -> NewApplication {
    NewApplication::of(ConnectorKind::Saml, label)
}

#[tokio::test]
async fn the_sso_idp_url_defaults_to_the_label_and_is_never_edited() {
    let mut world = World::open().await;
    let first = world.provider.create_application(saml_app("My App")).await.unwrap().application;
    let second = world.provider.create_application(saml_app("My App")).await.unwrap().application;
    assert_eq!((first.slug.as_str(), second.slug.as_str()), ("my-app", "my-app-2"));
    let chosen = NewApplication { slug: Some("wiki".to_owned()), ..saml_app("Other") };
    let third = world.provider.create_application(chosen.clone()).await.unwrap().application;
    assert_eq!(world.provider.saml_sso_url(&third), "https://localhost:8443/idp/saml/wiki");
    let taken = world.provider.create_application(chosen).await.unwrap_err();
    assert_eq!(taken, IdpError::SlugTaken { slug: "wiki".to_owned(), holder: third.id.clone() });
    let renamed = |slug: &str| ApplicationEdit {
        slug: Some(slug.to_owned()),
        label: "New".to_owned(),
        ..ApplicationEdit::from(&*third)
    };
    let error = world.provider.update_application(&third.id, None, |_| Ok::<_, IdpError>(renamed("handbook"))).await;
    let error = error.unwrap_err();
    assert!(matches!(error, IdpError::SlugImmutable { .. }));
    assert!(error.public().hint.unwrap().contains("create it again"));
    let edited =
        world.provider.update_application(&third.id, Some(1), |_| Ok::<_, IdpError>(renamed("wiki"))).await.unwrap();
    assert_eq!((edited.label.as_str(), edited.version), ("New", 2));
    world.restart().await;
    assert_eq!(*world.provider.application_by_slug("wiki").unwrap(), *edited);
    assert_eq!(world.provider.application_count(), 3);
}

#[tokio::test]
async fn an_edit_is_refused_whole() {
    let world = World::open().await;
    let made = world.provider.create_application(saml_app("a")).await.unwrap().application;
    let update = async |edit: ApplicationEdit, version| {
        world.provider.update_application(&made.id, version, |_| Ok::<_, IdpError>(edit)).await.unwrap_err()
    };
    let same = || ApplicationEdit::from(&*made);
    let stale = update(same(), Some(7)).await;
    assert_eq!(stale, IdpError::VersionMismatch { expected: 7, found: 1 });
    let other = update(ApplicationEdit { connector: ConnectorKind::Redshift.template(), ..same() }, None).await;
    assert_eq!(other, IdpError::Immutable { application: made.id.clone(), what: "connector" });
    let mut bad = ApplicationEdit { label: "changed".to_owned(), ..same() };
    bad.connector.saml_mut().unwrap().lifetime = Duration::ZERO;
    assert!(matches!(update(bad, None).await, IdpError::Invalid { .. }));
    assert_eq!(*world.provider.application(&made.id).unwrap(), *made);
    let unchanged = world.provider.update_application(&made.id, None, |_| Ok::<_, IdpError>(same())).await.unwrap();
    assert_eq!(unchanged.version, 1);
}

#[tokio::test]
async fn a_client_secret_is_shown_once_and_renewed() {
    let mut world = World::open().await;
    let new = NewApplication::of(ConnectorKind::OpenIdConnect, "app");
    let made = world.provider.create_application(new).await.unwrap();
    let secret = made.client_secret.unwrap();
    let client_id = made.application.oidc().unwrap().client_id.clone();
    world.restart().await;
    let found = world.provider.application_by_client_id(&client_id).unwrap();
    assert!(found.oidc().unwrap().secret_matches(&secret) && !found.oidc().unwrap().is_public());
    let renewed = world.provider.renew_client_secret(&found.id).await.unwrap();
    let found = world.provider.application_by_client_id(&client_id).unwrap();
    assert!(found.oidc().unwrap().secret_matches(&renewed) && !found.oidc().unwrap().secret_matches(&secret));
    let mut edit = ApplicationEdit::from(&*found);
    edit.connector.oidc_mut().unwrap().client_id = "other".to_owned();
    let error = world.provider.update_application(&found.id, None, |_| Ok::<_, IdpError>(edit)).await.unwrap_err();
    assert_eq!(error, IdpError::Immutable { application: found.id.clone(), what: "client id" });
    let mut public = NewApplication::of(ConnectorKind::OpenIdConnect, "cli");
    public.confidential = false;
    let public = world.provider.create_application(public).await.unwrap();
    assert!(public.client_secret.is_none());
    let oidc = public.application.oidc().unwrap();
    assert!(oidc.is_public() && !oidc.secret_matches(&Secret::from("")));
}

#[tokio::test]
async fn applications_are_deleted_with_their_keys_after_the_typed_count() {
    let mut world = World::open().await;
    let one = world.provider.create_application(saml_app("one")).await.unwrap().application;
    let two = world.provider.create_application(saml_app("two")).await.unwrap().application;
    let ids = [one.id.clone(), two.id.clone(), one.id.clone()];
    for typed in [0, 1, 3] {
        let error = world.provider.delete_applications(&ids, typed).await.unwrap_err();
        assert_eq!(error, IdpError::CountMismatch { typed, selected: 2 });
    }
    let unknown = [one.id.clone(), SsoApplicationId::new("app-x")];
    assert_eq!(world.provider.delete_applications(&unknown, 2).await.unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(world.provider.application_count(), 2, "all or none");
    assert!(world.provider.delete_applications(&[], 0).await.is_err());
    world.provider.delete_applications(&ids, 2).await.unwrap();
    world.restart().await;
    assert_eq!(world.provider.application_count(), 0);
    assert!(world.store.load().await.unwrap().keys.is_empty());
    assert!(world.provider.application_by_slug("one").is_none());
}

#[tokio::test]
async fn groups_are_authorised_from_both_sides() {
    let mut world = World::open().await;
    let (ethan, fiona) = (world.person("ethan").await, world.person("fiona").await);
    let sales = world.group("sales", &[&ethan]).await;
    let finance = world.group("finance", &[&fiona]).await;
    let app = world.redshift(&[]).await;
    let may = |world: &World, user: &DirectoryUser| {
        world.provider.may_open(&user.id, &world.provider.application(&app.id).unwrap())
    };
    assert_eq!(may(&world, &ethan), Decision::Denied(Denial::NotAuthorised { would: Vec::new() }));
    world.provider.authorise(&app.id, std::slice::from_ref(&sales)).await.unwrap();
    assert_eq!(may(&world, &ethan), Decision::Allowed { by: vec![sales.clone()] });
    assert_eq!(may(&world, &fiona), Decision::Denied(Denial::NotAuthorised { would: vec![sales.clone()] }));
    world.provider.set_applications_of_group(&finance, BTreeSet::from([app.id.clone()])).await.unwrap();
    assert!(may(&world, &fiona).is_allowed());
    assert_eq!(world.provider.applications_of_group(&finance).len(), 1);
    world.provider.withdraw(&app.id, std::slice::from_ref(&sales)).await.unwrap();
    assert!(!may(&world, &ethan).is_allowed());
    world.restart().await;
    assert!(may(&world, &fiona).is_allowed() && !may(&world, &ethan).is_allowed());
    world.provider.set_applications_of_group(&finance, BTreeSet::new()).await.unwrap();
    assert!(world.provider.applications_of_group(&finance).is_empty());
    assert!(!may(&world, &fiona).is_allowed());
}

#[tokio::test]
async fn a_group_that_cannot_be_a_database_group_or_is_unknown_is_refused() {
    let world = World::open().await;
    let staff = world.group("All Staff", &[]).await;
    let app = world.redshift(&[]).await;
    let error = world.provider.authorise(&app.id, std::slice::from_ref(&staff)).await.unwrap_err();
    assert!(error.to_string().contains("All Staff") && error.to_string().contains("lower-case"), "{error}");
    let other = world.provider.create_application(saml_app("wiki")).await.unwrap().application;
    world.provider.authorise(&other.id, &[staff]).await.unwrap();
    let unknown = DirectoryGroupId::new("nobody");
    let error = world.provider.set_groups(&other.id, BTreeSet::from([unknown.clone()])).await.unwrap_err();
    assert_eq!(error, IdpError::UnknownGroups(vec![unknown.clone()]));
    let error = world.provider.set_applications_of_group(&unknown, BTreeSet::new()).await.unwrap_err();
    assert_eq!(error, IdpError::UnknownGroups(vec![unknown]));
}

#[tokio::test]
async fn deactivated_sso_denies_and_people_who_are_gone_are_denied() {
    let world = World::open().await;
    let ethan = world.person("ethan").await;
    let sales = world.group("sales", &[&ethan]).await;
    let app = world.redshift(&[&sales]).await;
    let off = world.provider.deactivate(&app.id).await.unwrap();
    assert_eq!(world.provider.may_open(&ethan.id, &off), Decision::Denied(Denial::Deactivated));
    let on = world.provider.activate(&app.id).await.unwrap();
    assert!(world.provider.may_open(&ethan.id, &on).is_allowed());
    assert_eq!(world.provider.activate(&app.id).await.unwrap().version, on.version, "nothing changed");
    let inactive = NewUser { active: false, ..NewUser::from(&*ethan) };
    world.directory.replace_user(&ethan.id, None, inactive).await.unwrap();
    assert_eq!(world.provider.may_open(&ethan.id, &on), Decision::Denied(Denial::PersonInactive));
}

#[tokio::test]
async fn tiles_are_what_the_person_may_open_and_sees() {
    let world = World::open().await;
    let ethan = world.person("ethan").await;
    let sales = world.group("sales", &[&ethan]).await;
    for number in 0..3 {
        world.group(&format!("other{number}"), &[&ethan]).await;
    }
    let redshift = world.redshift(&[&sales]).await;
    let ready = |label: &str| {
        let mut new = saml_app(label);
        new.groups.insert(sales.clone());
        let saml = new.connector.saml_mut().unwrap();
        saml.sp_entity_id = Some("https://sp.example.com".to_owned());
        saml.acs_urls = vec!["https://sp.example.com/acs".to_owned()];
        new
    };
    world.provider.create_application(ready("aardvark")).await.unwrap();
    world.provider.create_application(NewApplication { hidden: true, ..ready("hidden") }).await.unwrap();
    world.provider.create_application(NewApplication { groups: BTreeSet::new(), ..ready("others'") }).await.unwrap();
    world
        .provider
        .create_application(NewApplication { groups: [sales.clone()].into(), ..saml_app("unready") })
        .await
        .unwrap();
    let off = world.provider.create_application(ready("off")).await.unwrap().application;
    world.provider.deactivate(&off.id).await.unwrap();
    let mut client = NewApplication::of(ConnectorKind::OpenIdConnect, "client");
    client.groups.insert(sales.clone());
    let oidc = client.connector.oidc_mut().unwrap();
    oidc.redirect_uris = vec!["https://rp.example.com/cb".to_owned()];
    world.provider.create_application(client.clone()).await.unwrap();
    client.label = "client with a tile".to_owned();
    client.connector.oidc_mut().unwrap().login_uri = Some("https://rp.example.com/login".to_owned());
    world.provider.create_application(client).await.unwrap();
    let user = world.directory.active_user(&ethan.id).unwrap();
    let labels: Vec<String> = world.provider.tiles(&user).iter().map(|tile| tile.label.clone()).collect();
    assert_eq!(labels, ["aardvark", redshift.label.as_str(), "client with a tile"]);
    let nobody = world.person("nobody").await;
    assert!(world.provider.tiles(&world.directory.active_user(&nobody.id).unwrap()).is_empty());
}

#[tokio::test]
async fn metadata_goes_both_ways() {
    let world = World::open().await;
    let app = world.redshift(&[]).await;
    let file = world.provider.idp_metadata(&app.id).unwrap();
    assert_eq!(file.file_name, "Gatehouse-amazon-redshift-metadata.xml");
    let read = saml::metadata::read_idp(file.xml.as_bytes()).unwrap();
    assert_eq!(read.entity_id, world.provider.saml_sso_url(&app));
    assert_eq!((read.single_sign_on.len(), read.single_logout.len(), read.certificates.len()), (2, 2, 1));
    let key = world.provider.saml_key(&app.id).unwrap();
    assert_eq!(read.certificates[0], *key.certificate());
    let uploaded = world.provider.upload_sp_metadata(&app.id, AWS_METADATA.as_bytes()).await.unwrap();
    let saml = uploaded.saml().unwrap();
    assert_eq!(saml.sp_entity_id.as_deref(), Some("urn:amazon:webservices"));
    assert_eq!(saml.acs_urls[0], "http://localhost:7890/redshift/", "where the driver listens");
    assert_eq!(saml.acs_urls.len(), 3);
    let wiki = world.provider.create_application(saml_app("wiki")).await.unwrap().application;
    let wiki = world.provider.upload_sp_metadata(&wiki.id, AWS_METADATA.as_bytes()).await.unwrap();
    assert_eq!(wiki.saml().unwrap().acs_urls[0], "https://signin.aws.amazon.com/saml");
    let again = world.provider.upload_sp_metadata(&wiki.id, AWS_METADATA.as_bytes()).await.unwrap();
    assert_eq!(again.version, wiki.version);
}

#[tokio::test]
async fn metadata_that_does_not_fit_is_refused_and_changes_nothing() {
    let world = World::open().await;
    let mut new = saml_app("wiki");
    new.connector.saml_mut().unwrap().name_id.format = NameIdFormat::EmailAddress;
    let app = world.provider.create_application(new).await.unwrap().application;
    let only_persistent =
        AWS_METADATA.replace("<NameIDFormat>urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified</NameIDFormat>", "");
    let plain_http = AWS_METADATA.replace("https://signin", "http://signin");
    let over = AWS_METADATA.replace("entityID=", r#"validUntil="2000-01-01T00:00:00Z" entityID="#);
    for text in ["", "<x/>", &only_persistent, &plain_http, &over] {
        let error = world.provider.upload_sp_metadata(&app.id, text.as_bytes()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
    }
    assert_eq!(*world.provider.application(&app.id).unwrap(), *app);
    let client =
        world.provider.create_application(NewApplication::of(ConnectorKind::OpenIdConnect, "c")).await.unwrap();
    let id = &client.application.id;
    assert_eq!(world.provider.idp_metadata(id).unwrap_err(), IdpError::NotSaml(id.clone()));
    assert_eq!(
        world.provider.upload_sp_metadata(id, AWS_METADATA.as_bytes()).await.unwrap_err(),
        IdpError::NotSaml(id.clone())
    );
}

#[tokio::test]
async fn a_write_that_fails_changes_nothing() {
    let world = World::open().await;
    let mut changes = world.provider.changes();
    world.store.fail.store(true, Ordering::SeqCst);
    let error = world.provider.create_application(saml_app("a")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert_eq!(world.provider.application_count(), 0);
    world.provider.create_application(saml_app("a")).await.unwrap();
    assert_eq!(world.provider.application_count(), 1);
    assert!(matches!(changes.try_recv().unwrap(), IdpChange::ApplicationChanged(_)));
}
