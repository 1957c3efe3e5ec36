//! The templates.

use std::collections::BTreeSet;

use time::Duration;

use super::ConnectorKind;
use crate::application::Connector;
use crate::application::{
    ConstantAttribute, GroupAttribute, GroupsSent, NameIdFormat, NameIdSource, OidcApplication, OidcGrant,
    SamlApplication, UserAttribute, UserField,
};
use crate::aws_attribute::{AUTO_CREATE, DB_GROUPS, DB_USER, ROLE_SESSION_NAME, SESSION_DURATION};

/// Where the Redshift drivers' browser plugin listens.
const REDSHIFT_LISTENER: &str = "http://localhost:7890/redshift/";

pub(super) fn of(kind: ConnectorKind) -> Connector {
    match kind {
        ConnectorKind::IdentityCenter => Connector::IdentityCenter(identity_center()),
        ConnectorKind::Redshift => Connector::Redshift(redshift()),
        ConnectorKind::Saml => Connector::Saml(custom_saml()),
        ConnectorKind::OpenIdConnect => Connector::OpenIdConnect(custom_openid()),
    }
}

fn custom_saml() -> SamlApplication {
    SamlApplication {
        sp_entity_id: None,
        acs_urls: Vec::new(),
        sp_certificates: Vec::new(),
        requests_signed: false,
        single_logout: Vec::new(),
        name_id: NameIdSource { format: NameIdFormat::Unspecified, from: UserField::UserName },
        user_attributes: Vec::new(),
        constant_attributes: Vec::new(),
        group_attribute: None,
        relay_state: None,
        lifetime: Duration::minutes(5),
        sign_response: false,
        session_end: false,
    }
}

/// The NameID is the userName, in e-mail format; audience and ACS come from its metadata.
fn identity_center() -> SamlApplication {
    SamlApplication {
        name_id: NameIdSource { format: NameIdFormat::EmailAddress, from: UserField::UserName },
        session_end: true,
        ..custom_saml()
    }
}

/// What the drivers read; the attribute Role is added when the role exists.
fn redshift() -> SamlApplication {
    let constant = |name: &str, value: &str| ConstantAttribute { name: name.to_owned(), value: value.to_owned() };
    let from_user_name = |name: &str| UserAttribute { name: name.to_owned(), from: UserField::UserName };
    SamlApplication {
        sp_entity_id: Some(REDSHIFT_LISTENER.to_owned()),
        acs_urls: vec![REDSHIFT_LISTENER.to_owned()],
        user_attributes: vec![from_user_name(ROLE_SESSION_NAME), from_user_name(DB_USER)],
        constant_attributes: vec![constant(SESSION_DURATION, "900"), constant(AUTO_CREATE, "true")],
        group_attribute: Some(GroupAttribute {
            name: DB_GROUPS.to_owned(),
            which: GroupsSent::OfApplication,
            prefix: None,
        }),
        ..custom_saml()
    }
}

fn custom_openid() -> OidcApplication {
    OidcApplication {
        client_id: String::new(),
        client_secret: None,
        redirect_uris: Vec::new(),
        post_logout_redirect_uris: Vec::new(),
        login_uri: None,
        grants: BTreeSet::from([OidcGrant::AuthorizationCode, OidcGrant::RefreshToken]),
        claims: Vec::new(),
        groups_claim: Some(GroupAttribute { name: "groups".to_owned(), which: GroupsSent::OfPerson, prefix: None }),
        id_token_lifetime: Duration::minutes(10),
        access_token_lifetime: Duration::minutes(10),
        refresh_token_lifetime: Duration::days(30),
    }
}
