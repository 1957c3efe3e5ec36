//! Whose certificates are believed.

use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;

use crate::error::OutboundError;

/// Certificate authorities.
#[derive(Debug, Clone)]
pub struct Trust {
    roots: RootCertStore,
}

impl Trust {
    /// Nobody yet.
    #[must_use]
    pub fn nobody() -> Self {
        Self { roots: RootCertStore::empty() }
    }

    /// Those that this machine trusts. What of them can't be read is logged and left out.
    #[must_use]
    pub fn system() -> Self {
        let mut trust = Self::nobody();
        let found = rustls_native_certs::load_native_certs();
        for error in &found.errors {
            tracing::warn!(%error, "a certificate authority of this machine can't be read");
        }
        let (added, ignored) = trust.roots.add_parsable_certificates(found.certs);
        tracing::debug!(added, ignored, "certificate authorities of this machine");
        trust
    }

    /// These too. `what` names the file in an error; a file without a certificate is refused.
    ///
    /// # Errors
    /// [`OutboundError::BadTrust`].
    pub fn with_pem(mut self, what: &str, pem: &[u8]) -> Result<Self, OutboundError> {
        let bad = |cause: String| OutboundError::BadTrust { what: what.to_owned(), cause };
        let certificates = CertificateDer::pem_slice_iter(pem)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| bad(error.to_string()))?;
        if certificates.is_empty() {
            return Err(bad("there is no certificate in it".to_owned()));
        }
        for certificate in certificates {
            self.roots.add(certificate).map_err(|error| bad(error.to_string()))?;
        }
        Ok(self)
    }

    pub(crate) fn client_config(self) -> Result<ClientConfig, OutboundError> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| OutboundError::BadTrust { what: "TLS".to_owned(), cause: error.to_string() })?;
        let mut config = builder.with_root_certificates(self.roots).with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(config)
    }
}
