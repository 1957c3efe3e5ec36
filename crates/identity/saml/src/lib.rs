//! SAML 2.0, both roles: a strict wrapper over saml-rs. No I/O.
