mod access_keys;
mod fake;
mod rule;
mod service;
