//! What a session stands on: everything of IAM that its credential's asks were allowed by.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use sessions::{GroundKey, GroundsEnded};
use sts::{CallerIdentity, Ended, Grounds, Origin, Sts};

use crate::credential::Credential;

/// The grounds of one session, with who can judge them.
#[derive(Debug)]
pub(crate) struct SessionGrounds {
    sts: Arc<Sts>,
    grounds: Grounds,
    /// Tags of the caller as they were read.
    tags: BTreeMap<String, String>,
    keys: Vec<GroundKey>,
}

impl SessionGrounds {
    pub(crate) fn new(sts: Arc<Sts>, credential: &Credential) -> Self {
        let (grounds, tags) = (credential.grounds().clone(), credential.content.tags.clone());
        Self { keys: keys(&grounds), sts, grounds, tags }
    }

    fn still_stands(&self) -> Result<(), Ended> {
        self.sts.still_allowed(&self.grounds)?;
        let caller = self.sts.resume(&self.grounds.caller)?;
        match self.tags.iter().find(|(key, value)| caller.tag(key) != Some(value)) {
            None => Ok(()),
            Some((key, value)) => Err(Ended {
                reason: format!("the tag {key} of {} is no longer \"{value}\"", caller.principal()),
                mend: "Get new credentials: they follow the tag.".to_owned(),
            }),
        }
    }
}

impl sessions::Grounds for SessionGrounds {
    fn keys(&self) -> &[GroundKey] {
        &self.keys
    }

    fn ended(&self) -> Option<GroundsEnded> {
        let Ended { reason, mend } = self.still_stands().err()?;
        Some(GroundsEnded { reason: sentence(&reason), mend })
    }
}

fn keys(grounds: &Grounds) -> Vec<GroundKey> {
    let origins = grounds.origins().iter().map(|origin| match origin {
        Origin::Key { id } | Origin::Session { access_key_id: id } => GroundKey::AccessKey(id.clone()),
        Origin::User { id } => GroundKey::IamUser(id.clone()),
        Origin::Role { id, issued: _ } => GroundKey::IamRole(id.clone()),
        Origin::Provider { arn, made: _ } => GroundKey::Provider(arn.clone()),
    });
    let (own, narrowing) = match &grounds.caller.identity {
        CallerIdentity::Root => (None, [].as_slice()),
        CallerIdentity::User { id } => (Some(GroundKey::IamUser(id.clone())), [].as_slice()),
        CallerIdentity::Role(session) => {
            (Some(GroundKey::IamRole(session.role_id.clone())), session.policies.managed.as_slice())
        }
    };
    let narrowing = narrowing.iter().cloned().map(GroundKey::Policy);
    origins.chain(own).chain(narrowing).collect::<BTreeSet<_>>().into_iter().collect()
}

/// A statement as a sentence of its own. An ARN stays as it is.
fn sentence(statement: &str) -> String {
    if statement.starts_with("arn:") {
        return format!("{}.", statement.trim_end_matches('.'));
    }
    let mut letters = statement.trim_end_matches('.').chars();
    let begin = letters.next().map(char::to_uppercase).into_iter().flatten();
    begin.chain(letters).chain(['.']).collect()
}
