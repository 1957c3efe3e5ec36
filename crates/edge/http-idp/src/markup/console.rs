//! The signed-in pages: the header, the tiles, signing out.

use maud::{Markup, html};
use pages::Hidden;

/// An application that the person may open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tile {
    pub(crate) href: String,
    pub(crate) label: String,
    pub(crate) description: String,
}

/// Where one can go, and the way out. `here` is the address of the page that shows it.
pub(crate) fn header(user_name: &str, csrf: Hidden<'_>, here: &str) -> Markup {
    let current = |path: &str| (path == here).then_some("page");
    html! {
        nav class="top" aria-label="Signed-in pages" {
            a href="/idp" aria-current=[current("/idp")] { "Applications" }
            a href="/idp/account" aria-current=[current("/idp/account")] { "Your account" }
            span class="soft" { (user_name) }
            form method="post" action="/idp/signout" class="inline" {
                (pages::hidden(&[csrf]))
                button type="submit" class="link" { "Sign out" }
            }
        }
    }
}

pub(crate) fn applications(tiles: &[Tile]) -> Markup {
    html! {
        @if tiles.is_empty() {
            div class="card" {
                p { "There is no application for you here yet." }
                p class="soft" {
                    "Applications are opened to groups. Ask your administrator which group you need, and to be added to it."
                }
            }
        } @else {
            ul class="tiles" {
                @for tile in tiles {
                    li { a class="tile" href=(tile.href) {
                        span class="mark" aria-hidden="true" { (mark(&tile.label)) }
                        strong { (tile.label) }
                        @if !tile.description.is_empty() { span class="soft" { (tile.description) } }
                    } }
                }
            }
        }
    }
}

fn mark(label: &str) -> String {
    label
        .chars()
        .find(|character| character.is_alphanumeric())
        .map(|character| character.to_uppercase().collect())
        .unwrap_or_default()
}

/// The question before signing out by a link.
pub(crate) fn sign_out(user_name: &str, csrf: Hidden<'_>) -> Markup {
    html! {
        p { "You are signed in as " strong { (user_name) } "." }
        form method="post" action="/idp/signout" {
            (pages::hidden(&[csrf]))
            div class="actions" {
                button type="submit" { "Sign out" }
                a class="button second" href="/idp" { "Stay" }
            }
        }
    }
}

/// Applications that can't be told, and so may keep their own session.
pub(crate) fn left_signed_in(labels: &[String]) -> Markup {
    html! {
        @if !labels.is_empty() {
            p { "These applications were opened and have sessions of their own, which may go on. Sign out there too, or close the browser:" }
            ul { @for label in labels { li { (label) } } }
        }
    }
}

pub(crate) fn signed_out(rest: &Markup) -> Markup {
    html! {
        p { "You are signed out here in this browser." }
        (rest)
        p { a class="button second" href="/idp/signin" { "Sign in" } }
    }
}
