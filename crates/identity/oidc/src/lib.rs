//! OpenID Connect relying party for an upstream provider.
