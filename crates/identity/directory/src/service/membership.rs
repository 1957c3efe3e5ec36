//! Memberships by their ids.

use base::id::{DirectoryGroupId, DirectoryUserId};

use super::Directory;
use crate::edit::{GroupEdit, MemberEdit};
use crate::error::DirectoryError;
use crate::membership::MembershipId;
use crate::provision;
use crate::state::State;

/// So many memberships are asked of the store at once: a page.
const PAGE: usize = 100;

impl Directory {
    /// The id of this person's membership in this group, if there is one.
    ///
    /// # Errors
    /// `Store`.
    pub async fn membership_id(
        &self,
        group: &DirectoryGroupId,
        user: &DirectoryUserId,
    ) -> Result<Option<MembershipId>, DirectoryError> {
        let ids = self.membership_ids(&[(group.clone(), user.clone())]).await?;
        Ok(ids.into_iter().next().flatten())
    }

    /// The ids of a page of memberships (at most 100), in the same order.
    ///
    /// # Errors
    /// `Invalid` for more, `Store`.
    pub async fn membership_ids(
        &self,
        memberships: &[(DirectoryGroupId, DirectoryUserId)],
    ) -> Result<Vec<Option<MembershipId>>, DirectoryError> {
        if memberships.len() > PAGE {
            let rule = format!("At most {PAGE} are looked up at once.");
            return Err(DirectoryError::Invalid { attribute: "memberships", rule });
        }
        let numbers = self.inner.kept.backing().0.membership_numbers(memberships).await?;
        let state = self.state();
        let ids = memberships.iter().zip(numbers).map(|((group, user), number)| {
            number.filter(|_| state.is_member(group, user)).map(|number| self.inner.membership_ids.id(number))
        });
        Ok(ids.collect())
    }

    /// The membership with this id. An id that isn't ours is nobody's.
    ///
    /// # Errors
    /// `Store`.
    pub async fn membership(
        &self,
        id: &MembershipId,
    ) -> Result<Option<(DirectoryGroupId, DirectoryUserId)>, DirectoryError> {
        let Some(number) = self.inner.membership_ids.number(id) else { return Ok(None) };
        let found = self.inner.kept.backing().0.membership(number).await?;
        Ok(found.filter(|(group, user)| self.is_member(group, user)))
    }

    /// Ends the membership with this id, and no other of the same person in the same group that somebody makes meanwhile. Answers
    /// whether there was one.
    ///
    /// # Errors
    /// `Store`.
    pub async fn end_membership(&self, id: &MembershipId) -> Result<bool, DirectoryError> {
        let turn = self.turn().await?;
        let Some((group, user)) = self.membership(id).await? else { return Ok(false) };
        let plan = |state: &State, now| {
            let current = state.group(&group).ok_or_else(|| DirectoryError::UnknownGroup(group.clone()))?;
            let mut members = MemberEdit::default();
            members.remove([user]);
            let edit = GroupEdit { members, ..GroupEdit::from(&**current) };
            provision::plan_update_group(state, &group, edit, now)
        };
        self.write_in(turn, plan).await.map(|_| true)
    }
}
