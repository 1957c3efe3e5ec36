use saml::{Binding, Endpoint};
use time::Duration;

use super::*;
use crate::application::{
    ConstantAttribute, GroupAttribute, GroupsSent, NameIdFormat, NewApplication, OidcApplication, OidcGrant,
    SamlApplication, UserAttribute, UserField,
};
use crate::aws_attribute::{DB_GROUPS, DB_USER, ROLE, SESSION_DURATION};
use crate::error::IdpError;

fn with_saml(kind: ConnectorKind, change: impl FnOnce(&mut SamlApplication)) -> Connector {
    let mut connector = kind.template();
    change(connector.saml_mut().unwrap());
    connector
}

fn with_oidc(change: impl FnOnce(&mut OidcApplication)) -> Connector {
    let mut connector = ConnectorKind::OpenIdConnect.template();
    change(connector.oidc_mut().unwrap());
    connector
}

fn refused(connector: &Connector) -> (String, String) {
    let error = check(connector).unwrap_err();
    let IdpError::Invalid { attribute, rule } = error else { panic!("{error}") };
    (attribute, rule)
}

fn constant(name: &str, value: &str) -> ConstantAttribute {
    ConstantAttribute { name: name.to_owned(), value: value.to_owned() }
}

#[test]
fn templates_are_acceptable_and_survive_being_kept() {
    for kind in ConnectorKind::ALL {
        let template = kind.template();
        assert_eq!(template.kind(), kind);
        assert_eq!(ConnectorKind::from_name(kind.name()), Some(kind));
        check(&template).unwrap();
        let kept = serde_json::to_string(&template).unwrap();
        assert_eq!(serde_json::from_str::<Connector>(&kept).unwrap(), template, "{kept}");
    }
}

#[test]
fn a_template_says_what_is_missing() {
    let missing = |connector: &Connector| missing(connector).join(" ");
    assert!(missing(&ConnectorKind::IdentityCenter.template()).contains("metadata"));
    assert!(missing(&ConnectorKind::Saml.template()).contains("metadata"));
    assert!(missing(&ConnectorKind::Redshift.template()).contains(ROLE));
    assert!(missing(&ConnectorKind::OpenIdConnect.template()).contains("redirect"));
    let role = "arn:aws:iam::123456789012:role/r,arn:aws:iam::123456789012:saml-provider/p";
    let ready = with_saml(ConnectorKind::Redshift, |saml| saml.constant_attributes.push(constant(ROLE, role)));
    check(&ready).unwrap();
    assert_eq!(missing(&ready), "");
    let unsigned = with_saml(ConnectorKind::Redshift, |saml| {
        saml.constant_attributes.push(constant(ROLE, role));
        saml.requests_signed = true;
    });
    assert!(missing(&unsigned).contains("certificate"));
}

#[test]
fn redshift_begins_with_what_its_drivers_expect() {
    let template = ConnectorKind::Redshift.template();
    let saml = template.saml().unwrap();
    assert_eq!(saml.acs_urls, ["http://localhost:7890/redshift/"]);
    assert_eq!(saml.sp_entity_id.as_deref(), Some("http://localhost:7890/redshift/"));
    assert!(saml.constant_attributes.contains(&constant(SESSION_DURATION, "900")));
    assert!(saml.user_attributes.iter().any(|attribute| attribute.name == DB_USER));
    assert_eq!(saml.group_attribute.as_ref().unwrap().name, DB_GROUPS);
}

#[test]
fn session_duration_out_of_range_is_refused() {
    for bad in ["899", "43201", "soon", ""] {
        let connector = with_saml(ConnectorKind::Redshift, |saml| {
            saml.constant_attributes = vec![constant(SESSION_DURATION, bad)];
        });
        check(&connector).expect_err(bad);
    }
    let (attribute, rule) = refused(&with_saml(ConnectorKind::Saml, |saml| {
        saml.constant_attributes = vec![constant(SESSION_DURATION, "899")];
    }));
    assert_eq!(attribute, SESSION_DURATION);
    assert!(rule.contains("900") && rule.contains("43200") && rule.contains("899"), "{rule}");
    for good in ["900", "43200"] {
        check(&with_saml(ConnectorKind::Saml, |saml| {
            saml.constant_attributes = vec![constant(SESSION_DURATION, good)]
        }))
        .unwrap();
    }
}

#[test]
fn session_duration_twice_is_refused() {
    let (attribute, rule) = refused(&with_saml(ConnectorKind::Redshift, |saml| {
        saml.constant_attributes.push(constant(SESSION_DURATION, "1800"));
    }));
    assert_eq!(attribute, SESSION_DURATION);
    assert!(rule.contains("exactly one"), "{rule}");
}

#[test]
fn a_name_stands_once() {
    let title = |from| UserAttribute { name: "title".to_owned(), from };
    let twice = with_saml(ConnectorKind::Saml, |saml| {
        saml.user_attributes = vec![title(UserField::Email), title(UserField::UserName)];
    });
    let both = with_saml(ConnectorKind::Saml, |saml| {
        saml.user_attributes = vec![title(UserField::Email)];
        saml.constant_attributes = vec![constant("title", "x")];
    });
    let group = with_saml(ConnectorKind::Saml, |saml| {
        saml.constant_attributes = vec![constant("title", "x")];
        saml.group_attribute =
            Some(GroupAttribute { name: "title".to_owned(), which: GroupsSent::OfPerson, prefix: None });
    });
    for connector in [twice, both, group] {
        assert_eq!(refused(&connector).0, "attributes");
    }
    let same =
        with_saml(ConnectorKind::Saml, |saml| saml.constant_attributes = vec![constant("a", "x"), constant("a", "x")]);
    assert!(refused(&same).1.contains("twice"));
    check(&with_saml(ConnectorKind::Saml, |saml| {
        saml.constant_attributes = vec![constant("a", "x"), constant("a", "y")]
    }))
    .unwrap();
}

#[test]
fn an_acs_is_https_or_on_this_machine() {
    for good in [
        "https://sp.example.com/acs",
        "https://127.0.0.1:8443/platform/saml/ids-0011223344556677/acs",
        "http://localhost:7890/redshift/",
        "http://127.0.0.1:7890/redshift/",
        "http://[::1]:1/x",
    ] {
        check(&with_saml(ConnectorKind::Saml, |saml| saml.acs_urls = vec![good.to_owned()])).expect(good);
    }
    for bad in [
        "",
        "acs",
        "/acs",
        "http://sp.example.com/acs",
        "http://localhost.example.com/",
        "http://10.0.0.1/",
        "https://user@sp.example.com/",
        "https://sp.example.com/#f",
        "javascript:alert(1)",
        "https://sp.example.com/a b",
        " https://sp.example.com/",
        "ftp://sp.example.com/",
    ] {
        let connector = with_saml(ConnectorKind::Saml, |saml| saml.acs_urls = vec![bad.to_owned()]);
        assert_eq!(refused(&connector).0, "acs_urls", "{bad}");
        let logout = Endpoint { binding: Binding::Post, location: bad.to_owned() };
        let connector = with_saml(ConnectorKind::Saml, |saml| saml.single_logout = vec![logout]);
        assert_eq!(refused(&connector).0, "single_logout", "{bad}");
    }
}

#[test]
fn identity_center_takes_e_mail_name_ids_only() {
    let (attribute, _) = refused(&with_saml(ConnectorKind::IdentityCenter, |saml| {
        saml.name_id.format = NameIdFormat::Persistent;
    }));
    assert_eq!(attribute, "name_id");
    check(&with_saml(ConnectorKind::Saml, |saml| saml.name_id.format = NameIdFormat::Persistent)).unwrap();
}

#[test]
fn lifetimes_are_bounded() {
    for bad in [
        Duration::ZERO,
        Duration::seconds(59),
        Duration::seconds(43_201),
        Duration::seconds(-60),
        Duration::milliseconds(60_500),
    ] {
        assert_eq!(refused(&with_saml(ConnectorKind::Saml, |saml| saml.lifetime = bad)).0, "lifetime", "{bad}");
    }
    assert_eq!(refused(&with_oidc(|oidc| oidc.id_token_lifetime = Duration::seconds(86_401))).0, "id_token_lifetime");
    assert_eq!(
        refused(&with_oidc(|oidc| oidc.access_token_lifetime = Duration::seconds(59))).0,
        "access_token_lifetime"
    );
    assert_eq!(
        refused(&with_oidc(|oidc| oidc.refresh_token_lifetime = Duration::days(366))).0,
        "refresh_token_lifetime"
    );
}

#[test]
fn a_redirect_uri_is_https_or_on_this_machine_or_of_a_native_public_client() {
    let native = "com.example.app:/callback".to_owned();
    check(&with_oidc(|oidc| oidc.redirect_uris = vec![native.clone(), "http://127.0.0.1/cb".to_owned()])).unwrap();
    let confidential = with_oidc(|oidc| {
        oidc.client_secret = Some(base::SecretHash::of(&base::Secret::from("s")));
        oidc.redirect_uris = vec![native];
    });
    assert_eq!(refused(&confidential).0, "redirect_uris");
    for bad in [
        "http://app.example.com/cb",
        "https://app.example.com/cb#x",
        "myapp:/cb",
        "*",
        "https://*.example.com/cb",
        "https://app.example.com/é",
        "https://app.example.com\\@evil.example/",
        "https://app.example.com/cb?to=a@b",
    ] {
        assert_eq!(refused(&with_oidc(|oidc| oidc.redirect_uris = vec![bad.to_owned()])).0, "redirect_uris", "{bad}");
    }
}

#[test]
fn claims_with_a_meaning_of_their_own_and_grants_that_lead_nowhere_are_refused() {
    for name in ["sub", "aud", "nonce", "amr"] {
        let claim = UserAttribute { name: name.to_owned(), from: UserField::Email };
        assert_eq!(refused(&with_oidc(|oidc| oidc.claims = vec![claim])).0, "claims", "{name}");
    }
    let groups = UserAttribute { name: "groups".to_owned(), from: UserField::Email };
    assert!(refused(&with_oidc(|oidc| oidc.claims = vec![groups])).1.contains("twice"));
    let only_refresh = with_oidc(|oidc| oidc.grants = [OidcGrant::RefreshToken].into());
    assert_eq!(refused(&only_refresh).0, "grants");
}

#[test]
fn labels_are_one_line_and_a_client_is_made_here() {
    assert_eq!(label("  Redshift ", " for sales\n").unwrap(), ("Redshift".to_owned(), "for sales".to_owned()));
    for bad in ["", "   ", "a\nb", &"x".repeat(101)] {
        label(bad, "").expect_err(bad);
    }
    label("a", &"x".repeat(1001)).unwrap_err();
    let mut new = NewApplication::of(ConnectorKind::OpenIdConnect, "a");
    new.check().unwrap();
    new.connector = with_oidc(|oidc| oidc.client_id = "mine".to_owned());
    new.check().unwrap_err();
}
