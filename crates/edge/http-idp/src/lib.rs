//! Everything of the built-in identity provider that listens on HTTP.
