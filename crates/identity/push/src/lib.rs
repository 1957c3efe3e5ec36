//! SCIM push: people and groups of the built-in identity provider, kept the same at a SCIM server.
