//! The words of a refusal.

use super::{Check, Refusal};

/// For the person: which check failed, what was expected, what came.
pub(super) fn sentence(refusal: &Refusal) -> String {
    let Refusal { check, expected, found } = refusal;
    match check {
        Check::Encoding => format!("The message isn't encoded as it should be: {found}."),
        Check::Document | Check::DocumentType | Check::Comments | Check::Namespaces | Check::UniqueIds => {
            format!("The document isn't taken: {found}.")
        }
        Check::Message => format!("The message is {found}, not {expected}."),
        Check::Version => format!("The message is of SAML version {found}, not {expected}."),
        Check::Status => format!("The identity provider didn't sign you in: it answered {found}."),
        Check::Encryption => format!("The message holds {found}; encrypted parts are not supported."),
        Check::OneAssertion => format!("There must be {expected}, but there is {found}."),
        Check::Signed => format!("There must be {expected}, but there is {found}."),
        Check::SignatureForm => format!("The signature isn't built as it must be: {found} instead of {expected}."),
        Check::SignatureReference => format!("The signature is for {found}, not for {expected}."),
        Check::SignatureAlgorithm => format!("The signature uses {found}; allowed is {expected}."),
        Check::Signature => format!("The signature doesn't verify: {found}, with {expected}."),
        Check::CertificateValidity => {
            format!("The certificate that the message is signed with is valid {expected}, and it is {found}.")
        }
        Check::ResponseSignature => format!("The signature of the Response doesn't verify: {found}."),
        Check::ResponseIssuer => format!("The Response is from {found}, not from {expected}."),
        Check::Issuer => format!("The message is from {found}, not from {expected}."),
        Check::Destination => format!("The message is meant for {found}, not for {expected}."),
        Check::IssueInstant => format!("The message was issued {found}; expected was {expected}."),
        Check::Conditions => format!("The assertion's conditions are {found}, not {expected}."),
        Check::NotBefore => format!("The assertion isn't valid yet: it is valid {found}."),
        Check::NotOnOrAfter => format!("The message is no longer valid: it was valid {found}."),
        Check::Audience => format!("The audience is {found}, not {expected}."),
        Check::Subject => format!("The assertion's subject is {found}, not {expected}."),
        Check::Confirmation => format!("The subject's confirmation is {found}, not {expected}."),
        Check::Recipient => format!("The recipient is {found}, not {expected}."),
        Check::ConfirmationNotBefore => format!("The subject's confirmation has {found}, which a bearer's may not."),
        Check::ConfirmationNotOnOrAfter => format!("The assertion can no longer be delivered: it could be {found}."),
        Check::ResponseInResponseTo | Check::InResponseTo => {
            format!("The message answers {found}; expected was {expected}.")
        }
        Check::Statement => format!("The assertion has {found}, not {expected}."),
        Check::AuthnInstant => {
            format!("The person signed in at the identity provider {found}; expected was {expected}.")
        }
        Check::FreshSignIn => format!("A fresh sign-in was asked for, {expected}, but the last one was {found}."),
        Check::SessionNotOnOrAfter => format!("The identity provider's session is over: it ended {found}."),
        Check::NameId => format!("The person's name (NameID) is {found}; expected was {expected}."),
        Check::Attributes => format!("The attributes hold {found}; expected was {expected}."),
        Check::RequestContent => format!("The request asks for {found}, which is not supported; {expected} is."),
        Check::AssertionConsumer => {
            format!("The answer was asked for at {found}, which isn't registered; registered is {expected}.")
        }
    }
}

/// For the administrator: the likely mend.
pub(super) const fn mend(check: Check) -> &'static str {
    match check {
        Check::Encoding => DAMAGED,
        Check::Document | Check::DocumentType | Check::Comments | Check::Namespaces | Check::UniqueIds => TAMPERED,
        Check::Message => "Check which address the sender uses: this one takes another kind of message.",
        Check::Version => "Let the sender use SAML 2.0.",
        Check::Status => STATUS,
        Check::Encryption => {
            "Switch off the encryption of assertions, name ids and attributes at the identity provider."
        }
        Check::OneAssertion => SLIPPED_IN,
        Check::Signed => SIGN_ASSERTION,
        Check::SignatureForm | Check::SignatureReference => WRAPPED,
        Check::SignatureAlgorithm => "Let the sender sign with RSA-SHA256 and the digest SHA-256.",
        Check::Signature | Check::ResponseSignature => OTHER_KEY,
        Check::CertificateValidity => RENEW,
        Check::ResponseIssuer | Check::Issuer => OTHER_ISSUER,
        Check::Destination | Check::Recipient => OTHER_ADDRESS,
        Check::Audience => OTHER_AUDIENCE,
        Check::IssueInstant | Check::NotBefore | Check::AuthnInstant => CLOCK_AHEAD,
        Check::NotOnOrAfter | Check::ConfirmationNotOnOrAfter => CLOCK_BEHIND,
        Check::Conditions => {
            "Let the identity provider send conditions of SAML 2.0 only, with an audience restriction."
        }
        Check::Subject | Check::Confirmation => "Let the identity provider confirm the subject as a bearer, once.",
        Check::ConfirmationNotBefore => "Let the identity provider leave NotBefore out of SubjectConfirmationData.",
        Check::ResponseInResponseTo | Check::InResponseTo => OTHER_REQUEST,
        Check::Statement => "Let the identity provider say once how and when the person signed in (AuthnStatement).",
        Check::FreshSignIn => FRESH,
        Check::SessionNotOnOrAfter => "Let the person sign in at the identity provider again.",
        Check::NameId => "Let the identity provider send a plain NameID (e-mail address or persistent).",
        Check::Attributes => "Let the identity provider send plain, named attributes.",
        Check::RequestContent => "Change the service provider's settings so that it doesn't ask for this.",
        Check::AssertionConsumer => "Register this address with the application, if it is the service provider's own.",
    }
}

const DAMAGED: &str = "The message was damaged on its way, or was never a SAML message. Let the person sign in again.";
const TAMPERED: &str = "No identity provider makes such a document by itself: look for what changes messages on the way, \
     and look into who sent this one.";
const STATUS: &str = "The identity provider's own log says why it refused. Often the person isn't assigned to the \
     application there.";
const SLIPPED_IN: &str = "Let the identity provider send one assertion, as a child of the Response. Anything else may be an \
     attempt to slip in a forged one: look into who sent it.";
const SIGN_ASSERTION: &str = "Switch on the signing of assertions at the identity provider (Keycloak: \"Sign assertions\"; \
     Okta: Assertion Signature \"Signed\"; SimpleSAMLphp: saml20.sign.assertion; Entra ID: \"Sign SAML assertion\"; \
     JumpCloud: \"Sign Assertion\"). A request or logout must be signed by its sender. The signature of the Response \
     alone isn't enough.";
const WRAPPED: &str = "A signature covers the element that it stands in, by enveloped-signature and exclusive \
     canonicalization, and nothing else. If the identity provider makes another kind, change its signature settings; if it \
     doesn't, somebody moved a signature: look into who sent this message.";
const OTHER_KEY: &str = "If the sender changed its signing key, read its metadata again or add the new certificate beside the \
     old one. If it didn't, the message was changed after signing: look into who sent it.";
const RENEW: &str = "Let the sender sign with a valid certificate, and add that one here (or read its metadata again).";
const OTHER_ISSUER: &str =
    "Compare the sender's entity ID with the one configured here; read its metadata again if it moved.";
const OTHER_ADDRESS: &str = "Set the address at the sender (assertion consumer service, ACS, single sign-on URL, recipient, \
     destination) to the expected one, exactly as it is written.";
const OTHER_AUDIENCE: &str = "Set the audience (SP entity ID, audience URI) at the identity provider to the expected one, \
     exactly as it is written.";
const CLOCK_AHEAD: &str = "Set the clocks right on both sides (NTP).";
const CLOCK_BEHIND: &str = "Let the person sign in again. If it happens every time, set the clocks right on both sides (NTP), \
     or let the identity provider's assertions live longer (five minutes are usual).";
const OTHER_REQUEST: &str = "Let the person start again in the browser in which the sign-in was begun. If it happens every \
     time, the sender doesn't return the id of the request (InResponseTo).";
const FRESH: &str = "The identity provider must honour ForceAuthn, or ForceAuthn must be switched off for it here.";
