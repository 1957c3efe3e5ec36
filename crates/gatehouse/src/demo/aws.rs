//! The demo's IAM: the role of the connection to Identity Center (walkthrough 1), and the SAML provider, role and policy of walkthrough
//! 2 with the provider's application that leads there.

use std::sync::Arc;

use anyhow::Context as _;
use iam::{Holder, Iam, IamError, NewPolicy, NewRole, NewSamlProvider};
use idp::{Connector, ConnectorKind, ConstantAttribute, IdentityProvider, NewApplication};
use serde_json::{Value, json};

use super::DB_GROUP;
use crate::settings::{ACCOUNT, CLUSTER, DATABASE, REGION};
use crate::wiring::Gatehouse;

/// The role that the warehouses look into Identity Center with.
pub(super) const IDC_ROLE: &str = "EspressoRedshiftRole";
const SAML_PROVIDER: &str = "redshift-sso";
const SAML_ROLE: &str = "redshift-sso-role";
pub(super) const APPLICATION: &str = "Amazon Redshift";
const LISTENER: &str = "http://localhost:7890/redshift/";
const ROLE_ATTRIBUTE: &str = "https://aws.amazon.com/SAML/Attributes/Role";

/// Seed 000, step "IAM role for IAM Identity Center access". What an interrupted start left is completed.
pub(crate) async fn ensure_idc_role(iam: &Iam) -> anyhow::Result<()> {
    let trust = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Principal": {"Service": ["redshift.amazonaws.com", "redshift-serverless.amazonaws.com"]},
        "Action": "sts:AssumeRole",
    }]});
    let permissions = json!({"Version": "2012-10-17", "Statement": [
        {"Sid": "Qev2", "Effect": "Allow", "Action": "redshift:DescribeQev2IdcApplications", "Resource": "*"},
        {"Sid": "IdC", "Effect": "Allow", "Action": ["sso:DescribeApplication", "sso:DescribeInstance"], "Resource": "*"},
    ]});
    role(iam, IDC_ROLE, &trust).await?;
    Ok(iam.put_policy(Holder::Role(IDC_ROLE), "IdCAccess", &permissions.to_string()).await?)
}

/// Seed 004. What an interrupted start left is completed.
pub(super) async fn ensure_saml(gatehouse: &Gatehouse) -> anyhow::Result<()> {
    let (iam, provider) = (&gatehouse.iam, &gatehouse.built_in.provider);
    let application = application(provider).await?;
    let metadata = provider.idp_metadata(&application)?.xml;
    let new = NewSamlProvider { name: SAML_PROVIDER.to_owned(), metadata, ..NewSamlProvider::default() };
    made(iam.create_saml_provider(new).await)?;
    let trust = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Principal": {"Federated": provider_arn()},
        "Action": "sts:AssumeRoleWithSAML",
        "Condition": {"StringEquals": {"SAML:aud": LISTENER}},
    }]});
    role(iam, SAML_ROLE, &trust).await?;
    let policy = format!("arn:aws:iam::{ACCOUNT}:policy/{SAML_ROLE}");
    let document = permissions().to_string();
    made(iam.create_policy(NewPolicy { name: SAML_ROLE.to_owned(), document, ..NewPolicy::default() }).await)?;
    Ok(iam.attach_policy(Holder::Role(SAML_ROLE), &policy).await?)
}

/// The policy of seed 004, for the demo's cluster and database. The seed's own lets whoever has the role come as any database user, the
/// master too: AWS's mend is the condition, by which they come under the name of their session only.
fn permissions() -> Value {
    let arn = |kind: &str, name: &str| format!("arn:aws:redshift:{REGION}:{ACCOUNT}:{kind}:{CLUSTER}/{name}");
    let user = arn("dbuser", "${redshift:DbUser}");
    let own_name = json!({"StringLike": {"aws:userid": "*:${redshift:DbUser}"}});
    json!({"Version": "2012-10-17", "Statement": [
        {"Sid": "AllowGetClusterCreds", "Effect": "Allow", "Action": "redshift:GetClusterCredentials",
         "Resource": [user, arn("dbname", DATABASE)], "Condition": own_name},
        {"Sid": "AllowCreateClusterUser", "Effect": "Allow", "Action": "redshift:CreateClusterUser", "Resource": user,
         "Condition": own_name},
        {"Sid": "AllowJoinGroup", "Effect": "Allow", "Action": "redshift:JoinGroup", "Resource": arn("dbgroup", DB_GROUP)},
    ]})
}

pub(super) fn provider_arn() -> String {
    format!("arn:aws:iam::{ACCOUNT}:saml-provider/{SAML_PROVIDER}")
}

async fn role(iam: &Iam, name: &str, trust: &Value) -> anyhow::Result<()> {
    made(iam.create_role(NewRole { name: name.to_owned(), trust: trust.to_string(), ..NewRole::default() }).await)
}

/// What is there already, an earlier start that was interrupted has made.
fn made<T>(outcome: Result<T, IamError>) -> anyhow::Result<()> {
    match outcome {
        Ok(_) | Err(IamError::EntityAlreadyExists(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

async fn application(provider: &Arc<IdentityProvider>) -> anyhow::Result<base::id::SsoApplicationId> {
    if let Some(application) = provider.applications().into_iter().find(|application| application.label == APPLICATION)
    {
        return Ok(application.id.clone());
    }
    let mut new = NewApplication::of(ConnectorKind::Redshift, APPLICATION);
    new.description = "SQL with the Redshift drivers' BrowserSamlCredentialsProvider".to_owned();
    let group = provider.people().group_by_name(DB_GROUP).with_context(|| format!("group {DB_GROUP} isn't there"))?;
    new.groups.insert(group.id.clone());
    if let Connector::Redshift(saml) = &mut new.connector {
        let value = format!("arn:aws:iam::{ACCOUNT}:role/{SAML_ROLE},{}", provider_arn());
        saml.constant_attributes.push(ConstantAttribute { name: ROLE_ATTRIBUTE.to_owned(), value });
    }
    Ok(provider.create_application(new).await?.application.id.clone())
}
