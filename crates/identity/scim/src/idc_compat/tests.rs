//! A test for each row of reference/standards.md 1.5.

use serde_json::{Value, json};

use super::*;
use crate::filter::Filter;
use crate::json::Object;
use crate::list::{Paging, Parameters, Query};
use crate::schema::{GROUPS, ResourceType, USERS};
use crate::{group as groups, user as users};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

fn object(value: Value) -> Object {
    value.as_object().unwrap().clone()
}

fn complete() -> Value {
    json!({
        "userName": "ethan",
        "name": {"givenName": "Ethan", "familyName": "Hunt"},
        "displayName": "Ethan Hunt",
        "emails": [{"value": "ethan@example.com", "type": "work", "primary": true}],
        "phoneNumbers": [{"value": "+1-555-0100", "type": "work"}],
        "addresses": [{"type": "work", "streetAddress": "1 Main Street", "locality": "Springfield"}],
        "profileUrl": "https://example.com/ethan",
        "locale": "en-US",
        "timezone": "America/New_York",
        "externalId": "00ujl29u0le5T6Aj10h7",
    })
}

/// The complete person, with these attributes instead; null: without.
fn with(changes: Value) -> Object {
    let mut body = object(complete());
    for (name, value) in object(changes) {
        if value.is_null() {
            body.remove(&name)
        } else {
            body.insert(name, value)
        };
    }
    body
}

fn create(body: Object) -> Result<(), ScimError> {
    user_request(&body)?;
    let (new, _) = users::create(body)?;
    user(&users::attributes_of_new(&new), None)
}

#[track_caller]
fn refused(outcome: Result<(), ScimError>, what: &str) {
    let error = outcome.expect_err(what);
    assert_eq!(error.status(), 400, "{what}: {error}");
    assert!(error.to_string().contains(what), "the text names {what}: {error}");
}

fn filtered(text: &str, resource_type: &'static ResourceType) -> Result<Filter, ScimError> {
    filter(Filter::parse(text, resource_type).unwrap(), resource_type)
}

#[test]
fn row_filter_operator_only_eq_joined_by_and() {
    for text in [
        r#"userName co "a""#,
        r#"userName ne "a""#,
        "userName pr",
        r#"userName eq "a" or externalId eq "b""#,
        r#"not (userName eq "a")"#,
        r#"emails[type eq "work"]"#,
        r#"id eq "a" and manager sw "b""#,
    ] {
        assert_eq!(filtered(text, &USERS).unwrap_err().scim_type().unwrap().name(), "invalidFilter", "{text}");
    }
}

#[test]
fn row_list_users_filters() {
    for text in [
        r#"userName eq "a""#,
        r#"externalId eq "a""#,
        r#"groups.value eq "a""#,
        r#"id eq "a" and manager eq "b""#,
        r#"manager eq "b" and id eq "a""#,
    ] {
        assert!(filtered(text, &USERS).is_ok(), "{text}");
    }
    for text in [r#"id eq "a""#, r#"manager eq "a""#, r#"title eq "a""#, r#"userName eq "a" and externalId eq "b""#] {
        assert!(filtered(text, &USERS).is_err(), "{text}");
    }
    let managed = filtered(r#"id eq "a" and manager eq "b""#, &USERS).unwrap();
    let person = |manager: &str| object(json!({"id": "a", ENTERPRISE: {"manager": {"value": manager}}}));
    assert!(managed.matches(&person("b")) && !managed.matches(&person("c")));
}

#[test]
fn row_list_groups_filters() {
    for text in [
        r#"displayName eq "a""#,
        r#"externalId eq "a""#,
        r#"id eq "a" and members eq "b""#,
        r#"members.value eq "b" and id eq "a""#,
    ] {
        assert!(filtered(text, &GROUPS).is_ok(), "{text}");
    }
    for text in [r#"members eq "a""#, r#"id eq "a""#, r#"displayName eq "a" and id eq "b""#] {
        assert!(filtered(text, &GROUPS).is_err(), "{text}");
    }
}

#[test]
fn row_page_size() {
    let asked = |given: &[(&str, &str)], resource_type: &'static ResourceType| {
        let owned: Vec<_> = given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Query::new(&Parameters::from_address(&owned), &[resource_type], Profile::IdcCompat)
    };
    let query = asked(&[("count", "500"), ("startIndex", "1")], &USERS).unwrap();
    assert!(matches!(query.paging, Paging::Index(page) if page.count == 100 && page.start_index == 1));
    for given in
        [("startIndex", "2"), ("attributes", "userName"), ("excludedAttributes", "name"), ("sortBy", "userName")]
    {
        refused(asked(&[given], &USERS).map(drop), "Identity Center's profile");
    }
    assert!(asked(&[("excludedAttributes", "members"), ("startIndex", "101")], &GROUPS).is_ok(), "as Entra asks");
    assert!(asked(&[("cursor", ""), ("count", "50")], &USERS).is_ok());
}

#[test]
fn row_create_user_required() {
    create(with(json!({}))).unwrap();
    refused(create(with(json!({"displayName": null}))), "displayName");
    refused(create(with(json!({"name": {"familyName": "Hunt"}}))), "name.givenName");
    refused(create(with(json!({"name": {"givenName": "Ethan"}}))), "name.familyName");
    refused(create(with(json!({"userName": null}))), "userName");
    let before = object(json!({"userName": "made by the API"}));
    user(&object(json!({"userName": "b"})), Some(&before)).unwrap();
    refused(user(&before, Some(&object(json!({"userName": "a", "displayName": "A"})))), "displayName");
}

#[test]
fn row_multi_valued_have_at_most_one_and_email_is_primary() {
    for name in ["emails", "addresses", "phoneNumbers", "roles"] {
        let two = json!([{"value": "a", "type": "work", "primary": true}, {"value": "b", "type": "home"}]);
        refused(create(with(json!({name: two}))), name);
    }
    refused(create(with(json!({"emails": [{"value": "a@x.y"}]}))), "primary");
}

/// Deprovisioning must not fail for what was there before.
#[test]
fn somebody_with_what_the_profile_refuses_can_still_be_disabled() {
    let before = with(json!({
        "userName": "corp:ethan",
        "active": true,
        "emails": [{"value": "a@x.y", "display": "A"}, {"value": "b@x.y"}],
    }));
    let mut after = before.clone();
    after.insert("active".to_owned(), json!(false));
    user(&after, Some(&before)).unwrap();
    after.insert("nickName".to_owned(), json!("<b>"));
    refused(user(&after, Some(&before)), "nickName");
}

#[test]
fn row_unsupported_attributes() {
    for (name, value) in [
        ("ims", json!([{"value": "a"}])),
        ("photos", json!([{"value": "https://x/y"}])),
        ("x509Certificates", json!([{"value": "AA=="}])),
        ("entitlements", json!([{"value": "a"}])),
        ("password", json!("t3stPassw0rd")),
        ("groups", json!([{"value": "a"}])),
    ] {
        refused(create(with(json!({name: value}))), name);
    }
    create(with(json!({"groups": [], "photos": null, "ims": []}))).unwrap();
    refused(create(with(json!({"roles": [{"value": "a", "display": "A"}]}))), "roles.display");
    refused(create(with(json!({"emails": [{"value": "a@x.y", "primary": true, "display": "A"}]}))), "emails.display");
    let manager = json!({ENTERPRISE: {"manager": {"value": "m", "displayName": "M"}}});
    refused(create(with(manager)), "manager.displayName");
}

#[test]
fn row_unsupported_attributes_in_a_patch() {
    let patched = |operations: Value| {
        let (operations, change) = users::patch(object(json!({"Operations": operations}))).unwrap();
        user_patch(&operations, matches!(change, users::PasswordChange::Set(_)))
    };
    refused(patched(json!([{"op": "add", "path": "ims", "value": [{"value": "a"}]}])), "ims");
    refused(patched(json!([{"op": "add", "value": {"entitlements": [{"value": "a"}]}}])), "entitlements");
    refused(patched(json!([{"op": "replace", "path": "password", "value": "t3stPassw0rd"}])), "password");
    refused(
        patched(json!([{"op": "add", "value": {ENTERPRISE: {"manager": {"displayName": "M"}}}}])),
        "manager.displayName",
    );
    let path = format!("{ENTERPRISE}:manager");
    refused(patched(json!([{"op": "add", "path": path, "value": {"displayName": "M"}}])), "manager.displayName");
    patched(json!([{"op": "remove", "path": "photos"}, {"op": "replace", "path": "title", "value": "x"}])).unwrap();
}

#[test]
fn row_create_group() {
    let of = |members: usize| {
        let members: Vec<Value> = (0..members).map(|at| json!({"value": format!("u{at}")})).collect();
        groups::create(object(json!({"displayName": "g", "members": members}))).unwrap()
    };
    group_request(&of(100).members).unwrap();
    refused(group_request(&of(101).members), "100 memberships");
    assert!(groups::create(object(json!({"members": []}))).is_err(), "displayName is required");
}

fn patched_group(operations: Value) -> Result<(), ScimError> {
    let (operations, members) = groups::patch(object(json!({"Operations": operations}))).unwrap();
    group_patch(&operations, &members)
}

#[test]
fn row_patch_group() {
    let people = |count: usize| (0..count).map(|at| json!({"value": format!("u{at}")})).collect::<Vec<_>>();
    patched_group(json!([
        {"op": "replace", "path": "displayName", "value": "g"},
        {"op": "replace", "value": {"id": "x", "externalId": "e"}},
        {"op": "add", "path": "members", "value": people(99)},
        {"op": "remove", "path": "members[value eq \"u1\"]"},
    ]))
    .unwrap();
    let other = json!([{"op": "add", "path": "urn:example:2.0:Group:costCenter", "value": "x"}]);
    refused(patched_group(other), "displayName, externalId");
    refused(
        patched_group(json!([
            {"op": "add", "path": "members", "value": people(60)},
            {"op": "remove", "path": "members", "value": people(41)},
        ])),
        "100 memberships",
    );
}

#[test]
fn row_patch_group_newer_no_replacing_or_removing_of_all() {
    for operation in [
        json!({"op": "replace", "path": "members", "value": [{"value": "u"}]}),
        json!({"op": "replace", "path": "members", "value": []}),
        json!({"op": "replace", "value": {"members": []}}),
        json!({"op": "remove", "path": "members"}),
    ] {
        refused(patched_group(json!([operation])), "all members");
    }
}

#[test]
fn row_bad_characters() {
    for bad in ['<', '>', ';', ':', '%'] {
        refused(create(with(json!({"title": format!("a{bad}b")}))), "title");
        refused(create(with(json!({"addresses": [{"locality": format!("a{bad}b")}]}))), "addresses");
        refused(group(&format!("a{bad}"), None), "displayName");
        refused(group("a", Some(&format!("a{bad}"))), "externalId");
    }
    refused(create(with(json!({"phoneNumbers": [{"value": "tel:+1-555"}]}))), "phoneNumbers");
    group("awssso-sales", Some("00g1")).unwrap();
}

#[test]
fn row_operations_that_do_not_exist() {
    for operation in [Missing::PutGroup, Missing::Bulk, Missing::Search] {
        assert_eq!(missing(operation).status(), 501);
    }
}

#[test]
fn row_errors_have_aws_names() {
    for (error, name) in [
        (ScimError::InvalidValue(String::new()), "ValidationException"),
        (ScimError::InvalidFilter(String::new()), "ValidationException"),
        (ScimError::Unauthorized(String::new()), "UnauthorizedException"),
        (ScimError::Forbidden(String::new()), "AccessDeniedException"),
        (ScimError::NotFound(String::new()), "ResourceNotFoundException"),
        (ScimError::Uniqueness(String::new()), "ConflictException"),
        (ScimError::Internal(String::new()), "InternalServerException"),
    ] {
        assert_eq!(error_name(&error), name);
    }
    let error = ScimError::InvalidValue("displayName is required.".to_owned());
    let body = error_body(&error, &base::CorrelationId::resume("c-1"));
    assert_eq!(body["schema"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]));
    assert_eq!(body["schemas"], body["schema"]);
    assert_eq!(body["detail"], "ValidationException: displayName is required.");
    assert_eq!((body["status"].as_str(), body["exceptionRequestId"].as_str()), (Some("400"), Some("c-1")));
}

#[test]
fn row_user_agent() {
    user_agent(Some("Okta SCIM Client 1.0.0")).unwrap();
    for none in [None, Some(""), Some(" ")] {
        assert_eq!(user_agent(none).unwrap_err().status(), 403);
    }
}
