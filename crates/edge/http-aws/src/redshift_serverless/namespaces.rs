//! Namespaces: data, without an endpoint.

use base::Secret;
use base::id::{NamespaceName, RedshiftIdcApplicationArn};
use control::{ControlError, Namespace, NamespaceEdit, NewNamespace};
use serde_json::{Value, json};
use sts::Ask;

use super::parameters::{self, settle};
use super::{arn, tags};
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::pass_role::pass_role;
use crate::protocol::json::{self, Fields};
use crate::protocol::query::timestamp;
use crate::resource_tags::pairs;
use crate::state::AwsState;

fn name(fields: &mut Fields) -> Result<NamespaceName, ApiError> {
    fields.required::<String>("namespaceName").map(NamespaceName::new)
}

/// No error repeats what stands in its place.
fn password(fields: &mut Fields) -> Result<Option<Secret<String>>, ApiError> {
    const PARAMETER: &str = "adminUserPassword";
    match fields.optional::<Value>(PARAMETER)? {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(Secret::new(text))),
        Some(_) => Err(ApiError::InvalidParameter { parameter: PARAMETER, rule: "it must be a text".to_owned() }),
    }
}

/// The ARN of a namespace by its name; of every one where there is none of this name.
fn resource(state: &AwsState, name: &NamespaceName) -> String {
    state.control.namespace(name).map_or_else(|| arn(state, "namespace/*"), |found| state.control.namespace_arn(&found))
}

fn answer(state: &AwsState, namespace: &Namespace) -> Answer {
    Answer::Json(json!({ "namespace": shown(state, namespace) }))
}

fn shown(state: &AwsState, namespace: &Namespace) -> Value {
    let mut shown = json!({
        "namespaceArn": state.control.namespace_arn(namespace),
        "namespaceId": namespace.warehouse.as_str(),
        "namespaceName": namespace.name.as_str(),
        "adminUsername": namespace.admin_username,
        "dbName": namespace.db_name,
        "iamRoles": namespace.iam_roles,
        "logExports": [],
        "status": namespace.status.namespace_name(),
        // The model writes this service's times as texts.
        "creationDate": timestamp(namespace.created),
    });
    let secret = namespace.admin_secret.as_ref().map(|secret| state.control.secret_arn(secret));
    let optional = [("defaultIamRoleArn", namespace.default_iam_role.clone()), ("adminPasswordSecretArn", secret)];
    if let Some(members) = shown.as_object_mut() {
        members.extend(optional.into_iter().filter_map(|(name, text)| Some((name.to_owned(), text?.into()))));
    }
    shown
}

/// Who acts in a namespace's roles.
const SERVICE: &str = "redshift-serverless.amazonaws.com";

/// To hand over the roles that the namespace doesn't have yet.
fn asks_to_pass<'a>(roles: impl Iterator<Item = &'a String>, before: &[String]) -> impl Iterator<Item = Ask> {
    roles.filter(|role| !role.is_empty() && !before.contains(role)).map(|role| pass_role(role, SERVICE))
}

#[derive(Debug)]
pub(super) struct CreateNamespace(NewNamespace);

impl CreateNamespace {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| {
            settle(fields, parameters::CREATE_NAMESPACE)?;
            Ok(Self(NewNamespace {
                name: name(fields)?,
                admin_username: fields.optional("adminUsername")?,
                admin_password: password(fields)?,
                manage_admin_password: fields.optional("manageAdminPassword")?.unwrap_or(false),
                db_name: fields.optional("dbName")?,
                idc_application: fields
                    .optional::<String>("redshiftIdcApplicationArn")?
                    .map(RedshiftIdcApplicationArn::new),
                iam_roles: fields.optional("iamRoles")?.unwrap_or_default(),
                default_iam_role: fields.optional("defaultIamRoleArn")?,
                tags: tags::read(fields)?.unwrap_or_default(),
            }))
        })
    }
}

impl Operation for CreateNamespace {
    const NAME: &'static str = "CreateNamespace";

    fn resource(&self, state: &AwsState) -> String {
        arn(state, "namespace/*")
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        let roles = self.0.iam_roles.iter().chain(&self.0.default_iam_role);
        let own = Ask::new(Self::NAME, self.resource(state)).with_request_tags(pairs(&self.0.tags));
        std::iter::once(own).chain(asks_to_pass(roles, &[])).collect()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let made = context.state.control.create_namespace(self.0).await?;
        Ok(answer(context.state, &made))
    }
}

#[derive(Debug)]
pub(super) struct GetNamespace(NamespaceName);

impl GetNamespace {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| name(fields).map(Self))
    }
}

impl Operation for GetNamespace {
    const NAME: &'static str = "GetNamespace";

    fn resource(&self, state: &AwsState) -> String {
        resource(state, &self.0)
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let found = context.state.control.namespace(&self.0).ok_or(ControlError::NamespaceNotFound(self.0))?;
        Ok(answer(context.state, &found))
    }
}

#[derive(Debug)]
pub(super) struct ListNamespaces {
    after: Option<NamespaceName>,
    records: usize,
}

impl ListNamespaces {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| {
            Ok(Self {
                after: fields.position_named("nextToken")?.map(NamespaceName::new),
                records: fields.max_results_named("maxResults")?,
            })
        })
    }
}

impl Operation for ListNamespaces {
    const NAME: &'static str = "ListNamespaces";

    fn resource(&self, state: &AwsState) -> String {
        arn(state, "namespace/*")
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let page = context.state.control.namespaces(self.after.as_ref(), self.records);
        let items = page.items.iter().map(|namespace| shown(context.state, namespace)).collect::<Vec<_>>();
        let mut answer = json!({ "namespaces": items });
        if let (Some(next), Some(members)) = (&page.next, answer.as_object_mut()) {
            members.insert("nextToken".to_owned(), json::next_token(Self::NAME, next).into());
        }
        Ok(Answer::Json(answer))
    }
}

#[derive(Debug)]
pub(super) struct UpdateNamespace {
    name: NamespaceName,
    /// It may be given where it is the namespace's own.
    admin_username: Option<String>,
    edit: NamespaceEdit,
}

impl UpdateNamespace {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| {
            settle(fields, parameters::UPDATE_NAMESPACE)?;
            Ok(Self {
                name: name(fields)?,
                admin_username: fields.optional("adminUsername")?,
                edit: NamespaceEdit {
                    admin_password: password(fields)?,
                    manage_admin_password: fields.optional("manageAdminPassword")?,
                    iam_roles: fields.optional("iamRoles")?,
                    // The empty text takes the default away.
                    default_iam_role: fields
                        .optional::<String>("defaultIamRoleArn")?
                        .map(|role| Some(role).filter(|role| !role.is_empty())),
                },
            })
        })
    }
}

impl Operation for UpdateNamespace {
    const NAME: &'static str = "UpdateNamespace";

    fn resource(&self, state: &AwsState) -> String {
        resource(state, &self.name)
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        let roles = self.edit.iam_roles.iter().flatten().chain(self.edit.default_iam_role.iter().flatten());
        let before = state.control.namespace(&self.name).map(|found| found.iam_roles.clone()).unwrap_or_default();
        let to_pass = asks_to_pass(roles, &before);
        std::iter::once(Ask::new(Self::NAME, self.resource(state))).chain(to_pass).collect()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let control = &context.state.control;
        let namespace = control.namespace(&self.name);
        let namespace = namespace.ok_or_else(|| ControlError::NamespaceNotFound(self.name.clone()))?;
        if self.admin_username.is_some_and(|given| given != namespace.admin_username) {
            return Err(ApiError::InvalidParameter {
                parameter: "adminUsername",
                rule: format!(
                    "it can only be the namespace's own, {}: the administrator owns what it made; make another superuser with \
                     CREATE USER … CREATEUSER",
                    namespace.admin_username
                ),
            });
        }
        let changed = control.update_namespace(&self.name, self.edit).await?;
        Ok(answer(context.state, &changed))
    }
}

/// Deletes the namespace and its data.
#[derive(Debug)]
pub(super) struct DeleteNamespace(NamespaceName);

impl DeleteNamespace {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| {
            settle(fields, parameters::DELETE_NAMESPACE)?;
            name(fields).map(Self)
        })
    }
}

impl Operation for DeleteNamespace {
    const NAME: &'static str = "DeleteNamespace";

    fn resource(&self, state: &AwsState) -> String {
        resource(state, &self.0)
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let deleted = context.state.control.delete_namespace(&self.0).await?;
        Ok(answer(context.state, &deleted))
    }
}
