//! The two engines.

use std::error::Error;
use std::sync::Arc;

use cedar_policy::{Authorizer, Entities, Entity, EntityId, EntityTypeName, EntityUid, PolicySet, Request};
use policy::{Document, DocumentKind, NamedPolicy, Policies, Subject, SubjectKind, evaluate};
use serde_json::json;

use crate::sets::{Question, Set};

type Failure = Box<dyn Error>;

pub struct Ours {
    policies: Vec<NamedPolicy>,
    subject: Subject,
}

impl Ours {
    pub fn new(set: &Set) -> Result<Self, Failure> {
        let mut policies = Vec::new();
        for text in &set.iam {
            let document = Arc::new(Document::parse(text, DocumentKind::Identity)?);
            let name = format!("arn:aws:iam::123456789012:policy/p{}", policies.len());
            policies.push(NamedPolicy { name: name.into(), document });
        }
        let kind = SubjectKind::Role {
            role_arn: "arn:aws:iam::123456789012:role/redshift".to_owned(),
            role_id: "AROAAAAAAAAAAAAAAAAAA".to_owned(),
            session_arn: "arn:aws:sts::123456789012:assumed-role/redshift/ethan".to_owned(),
            session_name: "ethan".to_owned(),
        };
        Ok(Self { policies, subject: Subject { account: "123456789012".to_owned(), kind } })
    }

    pub fn context(&self, question: &Question) -> (String, policy::Context) {
        let (kind, name) = &question.resource;
        let resource = format!("arn:aws:redshift:us-east-1:123456789012:{kind}:testcluster/{name}");
        let mut context = policy::Context::new();
        context.set("redshift:DbUser", question.db_user);
        context.set("aws:SourceIp", question.address);
        context.set("aws:PrincipalTag/person", "ethan");
        (resource, context)
    }

    pub fn allows(&self, question: &Question, (resource, context): &(String, policy::Context)) -> bool {
        let request = policy::Request { subject: &self.subject, action: &question.action, resource, context };
        evaluate(&request, &Policies { identity: &self.policies, ..Policies::default() }).allowed()
    }
}

pub struct Cedar {
    authorizer: Authorizer,
    policies: PolicySet,
    role: Entity,
    person: Entity,
}

fn uid(kind: &str, name: &str) -> Result<EntityUid, Failure> {
    Ok(EntityUid::from_type_name_and_id(kind.parse::<EntityTypeName>()?, EntityId::new(name)))
}

impl Cedar {
    pub fn new(set: &Set) -> Result<Self, Failure> {
        let role = uid("Role", "redshift")?;
        let person = json!({
            "uid": {"type": "Session", "id": "ethan"}, "attrs": {"person": "ethan"},
            "parents": [{"type": "Role", "id": "redshift"}],
        });
        Ok(Self {
            authorizer: Authorizer::new(),
            policies: set.cedar.parse()?,
            role: Entity::with_uid(role),
            person: Entity::from_json_value(person, None)?,
        })
    }

    pub fn request(&self, question: &Question) -> Result<(Request, Entities), Failure> {
        let (kind, name) = &question.resource;
        let resource = uid("Thing", &format!("{kind}:testcluster/{name}"))?;
        let attributes = json!({"kind": kind, "cluster": "testcluster", "name": name});
        let entity =
            json!({"uid": {"type": "Thing", "id": resource.id().unescaped()}, "attrs": attributes, "parents": []});
        let entities = [self.role.clone(), self.person.clone(), Entity::from_json_value(entity, None)?];
        let context =
            json!({"DbUser": question.db_user, "SourceIp": {"__extn": {"fn": "ip", "arg": question.address}}});
        let context = cedar_policy::Context::from_json_value(context, None)?;
        let action = uid("Action", &question.action)?;
        let request = Request::new(self.person.uid(), action, resource, context, None)?;
        Ok((request, Entities::from_entities(entities, None)?))
    }

    pub fn allows(&self, (request, entities): &(Request, Entities)) -> bool {
        let response = self.authorizer.is_authorized(request, &self.policies, entities);
        response.decision() == cedar_policy::Decision::Allow
    }
}
