mod applications;
mod fake;
mod rule;
mod rules;
mod service;
mod tags;
