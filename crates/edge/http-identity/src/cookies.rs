//! The cookies of Identity Center.

use pages::{Cookie, CookieValue, SameSite};

/// The signed-in browser.
pub(crate) const SESSION: Cookie<'static> =
    Cookie { name: "gatehouse-session", value: CookieValue::Token, max_age: 8 * 3600, same_site: SameSite::Lax };

/// A browser that looks at the sign-in form; its form token comes from here (double submit).
pub(crate) const BEFORE_SIGN_IN: Cookie<'static> =
    Cookie { name: "gatehouse-form", value: CookieValue::Token, max_age: 3600, same_site: SameSite::Lax };

/// Where to sign in for after the identity provider has signed somebody out: [`Continue`](crate::shared::Continue)'s location in
/// base64url. The provider's answer may be a form of another site.
pub(crate) const AFTER_SIGN_OUT: Cookie<'static> =
    Cookie { name: "gatehouse-after-signout", value: CookieValue::Sealed, max_age: 600, same_site: SameSite::None };

/// The hash of the session that a sign-in in flight replaces: the session's own cookie doesn't come with the provider's form.
pub(crate) const REPLACES: Cookie<'static> =
    Cookie { name: "gatehouse-replaces", value: CookieValue::Sealed, max_age: 600, same_site: SameSite::None };

/// What a flow's cookie begins with; its key follows.
pub(crate) const FLOW_START: &str = "gatehouse-flow-";

/// A sign-in in flight at an identity provider, sealed. The provider's answer is a form of another site.
pub(crate) const fn flow(name: &str) -> Cookie<'_> {
    Cookie { name, value: CookieValue::Sealed, max_age: 600, same_site: SameSite::None }
}
