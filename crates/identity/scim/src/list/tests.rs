use super::*;
use crate::schema::USERS;

fn parse(parameters: &[(&str, &str)]) -> Result<Query, ScimError> {
    let owned: Vec<_> = parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    query(&owned, &USERS)
}

#[test]
fn pages_begin_at_one_and_have_at_most_a_hundred() {
    for (parameters, start_index, count) in [
        (&[][..], 1, 100),
        (&[("startIndex", "0"), ("count", "-1")], 1, 0),
        (&[("startIndex", "-5"), ("count", "0")], 1, 0),
        (&[("STARTINDEX", "7"), ("Count", "5")], 7, 5),
        (&[("startIndex", "9223372036854775807"), ("count", "101")], 9_223_372_036_854_775_807, 100),
        (&[("aadOptscim062020", ""), ("filter", "")], 1, 100),
    ] {
        let page = parse(parameters).unwrap().page;
        assert_eq!(page, Page { start_index, count }, "{parameters:?}");
    }
}

#[test]
fn what_is_not_carried_out_is_refused() {
    for (name, value, status) in [
        ("sortBy", "userName", 501),
        ("sortOrder", "descending", 501),
        ("cursor", "", 501),
        ("count", "many", 400),
        ("startIndex", "1.5", 400),
        ("filter", "userName", 400),
    ] {
        assert_eq!(parse(&[(name, value)]).unwrap_err().status(), status, "{name}");
    }
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
