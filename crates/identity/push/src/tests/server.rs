//! A SCIM server in memory, with the messages of the crate `scim`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use scim::patch::{self, MemberOperation};
use scim::schema::USERS;
use serde_json::{Map, Value, json};
use tokio::sync::Notify;
use url::Url;

use crate::port::{Method, ScimAnswer, ScimRequest, ScimTransport, TransportError};

type Answer = Result<ScimAnswer, TransportError>;
type Fault = Box<dyn FnMut(&ScimRequest) -> Option<Answer> + Send>;

#[derive(Default)]
pub(super) struct FakeServer {
    /// As Identity Center: groups list no members, at most 100 memberships change at once.
    is_idc: bool,
    state: Mutex<State>,
    fault: Mutex<Option<Fault>>,
    /// Requests that are done, and whose answers don't come: never, or lost.
    unanswered: Mutex<Option<(Method, bool)>>,
    release: Notify,
    pub(super) asked: Notify,
    /// Something was done that isn't answered.
    pub(super) did: Notify,
}

impl std::fmt::Debug for FakeServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FakeServer")
    }
}

#[derive(Default)]
struct State {
    users: BTreeMap<String, Map<String, Value>>,
    groups: BTreeMap<String, (Map<String, Value>, BTreeSet<String>)>,
    last: u32,
    log: Vec<String>,
}

pub(super) fn answer(status: u16, body: Value) -> Answer {
    let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
    Ok(ScimAnswer { status, retry_after: None, body })
}

pub(super) fn error(status: u16, detail: &str) -> Answer {
    answer(status, json!({"status": status.to_string(), "detail": detail}))
}

impl FakeServer {
    pub(super) fn of(is_idc: bool) -> Self {
        Self { is_idc, ..Self::default() }
    }

    /// Answers in the server's place, where it answers at all.
    pub(super) fn fault(&self, fault: impl FnMut(&ScimRequest) -> Option<Answer> + Send + 'static) {
        *self.fault.lock().unwrap() = Some(Box::new(fault));
    }

    pub(super) fn mended(&self) {
        *self.fault.lock().unwrap() = None;
        *self.unanswered.lock().unwrap() = None;
    }

    /// Does what it is asked, and its answers get lost.
    pub(super) fn lose_answers(&self, method: Method) {
        *self.unanswered.lock().unwrap() = Some((method, false));
    }

    /// Does what it is asked, and doesn't answer before [`Self::answer_now`].
    pub(super) fn never_answer(&self, method: Method) {
        *self.unanswered.lock().unwrap() = Some((method, true));
    }

    pub(super) fn answer_now(&self) {
        self.release.notify_one();
    }

    pub(super) fn user(&self, user_name: &str) -> Option<Map<String, Value>> {
        self.state.lock().unwrap().users.values().find(|user| user["userName"] == user_name).cloned()
    }

    pub(super) fn user_count(&self) -> usize {
        self.state.lock().unwrap().users.len()
    }

    /// The userNames of the group's members.
    pub(super) fn members(&self, display_name: &str) -> Option<BTreeSet<String>> {
        let state = self.state.lock().unwrap();
        let (_, members) = state.groups.values().find(|(group, _)| group["displayName"] == display_name)?;
        let name = |id: &String| {
            state.users.get(id).map_or_else(|| id.clone(), |user| user["userName"].as_str().unwrap().to_owned())
        };
        Some(members.iter().map(name).collect())
    }

    /// Somebody whom nobody pushed.
    pub(super) fn put_user(&self, resource: Value) -> String {
        let Value::Object(resource) = resource else { panic!("no object") };
        self.state.lock().unwrap().put_user(resource)
    }

    pub(super) fn put_group(&self, display_name: &str, members: &[&str]) -> String {
        let mut state = self.state.lock().unwrap();
        let id = state.next();
        let group = json!({"id": id, "displayName": display_name}).as_object().unwrap().clone();
        state.groups.insert(id.clone(), (group, members.iter().map(|id| (*id).to_owned()).collect()));
        id
    }

    pub(super) fn remove_user(&self, user_name: &str) {
        let mut state = self.state.lock().unwrap();
        let id = state.users.iter().find(|(_, user)| user["userName"] == user_name).unwrap().0.clone();
        state.delete_user(&id);
    }

    pub(super) fn remove_group(&self, display_name: &str) {
        self.state.lock().unwrap().groups.retain(|_, (group, _)| group["displayName"] != display_name);
    }

    pub(super) fn set(&self, user_name: &str, attribute: &str, value: Value) {
        let mut state = self.state.lock().unwrap();
        let user = state.users.values_mut().find(|user| user["userName"] == user_name).unwrap();
        user.insert(attribute.to_owned(), value);
    }

    pub(super) fn set_members(&self, display_name: &str, user_names: &[&str]) {
        let mut state = self.state.lock().unwrap();
        let ids = |state: &State, name: &str| {
            state.users.iter().find(|(_, user)| user["userName"] == name).unwrap().0.clone()
        };
        let members = user_names.iter().map(|name| ids(&state, name)).collect();
        state.groups.values_mut().find(|(group, _)| group["displayName"] == display_name).unwrap().1 = members;
    }

    /// What was asked since the last time: method, path and body.
    pub(super) fn taken_log(&self) -> Vec<String> {
        std::mem::take(&mut self.state.lock().unwrap().log)
    }

    /// Only what changes something.
    pub(super) fn taken_writes(&self) -> Vec<String> {
        self.taken_log().into_iter().filter(|line| !line.starts_with("GET")).collect()
    }
}

#[async_trait::async_trait]
impl ScimTransport for FakeServer {
    async fn send(&self, request: ScimRequest) -> Answer {
        assert!(!request.token.expose().is_empty());
        let url = Url::parse(&request.url).unwrap();
        let path: Vec<String> = url.path_segments().unwrap().skip(1).map(str::to_owned).collect();
        let body = request.body.clone().unwrap_or_default();
        let filter = url.query_pairs().find(|(name, _)| name == "filter").map(|(_, filter)| filter.into_owned());
        let log =
            format!("{} /{} {}", name(request.method), path.join("/"), filter.clone().unwrap_or(body.to_string()));
        self.state.lock().unwrap().log.push(log);
        self.asked.notify_one();
        // as over a network
        tokio::task::yield_now().await;
        if let Some(fault) = self.fault.lock().unwrap().as_mut()
            && let Some(answer) = fault(&request)
        {
            return answer;
        }
        let answer = self.done(&request, &path, filter);
        let unanswered = *self.unanswered.lock().unwrap();
        match unanswered.filter(|(method, _)| *method == request.method) {
            Some((_, waits)) => {
                self.did.notify_one();
                if waits {
                    self.release.notified().await;
                }
                Err(TransportError::Unreachable("the answer is lost".to_owned()))
            }
            None => answer,
        }
    }
}

impl FakeServer {
    fn done(&self, request: &ScimRequest, path: &[String], filter: Option<String>) -> Answer {
        let body = request.body.clone().unwrap_or_default();
        let mut state = self.state.lock().unwrap();
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        match (request.method, path.as_slice()) {
            (Method::Get, ["Users"]) => list(state.users.values().cloned(), &filter.unwrap(), &BTreeMap::new()),
            (Method::Get, ["Groups"]) => {
                let members = state.groups.iter().map(|(id, (_, members))| (id.clone(), members.clone())).collect();
                list(state.groups.values().map(|(group, _)| group.clone()), &filter.unwrap(), &members)
            }
            (Method::Get, ["Users", id]) => found(state.users.get(*id).cloned()),
            (Method::Get, ["Groups", id]) => {
                let shown = |(group, members): &(Map<String, Value>, BTreeSet<String>)| {
                    let members =
                        if self.is_idc { Vec::new() } else { members.iter().map(|id| json!({"value": id})).collect() };
                    let mut group = group.clone();
                    group.insert("members".to_owned(), Value::Array(members));
                    group
                };
                found(state.groups.get(*id).map(shown))
            }
            (Method::Post, ["Users"]) => state.create_user(body),
            (Method::Post, ["Groups"]) => state.create_group(body),
            (Method::Patch, ["Users", id]) => state.patch_user(id, body),
            (Method::Patch, ["Groups", id]) => state.patch_group(id, body, self.is_idc),
            (Method::Delete, ["Users", id]) if state.users.contains_key(*id) => {
                state.delete_user(id);
                answer(204, Value::Null)
            }
            (Method::Delete, ["Groups", id]) if state.groups.remove(*id).is_some() => answer(204, Value::Null),
            _ => error(404, "there is none"),
        }
    }
}

fn name(method: Method) -> &'static str {
    match method {
        Method::Get => "GET",
        Method::Post => "POST",
        Method::Patch => "PATCH",
        Method::Delete => "DELETE",
    }
}

fn found(resource: Option<Map<String, Value>>) -> Answer {
    resource.map_or_else(|| error(404, "there is none"), |resource| answer(200, Value::Object(resource)))
}

fn list(
    resources: impl Iterator<Item = Map<String, Value>>,
    filter: &str,
    members: &BTreeMap<String, BTreeSet<String>>,
) -> Answer {
    let parts: Vec<(&str, Value)> = filter
        .split(" and ")
        .map(|part| part.split_once(" eq ").unwrap())
        .map(|(name, value)| (name, serde_json::from_str(value).unwrap()))
        .collect();
    let matches = |resource: &Map<String, Value>| {
        parts.iter().all(|(name, value)| match *name {
            "members" => members[resource["id"].as_str().unwrap()].contains(value.as_str().unwrap()),
            "userName" | "displayName" => {
                let has = resource.get(*name).and_then(Value::as_str).unwrap_or_default();
                has.eq_ignore_ascii_case(value.as_str().unwrap())
            }
            _ => resource.get(*name) == Some(value),
        })
    };
    let found: Vec<Value> = resources.filter(matches).map(Value::Object).collect();
    answer(200, json!({"totalResults": found.len(), "Resources": found}))
}

impl State {
    fn next(&mut self) -> String {
        self.last += 1;
        format!("r{}", self.last)
    }

    fn put_user(&mut self, mut resource: Map<String, Value>) -> String {
        let id = self.next();
        resource.insert("id".to_owned(), json!(id));
        self.users.insert(id.clone(), resource);
        id
    }

    fn delete_user(&mut self, id: &str) {
        self.users.remove(id);
        for (_, members) in self.groups.values_mut() {
            members.remove(id);
        }
    }

    fn create_user(&mut self, body: Value) -> Answer {
        let Value::Object(resource) = body else { return error(400, "no object") };
        let name = resource["userName"].as_str().unwrap().to_lowercase();
        if self.users.values().any(|user| user["userName"].as_str().unwrap().to_lowercase() == name) {
            return error(409, "userName is taken");
        }
        let id = self.put_user(resource);
        answer(201, Value::Object(self.users[&id].clone()))
    }

    fn create_group(&mut self, body: Value) -> Answer {
        let Value::Object(mut resource) = body else { return error(400, "no object") };
        if self.groups.values().any(|(group, _)| group["displayName"] == resource["displayName"]) {
            return error(409, "displayName is taken");
        }
        let members = resource.remove("members").unwrap();
        let members: BTreeSet<String> =
            members.as_array().unwrap().iter().map(|one| one["value"].as_str().unwrap().to_owned()).collect();
        if members.len() > 100 || !members.iter().all(|id| self.users.contains_key(id)) {
            return error(400, "members are wrong");
        }
        let id = self.next();
        resource.insert("id".to_owned(), json!(id));
        self.groups.insert(id, (resource.clone(), members));
        answer(201, Value::Object(resource))
    }

    fn patch_user(&mut self, id: &str, body: Value) -> Answer {
        let Some(user) = self.users.get_mut(id) else { return error(404, "no such user") };
        let Value::Object(body) = body else { return error(400, "no object") };
        let operations = patch::parse(body, &USERS).unwrap();
        match patch::apply(user, &operations, &USERS) {
            Ok(_) => answer(200, Value::Object(user.clone())),
            Err(refused) => error(400, &refused.to_string()),
        }
    }

    fn patch_group(&mut self, id: &str, body: Value, is_idc: bool) -> Answer {
        let known: BTreeSet<String> = self.users.keys().cloned().collect();
        let Some((group, members)) = self.groups.get_mut(id) else { return error(404, "no such group") };
        let Value::Object(body) = body else { return error(400, "no object") };
        let (operations, changes) = scim::group::patch(body).unwrap();
        if is_idc {
            scim::idc_compat::group_patch(&operations, &changes).unwrap();
        }
        for change in changes {
            match change {
                MemberOperation::Add(ids) => {
                    if let Some(lost) = ids.iter().find(|id| !known.contains(id.as_str())) {
                        return error(400, &format!("no such users: {lost}"));
                    }
                    members.extend(ids.iter().map(|id| id.as_str().to_owned()));
                }
                MemberOperation::Remove(ids) => members.retain(|member| !ids.iter().any(|id| id.as_str() == member)),
                MemberOperation::RemoveAll | MemberOperation::Replace(_) => panic!("nobody is removed by the lump"),
            }
        }
        patch::apply(group, &operations, &scim::schema::GROUPS).unwrap();
        answer(204, Value::Null)
    }
}
