mod assume_role;
mod authorize;
mod fixture;
mod found;
mod saml;
mod session_token;
mod web_identity;
