//! The public test suites of aws-c-auth and botocore (`suites/NOTICE`).

use base::{Fault as _, Secret};
use serde_json::Value;
use time::OffsetDateTime;
use time::macros::datetime;

use crate::{Credential, Expected, Request, SigV4Error, verify};

const SUITES: &str = include_str!("suites/suites.json");
const NOW: OffsetDateTime = datetime!(2015-08-30 12:36 UTC);

#[derive(Clone)]
struct Case {
    name: String,
    method: String,
    path: String,
    query: String,
    headers: Vec<(String, String)>,
    body: String,
    canonical: String,
    token: Option<String>,
    /// The path was normalised before it was signed, as every service but S3 has it.
    normalized: bool,
    /// The session token is among what was signed.
    token_signed: bool,
}

fn cases() -> Vec<Case> {
    let suites: Value = serde_json::from_str(SUITES).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let cases = suites.as_array().unwrap().iter().map(|case| Case {
        name: text(&case["name"]),
        method: text(&case["method"]),
        path: text(&case["path"]),
        query: text(&case["query"]),
        headers: case["headers"].as_array().unwrap().iter().map(|pair| (text(&pair[0]), text(&pair[1]))).collect(),
        body: text(&case["body"]),
        canonical: text(&case["canonical"]),
        token: case["token"].as_str().map(str::to_owned),
        normalized: case["normalized"].as_bool().unwrap(),
        token_signed: case["token_signed"].as_bool().unwrap(),
    });
    cases.collect()
}

impl Case {
    fn verify(&self) -> Result<(), SigV4Error> {
        let find = |key: &str, token: Option<&str>| {
            if key != "AKIDEXAMPLE" || token != self.token.as_deref() {
                return Err(SigV4Error::InvalidClientTokenId);
            }
            Ok(Credential { secret: Secret::from("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"), caller: () })
        };
        let headers: Vec<_> = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let Self { method, path, query, body, .. } = self;
        let request = Request { method, path, query, headers: &headers, body: body.as_bytes() };
        verify(&request, &find, &Expected { now: NOW, regions: &["us-east-1"], service: "service" }).map(drop)
    }

    /// What a service that normalises paths, and demands that a session token be signed, takes.
    fn is_ours(&self) -> bool {
        self.normalized && self.token_signed
    }
}

#[test]
fn each_signed_request_of_the_suites_is_verified() {
    let cases = cases();
    assert!(cases.len() >= 76 + 25, "{}", cases.len());
    for case in cases.iter().filter(|case| case.is_ours()) {
        case.verify().unwrap_or_else(|error| {
            panic!("{}: {}\nthe suite's:\n{}", case.name, error.public().message, case.canonical)
        });
    }
}

#[test]
fn a_token_that_was_not_signed_is_refused() {
    let mut refused = 0;
    for case in cases().iter().filter(|case| !case.token_signed) {
        let error = case.verify().unwrap_err();
        let expected = ["IncompleteSignature", "SignatureDoesNotMatch"];
        assert!(expected.contains(&error.aws_name()), "{}: {error:?}", case.name);
        refused += 1;
    }
    assert!(refused >= 2, "{refused}");
}

#[test]
fn a_path_that_was_signed_as_it_is_counts_only_where_it_is_normal() {
    for case in cases().iter().filter(|case| !case.normalized && case.token_signed) {
        let path = case.canonical.lines().nth(1).unwrap();
        let normal = crate::canonical::path(&case.path) == path;
        assert_eq!(case.verify().is_ok(), normal, "{}", case.name);
    }
}

/// One byte of each part, in every case.
#[test]
fn one_changed_byte_is_noticed_in_every_case() {
    for case in cases().iter().filter(|case| case.is_ours()) {
        let flips: [fn(&mut Case) -> bool; 6] = [
            |case| {
                case.method = if case.method == "GET" { "GEU".to_owned() } else { "POSU".to_owned() };
                true
            },
            |case| {
                case.path.push('b');
                true
            },
            |case| {
                flip(&mut case.body, 0) || {
                    case.body.push('x');
                    true
                }
            },
            |case| {
                let host = case.headers.iter_mut().find(|(name, _)| name.eq_ignore_ascii_case("host")).unwrap();
                flip(&mut host.1, 3)
            },
            |case| match case.headers.iter_mut().find(|(name, _)| name == "Authorization") {
                Some((_, value)) => flip(value, value.len() - 1),
                None => match case.query.rfind("X-Amz-Signature=") {
                    Some(at) => flip(&mut case.query, at + "X-Amz-Signature=".len()),
                    None => panic!("{} isn't signed", case.name),
                },
            },
            |case| match &mut case.token {
                Some(token) => flip(token, 5),
                None => {
                    case.query.push_str("&more=1");
                    true
                }
            },
        ];
        for (number, change) in flips.iter().enumerate() {
            let mut changed = case.clone();
            assert!(change(&mut changed));
            assert!(changed.verify().is_err(), "{} with change {number}", case.name);
        }
    }
}

/// Each byte of the signed text that a request could be changed in: the header values and the query.
#[test]
fn every_byte_of_a_presigned_query_counts() {
    let case = cases().into_iter().find(|case| case.name == "aws-c-auth get-vanilla-with-session-token query").unwrap();
    case.verify().unwrap();
    let mut changed = 0;
    for at in 0..case.query.len() {
        let mut case = case.clone();
        if flip(&mut case.query, at) {
            // `%2f` and `%2F` are the same text.
            let same = crate::query_pairs(&case.query).ok() == crate::query_pairs(&cases_query()).ok();
            assert_eq!(case.verify().is_ok(), same, "{at}: {}", case.query);
            changed += 1;
        }
    }
    assert!(changed > 300, "{changed}");
}

fn cases_query() -> String {
    cases().into_iter().find(|case| case.name == "aws-c-auth get-vanilla-with-session-token query").unwrap().query
}

/// Changes the lowest bit of one ASCII character; `false` where there is none, or it would no longer be text.
fn flip(text: &mut String, at: usize) -> bool {
    let mut bytes = std::mem::take(text).into_bytes();
    let changed = match bytes.get_mut(at) {
        Some(byte) if byte.is_ascii_graphic() && (*byte ^ 1).is_ascii_graphic() => {
            *byte ^= 1;
            true
        }
        Some(_) | None => false,
    };
    *text = String::from_utf8(bytes).unwrap();
    changed
}
