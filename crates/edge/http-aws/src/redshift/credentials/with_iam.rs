//! GetClusterCredentialsWithIAM: the database user is the IAM identity's own, made at its first login.

use base::ErrorKind;
use base::id::ClusterId;
use credentials::{CredentialUser, name};
use sts::{Ask, Caller, CallerIdentity};

use super::{
    Target, Wanted, about_call, check_db_name, check_list, join_group, lower_case, mint, seconds, valid, write,
};
use crate::authorize::authorize;
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::query::{QueryParameters, timestamp};
use crate::protocol::xml::Xml;
use crate::state::AwsState;

/// Principal tags that name the user, the groups and the roles of the session.
const USER_TAG: &str = "RedshiftDbUser";
const GROUPS_TAG: &str = "RedshiftDbGroups";
pub(crate) const ROLES_TAG: &str = "RedshiftDbRoles";

/// `ClusterIdentifier` | `CustomDomainName` (`DbName`, `DurationSeconds` 900..3600) → `DbUser` (`IAM:…`, `IAMR:…`), `DbPassword`,
/// `Expiration`, `NextRefreshTime`.
#[derive(Debug)]
pub(in crate::redshift) struct GetClusterCredentialsWithIam {
    db_name: Option<String>,
    target: Target,
    seconds: Option<i64>,
}

impl GetClusterCredentialsWithIam {
    pub(in crate::redshift) fn parse(parameters: QueryParameters) -> Result<Self, ApiError> {
        parameters.parse(Self::NAME, |fields| {
            Ok(Self {
                db_name: fields.optional("DbName").filter(|text| !text.is_empty()),
                target: Target::read(fields),
                seconds: seconds(fields)?,
            })
        })
    }

    fn database_arn(&self, state: &AwsState) -> String {
        let db_name = self.db_name.as_deref().unwrap_or("*");
        state.redshift_arn(&format!("dbname:{}/{db_name}", self.target.shown()))
    }

    fn about_call(&self, ask: Ask) -> Ask {
        about_call(ask, self.db_name.as_deref(), self.seconds)
    }
}

impl Operation for GetClusterCredentialsWithIam {
    const NAME: &'static str = "GetClusterCredentialsWithIAM";

    fn resource(&self, state: &AwsState) -> String {
        self.database_arn(state)
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        if self.target.named().is_none() {
            return Vec::new();
        }
        vec![self.about_call(Ask::new("redshift:GetClusterCredentialsWithIAM", self.database_arn(state)))]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let warehouse = self.target.warehouse(context, Self::NAME)?;
        check_db_name("DbName", self.db_name.as_deref())?;
        let duration = valid("DurationSeconds", name::duration(self.seconds))?;
        let mut asks = self.asks(context.state);
        let Some(cluster) = self.target.named() else {
            return Err(ApiError::MissingParameter { operation: Self::NAME, parameter: "ClusterIdentifier" });
        };
        let tagged = Tagged::of(context.caller)?;
        let more = tagged.asks(context.state, cluster, |ask| self.about_call(ask));
        authorize(context, more.clone())?;
        asks.extend(more);
        let Tagged { user, groups, roles } = tagged;
        let user = match user {
            // As GetClusterCredentials with AutoCreate: that is what was asked for.
            Some(user) => CredentialUser::AutoCreated(user),
            None => own_user(context.caller, "UnsupportedOperation")?,
        };
        let tags = &[USER_TAG, GROUPS_TAG, ROLES_TAG];
        let wanted = Wanted { warehouse, user, db_name: self.db_name, groups, roles, asks, tags };
        let minted = mint(context, wanted, duration).await?;
        Ok(Answer::Xml(Some(Xml::fragment(|xml| {
            write(xml, &minted);
            xml.text("NextRefreshTime", &timestamp(minted.expires));
        }))))
    }
}

/// What the caller's tags say of the database session.
struct Tagged {
    user: Option<String>,
    groups: Vec<String>,
    roles: Vec<String>,
}

impl Tagged {
    fn of(caller: &Caller) -> Result<Self, ApiError> {
        let user = caller.tag(USER_TAG).filter(|user| !user.is_empty()).map(str::to_owned);
        valid(USER_TAG, user.as_deref().map_or(Ok(()), name::db_user))?;
        let groups = lower_case(name::colon_list(caller.tag(GROUPS_TAG).unwrap_or_default()));
        check_list(GROUPS_TAG, &groups, |group| name::db_group(group).map(drop))?;
        Ok(Self { user, groups, roles: roles(caller)? })
    }

    /// Who names another user or groups by a tag needs what GetClusterCredentials needs for them.
    fn asks(&self, state: &AwsState, cluster: &ClusterId, about_call: impl Fn(Ask) -> Ask) -> Vec<Ask> {
        let user = self.user.iter().flat_map(|user| {
            let arn = state.redshift_arn(&format!("dbuser:{cluster}/{user}"));
            let about = |action: &str| Ask::new(action, arn.clone()).with("redshift:DbUser", user);
            [about_call(about(super::CREDENTIALS)), about("redshift:CreateClusterUser")]
        });
        user.chain(self.groups.iter().map(|group| join_group(state, cluster, group))).collect()
    }
}

/// The roles in the caller's tag `RedshiftDbRoles`, `a:b`.
pub(crate) fn roles(caller: &Caller) -> Result<Vec<String>, ApiError> {
    let roles = name::colon_list(caller.tag(ROLES_TAG).unwrap_or_default());
    check_list(ROLES_TAG, &roles, |_| Ok(()))?;
    Ok(roles)
}

/// The database user that is the caller's own.
///
/// # Errors
/// `code` for the account's root, which is neither a user nor a role.
pub(crate) fn own_user(caller: &Caller, code: &'static str) -> Result<CredentialUser, ApiError> {
    match caller.identity() {
        CallerIdentity::Role(session) => Ok(CredentialUser::IamRole(session.role_name.clone())),
        CallerIdentity::User { .. } => {
            let name = caller.user_name().map(|name| CredentialUser::IamUser(name.to_owned()));
            name.ok_or(ApiError::Interrupted)
        }
        CallerIdentity::Root => Err(ApiError::Named {
            kind: ErrorKind::Unsupported,
            status: 400,
            code,
            message: "The account's root has no database user of its own. Call as an IAM user or role, or use \
                      GetClusterCredentials with DbUser."
                .to_owned(),
            members: Vec::new(),
        }),
    }
}
