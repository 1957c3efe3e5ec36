//! Our own addresses, as an identity provider has to know them.

use base::id::SourceId;

/// Made from the public base address, never from a request's Host header.
#[derive(Debug, Clone)]
pub struct SourceUrls {
    /// `https://host[:port]`, without a slash at the end.
    pub center_url: String,
}

impl SourceUrls {
    /// The service provider's entity ID: the one audience that is accepted.
    #[must_use]
    pub fn saml_entity_id(&self, source: &SourceId) -> String {
        format!("{}/platform/saml/{source}", self.center_url)
    }

    /// The assertion consumer service (HTTP-POST).
    #[must_use]
    pub fn saml_acs(&self, source: &SourceId) -> String {
        format!("{}/platform/saml/{source}/acs", self.center_url)
    }

    #[must_use]
    pub fn saml_metadata(&self, source: &SourceId) -> String {
        format!("{}/platform/saml/{source}/metadata", self.center_url)
    }

    /// The single logout service (HTTP-Redirect and HTTP-POST).
    #[must_use]
    pub fn saml_logout(&self, source: &SourceId) -> String {
        format!("{}/platform/saml/{source}/slo", self.center_url)
    }

    /// The redirect URI.
    #[must_use]
    pub fn oidc_callback(&self, source: &SourceId) -> String {
        format!("{}/platform/oidc/{source}/callback", self.center_url)
    }

    /// The back-channel logout URI.
    #[must_use]
    pub fn oidc_backchannel(&self, source: &SourceId) -> String {
        format!("{}/platform/oidc/{source}/backchannel", self.center_url)
    }

    /// Where people come back to after signing out at the provider.
    #[must_use]
    pub fn oidc_signed_out(&self) -> String {
        format!("{}/signout", self.center_url)
    }
}
