use super::parse;

#[test]
fn a_body_that_says_two_things_is_refused_without_being_quoted() {
    for (body, message) in [
        (r#"{"userName":"a","active":true,"active":false}"#, "names an attribute twice (line 1"),
        (
            r#"{"Operations":[{"op":"add","value":{"password":"hunter2","password":"hunter3"}}]}"#,
            "names an attribute twice",
        ),
        (r#"{"password":"hunter2""#, "isn't JSON"),
        (r#"["hunter2"]"#, "must be a JSON object"),
    ] {
        let refused = parse(body.as_bytes()).unwrap_err().to_string();
        assert!(refused.contains(message) && !refused.contains("hunter"), "{refused}");
    }
}
