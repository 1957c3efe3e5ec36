mod api;
mod fixture;
mod pages;
