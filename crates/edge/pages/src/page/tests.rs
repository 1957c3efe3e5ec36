use axum::body::to_bytes;
use base::Checks;

use super::*;
use crate::{auto_post, checked, onward, origin_of};

const PAGE: Page<'static> = Page::new("Example <Corp>", "One moment");

async fn read(response: Response) -> (StatusCode, String, String) {
    let (parts, body) = response.into_parts();
    let policy = parts.headers.get("content-security-policy").unwrap().to_str().unwrap().to_owned();
    let body = to_bytes(body, 1 << 20).await.unwrap();
    (parts.status, policy, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn a_plain_page_has_no_script_and_leads_nowhere_else() {
    let (status, policy, body) = read(PAGE.render(&html! { p { "text" } })).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(
        policy,
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    assert!(body.contains("<html lang=\"en\">") && body.contains("Example &lt;Corp&gt;") && !body.contains("<script"));
    let response = PAGE.render(&html! {});
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cache-control", "no-store"),
        ("x-frame-options", "DENY"),
    ] {
        assert_eq!(response.headers().get(name).unwrap(), value);
    }
}

#[tokio::test]
async fn a_posting_page_works_by_script_and_by_button_and_goes_to_its_target_only() {
    let fields = [("SAMLResponse", "PHNhbWw+"), ("RelayState", "a\"><b")];
    let (_, policy, body) = read(auto_post(&PAGE, "http://localhost:7890/redshift/", &fields)).await;
    assert!(
        policy.contains(
            " script-src 'self'; form-action 'self' http://localhost:7890 http://localhost:* http://127.0.0.1:*;"
        ),
        "{policy}"
    );
    for part in [
        "<form method=\"post\" action=\"http://localhost:7890/redshift/\" id=\"post\">",
        "<script src=\"/signin/post.js\" defer></script>",
        "name=\"SAMLResponse\" value=\"PHNhbWw+\"",
        "value=\"a&quot;&gt;&lt;b\"",
        "<button type=\"submit\" autofocus>Continue</button>",
    ] {
        assert!(body.contains(part), "{part} is missing in {body}");
    }
    let (_, policy, _) = read(auto_post(&PAGE, "https://sp.example.com/acs", &fields)).await;
    assert!(policy.contains("form-action 'self' https:;"), "{policy}");
    let (_, policy, _) = read(auto_post(&PAGE, "javascript:alert(1)", &fields)).await;
    assert!(policy.contains("form-action 'self';"), "{policy}");
}

#[tokio::test]
async fn a_page_leads_on_without_script() {
    let (_, policy, body) = read(onward(&PAGE, "https://idp.example.com/slo?a=1&b=2")).await;
    assert!(!policy.contains("script-src") && !body.contains("<script"));
    assert!(body.contains("<meta http-equiv=\"refresh\" content=\"0;url=https://idp.example.com/slo?a=1&amp;b=2\">"));
    assert!(body.contains("<a class=\"button\" href=\"https://idp.example.com/slo?a=1&amp;b=2\""));
}

#[tokio::test]
async fn a_wide_page_has_its_navigation_before_its_content() {
    let navigation = html! { nav aria-label="Account" { a href="/idp/account" { "Account" } } };
    let page = Page { layout: Layout::Wide, navigation: Some(&navigation), ..PAGE };
    let (_, _, body) = read(page.render(&html! {})).await;
    let header = "<header><p class=\"organisation\">Example &lt;Corp&gt;</p><nav";
    assert!(body.contains(header) && body.contains("<main class=\"wide\"><h1>"), "{body}");
}

#[tokio::test]
async fn a_target_that_is_no_header_leaves_the_page_without_forms() {
    let page = Page { form_targets: &["https://x\r\nset-cookie: a"], ..PAGE };
    let (_, policy, _) = read(page.render(&html! {})).await;
    assert_eq!(policy, "default-src 'none'; form-action 'none'");
}

#[tokio::test]
async fn style_and_script_are_what_they_say() {
    for (response, kind) in
        [(style().await, "text/css; charset=utf-8"), (script().await, "text/javascript; charset=utf-8")]
    {
        assert_eq!(response.headers().get(CONTENT_TYPE).unwrap(), kind);
        assert_eq!(response.headers().get(CACHE_CONTROL).unwrap(), "public, max-age=300");
        assert_eq!(response.headers().get("x-content-type-options").unwrap(), "nosniff");
    }
}

#[test]
fn redirects_go_to_addresses_only() {
    assert_eq!(redirect("/signin").headers().get(LOCATION).unwrap(), "/signin");
    assert_eq!(redirect("/a\r\nb").status(), StatusCode::INTERNAL_SERVER_ERROR);
}

#[test]
fn origins_are_of_http_and_https_only() {
    for (address, origin) in [
        ("https://sp.example.com/acs?x", Some("https://sp.example.com")),
        ("http://localhost:7890/redshift/", Some("http://localhost:7890")),
        ("https://sp.example.com:443/", Some("https://sp.example.com")),
        ("ftp://example.com/", None),
        ("javascript:alert(1)", None),
        ("/path", None),
    ] {
        assert_eq!(origin_of(address).as_deref(), origin, "{address}");
    }
}

#[test]
fn a_failed_check_says_what_was_expected_and_what_came() {
    let mut checks = Checks::default();
    checks.note("audience", "urn:a", "<b>", false);
    let markup = checked(checks.failed().unwrap()).into_string();
    assert!(markup.contains("<dd>audience</dd>") && markup.contains("<dd>urn:a</dd>") && markup.contains("&lt;b&gt;"));
}
