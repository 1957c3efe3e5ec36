//! The built-in identity provider as OpenID provider of its applications.
