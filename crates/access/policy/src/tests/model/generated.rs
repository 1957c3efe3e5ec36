use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Map, Value, json};

/// Policies and a request, as JSON.
#[derive(Debug, Clone)]
pub(super) struct Question {
    pub(super) who: &'static str,
    pub(super) action: &'static str,
    pub(super) resource: &'static str,
    pub(super) keys: Value,
    pub(super) identity: Vec<Value>,
    pub(super) boundary: Option<Value>,
    pub(super) session: Option<Vec<Value>>,
    /// The resource's own policy.
    pub(super) own: Option<Value>,
    pub(super) must_allow: bool,
}

const ACTIONS: [&str; 9] = ["*", "a:*", "a:Get*", "a:Ge?A", "A:geta", "a:PutA", "b:*", "a:*A", "b:List"];
const RESOURCES: [&str; 9] = [
    "*",
    "arn:aws:s3:::x",
    "arn:aws:s3:::x/*",
    "arn:aws:s3:::x/?",
    "arn:aws:s3:::x/${k:name}",
    "arn:aws:s3:::x/${k:none, 'a'}",
    "arn:aws:s3:*/a",
    "arn:aws:s3:::*/${k:many}",
    "arn:aws:s3:*",
];
const PRINCIPALS: [&str; 7] = [
    "*",
    "123456789012",
    "999999999999",
    "arn:aws:iam::123456789012:user/staff/ethan",
    "arn:aws:iam::123456789012:role/service/app",
    "arn:aws:sts::123456789012:assumed-role/app/ethan@example.com",
    "AROAAAAAAAAAAAAAAAAAA",
];

/// Operators with values that they take, and values that a request may have.
const OPERATORS: [(&[&str], &[&str], &[&str]); 8] = [
    (
        &["StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"],
        &["a", "A", "b", "", "${k:name}", "${k:none}", "${k:none, 'b'}", "${k:many}", "a*", "${*}"],
        &["a", "A", "b", "", "*", "a*"],
    ),
    (
        &["StringLike", "StringNotLike"],
        &["a*", "*b", "?", "a?b*", "*", "${k:name}*", "${k:none}*", "a${*}"],
        &["a", "ab", "axb", "b", "", "a*"],
    ),
    (
        &["NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan"],
        &["1", "2", "-1", "1.5", "01"],
        &["1", "1.0", "2", "-1", "1.5", "x", ""],
    ),
    (
        &["DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThanEquals"],
        &["2026-01-01", "2026-01-01T00:00:00Z", "1767225600"],
        &["2026-01-01T00:00:00Z", "1767225600", "2026-01-02", "2025-12-31", "x"],
    ),
    (&["Bool"], &["true", "false", "TRUE", "${k:yes}"], &["true", "false", "True", "1"]),
    (
        &["IpAddress", "NotIpAddress"],
        &["10.0.0.0/8", "10.1.0.0/16", "11.0.0.1"],
        &["10.0.0.1", "10.1.2.3", "11.0.0.1", "x"],
    ),
    (
        &["ArnLike", "ArnNotEquals", "ArnEquals", "ArnNotLike"],
        &["arn:aws:iam::1:role/a", "arn:aws:iam::*:role/*", "arn:*:iam::1:role/?", "arn:aws:iam::1:role/${k:name}"],
        &["arn:aws:iam::1:role/a", "arn:aws:iam::2:role/b", "arn:aws:iam::1:role/a/b", "x"],
    ),
    (&["Null"], &["true", "false"], &["a"]),
];

/// `k:0` … `k:7`: one key for each row of the operators.
fn keys() -> impl Strategy<Value = Value> {
    let typed: Vec<_> =
        OPERATORS.iter().map(|(_, _, given)| option::weighted(0.8, vec(select(*given), 1..3))).collect();
    let name = option::weighted(0.8, select(vec!["a", "b", "*"]));
    let yes = option::weighted(0.8, select(vec!["true", "false", "x"]));
    (typed, name, yes).prop_map(|(typed, name, yes)| {
        let mut keys = Map::new();
        for (number, values) in typed.into_iter().enumerate() {
            values.map(|values| keys.insert(format!("K:{number}"), json!(values)));
        }
        name.map(|name| keys.insert("k:Name".to_owned(), json!(name)));
        yes.map(|yes| keys.insert("k:yes".to_owned(), json!(yes)));
        keys.insert("k:many".to_owned(), json!(["a", "b"]));
        Value::Object(keys)
    })
}

fn condition() -> impl Strategy<Value = (String, String, Value)> {
    let set = select(vec!["", "", "", "ForAllValues:", "ForAnyValue:"]);
    let suffix = select(vec!["", "", "IfExists"]);
    (0..OPERATORS.len(), set, suffix).prop_flat_map(|(row, set, suffix)| {
        let (names, wanted, _) = OPERATORS[row];
        (select(names), vec(select(wanted), 1..3)).prop_map(move |(name, values)| {
            let operator = if name == "Null" { name.to_owned() } else { format!("{set}{name}{suffix}") };
            let values = if values.len() == 1 { json!(values[0]) } else { json!(values) };
            (operator, format!("k:{row}"), values)
        })
    })
}

fn texts(element: &'static str, list: &'static [&'static str]) -> impl Strategy<Value = (String, Value)> {
    (subsequence(list, 1..4), prop::bool::weighted(0.2)).prop_map(move |(list, negated)| {
        (if negated { format!("Not{element}") } else { element.to_owned() }, json!(list))
    })
}

fn statement(principal: bool) -> impl Strategy<Value = Value> {
    let who = (subsequence(&PRINCIPALS[..], 1..5), prop::bool::ANY, prop::bool::weighted(0.2));
    let conditions = vec(condition(), 0..3);
    (prop::bool::weighted(0.2), texts("Action", &ACTIONS), texts("Resource", &RESOURCES), conditions, who).prop_map(
        move |(deny, action, resource, conditions, (principals, service, negated))| {
            let mut members = Map::from_iter([action, resource]);
            members.insert("Effect".to_owned(), json!(if deny { "Deny" } else { "Allow" }));
            let mut operators = Map::new();
            for (operator, key, values) in conditions {
                let keys = operators.entry(operator).or_insert_with(|| json!({}));
                keys[key] = values;
            }
            members.insert("Condition".to_owned(), Value::Object(operators));
            if principal {
                let mut named = json!({"AWS": principals});
                if service {
                    named["Service"] = json!("redshift.amazonaws.com");
                    named["Federated"] = json!(["arn:aws:iam::123456789012:saml-provider/redshift-sso"]);
                }
                let element = if deny && negated { "NotPrincipal" } else { "Principal" };
                members.insert(element.to_owned(), named);
            }
            Value::Object(members)
        },
    )
}

fn document(principal: bool) -> impl Strategy<Value = Value> {
    (vec(statement(principal), 1..4), prop::bool::weighted(0.9)).prop_map(|(statements, new)| {
        let document = json!({"Version": if new { "2012-10-17" } else { "2008-10-17" }, "Statement": statements});
        // Without variables, that isn't a boolean.
        let text = document.to_string();
        serde_json::from_str(&if new { text } else { text.replace("${k:yes}", "true") }).unwrap()
    })
}

pub(super) fn question() -> impl Strategy<Value = Question> {
    let who = select(vec!["user", "user", "role", "role", "root", "service", "federated", "anonymous"]);
    let action = select(vec!["a:GetA", "a:PutA", "b:List", "a:getb"]);
    let resource =
        select(vec!["*", "arn:aws:s3:::x", "arn:aws:s3:::x/a", "arn:aws:s3:::x/*", "arn:aws:s3:u:999999999999:x/a"]);
    let policies = (
        vec(document(false), 0..4),
        option::weighted(0.3, document(false)),
        option::weighted(0.3, vec(document(false), 0..3)),
        option::weighted(0.6, document(true)),
    );
    (who, action, resource, keys(), policies, prop::bool::weighted(0.2)).prop_map(
        |(who, action, resource, keys, (identity, boundary, session, own), must_allow)| Question {
            who,
            action,
            resource,
            keys,
            identity,
            boundary,
            session,
            own,
            must_allow,
        },
    )
}
