//! Who is assigned to what.

use base::id::ApplicationArn;

use super::{Center, LIST_RECORDS_MAX};
use crate::{AssignedPrincipal, CenterChange, CenterError, CenterWrite, Page, PrincipalLookup};

impl Center {
    /// # Errors
    /// [`CenterError::ApplicationNotFound`], [`CenterError::PrincipalNotFound`], [`CenterError::AssignmentExists`],
    /// [`CenterError::Store`].
    pub async fn create_assignment(
        &self,
        arn: &ApplicationArn,
        principal: &AssignedPrincipal,
        directory: &(impl PrincipalLookup + Sync),
    ) -> Result<(), CenterError> {
        let turn = self.kept.turn().await?;
        self.known(arn)?;
        let exists = match principal {
            AssignedPrincipal::User(id) => directory.user_exists(id),
            AssignedPrincipal::Group(id) => directory.group_exists(id),
        };
        if !exists {
            return Err(CenterError::PrincipalNotFound(principal.clone()));
        }
        if self.read().is_assigned(arn, principal) {
            return Err(CenterError::AssignmentExists { application: arn.clone(), principal: principal.clone() });
        }
        let change = CenterChange::AssignmentChanged { application: arn.clone(), principal: principal.clone() };
        turn.commit(CenterWrite::CreateAssignment(arn.clone(), principal.clone()), vec![change]).await
    }

    /// # Errors
    /// [`CenterError::ApplicationNotFound`], [`CenterError::AssignmentNotFound`], [`CenterError::Store`].
    pub async fn delete_assignment(
        &self,
        arn: &ApplicationArn,
        principal: &AssignedPrincipal,
    ) -> Result<(), CenterError> {
        let turn = self.kept.turn().await?;
        self.known(arn)?;
        if !self.read().is_assigned(arn, principal) {
            return Err(CenterError::AssignmentNotFound { application: arn.clone(), principal: principal.clone() });
        }
        let change = CenterChange::AssignmentChanged { application: arn.clone(), principal: principal.clone() };
        turn.commit(CenterWrite::DeleteAssignment(arn.clone(), principal.clone()), vec![change]).await
    }

    /// The assignments of an application that follow `after`, users before groups, each by id; at most `records` (1 to
    /// [`LIST_RECORDS_MAX`], outside of it the nearest).
    ///
    /// # Errors
    /// [`CenterError::ApplicationNotFound`].
    pub fn assignments(
        &self,
        arn: &ApplicationArn,
        after: Option<&AssignedPrincipal>,
        records: usize,
    ) -> Result<Page<AssignedPrincipal>, CenterError> {
        let page = self.read().assignments(arn, after, records.clamp(1, LIST_RECORDS_MAX));
        page.ok_or_else(|| CenterError::ApplicationNotFound(arn.clone()))
    }

    /// Removes every assignment of a principal that was deleted from the directory. Nothing to remove is no error.
    ///
    /// # Errors
    /// [`CenterError::Store`].
    pub async fn forget_principal(&self, principal: &AssignedPrincipal) -> Result<(), CenterError> {
        let turn = self.kept.turn().await?;
        let applications = self.read().applications_of(principal);
        if applications.is_empty() {
            return Ok(());
        }
        let changes = applications
            .into_iter()
            .map(|application| CenterChange::AssignmentChanged { application, principal: principal.clone() })
            .collect();
        turn.commit(CenterWrite::DeletePrincipal(principal.clone()), changes).await
    }

    #[must_use]
    pub fn is_assigned(&self, arn: &ApplicationArn, principal: &AssignedPrincipal) -> bool {
        self.read().is_assigned(arn, principal)
    }

    /// The applications that follow `after` to which this very principal is assigned, ordered by ARN; at most `records` (1 to
    /// [`LIST_RECORDS_MAX`], outside of it the nearest).
    #[must_use]
    pub fn assignments_of(
        &self,
        principal: &AssignedPrincipal,
        after: Option<&ApplicationArn>,
        records: usize,
    ) -> Page<ApplicationArn> {
        self.read().assignments_of(principal, after, records.clamp(1, LIST_RECORDS_MAX))
    }
}
