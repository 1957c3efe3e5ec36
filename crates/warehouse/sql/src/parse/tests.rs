mod refusals;
mod safety;
mod secrets;
mod statements;
