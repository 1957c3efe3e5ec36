//! The questions, and the policies in both languages.

/// Policies and what is asked of them.
pub struct Set {
    pub name: &'static str,
    pub iam: Vec<String>,
    pub cedar: String,
    pub questions: Vec<Question>,
}

pub struct Question {
    pub name: &'static str,
    pub action: String,
    /// `dbuser`, and the name within the cluster.
    pub resource: (&'static str, String),
    pub db_user: &'static str,
    pub address: &'static str,
    pub allowed: bool,
}

const ARN: &str = "arn:aws:redshift:us-east-1:123456789012";

/// Walkthrough 2's policy.
const IAM: &str = r#"{"Version": "2012-10-17", "Statement": [
    {"Sid": "AllowGetClusterCreds", "Effect": "Allow", "Action": "redshift:GetClusterCredentials", "Resource": [
        "arn:aws:redshift:us-east-1:123456789012:dbuser:testcluster/${redshift:DbUser}",
        "arn:aws:redshift:us-east-1:123456789012:dbname:testcluster/testdb"],
     "Condition": {"StringEquals": {"aws:PrincipalTag/person": "${redshift:DbUser}"}}},
    {"Sid": "AllowCreateClusterUser", "Effect": "Allow", "Action": "redshift:CreateClusterUser",
     "Resource": "arn:aws:redshift:us-east-1:123456789012:dbuser:testcluster/${redshift:DbUser}"},
    {"Sid": "AllowJoinGroup", "Effect": "Allow", "Action": "redshift:JoinGroup",
     "Resource": "arn:aws:redshift:us-east-1:123456789012:dbgroup:testcluster/redshift_dbgroup"}]}"#;

/// The same. Cedar puts no strings together, so that a resource has its cluster and its name as attributes.
const CEDAR: &str = r#"
permit (principal in Role::"redshift", action == Action::"redshift:GetClusterCredentials", resource)
when {
    resource.cluster == "testcluster" && principal.person == context.DbUser &&
    ((resource.kind == "dbuser" && resource.name == context.DbUser) ||
     (resource.kind == "dbname" && resource.name == "testdb"))
};
permit (principal in Role::"redshift", action == Action::"redshift:CreateClusterUser", resource)
when { resource.kind == "dbuser" && resource.cluster == "testcluster" && resource.name == context.DbUser };
permit (principal in Role::"redshift", action == Action::"redshift:JoinGroup", resource)
when { resource.kind == "dbgroup" && resource.cluster == "testcluster" && resource.name == "redshift_dbgroup" };
"#;

const IAM_DENY: &str = r#"{"Version": "2012-10-17", "Statement": {"Sid": "OfficeOnly", "Effect": "Deny", "Action": "*",
    "Resource": "*", "Condition": {"NotIpAddress": {"aws:SourceIp": ["10.0.0.0/8", "192.168.0.0/16"]}}}}"#;

const CEDAR_DENY: &str = r#"
forbid (principal in Role::"redshift", action, resource)
unless { context.SourceIp.isInRange(ip("10.0.0.0/8")) || context.SourceIp.isInRange(ip("192.168.0.0/16")) };
"#;

pub fn all() -> [Set; 3] {
    [walkthrough(), fifty(), deny()]
}

fn question(name: &'static str, action: &str, kind: &'static str, resource: &str, allowed: bool) -> Question {
    Question {
        name,
        action: action.to_owned(),
        resource: (kind, resource.to_owned()),
        db_user: "ethan",
        address: "10.1.2.3",
        allowed,
    }
}

fn walkthrough() -> Set {
    Set {
        name: "walkthrough 2",
        iam: vec![IAM.to_owned()],
        cedar: CEDAR.to_owned(),
        questions: vec![
            question("GetClusterCredentials", "redshift:GetClusterCredentials", "dbuser", "ethan", true),
            question("GetClusterCredentials, dbname", "redshift:GetClusterCredentials", "dbname", "testdb", true),
            Question {
                db_user: "admin",
                ..question(
                    "GetClusterCredentials for another",
                    "redshift:GetClusterCredentials",
                    "dbuser",
                    "admin",
                    false,
                )
            },
            question("JoinGroup", "redshift:JoinGroup", "dbgroup", "redshift_dbgroup", true),
            question("JoinGroup of another", "redshift:JoinGroup", "dbgroup", "admins", false),
        ],
    }
}

/// A role of fifty statements: five actions of one service, each on ten families of names.
fn fifty() -> Set {
    let (mut statements, mut cedar) = (Vec::new(), String::new());
    for number in 0..50 {
        let (action, family) = (format!("redshift:Action{}", number % 5), number / 5);
        statements.push(format!(
            r#"{{"Sid":"S{number}","Effect":"Allow","Action":"{action}","Resource":"{ARN}:cluster:testcluster/family{family}-*","Condition":{{"StringEquals":{{"aws:PrincipalTag/person":["ethan","fiona"]}}}}}}"#
        ));
        cedar.push_str(&format!(
            "permit (principal in Role::\"redshift\", action == Action::\"{action}\", resource)\n\
             when {{ resource.kind == \"cluster\" && resource.cluster == \"testcluster\" && \
             resource.name like \"family{family}-*\" && [\"ethan\", \"fiona\"].contains(principal.person) }};\n"
        ));
    }
    Set {
        name: "fifty statements",
        iam: vec![format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","))],
        cedar,
        questions: vec![
            question("allowed by the 38th", "redshift:Action2", "cluster", "family7-x", true),
            question("another resource", "redshift:Action2", "cluster", "others-x", false),
            question("another action", "redshift:Action9", "cluster", "family7-x", false),
        ],
    }
}

fn deny() -> Set {
    let asked = |name, address, allowed| Question {
        address,
        ..question(name, "redshift:GetClusterCredentials", "dbuser", "ethan", allowed)
    };
    Set {
        name: "a deny",
        iam: vec![IAM.to_owned(), IAM_DENY.to_owned()],
        cedar: format!("{CEDAR}{CEDAR_DENY}"),
        questions: vec![asked("that doesn't apply", "192.168.7.7", true), asked("that applies", "203.0.113.9", false)],
    }
}
