mod configure;
mod just_in_time;
mod logout;
mod oidc_sign_in;
mod saml_sign_in;
mod world;
