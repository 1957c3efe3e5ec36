//! Where transactions begin and end, and what ends with them.

use query::TransactionStatus;

use super::Connection;
use super::portal::{PortalState, abandoned};
use crate::error::WireError;
use crate::session::{Door, PreparedOf, PreparedStatement as _, Session as _};

impl<D: Door> Connection<D> {
    /// Opens the implicit transaction that spans the statements of a simple query, or those up to a Sync (PostgreSQL,
    /// "Pipelining"), unless one is open.
    pub(super) async fn enter_implicit(&mut self, prepared: &PreparedOf<D>) -> Result<(), WireError> {
        let idle = matches!(self.session.transaction_status(), TransactionStatus::Idle);
        if idle && !prepared.ends_transaction() {
            let (process_id, secret_key) = self.key;
            let interrupt = self.door.cancel(process_id, secret_key);
            self.link.guard(interrupt, self.session.begin_implicit()).await?;
            self.implicit = true;
        }
        Ok(())
    }

    /// Ends it, where it is still open and still implicit.
    pub(super) async fn leave_implicit(&mut self, successful: bool) -> Result<(), WireError> {
        if std::mem::take(&mut self.implicit) { self.session.end_implicit(successful).await } else { Ok(()) }
    }

    /// Takes note of what a statement made of the transaction: BEGIN makes it the client's, COMMIT and ROLLBACK end it.
    pub(super) fn note_completed(&mut self, tag: &str) {
        if matches!(self.session.transaction_status(), TransactionStatus::Idle) {
            self.implicit = false;
            self.drop_portals();
        } else if matches!(tag, "BEGIN" | "START TRANSACTION") {
            self.implicit = false;
        }
    }

    /// Gives up a suspended portal's rows: the session can do one thing at a time.
    pub(super) async fn give_up_rows(&mut self) -> Result<(), WireError> {
        let Some(open) = self.open.take() else { return Ok(()) };
        if let Some(portal) = self.portals.get_mut(&open.portal) {
            portal.state = PortalState::Lost;
        }
        let total = open.feed.total;
        drop(open);
        self.session.finish_rows(Ok(total)).await
    }

    /// After an error: nothing that hung on the failed message stays. What goes wrong here is secondary to it.
    pub(super) async fn settle_after_error(&mut self) {
        let rows = self.give_up_rows().await;
        let transaction = self.leave_implicit(false).await;
        if !matches!(self.session.transaction_status(), TransactionStatus::InTransaction) {
            self.drop_portals();
        }
        for error in [rows.err(), transaction.err()].into_iter().flatten() {
            tracing::debug!(sqlstate = error.sqlstate(), "a further failure while an error was settled");
        }
    }

    /// The connection is over: closes the books on rows that are still open.
    pub(super) async fn abandon_rows(&mut self) {
        if self.open.take().is_some()
            && let Err(error) = self.session.finish_rows(Err(abandoned())).await
        {
            tracing::debug!(sqlstate = error.sqlstate(), "rows were abandoned");
        }
    }

    pub(super) fn drop_portals(&mut self) {
        for portal in self.portals.drain().map(|(_, portal)| portal) {
            self.held_bytes = self.held_bytes.saturating_sub(portal.bytes);
        }
    }

    pub(super) fn drop_statements(&mut self) {
        for statement in self.statements.drain().map(|(_, statement)| statement) {
            self.held_bytes = self.held_bytes.saturating_sub(statement.bytes);
        }
    }
}
