//! Service-linked roles: a service's own, with a trust policy and a permissions policy that nobody can change.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use policy::DocumentKind;
use serde_json::json;

use super::{Iam, roles};
use crate::state::Step;
use crate::{IamError, IamRole, Tags, document, names};

/// The services that have one here: name, role, its policy, its description.
const SERVICES: [(&str, &str, &str, &str); 2] = [
    (
        "redshift.amazonaws.com",
        "AWSServiceRoleForRedshift",
        "AmazonRedshiftServiceLinkedRolePolicy",
        "Allows Amazon Redshift to call AWS services on your behalf",
    ),
    (
        "sso.amazonaws.com",
        "AWSServiceRoleForSSO",
        "AWSSSOServiceRolePolicy",
        "Service-linked role used by AWS IAM Identity Center (successor to AWS Single Sign-On) to manage AWS resources, \
         including IAM roles, policies and SAML IdP on your behalf.",
    ),
];

impl Iam {
    /// What the service-linked role of a service is called; `None` where it has none here.
    #[must_use]
    pub fn service_linked_role_name(service: &str) -> Option<&'static str> {
        SERVICES.iter().find(|(known, ..)| *known == service).map(|(_, name, ..)| *name)
    }

    /// CreateServiceLinkedRole.
    ///
    /// # Errors
    /// [`IamError::InvalidInput`] for another service, a suffix (neither service takes one), or a role that is there.
    pub async fn create_service_linked_role(
        &self,
        service: &str,
        description: Option<&str>,
        custom_suffix: Option<&str>,
    ) -> Result<Arc<IamRole>, IamError> {
        description.map_or(Ok(()), names::description)?;
        let Some((_, name, policy, about)) = SERVICES.iter().find(|(known, ..)| *known == service) else {
            return Err(IamError::InvalidInput(format!(
                "The service {service} has no service-linked role here. redshift.amazonaws.com and sso.amazonaws.com have one."
            )));
        };
        if custom_suffix.is_some() {
            return Err(IamError::InvalidInput(format!("Custom suffix is not allowed for {service}. Leave it out.")));
        }
        let trust = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
        ]});
        let path = format!("/aws-service-role/{service}/");
        let turn = self.turn().await?;
        let state = self.state();
        if state.role_like(name).is_some() {
            return Err(IamError::InvalidInput(format!(
                "Service role name {name} has been taken in this account, please try a different suffix."
            )));
        }
        roles::check_free(&state, name)?;
        let role = Arc::new(IamRole {
            id: Self::new_id("AROA"),
            name: (*name).to_owned(),
            arn: self.arn("role", &path, name),
            path,
            created: self.clock.now(),
            description: Some(description.unwrap_or(about).to_owned()),
            max_session_duration: 3600,
            trust: document::read(&trust.to_string(), DocumentKind::Trust)?,
            tags: Tags::default(),
            boundary: None,
            inline: BTreeMap::new(),
            attached: BTreeSet::from([format!("arn:aws:iam::aws:policy/aws-service-role/{policy}")]),
            service_linked: Some(service.to_owned()),
        });
        self.commit(turn, vec![Step::PutRole(Arc::clone(&role))]).await?;
        Ok(role)
    }

    /// DeleteServiceLinkedRole, which is done when it returns. Answers the id of the task for GetServiceLinkedRoleDeletionStatus.
    ///
    /// # Errors
    /// [`IamError::NoSuchEntity`] where there is no such role, or it is no service's.
    pub async fn delete_service_linked_role(&self, name: &str) -> Result<String, IamError> {
        let turn = self.turn().await?;
        let state = self.state();
        let role = roles::known(&state, name)?;
        let Some(service) = role.service_linked.clone() else {
            return Err(IamError::NoSuchEntity(format!(
                "The role {name} isn't a service-linked role. DeleteRole deletes it."
            )));
        };
        let task = format!("task/aws-service-role/{service}/{name}/{}", base::id::uuid());
        self.commit(turn, roles::deletion(&state, role)?).await?;
        Ok(task)
    }
}
