//! The built-in identity provider: credentials, sessions, SSO applications, and who may open them.
