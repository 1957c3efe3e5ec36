mod claims;
mod documents;
mod flow;
mod keys;
mod logout;
mod provider;
mod userinfo;
mod world;
