use time::OffsetDateTime;

use super::{EventKeys, TrailRecord};
use crate::{AuditStep, Outcome};

fn record(step: AuditStep, action: &str, target: &str) -> TrailRecord {
    TrailRecord {
        sequence: 7,
        at: OffsetDateTime::UNIX_EPOCH,
        step: step.name().to_owned(),
        outcome: Outcome::Allowed,
        correlation: "c".to_owned(),
        principal: "arn:aws:iam::123456789012:root".to_owned(),
        action: action.to_owned(),
        target: target.to_owned(),
        fields: vec![("access_key_id".to_owned(), "AKIAX".to_owned())],
        hash: "ab".repeat(32),
    }
}

fn keys(step: AuditStep, action: &str, target: &str) -> EventKeys {
    EventKeys::of(&record(step, action, target)).unwrap()
}

#[test]
fn a_call_is_named_by_its_service_and_operation() {
    let arn = "arn:aws:redshift:us-east-1:123456789012:cluster:analytics";
    let made = keys(AuditStep::ApiCall, "redshift:CreateCluster", arn);
    assert_eq!((made.source.as_str(), made.name.as_str()), ("redshift.amazonaws.com", "CreateCluster"));
    assert_eq!((made.user_name.as_deref(), made.access_key.as_deref()), (Some("root"), Some("AKIAX")));
    assert_eq!(made.resources, [("AWS::Redshift::Cluster".to_owned(), arn.to_owned())]);
    assert_eq!(made.id, "abababab-abab-8bab-abab-abababababab");
    assert!(!made.read_only);
    assert!(keys(AuditStep::ApiCall, "redshift:DescribeClusters", "*").read_only);
    assert_eq!(keys(AuditStep::ApiCall, "redshift:DescribeClusters", "*").resources, []);
}

#[test]
fn the_providers_administration_has_names_and_reads() {
    let made = keys(AuditStep::Administration, "idp:CreatePerson", "people");
    assert_eq!((made.source.as_str(), made.name.as_str()), ("gatehouse.amazonaws.com", "CreatePerson"));
    assert!(!made.read_only && keys(AuditStep::Administration, "idp:ListPeople", "people").read_only);
}

#[test]
fn arns_have_types() {
    for (arn, kind) in [
        ("arn:aws:sso:::instance/ssoins-1", "AWS::SSO::Instance"),
        ("arn:aws:sso::123456789012:application/ssoins-1/apl-1", "AWS::SSO::Application"),
        ("arn:aws:identitystore::123456789012:identitystore/d-1", "AWS::IdentityStore::IdentityStore"),
        ("arn:aws:redshift:us-east-1:123456789012:redshiftidcapplication:x", "AWS::Redshift::IdcApplication"),
        ("arn:aws:redshift-serverless:us-east-1:123456789012:workgroup/x", "AWS::RedshiftServerless::Workgroup"),
    ] {
        assert_eq!(keys(AuditStep::ApiCall, "s:Op", arn).resources, [(kind.to_owned(), arn.to_owned())]);
    }
}

#[test]
fn scim_requests_have_the_names_of_aws() {
    for (action, name) in [
        ("POST /Users", "CreateUser"),
        ("GET /Users", "ListUsers"),
        ("GET /Users/", "ListUsers"),
        ("GET /Users/1", "GetUser"),
        ("PUT /d-1/scim/v2/Users/1", "PutUser"),
        ("PATCH /Groups/1", "PatchGroup"),
        ("DELETE /Groups/1", "DeleteGroup"),
        ("POST /Groups/.search", "SearchGroups"),
        ("POST /.search", "Search"),
        ("POST /Bulk", "Bulk"),
        ("GET /Schemas", "ListSchemas"),
        ("GET /Schemas/urn:x", "GetSchema"),
        ("GET /ServiceProviderConfig", "ServiceProviderConfig"),
        ("GET /nothing", "Unknown"),
    ] {
        assert_eq!(keys(AuditStep::ScimRequest, action, "").name, name, "{action}");
    }
    assert!(keys(AuditStep::ScimRequest, "GET /Users", "/Users").read_only);
    let person = ("AWS::IdentityStore::User".to_owned(), "id7".to_owned());
    assert_eq!(keys(AuditStep::ScimRequest, "PATCH /Users/id7", "/Users/id7").resources, [person]);
    let mut created = record(AuditStep::ScimRequest, "POST /Groups", "/Groups");
    created.fields.push(("created".to_owned(), "new".to_owned()));
    let group = ("AWS::IdentityStore::Group".to_owned(), "new".to_owned());
    assert_eq!(EventKeys::of(&created).unwrap().resources, [group]);
}

#[test]
fn what_happens_in_a_warehouse_is_no_event() {
    for step in [AuditStep::Connection, AuditStep::Statement, AuditStep::SessionEnd] {
        assert_eq!(EventKeys::of(&record(step, "SELECT", "t")), None);
    }
}

#[test]
fn people_and_provisioning_clients_are_named() {
    let mut record = record(AuditStep::Token, "", "");
    for (principal, name) in [
        ("directory-user:ethan", Some("ethan")),
        ("directory-user:2819c223-7f76-453a-919d-413861904646/ethan", Some("ethan")),
        ("scim-token:0011", Some("0011")),
        ("anonymous", None),
    ] {
        record.principal = principal.to_owned();
        assert_eq!(EventKeys::of(&record).unwrap().user_name.as_deref(), name);
    }
}
