//! Temporary credentials, from the assertion to the call that is signed with them.

mod assumed;
mod federation;
mod sessions;

use std::sync::LazyLock;

use base::Secret;
use iam::{Holder, NewRole, NewSamlProvider, Tags};
use saml::idp::{Attribute, AttributeFormat, CONTEXT_PASSWORD, Issue, issue};
use saml::metadata::{IdpDescription, Organisation, write_idp};
use saml::{Binding, Endpoint, NAME_ID_EMAIL, Outgoing, SigningKey};
use serde_json::json;
use time::{Duration, OffsetDateTime};

use super::world::{Client, Reply, World};

pub(super) const ISSUER: &str = "https://sso.jumpcloud.example/saml2/redshift";
pub(super) const RECIPIENT: &str = "http://localhost:7890/redshift/";
pub(super) const PROVIDER: &str = "arn:aws:iam::123456789012:saml-provider/redshift-sso";
pub(super) const ROLE: &str = "arn:aws:iam::123456789012:role/redshift-sso-role";

static KEY: LazyLock<SigningKey> = LazyLock::new(|| {
    let now = OffsetDateTime::from_unix_timestamp(1_772_323_170).unwrap();
    SigningKey::generate("idp", now - Duration::DAY, now + Duration::days(365)).unwrap()
});

/// A key with its session.
#[derive(Clone)]
pub(super) struct Session {
    pub(super) key: String,
    pub(super) secret: Secret<String>,
    pub(super) token: String,
}

impl Session {
    pub(super) fn of(reply: &Reply) -> Self {
        let text = |name: &str| reply.element(name).to_owned();
        Self { key: text("AccessKeyId"), secret: Secret::new(text("SecretAccessKey")), token: text("SessionToken") }
    }

    /// The same call, signed with it.
    pub(super) fn sign<'a>(&self, mut client: Client<'a>) -> Client<'a> {
        client.headers.push(("x-amz-security-token", self.token.clone()));
        Client { key: self.key.clone(), secret: self.secret.clone(), ..client }
    }
}

/// The walkthrough's provider and role.
pub(super) async fn world() -> World {
    let world = World::new().await;
    let endpoint = Endpoint { binding: Binding::Post, location: "https://sso.jumpcloud.example/saml2".to_owned() };
    let metadata = write_idp(&IdpDescription {
        entity_id: ISSUER,
        single_sign_on: &[endpoint],
        single_logout: &[],
        certificates: &[KEY.certificate().clone()],
        wants_signed_requests: false,
        name_id_formats: &[NAME_ID_EMAIL],
        organisation: Some(&Organisation { name: "JumpCloud", url: "https://jumpcloud.example" }),
    });
    let new = NewSamlProvider {
        name: "redshift-sso".to_owned(),
        metadata,
        encryption_mode: None,
        private_key: false,
        tags: Tags::default(),
    };
    world.state.iam.create_saml_provider(new).await.unwrap();
    let trust = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"Federated": PROVIDER}, "Action": "sts:AssumeRoleWithSAML",
        "Condition": {"StringEquals": {"SAML:aud": RECIPIENT}}}]});
    role(&world, "redshift-sso-role", &trust.to_string()).await;
    world
}

pub(super) async fn role(world: &World, name: &str, trust: &str) {
    let new = NewRole {
        name: name.to_owned(),
        path: None,
        trust: trust.to_owned(),
        description: None,
        max_session_duration: None,
        boundary: None,
        tags: Tags::default(),
    };
    world.state.iam.create_role(new).await.unwrap();
}

pub(super) async fn allow(world: &World, holder: Holder<'_>, action: &str) {
    let document =
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]});
    world.state.iam.put_policy(holder, "p", &document.to_string()).await.unwrap();
}

/// The form value of an assertion for this recipient.
pub(super) fn assertion(world: &World, recipient: &str) -> String {
    let now = world.state.clock.now();
    let (pair, name) = ([format!("{ROLE},{PROVIDER}")], ["ethan@example.com".to_owned()]);
    let attribute = |name, values| Attribute { name, name_format: AttributeFormat::Uri, values };
    let attributes = [
        attribute("https://aws.amazon.com/SAML/Attributes/Role", pair.as_slice()),
        attribute("https://aws.amazon.com/SAML/Attributes/RoleSessionName", name.as_slice()),
    ];
    let issued = issue(
        &Issue {
            issuer: ISSUER,
            audience: "urn:amazon:webservices",
            recipient,
            in_response_to: None,
            name_id: "ethan@example.com",
            name_id_format: NAME_ID_EMAIL,
            attributes: &attributes,
            authn_instant: now,
            authn_context: CONTEXT_PASSWORD,
            session_index: "_session",
            lifetime: Duration::minutes(5),
            session_not_on_or_after: None,
            now,
            response_id: &saml::message_id(),
            assertion_id: &saml::message_id(),
            sign_response: false,
        },
        &KEY,
    );
    let Outgoing::Post { fields, .. } = issued.unwrap().post(RECIPIENT, None).unwrap() else { panic!("no form") };
    fields.iter().find(|(name, _)| *name == "SAMLResponse").unwrap().1.clone()
}

/// An unsigned call of AssumeRoleWithSAML.
pub(super) async fn with_saml(world: &World, assertion: &str, more: &str) -> Reply {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("Action", "AssumeRoleWithSAML").append_pair("RoleArn", ROLE).append_pair("PrincipalArn", PROVIDER);
    form.append_pair("SAMLAssertion", assertion);
    let client = world.query("sts", &format!("{}{more}", form.finish()));
    Client { sign: false, ..client }.send().await
}

pub(super) async fn session(world: &World) -> (Session, Reply) {
    let reply = with_saml(world, &assertion(world, RECIPIENT), "").await.ok();
    (Session::of(&reply), reply)
}

/// A field of the last record.
pub(super) fn recorded(world: &World, name: &str) -> Option<String> {
    world.last_record().fields.into_iter().find(|(other, _)| *other == name).map(|(_, value)| value)
}
