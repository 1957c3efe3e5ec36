use serde_json::json;
use time::OffsetDateTime;

use super::*;
use crate::application::{Connector, ConstantAttribute, NameIdFormat, UserField};
use crate::aws_attribute::{DB_GROUPS, DB_USER, ROLE, ROLE_SESSION_NAME, SESSION_DURATION};
use crate::connector::ConnectorKind;

fn ethan() -> DirectoryUser {
    directory::NewUser {
        user_name: "ethan".to_owned(),
        active: true,
        email: Some("ethan@example.com".to_owned()),
        attributes: json!({
            "title": "Analyst", "nickName": "", "employed": true, "floor": 3,
            "emails": [{"value": "ethan@example.com", "primary": true}, {"value": "e@example.org"}],
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "Sales"},
        })
        .as_object()
        .unwrap()
        .clone(),
        ..directory::NewUser::default()
    }
    .with_id(base::id::DirectoryUserId::new("u1"), 1, OffsetDateTime::UNIX_EPOCH, OffsetDateTime::UNIX_EPOCH)
}

fn redshift() -> SamlApplication {
    let Connector::Redshift(mut application) = ConnectorKind::Redshift.template() else { panic!("another connector") };
    let role = "arn:aws:iam::123456789012:role/r,arn:aws:iam::123456789012:saml-provider/p";
    application.constant_attributes.push(ConstantAttribute { name: ROLE.to_owned(), value: role.to_owned() });
    application
}

fn values(sent: &[SentAttribute], name: &str) -> Vec<String> {
    sent.iter().find(|attribute| attribute.name == name).map(|attribute| attribute.values.clone()).unwrap_or_default()
}

#[test]
fn a_field_has_the_persons_values() {
    let ethan = ethan();
    for (field, expected) in [
        ("userName", vec!["ethan"]),
        ("id", vec!["u1"]),
        ("email", vec!["ethan@example.com"]),
        ("displayName", vec![]),
        ("attribute:title", vec!["Analyst"]),
        ("attribute:TITLE", vec!["Analyst"]),
        ("attribute:nickName", vec![]),
        ("attribute:employed", vec!["true"]),
        ("attribute:floor", vec!["3"]),
        ("attribute:emails", vec!["ethan@example.com", "e@example.org"]),
        ("attribute:department", vec!["Sales"]),
        ("attribute:absent", vec![]),
    ] {
        let parsed = UserField::from_name(field).unwrap();
        assert_eq!(parsed.values(&ethan), expected, "{field}");
        assert_eq!(parsed.name(), field);
    }
    for unknown in ["", "username", "password", "attribute:", "attribute:a b", "emails"] {
        assert_eq!(UserField::from_name(unknown), None, "{unknown}");
    }
}

#[test]
fn the_redshift_drivers_get_what_they_read() {
    let sent = saml(&redshift(), &ethan(), &["sales".to_owned(), "all".to_owned()]).unwrap();
    assert_eq!(values(&sent, DB_USER), ["ethan"]);
    assert_eq!(values(&sent, ROLE_SESSION_NAME), ["ethan"]);
    assert_eq!(values(&sent, SESSION_DURATION), ["900"]);
    assert_eq!(values(&sent, DB_GROUPS), ["all", "sales"]);
    assert_eq!(values(&sent, "https://redshift.amazon.com/SAML/Attributes/AutoCreate"), ["true"]);
    assert_eq!(values(&sent, ROLE).len(), 1);
    let nobody = saml(&redshift(), &ethan(), &[]).unwrap();
    assert!(!nobody.iter().any(|attribute| attribute.name == DB_GROUPS), "an attribute has a value");
}

#[test]
fn an_upper_case_db_user_is_refused_with_what_to_do() {
    let mut person = ethan();
    person.user_name = "Ethan".to_owned();
    let problem = saml(&redshift(), &person, &[]).unwrap_err();
    assert_eq!((problem.attribute.as_str(), problem.found.as_str()), (DB_USER, "Ethan"));
    assert!(problem.rule.contains("lower-case"));
}

#[test]
fn an_upper_case_db_group_is_refused_with_what_to_do() {
    let problem = saml(&redshift(), &ethan(), &["sales".to_owned(), "All Staff".to_owned()]).unwrap_err();
    assert_eq!((problem.attribute.as_str(), problem.found.as_str()), (DB_GROUPS, "All Staff"));
    let mut only_db = redshift();
    only_db.group_attribute.as_mut().unwrap().prefix = Some("sa".to_owned());
    let sent = saml(&only_db, &ethan(), &["sales".to_owned(), "All Staff".to_owned()]).unwrap();
    assert_eq!(values(&sent, DB_GROUPS), ["sales"]);
}

#[test]
fn a_value_that_xml_cannot_carry_is_refused() {
    let mut application = redshift();
    application.user_attributes.push(UserAttribute { name: "title".to_owned(), from: UserField::DisplayName });
    for bad in ["a\u{0}b", "a\nb", &"x".repeat(1025), "\u{ffff}"] {
        let mut person = ethan();
        person.display_name = Some((*bad).to_owned());
        let problem = saml(&application, &person, &[]).unwrap_err();
        assert_eq!(problem.attribute, "title");
    }
}

#[test]
fn more_groups_than_can_be_read_are_refused_and_never_cut() {
    let groups: Vec<String> = (0..201).map(|number| format!("group{number}")).collect();
    let problem = saml(&redshift(), &ethan(), &groups).unwrap_err();
    assert!(problem.rule.contains("prefix"), "{}", problem.rule);
    assert_eq!(saml(&redshift(), &ethan(), &groups[..200]).unwrap().last().unwrap().values.len(), 200);
}

#[test]
fn a_name_id_has_one_value() {
    let of = |from| NameIdSource { format: NameIdFormat::EmailAddress, from };
    assert_eq!(name_id(&of(UserField::UserName), &ethan()).unwrap(), "ethan");
    let none = name_id(&of(UserField::DisplayName), &ethan()).unwrap_err();
    assert!(none.rule.contains("displayName"));
    let several = name_id(&of(UserField::Attribute("emails".to_owned())), &ethan()).unwrap_err();
    assert!(several.rule.contains("several"));
}

#[test]
fn claims_are_the_mapped_ones_and_the_groups() {
    let Connector::OpenIdConnect(mut application) = ConnectorKind::OpenIdConnect.template() else {
        panic!("another connector")
    };
    for (name, field) in
        [("department", "attribute:department"), ("mails", "attribute:emails"), ("none", "displayName")]
    {
        application.claims.push(UserAttribute { name: name.to_owned(), from: UserField::from_name(field).unwrap() });
    }
    let made = claims(&application, &ethan(), &["b".to_owned(), "a".to_owned()]).unwrap();
    let expected =
        json!({"department": "Sales", "mails": ["ethan@example.com", "e@example.org"], "groups": ["a", "b"]});
    assert_eq!(Value::Object(made), expected);
    application.groups_claim = None;
    application.claims.clear();
    assert!(claims(&application, &ethan(), &["a".to_owned()]).unwrap().is_empty());
}
