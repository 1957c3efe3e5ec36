//! What somebody may use: their own assignments, and a person's by their groups (AWS: "use it to test access to an application").

use base::id::{ApplicationArn, DirectoryUserId, InstanceArn};
use center::{AssignedPrincipal, Center, CenterError, Page};
use serde::Deserialize;

use super::application_assignments::show;
use super::fields::{self, check, check_instance, instance, is_application_arn, listed};
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::json;
use crate::state::AwsState;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Filter {
    application_arn: Option<String>,
}

/// An assignment's place in the list: by principal, then by application.
type Position = (AssignedPrincipal, ApplicationArn);

#[derive(Debug)]
pub(super) struct ListApplicationAssignmentsForPrincipal {
    instance: InstanceArn,
    principal: AssignedPrincipal,
    only: Option<ApplicationArn>,
    after: Option<Position>,
    records: usize,
}

impl ListApplicationAssignmentsForPrincipal {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| {
            let filter: Filter = fields.optional("Filter")?.unwrap_or_default();
            let only = filter.application_arn;
            only.as_deref().map_or(Ok(()), |arn| check("Filter.ApplicationArn", arn, is_application_arn))?;
            let position = fields.position()?;
            Ok(Self {
                instance: instance(fields)?,
                principal: fields::principal(fields)?,
                only: only.map(ApplicationArn::new),
                after: position.map(|text| read(&text).ok_or_else(json::bad_token)).transpose()?,
                records: fields.max_results()?,
            })
        })
    }

    /// Whose assignments count: the principal's own, then those of the person's groups.
    fn principals(&self, state: &AwsState) -> Result<Vec<AssignedPrincipal>, ApiError> {
        let unknown = || CenterError::PrincipalNotFound(self.principal.clone());
        match &self.principal {
            AssignedPrincipal::User(id) => {
                state.directory.user(id).ok_or_else(unknown)?;
                Ok(with_groups(state, id))
            }
            AssignedPrincipal::Group(id) => {
                state.directory.group(id).ok_or_else(unknown)?;
                Ok(vec![self.principal.clone()])
            }
        }
    }

    fn assigned(
        &self,
        center: &Center,
        principal: &AssignedPrincipal,
        after: Option<&ApplicationArn>,
        records: usize,
    ) -> Page<ApplicationArn> {
        match &self.only {
            None => center.assignments_of(principal, after, records),
            Some(arn) => {
                let listed = center.is_assigned(arn, principal) && after.is_none_or(|after| after < arn);
                Page { items: listed.then(|| arn.clone()).into_iter().collect(), next: None }
            }
        }
    }
}

impl Operation for ListApplicationAssignmentsForPrincipal {
    const NAME: &'static str = "ListApplicationAssignmentsForPrincipal";

    fn resource(&self, _: &AwsState) -> String {
        self.instance.as_str().to_owned()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let AwsState { center, .. } = context.state;
        check_instance(context.state, &self.instance)?;
        self.only.as_ref().map_or(Ok(()), |arn| fields::find(context.state, arn).map(drop))?;
        let mut found: Vec<Position> = Vec::new();
        let mut more = false;
        for principal in self.principals(context.state)? {
            let after = match &self.after {
                Some((last, _)) if principal < *last => continue,
                Some((last, application)) if principal == *last => Some(application),
                Some(_) | None => None,
            };
            let room = self.records - found.len();
            let page = self.assigned(center, &principal, after, room.max(1));
            more = page.next.is_some() || page.items.len() > room;
            found.extend(page.items.into_iter().take(room).map(|application| (principal.clone(), application)));
            if more {
                break;
            }
        }
        let next = found.last().filter(|_| more).map(write);
        let shown = found.iter().map(|(principal, application)| show(application, principal)).collect();
        Ok(Answer::Json(listed(Self::NAME, "ApplicationAssignments", shown, next.as_deref())))
    }
}

/// In the order of the list.
fn with_groups(state: &AwsState, user: &DirectoryUserId) -> Vec<AssignedPrincipal> {
    let groups = state.directory.groups_of(user);
    let mut principals: Vec<_> = groups.iter().map(|group| AssignedPrincipal::Group(group.id.clone())).collect();
    principals.push(AssignedPrincipal::User(user.clone()));
    principals.sort();
    principals
}

fn write((principal, application): &Position) -> String {
    format!("{}:{}:{application}", principal.kind(), principal.id())
}

fn read(position: &str) -> Option<Position> {
    let (kind, rest) = position.split_once(':')?;
    let (id, application) = rest.split_once(':')?;
    let application = Some(application).filter(|arn| is_application_arn(arn))?;
    Some((AssignedPrincipal::from_parts(kind, id)?, ApplicationArn::new(application)))
}
