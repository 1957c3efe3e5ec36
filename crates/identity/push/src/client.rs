//! Talks SCIM to one server.

use std::sync::Arc;

use base::Secret;
use serde_json::{Map, Value, json};
use url::Url;

use crate::port::{Method, ScimAnswer, ScimRequest, ScimTransport};
use crate::retry::Failure;

type Resource = Map<String, Value>;

const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Users,
    Groups,
}

impl Kind {
    const fn path(self) -> &'static str {
        match self {
            Self::Users => "Users",
            Self::Groups => "Groups",
        }
    }
}

/// How a creation ended.
#[derive(Debug)]
pub(crate) enum Created {
    /// With this id.
    New(String),
    /// One of its unique values is taken (409).
    Taken,
}

/// A SCIM server, and what opens it.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) transport: Arc<dyn ScimTransport>,
    /// Without a slash at its end.
    pub(crate) base: String,
    pub(crate) token: Secret<String>,
    pub(crate) private_network: bool,
}

impl Server {
    /// The resource; nothing if there is none of this id.
    pub(crate) async fn read(&self, kind: Kind, id: &str) -> Result<Option<Resource>, Failure> {
        let answer = self.send(Method::Get, self.url(kind, Some(id), None)?, None).await?;
        match answer.status {
            200 => object(&answer).map(Some),
            404 => Ok(None),
            _ => Err(self.failure(&answer)),
        }
    }

    /// The one resource with this value. Whatever else the server lists, as one does that doesn't filter, is left out.
    pub(crate) async fn find(&self, kind: Kind, attribute: &str, value: &str) -> Result<Option<Resource>, Failure> {
        let filter = format!("{attribute} eq {}", Value::from(value));
        let answer = self.send(Method::Get, self.url(kind, None, Some(&filter))?, None).await?;
        let resources = match answer.status {
            200 => list(&answer)?,
            404 => Vec::new(),
            // By userName and displayName every server finds somebody; not every one does by externalId.
            400 | 501 if attribute == "externalId" => Vec::new(),
            _ => return Err(self.failure(&answer)),
        };
        let is_it = |resource: &Resource| {
            let found = resource.get(attribute).and_then(Value::as_str);
            found.is_some_and(|found| match attribute {
                "externalId" => found == value,
                _ => directory::fold(found) == directory::fold(value),
            })
        };
        let mut matching = resources.into_iter().filter(is_it);
        match (matching.next(), matching.next()) {
            (found, None) => Ok(found),
            (_, Some(_)) => Err(Failure::Nonsense(format!(
                "the server has several {} with the {attribute} {value}; delete all but one of them there",
                kind.path()
            ))),
        }
    }

    /// Whether the server finds the group by this member: for servers that list no members.
    pub(crate) async fn is_found_by_member(&self, group: &str, member: &str) -> Result<bool, Failure> {
        let filter = format!("id eq {} and members eq {}", Value::from(group), Value::from(member));
        let answer = self.send(Method::Get, self.url(Kind::Groups, None, Some(&filter))?, None).await?;
        match answer.status {
            200 => {
                let has_id = |resource: &Resource| resource.get("id").and_then(Value::as_str) == Some(group);
                Ok(list(&answer)?.iter().any(has_id))
            }
            400 | 404 | 501 => Ok(false),
            _ => Err(self.failure(&answer)),
        }
    }

    pub(crate) async fn create(&self, kind: Kind, resource: Resource) -> Result<Created, Failure> {
        let answer = self.send(Method::Post, self.url(kind, None, None)?, Some(Value::Object(resource))).await?;
        match answer.status {
            200 | 201 => id(&object(&answer)?).map(Created::New),
            409 => Ok(Created::Taken),
            _ => Err(self.failure(&answer)),
        }
    }

    /// Whether there is such a resource.
    pub(crate) async fn patch(&self, kind: Kind, id: &str, operations: Value) -> Result<bool, Failure> {
        let body = json!({"schemas": [PATCH], "Operations": operations});
        let answer = self.send(Method::Patch, self.url(kind, Some(id), None)?, Some(body)).await?;
        match answer.status {
            200..=299 => Ok(true),
            404 => Ok(false),
            _ => Err(self.failure(&answer)),
        }
    }

    /// Who isn't there any more is deleted too.
    pub(crate) async fn delete(&self, kind: Kind, id: &str) -> Result<(), Failure> {
        let answer = self.send(Method::Delete, self.url(kind, Some(id), None)?, None).await?;
        match answer.status {
            200..=299 | 404 => Ok(()),
            _ => Err(self.failure(&answer)),
        }
    }

    fn url(&self, kind: Kind, id: Option<&str>, filter: Option<&str>) -> Result<String, Failure> {
        let broken = || Failure::Nonsense(format!("{} is no address", self.base));
        let mut url = Url::parse(&self.base).map_err(|_| broken())?;
        url.path_segments_mut().map_err(|()| broken())?.push(kind.path()).extend(id);
        if let Some(filter) = filter {
            url.query_pairs_mut().append_pair("filter", filter);
            // As a URL has spaces; a form has plus signs, which not every server reads as such.
            let query = url.query().unwrap_or_default().replace('+', "%20");
            url.set_query(Some(&query));
        }
        Ok(url.into())
    }

    async fn send(&self, method: Method, url: String, body: Option<Value>) -> Result<ScimAnswer, Failure> {
        let request =
            ScimRequest { method, url, token: self.token.clone(), body, private_network: self.private_network };
        self.transport.send(request).await.map_err(Failure::Transport)
    }

    fn failure(&self, answer: &ScimAnswer) -> Failure {
        let error: Option<Value> = serde_json::from_slice(&answer.body).ok();
        let detail = error.as_ref().and_then(|error| error.get("detail")).and_then(Value::as_str).unwrap_or_default();
        // A server that repeats the token mustn't bring it into our error lists.
        let detail = detail.replace(self.token.expose().as_str(), "…").trim_end_matches('.').to_owned();
        Failure::Status { status: answer.status, detail, retry_after: answer.retry_after.clone() }
    }
}

fn object(answer: &ScimAnswer) -> Result<Resource, Failure> {
    serde_json::from_slice(&answer.body).map_err(|_| {
        Failure::Nonsense("the server's answer is no SCIM resource; check the target's address".to_owned())
    })
}

fn list(answer: &ScimAnswer) -> Result<Vec<Resource>, Failure> {
    let mut list = object(answer)?;
    match list.remove("Resources") {
        Some(Value::Array(resources)) => {
            let objects = resources.into_iter().filter_map(|one| match one {
                Value::Object(resource) => Some(resource),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => None,
            });
            Ok(objects.collect())
        }
        // Resources may be left out where there are none (RFC 7644 3.4.2).
        None if list.contains_key("totalResults") => Ok(Vec::new()),
        Some(_) | None => {
            Err(Failure::Nonsense("the server's answer is no SCIM list; check the target's address".to_owned()))
        }
    }
}

/// The id that the server gave to a resource.
pub(crate) fn id(resource: &Resource) -> Result<String, Failure> {
    match resource.get("id").and_then(Value::as_str) {
        // Dots alone would name another resource in an address.
        Some(id) if !matches!(id, "" | "." | "..") => Ok(id.to_owned()),
        Some(_) | None => Err(Failure::Nonsense("the server's answer is a resource without a usable id".to_owned())),
    }
}
