mod suites;

use base::{Fault as _, Principal, Secret};
use proptest::prelude::*;
use serde_json::Value;
use time::{Duration, OffsetDateTime};

use crate::{Credential, Expected, Request, SigV4Error, VerifiedRequest, canonical, query_pairs, sign, verify};

/// Requests signed by botocore (`tests/make_vectors.py`).
const VECTORS: &str = include_str!("tests/vectors.json");

/// Requests whose every part is drawn, signed by botocore.
const DRAWN: &str = include_str!("tests/random.json");

#[derive(Clone, Debug)]
struct Case {
    name: String,
    method: String,
    path: String,
    query: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    service: String,
    token: Option<String>,
    now: OffsetDateTime,
    key: String,
    secret: String,
    region: String,
}

fn cases() -> Vec<Case> {
    read(VECTORS)
}

fn read(vectors: &str) -> Vec<Case> {
    let vectors: Value = serde_json::from_str(vectors).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let cases = vectors["cases"].as_array().unwrap().iter();
    let cases = cases.map(|case| Case {
        name: text(&case["name"]),
        method: text(&case["method"]),
        path: text(&case["path"]),
        query: text(&case["query"]),
        headers: case["headers"].as_array().unwrap().iter().map(|pair| (text(&pair[0]), text(&pair[1]))).collect(),
        body: text(&case["body"]).into_bytes(),
        service: text(&case["service"]),
        token: case["token"].as_str().map(str::to_owned),
        now: OffsetDateTime::from_unix_timestamp(vectors["now"].as_i64().unwrap()).unwrap(),
        key: text(&vectors["key"]),
        secret: text(&vectors["secret"]),
        region: text(&vectors["region"]),
    });
    cases.collect()
}

fn case(name: &str) -> Case {
    cases().into_iter().find(|case| case.name == name).unwrap()
}

impl Case {
    fn verify(&self) -> Result<VerifiedRequest<Principal>, SigV4Error> {
        self.verify_as(&self.region, &self.service)
    }

    fn verify_as(&self, region: &str, service: &str) -> Result<VerifiedRequest<Principal>, SigV4Error> {
        let headers: Vec<_> = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let request =
            Request { method: &self.method, path: &self.path, query: &self.query, headers: &headers, body: &self.body };
        let find = |key: &str, token: Option<&str>| {
            if key != self.key || token != self.token.as_deref() {
                return Err(SigV4Error::InvalidClientTokenId);
            }
            let caller = Principal::Root { account: "123456789012".to_owned() };
            Ok(Credential { secret: Secret::new(self.secret.clone()), caller })
        };
        verify(&request, &find, &Expected { now: self.now, regions: &[region], service })
    }

    fn header(&mut self, name: &str) -> &mut String {
        &mut self.headers.iter_mut().find(|(given, _)| given.eq_ignore_ascii_case(name)).unwrap().1
    }

    fn fails_with(&self, aws_name: &str, message: &str) {
        let error = self.verify().unwrap_err();
        assert_eq!(error.aws_name(), aws_name, "{}: {error:?}", self.name);
        let public = error.public().message;
        assert!(public.contains(message), "{}: {public:?} doesn't say {message:?}", self.name);
    }
}

#[test]
fn what_botocore_signed_is_verified() {
    let cases = cases();
    assert!(cases.len() >= 9);
    for case in cases {
        let verified = case.verify().unwrap_or_else(|error| panic!("{}: {}", case.name, error.public().message));
        assert_eq!(verified.access_key_id(), case.key);
        assert_eq!(verified.service(), case.service);
        assert_eq!(verified.region(), "us-east-1");
        assert_eq!(verified.caller(), &Principal::Root { account: "123456789012".to_owned() });
    }
}

#[test]
fn what_botocore_signed_is_verified_whatever_is_in_it() {
    let cases = read(DRAWN);
    assert!(cases.len() >= 120);
    for case in cases {
        case.verify().unwrap_or_else(|error| panic!("{}: {}", case.name, error.public().message));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// One bit of the body, of the path, of a signed header's value, of the method or of the session token.
    #[test]
    fn one_changed_bit_of_a_drawn_request_is_noticed(number in 0_usize..120, part in 0_usize..5, at: prop::sample::Index, bit in 0_u8..7) {
        let mut case = read(DRAWN).swap_remove(number);
        let name = case.headers.iter().map(|(name, _)| name.clone()).find(|name| name.starts_with("X-Amz-Meta"));
        let text = match part {
            0 => &mut case.path,
            1 => &mut case.method,
            2 => case.header(name.as_deref().unwrap_or("host")),
            3 => match &mut case.token {
                Some(token) => token,
                None => &mut case.method,
            },
            _ => {
                prop_assume!(!case.body.is_empty());
                let place = at.index(case.body.len());
                case.body[place] ^= 1 << bit;
                prop_assert!(case.verify().is_err());
                return Ok(());
            }
        };
        let mut bytes = text.clone().into_bytes();
        let place = at.index(bytes.len());
        bytes[place] ^= 1 << bit;
        let changed = String::from_utf8(bytes);
        // What isn't text, and what HTTP itself takes for the same (the case of a percent-encoding, more white space), is no change.
        prop_assume!(changed.is_ok());
        let changed = changed.unwrap();
        prop_assume!(part != 2 || !text.split_whitespace().eq(changed.split_whitespace()));
        prop_assume!(part != 0 || canonical::path(text) != canonical::path(&changed));
        prop_assume!(!changed.trim().is_empty());
        *text = changed;
        prop_assert!(case.verify().is_err(), "{case:?}");
    }
}

#[test]
fn a_changed_byte_anywhere_is_noticed() {
    for original in cases() {
        for position in 0..original.body.len() {
            let mut case = original.clone();
            case.body[position] ^= 1;
            case.fails_with("SignatureDoesNotMatch", "String-to-Sign should have been");
        }
        let mut case = original.clone();
        case.method = "PUT".to_owned();
        case.fails_with("SignatureDoesNotMatch", "'PUT\n");
        let mut case = original.clone();
        case.path.push('x');
        case.fails_with("SignatureDoesNotMatch", "Canonical String");
        let mut case = original.clone();
        case.query.push_str("&more=1");
        case.fails_with("SignatureDoesNotMatch", "more=1");
        let mut case = original.clone();
        *case.header("host") = "127.0.0.1:18778".to_owned();
        case.fails_with("SignatureDoesNotMatch", "host:127.0.0.1:18778");
        let mut case = original.clone();
        case.secret.push('x');
        case.fails_with("SignatureDoesNotMatch", "Secret Access Key");
    }
}

#[test]
fn a_changed_signature_is_noticed_at_every_digit() {
    let original = case("form post");
    let digits = 64;
    for position in 0..digits {
        let mut case = original.clone();
        let authorization = case.header("authorization");
        let at = authorization.len() - digits + position;
        let other = if authorization.as_bytes()[at] == b'0' { "1" } else { "0" };
        authorization.replace_range(at..=at, other);
        case.fails_with("SignatureDoesNotMatch", "signature you provided");
    }
}

#[test]
fn an_unknown_key_is_refused() {
    let mut case = case("form post");
    case.key = "AKIASOMEBODYELSE0000".to_owned();
    case.fails_with("InvalidClientTokenId", "security token included in the request is invalid");
}

#[test]
fn a_session_token_must_be_the_one_issued_with_the_key() {
    for name in ["session token", "presigned with token"] {
        let mut other = case(name);
        other.token = Some("another".to_owned());
        other.fails_with("InvalidClientTokenId", "invalid");
        let mut long_lived = case(name);
        long_lived.token = None;
        long_lived.fails_with("InvalidClientTokenId", "invalid");
    }
    let mut missing = case("form post");
    missing.token = Some("needed".to_owned());
    missing.fails_with("InvalidClientTokenId", "invalid");
}

#[test]
fn the_scope_must_be_ours() {
    let case = case("form post");
    let error = case.verify_as("eu-central-1", "redshift").unwrap_err();
    assert_eq!(error.aws_name(), "SignatureDoesNotMatch");
    assert!(error.public().message.contains("valid region: 'eu-central-1'"));
    let error = case.verify_as("us-east-1", "sso").unwrap_err();
    assert!(error.public().message.contains("correct service: 'sso'"));
    for (from, to, message) in
        [("/20260228/", "/20260227/", "Date in Credential scope"), ("aws4_request", "aws5_request", "valid terminator")]
    {
        let mut case = case.clone();
        let changed = case.header("authorization").replace(from, to);
        *case.header("authorization") = changed;
        case.fails_with("SignatureDoesNotMatch", message);
    }
}

#[test]
fn clocks_may_differ_by_fifteen_minutes() {
    for (seconds, expected) in
        [(900, None), (901, Some("Signature expired: 20260228T235930Z")), (-900, None), (-901, Some("not yet current"))]
    {
        let mut case = case("form post");
        case.now += Duration::seconds(seconds);
        match expected {
            None => assert!(case.verify().is_ok(), "{seconds}"),
            Some(message) => case.fails_with("RequestExpired", message),
        }
    }
}

#[test]
fn a_presigned_request_lives_as_long_as_it_says() {
    // botocore's SigV4QueryAuth signs for an hour.
    for (seconds, expected) in [(3600, None), (3601, Some("X-Amz-Expires=3600")), (-901, Some("not yet current"))] {
        let mut case = case("presigned get");
        case.now += Duration::seconds(seconds);
        match expected {
            None => assert!(case.verify().is_ok(), "{seconds}"),
            Some(message) => case.fails_with("RequestExpired", message),
        }
    }
    for seconds in ["0", "604801", "-1", "1h", ""] {
        let mut case = case("presigned get");
        case.query = case.query.replace("X-Amz-Expires=3600", &format!("X-Amz-Expires={seconds}"));
        case.fails_with("IncompleteSignature", "from 1 to 604800");
    }
}

#[test]
fn what_is_not_signed_is_refused() {
    let mut unsigned = case("form post");
    unsigned.headers.push(("X-Amz-Target".to_owned(), "SWBExternalService.ListInstances".to_owned()));
    unsigned.fails_with("IncompleteSignature", "'x-amz-target' must be a 'SignedHeader'");

    let mut no_host = case("form post");
    let changed = no_host.header("authorization").replace("content-type;host;", "content-type;");
    *no_host.header("authorization") = changed;
    no_host.fails_with("IncompleteSignature", "'Host' must be");

    let mut absent = case("form post");
    absent.headers.retain(|(name, _)| name != "Content-Type");
    absent.fails_with("IncompleteSignature", "'content-type' of SignedHeaders is not in the request");
}

#[test]
fn the_stated_hash_must_be_the_hash_of_the_body() {
    for stated in ["UNSIGNED-PAYLOAD", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"] {
        let headers = [("host", "localhost"), ("x-amz-content-sha256", stated)];
        let request = Request { method: "POST", path: "/", query: "", headers: &headers, body: b"Action=X" };
        assert_eq!(sign_and_verify(&request), Err(SigV4Error::PayloadMismatch));
    }
}

#[test]
fn malformed_signatures_are_told_apart() {
    let with = |authorization: &str| {
        let mut case = case("form post");
        *case.header("authorization") = authorization.to_owned();
        case
    };
    let scope = "AKIAGATEHOUSEEXAMPLE/20260228/us-east-1/redshift/aws4_request";
    with("Bearer abc").fails_with("MissingAuthenticationToken", "missing Authentication Token");
    with("AWS4-ECDSA-P256-SHA256 Credential=a").fails_with("IncompleteSignature", "Unsupported AWS 'algorithm'");
    with("AWS4-HMAC-SHA256").fails_with("IncompleteSignature", "must be 'AWS4-HMAC-SHA256 Credential=");
    with(&format!("AWS4-HMAC-SHA256 Credential={scope}")).fails_with("IncompleteSignature", "requires 'SignedHeaders'");
    with(&format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host"))
        .fails_with("IncompleteSignature", "requires 'Signature'");
    with("AWS4-HMAC-SHA256 SignedHeaders=host, Signature=0").fails_with("IncompleteSignature", "requires 'Credential'");
    with("AWS4-HMAC-SHA256 Credential=a/b/c, SignedHeaders=host, Signature=0")
        .fails_with("IncompleteSignature", "5 slash-delimited");
    with(&format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=x;host, Signature=0"))
        .fails_with("IncompleteSignature", "sorted");
    with(&format!("AWS4-HMAC-SHA256 Credential={scope}, Credential={scope}, SignedHeaders=host, Signature=0"))
        .fails_with("IncompleteSignature", "twice");
    with(&format!("AWS4-HMAC-SHA256 Credential={scope}, Region=x, SignedHeaders=host, Signature=0"))
        .fails_with("IncompleteSignature", "unknown part 'Region'");

    let mut unsigned = case("form post");
    unsigned.headers.retain(|(name, _)| name != "Authorization");
    unsigned.fails_with("MissingAuthenticationToken", "Signature Version 4");
    let mut undated = case("form post");
    undated.headers.retain(|(name, _)| name != "X-Amz-Date");
    undated.fails_with("IncompleteSignature", "either a 'X-Amz-Date' or a 'Date'");
    let mut misdated = case("form post");
    *misdated.header("x-amz-date") = "2026-02-28T23:59:30Z".to_owned();
    misdated.fails_with("IncompleteSignature", "ISO-8601 'basic format'");
    let mut doubled = case("form post");
    doubled.headers.push(("Host".to_owned(), "evil.example".to_owned()));
    doubled.fails_with("IncompleteSignature", "more than once");
    let mut both = case("form post");
    both.query = case("presigned get").query;
    both.fails_with("IncompleteSignature", "not in both");
}

#[test]
fn nothing_secret_is_printed() {
    let case = case("session token");
    let token = case.token.clone().unwrap();
    let mut wrong = case.clone();
    wrong.secret.push('x');
    let error = wrong.verify().unwrap_err();
    assert!(!error.to_string().contains(&token));
    assert!(!error.public().message.contains(&case.secret));
}

#[test]
fn paths_are_normalised() {
    let table = [
        ("/", "/"),
        ("", "/"),
        ("//", "/"),
        ("/./", "/"),
        ("/a/..", "/"),
        ("/a/b/..", "/a/"),
        ("/a/./b//c/", "/a/b/c/"),
        ("/../../a", "/a"),
        ("/a%20b", "/a%2520b"),
        ("/-._~", "/-._~"),
    ];
    for (given, expected) in table {
        assert_eq!(canonical::path(given), expected, "{given:?}");
    }
}

#[test]
fn a_plus_in_a_query_is_a_plus() {
    assert_eq!(query_pairs("a=b+c&d=%2B").unwrap(), [("a".into(), "b+c".into()), ("d".into(), "+".into())]);
    assert_eq!(query_pairs("%ff=1").unwrap_err().aws_name(), "IncompleteSignature");
}

const AT: i64 = 1_772_323_170;

fn sign_and_verify(request: &Request<'_>) -> Result<VerifiedRequest<Principal>, SigV4Error> {
    let secret = Secret::from("a secret");
    let at = OffsetDateTime::from_unix_timestamp(AT).unwrap();
    let signature = sign(request, "AKIATEST", &secret, ("us-east-1", "sts"), at)?;
    let mut headers = request.headers.to_vec();
    headers.push(("X-Amz-Date", &signature.x_amz_date));
    headers.push(("Authorization", &signature.authorization));
    let find = |_: &str, _: Option<&str>| Ok(Credential { secret: secret.clone(), caller: Principal::System });
    let expected = Expected { now: at, regions: &["us-east-1"], service: "sts" };
    verify(&Request { headers: &headers, ..*request }, &find, &expected)
}

proptest! {
    #[test]
    fn what_sign_signs_verify_accepts(path in "(/[a-z%. ~é]{0,5}){1,4}", query in "([a-z%+=é]{0,6}&){0,4}", value in "[ -~]{0,20}", body: Vec<u8>) {
        prop_assume!(query_pairs(&query).is_ok());
        let headers = [("Host", "localhost:1"), ("X-Amz-Meta", value.as_str())];
        let request = Request { method: "POST", path: &path, query: &query, headers: &headers, body: &body };
        prop_assert!(sign_and_verify(&request).is_ok());
    }

    #[test]
    fn canonical_queries_are_sorted_and_stable(query in "([a-zA-Z%+=é~]{0,8}&){0,6}") {
        let once = canonical::query(&query, None);
        prop_assert_eq!(canonical::query(&once, None), once);
    }

    #[test]
    fn no_authorization_text_is_accepted_or_panics(text in ".{0,80}") {
        let mut case = case("form post");
        *case.header("authorization") = format!("AWS4-HMAC-SHA256 {text}");
        prop_assert!(case.verify().is_err());
    }
}
