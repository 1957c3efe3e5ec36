//! Groups.

use std::collections::BTreeSet;

use base::id::{DirectoryGroupId, DirectoryUserId};
use directory::DirectoryGroup;
use scim::schema::GROUPS;
use serde_json::{Map, Value, json};

use super::{Aftermath, Job, TURNS};
use crate::client::{self, Created, Kind};
use crate::plan::{self, GroupStep, KnownGroup, WantedGroup};
use crate::port::{Object, PushWrite, PushedGroup, TransportError};
use crate::queue::{Depth, People, Task};
use crate::retry::Failure;

/// So many memberships change in one request: more, Identity Center doesn't take.
const CHUNK: usize = 100;
/// So many people are looked up at once.
const STRIDE: usize = 500;

/// How a turn ended.
enum Turn {
    Done,
    /// The server is different from what we knew: once more, from what it says.
    Again,
}

/// Members of a group that are looked at.
#[derive(Debug, Default)]
pub(crate) struct Members {
    /// Who should be in it, by the server's ids.
    pub(crate) wanted: BTreeSet<String>,
    /// Everybody of ours who is looked at.
    pub(crate) ours: BTreeSet<String>,
}

impl Job {
    /// Makes the server have the group, and in it the people who are looked at, as it should be there.
    pub(crate) async fn push_group(&self, group: &DirectoryGroupId, task: &Task) -> Result<Aftermath, Failure> {
        let local = self.directory.group(group).filter(|_| self.target.pushed_groups.contains(group));
        let mut depth = task.depth;
        let mut members = Members::default();
        for _ in 0..TURNS {
            let row = self.store.group(&self.target.id, group).await?;
            let known = self.known_group(group, row.as_ref(), local.as_deref(), depth).await?;
            // A group that is new there gets everybody.
            let everybody = People::All;
            let people = if row.is_some() && known.is_some() && local.is_some() { &task.people } else { &everybody };
            members = self.members(group, people, local.is_some()).await?;
            let known = match known {
                None => None,
                Some(known) if depth == Depth::Ledger && row.is_some() => {
                    Some(self.as_we_left_it(group, known, people, &members).await?)
                }
                Some(known) => Some(self.as_it_is_there(group, row.as_ref(), known, people, &mut members).await?),
            };
            if row.is_some() && known.is_none() {
                self.forget_group(group).await?;
            }
            let wanted = local
                .as_ref()
                .map(|local| WantedGroup { display_name: local.display_name.clone(), members: members.wanted.clone() });
            let step = plan::group(wanted.as_ref(), known.as_ref(), &members.ours);
            match self.perform_group(group, wanted.as_ref(), step).await {
                Ok(Turn::Done) => {
                    if local.is_none() && row.is_none() && depth == Depth::Server {
                        let end =
                            PushWrite::End { target: self.target.id.clone(), object: Object::Group(group.clone()) };
                        self.store.apply(&[end]).await?;
                    }
                    return Ok(Aftermath::default());
                }
                Ok(Turn::Again) => {
                    self.forget_group(group).await?;
                    depth = Depth::Server;
                }
                Err(Failure::Status { status: 400 | 404, .. }) if depth == Depth::Ledger => depth = Depth::Server,
                Err(failure) => return self.lost_members(group, failure, &members).await,
            }
        }
        let failure = Failure::Nonsense(
            "the server says that the group exists and can't be found; look for its displayName there".to_owned(),
        );
        self.lost_members(group, failure, &members).await
    }

    /// The group as the ledger knows it, or as the server does. Its members are those that the server lists, or that we added.
    pub(crate) async fn known_group(
        &self,
        group: &DirectoryGroupId,
        row: Option<&PushedGroup>,
        local: Option<&DirectoryGroup>,
        depth: Depth,
    ) -> Result<Option<KnownGroup>, Failure> {
        if let Some(row) = row {
            let known = |display_name: String, members| {
                Some(KnownGroup { remote: row.remote.clone(), display_name, members, created: row.created })
            };
            if depth == Depth::Ledger {
                return Ok(known(row.display_name.clone(), BTreeSet::new()));
            }
            match self.server.read(Kind::Groups, &row.remote).await {
                Ok(Some(resource)) => {
                    let members = self.listed(group, &row.remote, &resource).await?;
                    return Ok(known(display_name(&resource), members));
                }
                Ok(None) => {}
                Err(Failure::Transport(TransportError::TooLarge(_))) => {
                    let members = self.store.members(&self.target.id, group).await?;
                    return Ok(known(row.display_name.clone(), members));
                }
                Err(failure) => return Err(failure),
            }
        }
        if local.is_none() && (row.is_some() || depth == Depth::Ledger) {
            return Ok(None);
        }
        // A group that isn't pushed is looked for by our id alone: we may have made it without learning of it.
        let names = [("externalId", Some(group.as_str())), ("displayName", local.map(|local| &*local.display_name))];
        for (attribute, value) in names.into_iter().filter_map(|(attribute, value)| Some((attribute, value?))) {
            if let Some(resource) = self.server.find(Kind::Groups, attribute, value).await? {
                let remote = client::id(&resource)?;
                let members = self.listed(group, &remote, &resource).await?;
                // Our id is at the server where we put it.
                let created = attribute == "externalId";
                return Ok(Some(KnownGroup { remote, display_name: display_name(&resource), members, created }));
            }
        }
        Ok(None)
    }

    /// The members that a resource lists. Identity Center lists none: then those that we added are believed, if the server finds the
    /// group by one of them.
    async fn listed(
        &self,
        group: &DirectoryGroupId,
        remote: &str,
        resource: &Map<String, Value>,
    ) -> Result<BTreeSet<String>, Failure> {
        let members = resource.get("members").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let ids = members.iter().filter_map(|member| member.get("value")).filter_map(Value::as_str);
        let listed: BTreeSet<String> = ids.map(str::to_owned).collect();
        if !listed.is_empty() {
            return Ok(listed);
        }
        let added = self.store.members(&self.target.id, group).await?;
        match added.first() {
            Some(one) if self.server.is_found_by_member(remote, one).await? => Ok(added),
            Some(_) | None => Ok(BTreeSet::new()),
        }
    }

    /// Of the people who are looked at, who should be in the group. Only those can whom the server has.
    pub(crate) async fn members(
        &self,
        group: &DirectoryGroupId,
        people: &People,
        is_pushed: bool,
    ) -> Result<Members, Failure> {
        let mut members = Members::default();
        match people {
            People::Some(people) => {
                for chunk in people.iter().cloned().collect::<Vec<_>>().chunks(STRIDE) {
                    self.look_at(group, chunk, is_pushed, &mut members).await?;
                }
            }
            People::All => {
                let mut after: Option<DirectoryUserId> = None;
                loop {
                    let some = self.directory.members_after(group, after.as_ref(), STRIDE);
                    let ids: Vec<_> = some.iter().map(|user| user.id.clone()).collect();
                    self.look_at(group, &ids, is_pushed, &mut members).await?;
                    after = ids.last().cloned();
                    if ids.len() < STRIDE {
                        break;
                    }
                }
                members.ours.extend(self.store.members(&self.target.id, group).await?);
            }
        }
        Ok(members)
    }

    async fn look_at(
        &self,
        group: &DirectoryGroupId,
        people: &[DirectoryUserId],
        is_pushed: bool,
        members: &mut Members,
    ) -> Result<(), Failure> {
        for (user, remote) in self.store.remote_ids(&self.target.id, people).await? {
            let is_member = self.directory.is_member(group, &user);
            if is_pushed
                && is_member
                && self
                    .directory
                    .user(&user)
                    .is_some_and(|user| super::is_wanted(&self.directory, &self.assigned, &user))
            {
                members.wanted.insert(remote.clone());
            }
            members.ours.insert(remote);
        }
        Ok(())
    }

    /// With the members that we added, as far as they are looked at.
    async fn as_we_left_it(
        &self,
        group: &DirectoryGroupId,
        mut known: KnownGroup,
        people: &People,
        members: &Members,
    ) -> Result<KnownGroup, Failure> {
        let target = &self.target.id;
        match people {
            People::All => known.members = self.store.members(target, group).await?,
            People::Some(_) => {
                for chunk in members.ours.iter().cloned().collect::<Vec<_>>().chunks(STRIDE) {
                    known.members.extend(self.store.members_among(target, group, chunk).await?);
                }
            }
        }
        Ok(known)
    }

    /// What the server says is written down: the group is ours from now on, with those of our people who are in it.
    async fn as_it_is_there(
        &self,
        group: &DirectoryGroupId,
        row: Option<&PushedGroup>,
        mut known: KnownGroup,
        people: &People,
        members: &mut Members,
    ) -> Result<KnownGroup, Failure> {
        let target = &self.target.id;
        match people {
            People::Some(_) => known.members.retain(|member| members.ours.contains(member)),
            People::All => {
                // A server may list people of ours whom somebody else put there.
                for chunk in known.members.difference(&members.ours).cloned().collect::<Vec<_>>().chunks(STRIDE) {
                    members.ours.extend(self.store.ours(target, chunk).await?.into_keys());
                }
            }
        }
        let mut writes = Vec::new();
        if row.is_none_or(|row| row.remote != known.remote) {
            writes.push(PushWrite::DeleteGroup { target: target.clone(), group: group.clone() });
        }
        let (remote, display_name) = (known.remote.clone(), known.display_name.clone());
        let created = known.created;
        writes.push(PushWrite::PutGroup(PushedGroup {
            target: target.clone(),
            group: group.clone(),
            remote,
            display_name,
            created,
        }));
        let gone = members.ours.difference(&known.members).cloned().collect();
        writes.push(PushWrite::RemoveMembers { target: target.clone(), group: group.clone(), members: gone });
        let inside = members.ours.intersection(&known.members).cloned().collect();
        writes.push(PushWrite::AddMembers { target: target.clone(), group: group.clone(), members: inside });
        self.store.apply(&writes).await?;
        Ok(known)
    }

    async fn perform_group(
        &self,
        group: &DirectoryGroupId,
        wanted: Option<&WantedGroup>,
        step: GroupStep,
    ) -> Result<Turn, Failure> {
        match (step, wanted) {
            (GroupStep::Nothing, _) => Ok(Turn::Done),
            (GroupStep::Create { members }, Some(wanted)) => self.create_group(group, wanted, &members).await,
            (GroupStep::Create { .. }, None) => Ok(Turn::Done),
            (GroupStep::Change { remote, rename, add, remove }, wanted) => {
                if let Some(wanted) = wanted.filter(|_| rename) {
                    let operations = json!([{"op": "replace", "path": "displayName", "value": wanted.display_name}]);
                    if !self.server.patch(Kind::Groups, &remote, operations).await? {
                        return Ok(Turn::Again);
                    }
                    self.renamed(group, &wanted.display_name).await?;
                }
                self.change_members(group, &remote, &add, &remove).await
            }
            (GroupStep::Delete { remote }, _) => {
                self.server.delete(Kind::Groups, &remote).await?;
                self.forget_group(group).await?;
                Ok(Turn::Done)
            }
            (GroupStep::Release { remote, remove }, _) => {
                self.change_members(group, &remote, &BTreeSet::new(), &remove).await?;
                self.forget_group(group).await?;
                Ok(Turn::Done)
            }
        }
    }

    async fn create_group(
        &self,
        group: &DirectoryGroupId,
        wanted: &WantedGroup,
        members: &BTreeSet<String>,
    ) -> Result<Turn, Failure> {
        let first: Vec<String> = members.iter().take(CHUNK).cloned().collect();
        let rest: BTreeSet<String> = members.iter().skip(CHUNK).cloned().collect();
        let mut resource = Map::new();
        resource.insert("schemas".to_owned(), json!([GROUPS.core.urn]));
        resource.insert("displayName".to_owned(), json!(wanted.display_name));
        resource.insert("externalId".to_owned(), json!(group.as_str()));
        resource.insert("members".to_owned(), values(&first));
        let begin = PushWrite::Begin { target: self.target.id.clone(), object: Object::Group(group.clone()) };
        self.store.apply(&[begin]).await?;
        let Created::New(remote) = self.server.create(Kind::Groups, resource).await? else { return Ok(Turn::Again) };
        let (target, group_id) = (self.target.id.clone(), group.clone());
        let row = PushedGroup {
            target: target.clone(),
            group: group.clone(),
            remote: remote.clone(),
            display_name: wanted.display_name.clone(),
            created: true,
        };
        let members = PushWrite::AddMembers { target, group: group_id, members: first };
        self.store.apply(&[PushWrite::PutGroup(row), members]).await?;
        self.change_members(group, &remote, &rest, &BTreeSet::new()).await
    }

    /// In portions, each of which is written down: what was done before a failure isn't done again.
    async fn change_members(
        &self,
        group: &DirectoryGroupId,
        remote: &str,
        add: &BTreeSet<String>,
        remove: &BTreeSet<String>,
    ) -> Result<Turn, Failure> {
        let (target, id) = (&self.target.id, group);
        for chunk in remove.iter().cloned().collect::<Vec<_>>().chunks(CHUNK) {
            let one = |member: &String| json!({"op": "remove", "path": format!("members[value eq {}]", json!(member))});
            let operations: Value = chunk.iter().map(one).collect();
            if !self.server.patch(Kind::Groups, remote, operations).await? {
                return Ok(Turn::Again);
            }
            let (target, group, members) = (target.clone(), id.clone(), chunk.to_vec());
            self.store.apply(&[PushWrite::RemoveMembers { target, group, members }]).await?;
        }
        if add.is_empty() {
            return Ok(Turn::Done);
        }
        // Should we not learn that they were added, the server is asked who is in the group.
        let (target, object) = (target.clone(), Object::Group(id.clone()));
        self.store.apply(&[PushWrite::Begin { target: target.clone(), object: object.clone() }]).await?;
        for chunk in add.iter().cloned().collect::<Vec<_>>().chunks(CHUNK) {
            let operations = json!([{"op": "add", "path": "members", "value": values(chunk)}]);
            if !self.server.patch(Kind::Groups, remote, operations).await? {
                return Ok(Turn::Again);
            }
            let (target, group, members) = (target.clone(), id.clone(), chunk.to_vec());
            self.store.apply(&[PushWrite::AddMembers { target, group, members }]).await?;
        }
        self.store.apply(&[PushWrite::End { target, object }]).await?;
        Ok(Turn::Done)
    }

    async fn renamed(&self, group: &DirectoryGroupId, display_name: &str) -> Result<(), Failure> {
        if let Some(row) = self.store.group(&self.target.id, group).await? {
            let row = PushedGroup { display_name: display_name.to_owned(), ..row };
            self.store.apply(&[PushWrite::PutGroup(row)]).await?;
        }
        Ok(())
    }

    async fn forget_group(&self, group: &DirectoryGroupId) -> Result<(), Failure> {
        let write = PushWrite::DeleteGroup { target: self.target.id.clone(), group: group.clone() };
        Ok(self.store.apply(&[write]).await?)
    }

    /// A server that refuses members may have lost some of them: they are pushed anew, and the group after them.
    async fn lost_members(
        &self,
        group: &DirectoryGroupId,
        failure: Failure,
        members: &Members,
    ) -> Result<Aftermath, Failure> {
        if !matches!(failure, Failure::Status { status: 400 | 404 | 409 | 422, .. } | Failure::Nonsense(_)) {
            return Err(failure);
        }
        let target = &self.target.id;
        let inside = self.store.members(target, group).await?;
        // Portions go in order: it is the first one that was refused.
        let refused: Vec<String> = members.wanted.difference(&inside).take(CHUNK).cloned().collect();
        let mut lost = BTreeSet::new();
        for (remote, user) in self.store.ours(target, &refused).await? {
            if self.server.read(Kind::Users, &remote).await?.is_none() {
                lost.insert(user);
            }
        }
        if lost.is_empty() {
            return Err(failure);
        }
        let forget = |user: &DirectoryUserId| PushWrite::DeleteUser { target: target.clone(), user: user.clone() };
        self.store.apply(&lost.iter().map(forget).collect::<Vec<_>>()).await?;
        Ok(Aftermath { lost, ..Aftermath::default() })
    }
}

fn display_name(resource: &Map<String, Value>) -> String {
    resource.get("displayName").and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn values(members: &[String]) -> Value {
    members.iter().map(|member| json!({"value": member})).collect()
}
