//! What an application is told, and where: the configuration of a connector as the administration reads and writes it.

use std::collections::BTreeSet;

use idp::{
    Connector, ConstantAttribute, GroupAttribute, NameIdSource, OidcApplication, OidcGrant, SamlApplication,
    UserAttribute,
};
use saml::{Endpoint, SigningCertificate};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use time::Duration;

use super::body::typed;
use super::error::ApiError;
use super::input::Given;

/// How the schema describes the types of the provider that are read and written as they are.
mod shape {
    use schemars::JsonSchema;

    /// Where something of a person comes from.
    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only its schema is used")]
    pub(super) struct UserAttribute {
        pub(super) name: String,
        /// id, userName, email, displayName, givenName, familyName, externalId, or attribute:NAME with a SCIM name.
        pub(super) from: String,
    }

    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only its schema is used")]
    pub(super) struct ConstantAttribute {
        pub(super) name: String,
        pub(super) value: String,
    }

    /// An attribute or claim with the names of the person's groups.
    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only its schema is used")]
    pub(super) struct GroupAttribute {
        pub(super) name: String,
        pub(super) which: GroupsSent,
        /// Only groups whose name begins with this.
        pub(super) prefix: Option<String>,
    }

    /// `of-application`: those that are authorised for it; `of-person`: all of them.
    #[derive(JsonSchema)]
    #[schemars(rename_all = "kebab-case")]
    #[expect(dead_code, reason = "only its schema is used")]
    pub(super) enum GroupsSent {
        OfApplication,
        OfPerson,
    }

    /// Who an assertion is about.
    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only its schema is used")]
    pub(super) struct NameId {
        pub(super) format: NameIdFormat,
        /// As in a user attribute.
        pub(super) from: String,
    }

    #[derive(JsonSchema)]
    #[schemars(rename_all = "kebab-case")]
    #[expect(dead_code, reason = "only its schema is used")]
    pub(super) enum NameIdFormat {
        EmailAddress,
        Persistent,
        Unspecified,
    }

    /// Where a service provider takes messages of a kind.
    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only its schema is used")]
    pub(super) struct Endpoint {
        pub(super) binding: Binding,
        pub(super) location: String,
    }

    #[derive(JsonSchema)]
    #[schemars(rename_all = "lowercase")]
    #[expect(dead_code, reason = "only its schema is used")]
    pub(super) enum Binding {
        Redirect,
        Post,
    }

    #[derive(JsonSchema)]
    #[schemars(rename_all = "snake_case")]
    #[expect(dead_code, reason = "only its schema is used")]
    pub(super) enum Grant {
        AuthorizationCode,
        RefreshToken,
        DeviceCode,
    }
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum Configuration {
    Saml(Box<SamlConfiguration>),
    OpenIdConnect(Box<OpenIdConfiguration>),
}

/// The configuration of a SAML application.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct SamlConfiguration {
    /// The audience of assertions, and the issuer of requests; `null` until it is known.
    sp_entity_id: Option<String>,
    /// Where responses are posted; the first is the default.
    acs_urls: Vec<String>,
    /// X.509, base64 of DER: what requests and logout messages are verified with.
    sp_certificates: Vec<String>,
    /// Requests without a signature are refused.
    requests_signed: bool,
    #[schemars(with = "Vec<shape::Endpoint>")]
    single_logout: Vec<Endpoint>,
    #[schemars(with = "shape::NameId")]
    name_id: NameIdSource,
    #[schemars(with = "Vec<shape::UserAttribute>")]
    user_attributes: Vec<UserAttribute>,
    #[schemars(with = "Vec<shape::ConstantAttribute>")]
    constant_attributes: Vec<ConstantAttribute>,
    #[schemars(with = "Option<shape::GroupAttribute>")]
    group_attribute: Option<GroupAttribute>,
    /// What a sign-in from the console carries as RelayState.
    relay_state: Option<String>,
    /// How long an assertion may be presented, in seconds.
    lifetime: i64,
    /// The response is signed too; the assertion always is.
    sign_response: bool,
    /// SessionNotOnOrAfter is sent: the end of the session at the provider.
    session_end: bool,
}

/// The configuration of an OpenID Connect application.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct OpenIdConfiguration {
    /// Made with the application; never edited.
    client_id: String,
    /// Whether the client has no secret.
    public: bool,
    /// Compared to the letter, but for the port of loopback addresses.
    redirect_uris: Vec<String>,
    post_logout_redirect_uris: Vec<String>,
    /// Where the console's tile leads; `null`: it has none.
    login_uri: Option<String>,
    #[schemars(with = "BTreeSet<shape::Grant>")]
    grants: BTreeSet<OidcGrant>,
    #[schemars(with = "Vec<shape::UserAttribute>")]
    claims: Vec<UserAttribute>,
    #[schemars(with = "Option<shape::GroupAttribute>")]
    groups_claim: Option<GroupAttribute>,
    /// In seconds, as the other lifetimes.
    id_token_lifetime: i64,
    access_token_lifetime: i64,
    refresh_token_lifetime: i64,
}

impl Configuration {
    pub(super) fn of(connector: &Connector) -> Self {
        match connector {
            Connector::IdentityCenter(saml) | Connector::Redshift(saml) | Connector::Saml(saml) => {
                Self::Saml(Box::new(SamlConfiguration {
                    sp_entity_id: saml.sp_entity_id.clone(),
                    acs_urls: saml.acs_urls.clone(),
                    sp_certificates: saml.sp_certificates.iter().map(SigningCertificate::base64).collect(),
                    requests_signed: saml.requests_signed,
                    single_logout: saml.single_logout.clone(),
                    name_id: saml.name_id.clone(),
                    user_attributes: saml.user_attributes.clone(),
                    constant_attributes: saml.constant_attributes.clone(),
                    group_attribute: saml.group_attribute.clone(),
                    relay_state: saml.relay_state.clone(),
                    lifetime: saml.lifetime.whole_seconds(),
                    sign_response: saml.sign_response,
                    session_end: saml.session_end,
                }))
            }
            Connector::OpenIdConnect(oidc) => Self::OpenIdConnect(Box::new(OpenIdConfiguration {
                client_id: oidc.client_id.clone(),
                public: oidc.is_public(),
                redirect_uris: oidc.redirect_uris.clone(),
                post_logout_redirect_uris: oidc.post_logout_redirect_uris.clone(),
                login_uri: oidc.login_uri.clone(),
                grants: oidc.grants.clone(),
                claims: oidc.claims.clone(),
                groups_claim: oidc.groups_claim.clone(),
                id_token_lifetime: oidc.id_token_lifetime.whole_seconds(),
                access_token_lifetime: oidc.access_token_lifetime.whole_seconds(),
                refresh_token_lifetime: oidc.refresh_token_lifetime.whole_seconds(),
            })),
        }
    }
}

/// What changes of a configuration. What isn't named stays; lists are replaced.
#[derive(Debug, JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "only its schema is used: which of the two it is depends on the connector")]
pub(super) enum ConfigurationChanges {
    Saml(Box<SamlChanges>),
    OpenIdConnect(Box<OpenIdChanges>),
}

/// What changes of a SAML application.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct SamlChanges {
    sp_entity_id: Given<Option<String>>,
    acs_urls: Given<Vec<String>>,
    /// X.509, base64 of DER or PEM.
    sp_certificates: Given<Vec<String>>,
    requests_signed: Given<bool>,
    #[schemars(with = "Vec<shape::Endpoint>")]
    single_logout: Given<Vec<Endpoint>>,
    #[schemars(with = "shape::NameId")]
    name_id: Given<NameIdSource>,
    #[schemars(with = "Vec<shape::UserAttribute>")]
    user_attributes: Given<Vec<UserAttribute>>,
    #[schemars(with = "Vec<shape::ConstantAttribute>")]
    constant_attributes: Given<Vec<ConstantAttribute>>,
    #[schemars(with = "Option<shape::GroupAttribute>")]
    group_attribute: Given<Option<GroupAttribute>>,
    relay_state: Given<Option<String>>,
    /// In seconds: 60 to 43200.
    lifetime: Given<u32>,
    sign_response: Given<bool>,
    session_end: Given<bool>,
}

/// What changes of an OpenID Connect application.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct OpenIdChanges {
    redirect_uris: Given<Vec<String>>,
    post_logout_redirect_uris: Given<Vec<String>>,
    login_uri: Given<Option<String>>,
    #[schemars(with = "BTreeSet<shape::Grant>")]
    grants: Given<BTreeSet<OidcGrant>>,
    #[schemars(with = "Vec<shape::UserAttribute>")]
    claims: Given<Vec<UserAttribute>>,
    #[schemars(with = "Option<shape::GroupAttribute>")]
    groups_claim: Given<Option<GroupAttribute>>,
    /// In seconds: 60 to 86400, as the access token's; the refresh token's up to 365 days.
    id_token_lifetime: Given<u32>,
    access_token_lifetime: Given<u32>,
    refresh_token_lifetime: Given<u32>,
}

fn put<T>(place: &mut T, given: Given<T>) {
    if let Given::Yes(value) = given {
        *place = value;
    }
}

fn put_seconds(place: &mut Duration, given: Given<u32>) {
    if let Given::Yes(seconds) = given {
        *place = Duration::seconds(i64::from(seconds));
    }
}

/// Changes the connector's configuration.
pub(super) fn change(connector: &mut Connector, changes: Map<String, Value>) -> Result<(), ApiError> {
    let changes = Value::Object(changes);
    match connector {
        Connector::IdentityCenter(saml) | Connector::Redshift(saml) | Connector::Saml(saml) => {
            change_saml(saml, typed(changes).map_err(|error| error.inside("configuration"))?)
        }
        Connector::OpenIdConnect(oidc) => {
            change_openid(oidc, typed(changes).map_err(|error| error.inside("configuration"))?);
            Ok(())
        }
    }
}

fn change_saml(saml: &mut SamlApplication, changes: SamlChanges) -> Result<(), ApiError> {
    put(&mut saml.sp_entity_id, changes.sp_entity_id);
    put(&mut saml.acs_urls, changes.acs_urls);
    if let Given::Yes(certificates) = changes.sp_certificates {
        saml.sp_certificates = certificates.iter().map(|text| certificate(text)).collect::<Result<_, _>>()?;
    }
    put(&mut saml.requests_signed, changes.requests_signed);
    put(&mut saml.single_logout, changes.single_logout);
    put(&mut saml.name_id, changes.name_id);
    put(&mut saml.user_attributes, changes.user_attributes);
    put(&mut saml.constant_attributes, changes.constant_attributes);
    put(&mut saml.group_attribute, changes.group_attribute);
    put(&mut saml.relay_state, changes.relay_state);
    put_seconds(&mut saml.lifetime, changes.lifetime);
    put(&mut saml.sign_response, changes.sign_response);
    put(&mut saml.session_end, changes.session_end);
    Ok(())
}

fn certificate(text: &str) -> Result<SigningCertificate, ApiError> {
    let read = if text.contains("-----BEGIN") {
        SigningCertificate::from_pem(text)
    } else {
        SigningCertificate::from_base64(text)
    };
    read.map_err(|refusal| ApiError::invalid("sp_certificates", format!("{refusal}.")))
}

fn change_openid(oidc: &mut OidcApplication, changes: OpenIdChanges) {
    put(&mut oidc.redirect_uris, changes.redirect_uris);
    put(&mut oidc.post_logout_redirect_uris, changes.post_logout_redirect_uris);
    put(&mut oidc.login_uri, changes.login_uri);
    put(&mut oidc.grants, changes.grants);
    put(&mut oidc.claims, changes.claims);
    put(&mut oidc.groups_claim, changes.groups_claim);
    put_seconds(&mut oidc.id_token_lifetime, changes.id_token_lifetime);
    put_seconds(&mut oidc.access_token_lifetime, changes.access_token_lifetime);
    put_seconds(&mut oidc.refresh_token_lifetime, changes.refresh_token_lifetime);
}
