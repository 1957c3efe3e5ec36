//! GetClusterCredentials and GetClusterCredentialsWithIAM: temporary passwords of database users (apis.md 1.8, 4.4).

mod with_iam;

use base::id::{ClusterId, WarehouseId};
use base::{ErrorKind, Fault as _};
use control::ControlError;
use credentials::{CredentialError, CredentialUser, Minted, NewCredential, name};
use sts::Ask;
pub(super) use with_iam::GetClusterCredentialsWithIam;
pub(crate) use with_iam::{ROLES_TAG, own_user, roles};

use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::query::{Fields, QueryParameters, timestamp};
use crate::protocol::xml::Xml;
use crate::state::AwsState;

const CREDENTIALS: &str = "redshift:GetClusterCredentials";

/// Which cluster is meant. There are no custom domain names here.
#[derive(Debug)]
pub(super) struct Target {
    cluster: Option<ClusterId>,
    custom_domain: Option<String>,
}

impl Target {
    fn read(fields: &mut Fields<'_>) -> Self {
        let cluster = fields.optional("ClusterIdentifier").filter(|text| !text.is_empty()).map(ClusterId::new);
        Self { cluster, custom_domain: fields.optional("CustomDomainName") }
    }

    /// `None`: the call leads to no cluster, whoever makes it, so that nobody needs to be asked.
    fn named(&self) -> Option<&ClusterId> {
        self.cluster.as_ref().filter(|_| self.custom_domain.is_none())
    }

    fn shown(&self) -> &str {
        self.named().map_or("*", ClusterId::as_str)
    }

    /// Drivers try the host's name as a custom domain first and go on with ClusterIdentifier when that fails (apis.md 1.8).
    fn warehouse(&self, context: &Context<'_>, operation: &'static str) -> Result<WarehouseId, ApiError> {
        match (&self.cluster, &self.custom_domain) {
            (Some(_), Some(_)) => {
                Err(ApiError::ParameterCombination { one: "ClusterIdentifier", other: "CustomDomainName" })
            }
            (None, None) => Err(ApiError::MissingParameter { operation, parameter: "ClusterIdentifier" }),
            (None, Some(domain)) => Err(ApiError::Named {
                kind: ErrorKind::NotFound,
                status: 404,
                code: "ClusterNotFound",
                message: format!(
                    "No cluster has the custom domain name {domain:?}: this server has none. Give ClusterIdentifier."
                ),
                members: Vec::new(),
            }),
            (Some(id), None) => {
                let cluster = context.state.control.cluster(id);
                Ok(cluster.ok_or_else(|| ControlError::ClusterNotFound(id.clone()))?.warehouse.clone())
            }
        }
    }
}

/// `DbUser`, `ClusterIdentifier` | `CustomDomainName` (`DbName`, `DbGroups`, `AutoCreate`, `DurationSeconds` 900..3600) → `DbUser`
/// (`IAM:…`, `IAMA:…`), `DbPassword`, `Expiration`.
#[derive(Debug)]
pub(super) struct GetClusterCredentials {
    db_user: String,
    db_name: Option<String>,
    target: Target,
    seconds: Option<i64>,
    auto_create: bool,
    /// In lower case.
    groups: Vec<String>,
}

impl GetClusterCredentials {
    /// What a value may be is checked after IAM was asked: who may get credentials is told what is wrong, and nobody else.
    pub(super) fn parse(parameters: QueryParameters) -> Result<Self, ApiError> {
        parameters.parse(Self::NAME, |fields| {
            Ok(Self {
                db_user: fields.required("DbUser")?,
                db_name: fields.optional("DbName").filter(|text| !text.is_empty()),
                target: Target::read(fields),
                seconds: seconds(fields)?,
                auto_create: fields.boolean("AutoCreate")?.unwrap_or(false),
                groups: lower_case(fields.texts("DbGroups", "DbGroup")?.unwrap_or_default()),
            })
        })
    }

    fn user_arn(&self, state: &AwsState, cluster: &ClusterId) -> String {
        state.redshift_arn(&format!("dbuser:{cluster}/{}", self.db_user))
    }
}

impl Operation for GetClusterCredentials {
    const NAME: &'static str = "GetClusterCredentials";

    fn resource(&self, state: &AwsState) -> String {
        state.redshift_arn(&format!("dbuser:{}/{}", self.target.shown(), self.db_user))
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        let Some(cluster) = self.target.named() else { return Vec::new() };
        let user = self.user_arn(state, cluster);
        let with_call =
            |ask: Ask| about_call(ask.with("redshift:DbUser", &self.db_user), self.db_name.as_deref(), self.seconds);
        let mut asks = vec![with_call(Ask::new(CREDENTIALS, &user))];
        if let Some(db_name) = &self.db_name {
            let database = state.redshift_arn(&format!("dbname:{cluster}/{db_name}"));
            asks.push(with_call(Ask::new(CREDENTIALS, database)));
        }
        if self.auto_create {
            asks.push(Ask::new("redshift:CreateClusterUser", user).with("redshift:DbUser", &self.db_user));
        }
        asks.extend(self.groups.iter().map(|group| join_group(state, cluster, group)));
        asks
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let warehouse = self.target.warehouse(context, Self::NAME)?;
        valid("DbUser", name::db_user(&self.db_user))?;
        check_db_name("DbName", self.db_name.as_deref())?;
        check_list("DbGroups", &self.groups, |group| name::db_group(group).map(drop))?;
        let asks = self.asks(context.state);
        let user = if self.auto_create {
            CredentialUser::AutoCreated(self.db_user)
        } else {
            CredentialUser::Existing(self.db_user)
        };
        let (db_name, groups) = (self.db_name, self.groups);
        let wanted = Wanted { warehouse, user, db_name, groups, roles: Vec::new(), asks, tags: &[] };
        let duration = valid("DurationSeconds", name::duration(self.seconds))?;
        let minted = mint(context, wanted, duration).await?;
        Ok(Answer::Xml(Some(Xml::fragment(|xml| write(xml, &minted)))))
    }
}

/// What a credential is asked for, of whichever operation.
pub(crate) struct Wanted {
    pub(crate) warehouse: WarehouseId,
    pub(crate) user: CredentialUser,
    pub(crate) db_name: Option<String>,
    pub(crate) groups: Vec<String>,
    pub(crate) roles: Vec<String>,
    /// All of them allowed.
    pub(crate) asks: Vec<Ask>,
    /// Keys of the caller's tags that count.
    pub(crate) tags: &'static [&'static str],
}

pub(crate) async fn mint(context: &Context<'_>, wanted: Wanted, duration: time::Duration) -> Result<Minted, ApiError> {
    let Wanted { warehouse, user, db_name, groups, roles, asks, tags } = wanted;
    let new = NewCredential {
        warehouse,
        user,
        db_name,
        groups,
        roles,
        duration,
        caller: context.caller,
        asks,
        tags,
        peer: context.peer,
        request: context.request_id.clone(),
    };
    context.state.credentials.mint(new).await.map_err(refused)
}

/// What isn't minted, or stored, in AWS's names as far as it has some.
pub(crate) fn refused(error: CredentialError) -> ApiError {
    let (status, code) = match &error {
        CredentialError::CallerExpired => (403, "ExpiredToken"),
        CredentialError::TooMany => (400, "ThrottlingException"),
        CredentialError::ProfileExists(_) => (400, "AuthenticationProfileAlreadyExistsFault"),
        CredentialError::ProfileNotFound(_) => (404, "AuthenticationProfileNotFoundFault"),
        CredentialError::InvalidProfile(_) => (400, "InvalidAuthenticationProfileRequestFault"),
        CredentialError::ProfileQuota(_) => (400, "AuthenticationProfileQuotaExceededFault"),
        CredentialError::Unavailable(_) => (503, "ServiceUnavailable"),
        CredentialError::NoPrincipal | CredentialError::Seal => (500, "InternalFailure"),
    };
    if status >= 500 {
        tracing::error!(%error, "database credentials can't be made or stored");
    }
    let public = error.public();
    let message = [Some(public.message), public.hint].into_iter().flatten().collect::<Vec<_>>().join(" ");
    ApiError::Named { kind: error.kind(), status, code, message, members: Vec::new() }
}

pub(crate) fn valid<T>(parameter: &'static str, checked: Result<T, String>) -> Result<T, ApiError> {
    checked.map_err(|rule| ApiError::InvalidParameter { parameter, rule })
}

pub(crate) fn check_db_name(parameter: &'static str, db_name: Option<&str>) -> Result<(), ApiError> {
    valid(parameter, db_name.map_or(Ok(()), name::db_name))
}

/// Each item by its rule, and not too many.
pub(crate) fn check_list(
    parameter: &'static str,
    items: &[String],
    rule: impl Fn(&str) -> Result<(), String>,
) -> Result<(), ApiError> {
    if items.len() > name::LIST_MAX {
        return valid(parameter, Err(format!("it must have at most {} items", name::LIST_MAX)));
    }
    items.iter().try_for_each(|item| valid(parameter, rule(item).map_err(|broken| format!("{item:?}: {broken}"))))
}

/// With the keys that say how the credentials are to be.
fn about_call(ask: Ask, db_name: Option<&str>, seconds: Option<i64>) -> Ask {
    let ask = ask.with("redshift:DurationSeconds", seconds.unwrap_or(name::SECONDS_DEFAULT).to_string());
    match db_name {
        Some(db_name) => ask.with("redshift:DbName", db_name),
        None => ask,
    }
}

fn join_group(state: &AwsState, cluster: &ClusterId, group: &str) -> Ask {
    Ask::new("redshift:JoinGroup", state.redshift_arn(&format!("dbgroup:{cluster}/{group}")))
}

/// Each once.
fn lower_case(groups: Vec<String>) -> Vec<String> {
    let mut out: Vec<String> = Vec::with_capacity(groups.len());
    for group in groups {
        let group = group.to_ascii_lowercase();
        if !group.is_empty() && !out.contains(&group) {
            out.push(group);
        }
    }
    out
}

fn seconds(fields: &mut Fields<'_>) -> Result<Option<i64>, ApiError> {
    let read = |text: String| valid("DurationSeconds", text.parse().map_err(|_| "it must be a number".to_owned()));
    fields.optional("DurationSeconds").map(read).transpose()
}

fn write(xml: &mut Xml, minted: &Minted) {
    xml.text("DbUser", &minted.login_name);
    xml.text("DbPassword", minted.password.expose());
    xml.text("Expiration", &timestamp(minted.expires));
}
