//! What a session stands on: everything of IAM that its credential's asks were allowed by.

use std::collections::BTreeSet;
use std::sync::Arc;

use sessions::{GroundKey, GroundsEnded};
use sts::{CallerIdentity, Ended, Grounds, Origin, Sts};

/// The grounds of one session, with who can judge them.
#[derive(Debug)]
pub(crate) struct SessionGrounds {
    sts: Arc<Sts>,
    grounds: Grounds,
    keys: Vec<GroundKey>,
}

impl SessionGrounds {
    pub(crate) fn new(sts: Arc<Sts>, grounds: Grounds) -> Self {
        let keys = keys(&grounds);
        Self { sts, grounds, keys }
    }
}

impl sessions::Grounds for SessionGrounds {
    fn keys(&self) -> &[GroundKey] {
        &self.keys
    }

    fn ended(&self) -> Option<GroundsEnded> {
        let Ended { reason, mend } = self.sts.still_allowed(&self.grounds).err()?;
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
    let own = match &grounds.caller.identity {
        CallerIdentity::Root => None,
        CallerIdentity::User { id } => Some(GroundKey::IamUser(id.clone())),
        CallerIdentity::Role(session) => Some(GroundKey::IamRole(session.role_id.clone())),
    };
    origins.chain(own).collect::<BTreeSet<_>>().into_iter().collect()
}

/// A statement as a sentence of its own.
fn sentence(statement: &str) -> String {
    let mut letters = statement.trim_end_matches('.').chars();
    let begin = letters.next().map(char::to_uppercase).into_iter().flatten();
    begin.chain(letters).chain(['.']).collect()
}
