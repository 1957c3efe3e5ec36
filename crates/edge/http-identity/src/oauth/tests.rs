mod access;
mod api;
mod fixture;
mod iam;
mod pages;
mod reset;
