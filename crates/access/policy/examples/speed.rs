//! Microseconds for a decision over the policies that a role has: `cargo run --release -p policy --example speed`.
#![expect(clippy::print_stdout, reason = "a measurement is printed")]

use std::error::Error;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use policy::{Context, Document, DocumentKind, NamedPolicy, Policies, Request, Subject, SubjectKind, evaluate};

const ROUNDS: u32 = 200_000;
const REDSHIFT: &str = "arn:aws:redshift:us-east-1:123456789012";

/// The seed's policy.
const WALKTHROUGH: &str = r#"{"Version": "2012-10-17", "Statement": [
    {"Sid": "AllowGetClusterCreds", "Effect": "Allow", "Action": "redshift:GetClusterCredentials", "Resource": [
        "arn:aws:redshift:us-east-1:123456789012:dbuser:testcluster/${redshift:DbUser}",
        "arn:aws:redshift:us-east-1:123456789012:dbname:testcluster/testdb"],
     "Condition": {"StringLike": {"aws:userid": "*:${redshift:DbUser}@example.com"}}},
    {"Sid": "AllowCreateClusterUser", "Effect": "Allow", "Action": "redshift:CreateClusterUser",
     "Resource": "arn:aws:redshift:us-east-1:123456789012:dbuser:testcluster/${redshift:DbUser}"},
    {"Sid": "AllowJoinGroup", "Effect": "Allow", "Action": "redshift:JoinGroup",
     "Resource": "arn:aws:redshift:us-east-1:123456789012:dbgroup:testcluster/redshift_dbgroup"}]}"#;

fn named(name: &str, text: &str) -> Result<NamedPolicy, Box<dyn Error>> {
    Ok(NamedPolicy { name: name.into(), document: Arc::new(Document::parse(text, DocumentKind::Identity)?) })
}

/// The walkthrough's policy among `others` of ten statements each, of their own services.
fn policies(others: usize) -> Result<Vec<NamedPolicy>, Box<dyn Error>> {
    let statement = |service: usize, number: usize| {
        format!(
            r#"{{"Effect":"Allow","Action":["s{service}:Get{number}*","s{service}:List*"],"Resource":"arn:aws:s{service}:*:*:thing/{number}/*","Condition":{{"StringEquals":{{"aws:PrincipalTag/team":"t{number}"}}}}}}"#
        )
    };
    let mut all = vec![named("arn:aws:iam::123456789012:policy/redshift", WALKTHROUGH)?];
    for service in 0..others {
        let statements: Vec<String> = (0..10).map(|number| statement(service, number)).collect();
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","));
        all.push(named(&format!("arn:aws:iam::123456789012:policy/p{service}"), &text)?);
    }
    Ok(all)
}

fn main() -> Result<(), Box<dyn Error>> {
    let subject = Subject {
        account: "123456789012".to_owned(),
        kind: SubjectKind::Role {
            role_arn: "arn:aws:iam::123456789012:role/redshift".to_owned(),
            role_id: "AROAAAAAAAAAAAAAAAAAA".to_owned(),
            session_arn: "arn:aws:sts::123456789012:assumed-role/redshift/ethan@example.com".to_owned(),
            session_name: "ethan@example.com".to_owned(),
        },
    };
    let mut context = Context::new();
    for (key, value) in [
        ("aws:CurrentTime", "2026-11-22T10:00:00Z"),
        ("aws:EpochTime", "1795341600"),
        ("aws:PrincipalAccount", "123456789012"),
        ("aws:PrincipalArn", "arn:aws:iam::123456789012:role/redshift"),
        ("aws:PrincipalTag/team", "sales"),
        ("aws:PrincipalType", "AssumedRole"),
        ("aws:SecureTransport", "true"),
        ("aws:SourceIp", "127.0.0.1"),
        ("aws:userid", "AROAAAAAAAAAAAAAAAAAA:ethan@example.com"),
        ("redshift:DbName", "testdb"),
        ("redshift:DbUser", "ethan"),
        ("redshift:DurationSeconds", "900"),
    ] {
        context.set(key, value);
    }
    for others in [0, 5, 20] {
        let policies = policies(others)?;
        for (what, action, resource) in [
            ("allowed", "redshift:GetClusterCredentials", "dbuser:testcluster/ethan"),
            ("denied", "redshift:JoinGroup", "dbgroup:testcluster/admins"),
        ] {
            let resource = format!("{REDSHIFT}:{resource}");
            let request = Request { subject: &subject, action, resource: &resource, context: &context };
            let since = Instant::now();
            for _ in 0..ROUNDS {
                let decision = evaluate(&request, &Policies { identity: &policies, ..Policies::default() });
                if black_box(decision).allowed() != (what == "allowed") {
                    return Err(format!("{action} is not {what}").into());
                }
            }
            let each = since.elapsed().as_secs_f64() * 1e6 / f64::from(ROUNDS);
            println!("{:>2} policies, {what:<7}: {each:>7.3} µs", policies.len());
        }
    }
    Ok(())
}
