//! Third-party programs that the client tests hold Gatehouse against.

use super::archive::{Archive, Registry};

/// An identity provider and service provider of SAML and OpenID Connect; runs on Java 17.
const KEYCLOAK: Archive = Archive {
    name: "keycloak",
    registry: Registry::Maven("org/keycloak/keycloak-quarkus-dist/26.7.3/keycloak-quarkus-dist-26.7.3.tar.gz"),
    sha512: "664c8ac2997d94b69825af70acc3a6017a7a53a1504a6e21b2d82a04e5f53593b30cabdf80ffe3eb661f13442a57fbc15c4186a1899f2841e8145532e5ae7e1c",
    members: &[],
};

/// The accessibility rules that pages are checked with, as one script for the browser.
const AXE: Archive = Archive {
    name: "axe",
    registry: Registry::Npm("axe-core@4.14.1"),
    sha512: "1477dafa598d8d065f273d6af302aa203c02e83131707b7fa648cd41bd3d6b734f8c22a0dab86ee6a6f64b8afbe804b214d36db85a2826965edfb3a0b9d546b5",
    members: &["package/axe.min.js"],
};

pub(super) fn setup() -> anyhow::Result<()> {
    KEYCLOAK.setup()?;
    AXE.setup()
}
