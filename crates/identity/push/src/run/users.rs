//! People.

use std::collections::BTreeSet;

use base::id::DirectoryUserId;
use serde_json::{Value, json};

use super::{Aftermath, Job, TURNS};
use crate::client::{self, Created, Kind};
use crate::person;
use crate::plan::{self, Attributes, KnownUser, UserStep};
use crate::port::{Object, PushWrite, PushedUser};
use crate::queue::Depth;
use crate::retry::Failure;

/// How a turn ended.
enum Turn {
    /// The server has the person under this id, with these attributes, or doesn't have them.
    Done(Option<(String, Attributes)>),
    /// It is different from what we knew: once more, from what it says.
    Again,
}

impl Job {
    /// Makes the server have the person as they should be there.
    pub(crate) async fn push_user(&self, user: &DirectoryUserId, depth: Depth) -> Result<Aftermath, Failure> {
        let wanted = self.wanted(user);
        let before = self.store.user(&self.target.id, user).await?;
        let mut depth = depth;
        for _ in 0..TURNS {
            let known = self.known_user(user, before.as_ref(), wanted.as_ref(), depth).await?;
            if let Some(adopted) = known.as_ref().filter(|known| known.sent.is_none()) {
                self.check_heritage(&adopted.remote).await?;
            }
            let step = plan::user(wanted.as_ref(), known.as_ref(), self.target.deprovision);
            if step == UserStep::Create {
                let (target, object) = (self.target.id.clone(), Object::User(user.clone()));
                self.store.apply(&[PushWrite::Begin { target, object }]).await?;
            }
            match self.perform_user(user, wanted.as_ref(), known, step).await? {
                Turn::Done(after) => return self.write_user(user, before, after, depth).await,
                Turn::Again => depth = Depth::Server,
            }
        }
        Err(Failure::Nonsense(
            "the server says that the person exists and can't be found; look for their userName and externalId there"
                .to_owned(),
        ))
    }

    /// Who is meant, as the ledger knows them, or as the server does: by the id that it gave, by our id, by userName.
    pub(crate) async fn known_user(
        &self,
        user: &DirectoryUserId,
        row: Option<&PushedUser>,
        wanted: Option<&Attributes>,
        depth: Depth,
    ) -> Result<Option<KnownUser>, Failure> {
        if let Some(row) = row {
            let (remote, sent) = (row.remote.clone(), Some(row.sent.clone()));
            if depth == Depth::Ledger {
                return Ok(Some(KnownUser { remote, has: row.sent.clone(), sent }));
            }
            if let Some(resource) = self.server.read(Kind::Users, &row.remote).await? {
                let has = plan::has(&resource, wanted, Some(&row.sent));
                return Ok(Some(KnownUser { remote, has, sent }));
            }
        }
        let Some(wanted) = wanted else {
            return if depth == Depth::Server && row.is_none() { self.unwritten(user).await } else { Ok(None) };
        };
        for attribute in ["externalId", "userName"] {
            let value = wanted.get(attribute).and_then(Value::as_str).unwrap_or_default();
            if let Some(resource) = self.server.find(Kind::Users, attribute, value).await? {
                let remote = client::id(&resource)?;
                self.check_adoption(user, &remote, attribute).await?;
                return Ok(Some(KnownUser { remote, has: plan::has(&resource, Some(wanted), None), sent: None }));
            }
        }
        Ok(None)
    }

    /// Somebody whom we created without learning of it, as when the server answered too late: our id is where we put it.
    async fn unwritten(&self, user: &DirectoryUserId) -> Result<Option<KnownUser>, Failure> {
        let Some(resource) = self.server.find(Kind::Users, "externalId", user.as_str()).await? else { return Ok(None) };
        let remote = client::id(&resource)?;
        let ours = ["userName", "externalId", "active"].map(str::to_owned);
        let has = person::flatten(&resource, &ours);
        Ok(Some(KnownUser { remote, sent: Some(has.clone()), has }))
    }

    /// Whom we made for somebody who was deleted here is taken over when that one has lost it there, and not meanwhile: both pushes
    /// would be under way to the same user.
    async fn check_heritage(&self, remote: &str) -> Result<(), Failure> {
        for (_, holder) in self.store.ours(&self.target.id, &[remote.to_owned()]).await? {
            let row = self.store.user(&self.target.id, &holder).await?;
            if row.is_some_and(|row| is_active(&row)) {
                return Err(Failure::Nonsense(format!(
                    "the server's user {remote} is still active as {holder}, who was deleted here; it is tried again when they aren't"
                )));
            }
        }
        Ok(())
    }

    /// Somebody at the server is one person's of ours.
    async fn check_adoption(&self, user: &DirectoryUserId, remote: &str, by: &str) -> Result<(), Failure> {
        let holders = self.store.ours(&self.target.id, &[remote.to_owned()]).await?;
        let holder = holders.into_values().find(|holder| holder != user);
        match holder.and_then(|holder| self.directory.user(&holder)) {
            Some(holder) => Err(Failure::Nonsense(format!(
                "the server's user {remote} has this {by} and is {} already; give one of them another userName",
                holder.user_name
            ))),
            None => Ok(()),
        }
    }

    async fn perform_user(
        &self,
        user: &DirectoryUserId,
        wanted: Option<&Attributes>,
        known: Option<KnownUser>,
        step: UserStep,
    ) -> Result<Turn, Failure> {
        let users = Kind::Users;
        let sent = known.as_ref().and_then(|known| known.sent.clone()).unwrap_or_default();
        let done = |remote: String| Turn::Done(wanted.map(|wanted| (remote, wanted.clone())));
        Ok(match (step, wanted) {
            (UserStep::Nothing, Some(_)) => known.map_or(Turn::Done(None), |known| done(known.remote)),
            // Who was deactivated there by somebody else is as inactive as by us.
            (UserStep::Nothing, None) => Turn::Done(known.map(|known| (known.remote, inactive(sent)))),
            (UserStep::Create, wanted) => {
                let resource = wanted.map(person::resource).unwrap_or_default();
                match self.server.create(users, resource).await? {
                    Created::New(remote) => {
                        self.check_adoption(user, &remote, "id").await?;
                        done(remote)
                    }
                    Created::Taken => Turn::Again,
                }
            }
            (UserStep::Change { remote, changes }, _) => {
                let is_there = self.server.patch(users, &remote, plan::operations(&changes)).await?;
                if is_there { done(remote) } else { Turn::Again }
            }
            (UserStep::Deactivate { remote }, _) => {
                let operations = json!([{"op": "replace", "value": {"active": false}}]);
                let is_there = self.server.patch(users, &remote, operations).await?;
                Turn::Done(is_there.then(|| (remote, inactive(sent))))
            }
            (UserStep::Delete { remote }, _) => {
                self.server.delete(users, &remote).await?;
                Turn::Done(None)
            }
        })
    }

    /// Writes down what the server has, and says in which groups the person's membership has to be looked at.
    async fn write_user(
        &self,
        user: &DirectoryUserId,
        before: Option<PushedUser>,
        after: Option<(String, Attributes)>,
        depth: Depth,
    ) -> Result<Aftermath, Failure> {
        let target = &self.target.id;
        let after = after.map(|(remote, sent)| PushedUser { target: target.clone(), user: user.clone(), remote, sent });
        if before.is_none() && after.is_none() && depth == Depth::Server {
            let end = PushWrite::End { target: target.clone(), object: Object::User(user.clone()) };
            self.store.apply(&[end]).await?;
        }
        if before == after {
            return Ok(Aftermath::default());
        }
        let mut aftermath = Aftermath { heirs: self.heirs(user, before.as_ref()), ..Aftermath::default() };
        let present =
            |row: &Option<PushedUser>| row.as_ref().filter(|row| is_active(row)).map(|row| row.remote.clone());
        if present(&before) != present(&after) {
            let is_in = |group: &&_| self.directory.is_member(group, user);
            aftermath.groups.extend(self.target.pushed_groups.iter().filter(is_in).cloned());
            // Who is taken over brings the memberships along that they had.
            for row in before.iter().chain(&after) {
                aftermath.groups.extend(self.store.groups_of(target, &row.remote).await?);
            }
        }
        let mut writes = Vec::new();
        if before.is_some() && before.as_ref().map(|row| &row.remote) != after.as_ref().map(|row| &row.remote) {
            writes.push(PushWrite::DeleteUser { target: target.clone(), user: user.clone() });
        }
        writes.extend(after.map(PushWrite::PutUser));
        self.store.apply(&writes).await?;
        Ok(aftermath)
    }

    /// Whoever has the userName now of somebody who was deleted here.
    fn heirs(&self, user: &DirectoryUserId, row: Option<&PushedUser>) -> BTreeSet<DirectoryUserId> {
        if self.directory.user(user).is_some() {
            return BTreeSet::new();
        }
        let name = row.and_then(|row| row.sent.get("userName")).and_then(Value::as_str);
        let heir = name.and_then(|name| self.directory.user_by_name(name));
        heir.into_iter().map(|heir| heir.id.clone()).collect()
    }
}

fn is_active(row: &PushedUser) -> bool {
    row.sent.get("active") == Some(&Value::Bool(true))
}

fn inactive(mut attributes: Attributes) -> Attributes {
    attributes.insert("active".to_owned(), Value::Bool(false));
    attributes
}
