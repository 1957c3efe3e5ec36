//! sso-admin: Identity Center.

mod application_assignments;
mod instances;

use application_assignments::{CreateApplicationAssignment, DeleteApplicationAssignment, ListApplicationAssignments};
use instances::ListInstances;

use crate::operation::{Context, Operation as _, Performed, perform};

pub(crate) async fn dispatch(operation: &str, body: &[u8], context: &Context<'_>) -> Performed {
    match operation {
        ListInstances::NAME => perform(ListInstances::parse(body), context).await,
        CreateApplicationAssignment::NAME => perform(CreateApplicationAssignment::parse(body), context).await,
        ListApplicationAssignments::NAME => perform(ListApplicationAssignments::parse(body), context).await,
        DeleteApplicationAssignment::NAME => perform(DeleteApplicationAssignment::parse(body), context).await,
        other => Performed::unsupported(other),
    }
}
