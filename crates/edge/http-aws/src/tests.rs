mod authorize;
mod identitystore;
mod pipeline;
mod redshift;
mod sso_admin;
mod world;
