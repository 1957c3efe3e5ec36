use super::*;
use crate::schema::{GROUPS, USERS};

fn parameters(parameters: &[(&str, &str)]) -> Parameters {
    let owned: Vec<_> = parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Parameters::from_address(&owned)
}

fn parse(given: &[(&str, &str)]) -> Result<Query, ScimError> {
    Query::new(&parameters(given), &[&USERS], Profile::Rfc)
}

#[test]
fn pages_begin_at_one_and_have_at_most_a_hundred() {
    for (given, start_index, count) in [
        (&[][..], 1, 100),
        (&[("startIndex", "0"), ("count", "-1")], 1, 0),
        (&[("startIndex", "-5"), ("count", "0")], 1, 0),
        (&[("STARTINDEX", "7"), ("Count", "5")], 7, 5),
        (&[("startIndex", "9223372036854775807"), ("count", "101")], 9_223_372_036_854_775_807, 100),
        (&[("aadOptscim062020", ""), ("filter", "")], 1, 100),
    ] {
        let paging = parse(given).unwrap().paging;
        assert_eq!(paging, Paging::Index(Page { start_index, count }), "{given:?}");
    }
}

#[test]
fn what_is_wrong_is_refused_with_its_scim_type() {
    for (given, scim_type) in [
        (&[("count", "many")][..], "invalidValue"),
        (&[("startIndex", "1.5")], "invalidValue"),
        (&[("filter", "userName")], "invalidFilter"),
        (&[("sortBy", "shoeSize")], "invalidValue"),
        (&[("sortBy", "userName"), ("sortOrder", "sideways")], "invalidValue"),
        (&[("sortOrder", "descending")], "invalidValue"),
        (&[("attributes", "a b")], "invalidValue"),
        (&[("cursor", ""), ("startIndex", "1")], "invalidValue"),
        (&[("cursor", ""), ("count", "0")], "invalidCount"),
        (&[("cursor", ""), ("count", "-1")], "invalidCount"),
        (&[("cursor", ""), ("count", "x")], "invalidCount"),
        (&[("cursor", "nonsense")], "invalidCursor"),
        (&[("cursor", "u0000000000000000")], "invalidCursor"),
        (&[("cursor", "ué")], "invalidCursor"),
    ] {
        let error = parse(given).unwrap_err();
        assert_eq!((error.status(), error.scim_type().unwrap().name()), (400, scim_type), "{given:?}");
    }
}

#[test]
fn a_cursor_goes_on_behind_its_position_in_the_same_query_only() {
    let given = [("filter", "active eq true"), ("count", "7")];
    let query = parse(&given).unwrap();
    let position = Position { resource_type: "User", id: "7d7a4d3e-1".to_owned() };
    let text = query.cursor(&position);
    assert!(text.chars().all(|one| one.is_ascii_alphanumeric() || "-_".contains(one)), "fits AWS and RFC 9865: {text}");
    let with = |given: &[(&str, &str)]| {
        let mut given = given.to_vec();
        given.push(("cursor", &text));
        parse(&given).map(|query| query.paging)
    };
    assert_eq!(with(&given).unwrap(), Paging::Cursor { after: Some(position), count: 7 });
    let Paging::Cursor { count, .. } = with(&[("filter", "active eq true"), ("count", "5000")]).unwrap() else {
        panic!("a cursor was given");
    };
    assert_eq!(count, 100);
    for other in [&[("filter", "active eq false")][..], &[], &[("filter", "active eq true"), ("sortBy", "title")]] {
        assert_eq!(with(other).unwrap_err().scim_type().unwrap().name(), "invalidCursor", "{other:?}");
    }
    let mut groups = parameters(&given);
    groups.cursor = Some(text.clone());
    assert!(Query::new(&groups, &[&GROUPS], Profile::Rfc).is_err());
    assert_eq!(parse(&[("cursor", " ")]).unwrap().paging, Paging::Cursor { after: None, count: 100 });
}

fn search(body: Value) -> Result<Parameters, ScimError> {
    Parameters::from_search(body.as_object().unwrap().clone())
}

#[test]
fn a_search_request_says_the_same_as_an_address() {
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
        "attributes": ["displayName", "userName"],
        "filter": "displayName sw \"smith\"",
        "sortBy": "userName", "sortOrder": "descending", "startIndex": 1, "count": 10,
    });
    let address = parameters(&[
        ("attributes", "displayName,userName"),
        ("filter", "displayName sw \"smith\""),
        ("sortBy", "userName"),
        ("sortOrder", "descending"),
        ("startIndex", "1"),
        ("count", "10"),
    ]);
    assert_eq!(search(body).unwrap(), address);
    assert_eq!(search(json!({"cursor": "", "filter": null})).unwrap(), parameters(&[("cursor", "")]));
    for wrong in [
        json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"]}),
        json!({"filter": {"a": 1}}),
        json!({"attributes": [1]}),
        json!({"count": true}),
    ] {
        assert_eq!(search(wrong.clone()).unwrap_err().scim_type().unwrap().name(), "invalidSyntax", "{wrong}");
    }
}

#[test]
fn one_filter_over_both_types_means_nothing_where_an_attribute_is_missing() {
    let given = parameters(&[("filter", "userName pr"), ("sortBy", "userName"), ("cursor", "")]);
    let query = Query::new(&given, &[&USERS, &GROUPS], Profile::Rfc).unwrap();
    let group = json!({"displayName": "g"}).as_object().unwrap().clone();
    let user = json!({"userName": "a"}).as_object().unwrap().clone();
    let matches = |at: usize, object: &Object| query.parts[at].filter.as_ref().unwrap().matches(object);
    assert!(matches(0, &user) && !matches(1, &group));
    let key = |at: usize, object: &Object| query.parts[at].sort.as_ref().unwrap().key(object);
    assert!(key(0, &user) < key(1, &group), "what is missing comes last");
}

#[test]
fn a_page_by_cursor_has_a_next_cursor_until_the_last() {
    assert_eq!(
        cursor_response(Some(3), Some("x".to_owned()), Vec::new()),
        json!({"schemas": [RESPONSE], "itemsPerPage": 0, "Resources": [], "totalResults": 3, "nextCursor": "x"})
    );
    assert_eq!(
        cursor_response(None, None, Vec::new()),
        json!({"schemas": [RESPONSE], "itemsPerPage": 0, "Resources": []})
    );
}

#[test]
fn an_empty_list_has_resources_and_numbers() {
    let body = response(0, Page::default(), Vec::new());
    assert_eq!(
        body,
        json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
            "totalResults": 0,
            "startIndex": 1,
            "itemsPerPage": 0,
            "Resources": [],
        })
    );
}
