use super::call;
use crate::tests::world::World;

fn form(action: &str, name: &str, content: Option<&str>) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("Action", &format!("{action}AuthenticationProfile"))
        .append_pair("AuthenticationProfileName", name);
    if let Some(content) = content {
        form.append_pair("AuthenticationProfileContent", content);
    }
    form.finish()
}

#[tokio::test]
async fn profiles_are_made_changed_described_and_deleted() {
    let world = World::new().await;
    let content = r#"{"DbUser":"bob","AutoCreate":true}"#;
    let made = call(&world, &form("Create", "sales", Some(content))).await.ok();
    assert_eq!(made.element("AuthenticationProfileName"), "sales");
    call(&world, &form("Create", "finance", Some("{}"))).await.ok();
    call(&world, &form("Modify", "finance", Some(r#"{"Port":5439}"#))).await.ok();
    let all = call(&world, "Action=DescribeAuthenticationProfiles").await.ok();
    assert_eq!(all.body.matches("<member>").count(), 2);
    let one = call(&world, "Action=DescribeAuthenticationProfiles&AuthenticationProfileName=sales").await.ok();
    assert_eq!(one.body.matches("<member>").count(), 1);
    assert_eq!(one.element("AuthenticationProfileContent").replace("&quot;", "\""), content);
    let gone = call(&world, &form("Delete", "sales", None)).await.ok();
    assert_eq!(gone.element("AuthenticationProfileName"), "sales");
    let none = call(&world, "Action=DescribeAuthenticationProfiles&AuthenticationProfileName=sales").await;
    none.fails(404, "AuthenticationProfileNotFoundFault", "sales");
}

#[tokio::test]
async fn wrong_profiles_are_refused() {
    let world = World::new().await;
    call(&world, &form("Create", "sales", Some("{}"))).await.ok();
    for (form, status, code, message) in [
        (form("Create", "sales", Some("{}")), 400, "AuthenticationProfileAlreadyExistsFault", "sales"),
        (form("Modify", "none", Some("{}")), 404, "AuthenticationProfileNotFoundFault", "none"),
        (form("Delete", "none", None), 404, "AuthenticationProfileNotFoundFault", "none"),
        (
            form("Create", "a_b", Some("{}")),
            400,
            "InvalidAuthenticationProfileRequestFault",
            "letters, digits or hyphens",
        ),
        (form("Create", "a", Some("[]")), 400, "InvalidAuthenticationProfileRequestFault", "JSON object"),
        (form("Create", "a", Some(r#"{"a":{}}"#)), 400, "InvalidAuthenticationProfileRequestFault", "\"a\""),
        (form("Create", "a", None), 400, "MissingParameter", "AuthenticationProfileContent"),
        (
            form("Create", "a", Some(&format!(r#"{{"a":"{}"}}"#, "x".repeat(11_000)))),
            400,
            "AuthenticationProfileQuotaExceededFault",
            "10240",
        ),
    ] {
        call(&world, &form).await.fails(status, code, message);
    }
}
