mod account;
mod api;
#[path = "../../../identity/mfa/src/passkey/tests/authenticator.rs"]
#[expect(dead_code, reason = "the authenticator of mfa's tests; not all of it is needed here")]
mod authenticator;
mod console;
mod factors;
mod fixture;
mod form_plugins;
mod logout;
mod openid;
mod passkeys;
mod saml;
mod signin;

/// What the authenticator is asked.
use mfa::Challenge;
