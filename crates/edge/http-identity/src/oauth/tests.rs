mod access;
mod api;
mod federated;
mod fixture;
mod iam;
mod pages;
mod reset;
