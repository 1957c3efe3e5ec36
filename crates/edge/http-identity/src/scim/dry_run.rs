//! A write that is tried on a copy: what it would answer, what it would change, and who would gain or lose which table.

use std::collections::BTreeSet;
use std::sync::Arc;

use base::id::{DirectoryGroupId, DirectoryUserId};
use directory::{Directory, DirectoryGroup, DirectoryUser};
use scim::{Object, ScimError, group, user};
use serde_json::{Value, json};

use super::ScimState;
use super::audit::{Touched, Trail};
use super::preview::{self, TableAccess};
use super::request::Call;
use super::respond::{Asked, Reply};
use super::route::Target;

const URN: &str = "urn:gatehouse:params:scim:api:messages:2.0:DryRun";
/// So many people, resources or members are named; of more, only their number.
const NAMED: usize = 1000;
/// So many members are read before others get their turn.
const STRIDE: usize = 1000;

/// The directory as it is, and as it would be.
struct Trial {
    before: Arc<Directory>,
    after: Arc<Directory>,
}

/// # Errors
/// Those of the request itself.
pub(super) async fn run(
    state: &ScimState,
    target: &Target,
    call: &Call,
    trail: &mut Trail,
    asked: &Asked,
) -> Result<Reply, ScimError> {
    trail.dry_run();
    let before = state.directory.sandbox();
    let trial = Trial { after: before.sandbox(), before };
    let tried = ScimState { directory: Arc::clone(&trial.after), ..state.clone() };
    let reply = super::carry_out(&tried, target, call, trail, asked).await?;
    let touched = trail.touched();
    let (changes, concerned) = trial.changes(touched).await;
    let more_changes = changes.len().saturating_sub(NAMED);
    let access = trial.access(state, &concerned).await;
    let mut body = json!({
        "schemas": [URN],
        "status": reply.status().as_u16().to_string(),
        "changes": changes.into_iter().take(NAMED).collect::<Vec<_>>(),
        "changesNotNamed": more_changes,
        "peopleConcerned": concerned.len(),
        "peopleNotExamined": concerned.len().saturating_sub(NAMED),
        "access": access,
    });
    if let Some(body) = body.as_object_mut() {
        if let Some(location) = reply.location() {
            body.insert("location".to_owned(), json!(location));
        }
        if let Some(response) = reply.body() {
            body.insert("response".to_owned(), response.clone());
        }
    }
    Ok(Reply::ok(body))
}

impl Trial {
    /// What would change, and whom it concerns: people who change themselves, who join or leave a group, or whose group gets
    /// another name.
    async fn changes(&self, touched: &Touched) -> (Vec<Value>, BTreeSet<DirectoryUserId>) {
        let mut changes = Vec::new();
        let mut concerned = BTreeSet::new();
        for id in &touched.users {
            let (before, after) = (self.before.user(id), self.after.user(id));
            let password = touched.passwords.contains(id);
            if let Some(change) = user_change(before.as_deref(), after.as_deref(), password) {
                changes.push(change);
                concerned.insert(id.clone());
            }
        }
        for id in &touched.groups {
            let (before, after) = (self.before.group(id), self.after.group(id));
            let members = (member_ids(&self.before, id).await, member_ids(&self.after, id).await);
            if let Some(change) = group_change(before.as_deref(), after.as_deref(), &members.0, &members.1) {
                changes.push(change);
            }
            let name = |group: &Option<Arc<DirectoryGroup>>| group.as_ref().map(|group| group.display_name.clone());
            if name(&before) == name(&after) {
                concerned.extend(members.0.symmetric_difference(&members.1).cloned());
            } else {
                concerned.extend(members.0.into_iter().chain(members.1));
            }
        }
        (changes, concerned)
    }

    /// Of the first people, those who would gain or lose something.
    async fn access(&self, state: &ScimState, concerned: &BTreeSet<DirectoryUserId>) -> Vec<Value> {
        let mut access = Vec::new();
        for id in concerned.iter().take(NAMED) {
            let warehouses = preview::compare(&tables(state, &self.before, id), &tables(state, &self.after, id));
            let person = self.after.user(id).or_else(|| self.before.user(id));
            if let (Some(person), false) = (person, warehouses.is_empty()) {
                access.push(json!({"value": id.as_str(), "userName": person.user_name, "warehouses": warehouses}));
            }
            tokio::task::yield_now().await;
        }
        access
    }
}

fn tables(state: &ScimState, directory: &Directory, id: &DirectoryUserId) -> Vec<TableAccess> {
    match directory.user(id) {
        Some(user) => state.preview.tables(id, &user.user_name, user.active, &directory.groups_of(id)),
        None => Vec::new(),
    }
}

async fn member_ids(directory: &Directory, group: &DirectoryGroupId) -> BTreeSet<DirectoryUserId> {
    let mut ids = BTreeSet::new();
    loop {
        let some = directory.members_after(group, ids.last(), STRIDE);
        let is_last = some.len() < STRIDE;
        ids.extend(some.into_iter().map(|member| member.id.clone()));
        if is_last {
            return ids;
        }
        tokio::task::yield_now().await;
    }
}

const fn kind_of_change(before: bool, after: bool) -> &'static str {
    match (before, after) {
        (false, _) => "created",
        (true, true) => "updated",
        (true, false) => "deleted",
    }
}

/// None: nothing would change.
fn user_change(before: Option<&DirectoryUser>, after: Option<&DirectoryUser>, password: bool) -> Option<Value> {
    let shown = after.or(before)?;
    let attributes = |user: Option<&DirectoryUser>| user.map(user::attributes_of).unwrap_or_default();
    let mut names = user::changed(&attributes(before), &attributes(after));
    if password {
        names.push("password".to_owned());
    }
    if names.is_empty() && before.is_some() == after.is_some() {
        return None;
    }
    let mut change = json!({
        "resourceType": "User",
        "id": shown.id.as_str(),
        "userName": shown.user_name,
        "change": kind_of_change(before.is_some(), after.is_some()),
        "attributes": names,
    });
    let active = (before.map(|user| user.active), after.map(|user| user.active));
    if let (true, Some(change)) = (active.0 != active.1, change.as_object_mut()) {
        change.insert("active".to_owned(), json!({"before": active.0, "after": active.1}));
    }
    Some(change)
}

fn group_change(
    before: Option<&DirectoryGroup>,
    after: Option<&DirectoryGroup>,
    members_before: &BTreeSet<DirectoryUserId>,
    members_after: &BTreeSet<DirectoryUserId>,
) -> Option<Value> {
    let shown = after.or(before)?;
    let attributes = |group: Option<&DirectoryGroup>| group.map(group::attributes_of).unwrap_or_default();
    let names = user::changed(&attributes(before), &attributes(after));
    let joined: Vec<&str> = members_after.difference(members_before).map(DirectoryUserId::as_str).collect();
    let left: Vec<&str> = members_before.difference(members_after).map(DirectoryUserId::as_str).collect();
    let same = names.is_empty() && joined.is_empty() && left.is_empty();
    if same && before.is_some() == after.is_some() {
        return None;
    }
    let mut change = Object::new();
    change.insert("resourceType".to_owned(), json!("Group"));
    change.insert("id".to_owned(), json!(shown.id.as_str()));
    change.insert("displayName".to_owned(), json!(shown.display_name));
    change.insert("change".to_owned(), json!(kind_of_change(before.is_some(), after.is_some())));
    change.insert("attributes".to_owned(), json!(names));
    for (name, count, ids) in
        [("membersAdded", "membersAddedCount", joined), ("membersRemoved", "membersRemovedCount", left)]
    {
        change.insert(count.to_owned(), json!(ids.len()));
        change.insert(name.to_owned(), json!(ids.into_iter().take(NAMED).collect::<Vec<_>>()));
    }
    Some(Value::Object(change))
}
