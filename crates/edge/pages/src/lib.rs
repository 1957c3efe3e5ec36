//! What every server-rendered page of ours is made with: the frame with its headers, cookies, forms and their proof of origin.
//!
//! Invariants: a page works without script; no inline script or style; what a page's forms may lead to is named in its policy.

mod connection;
mod cookie;
mod form;
mod page;
mod parts;

pub use connection::Connection;
pub use cookie::{Cookie, CookieValue, SameSite, cookie_names};
pub use form::{Form, Hidden, csrf_token, form_is_ours, hidden, input, origin_may_be_ours};
pub use page::{Layout, Page, SCRIPT_PATH, STYLE_PATH, protect, redirect, script, style, with_cookies};
pub use parts::{auto_post, checked, error_box, onward, origin_of, problem};
