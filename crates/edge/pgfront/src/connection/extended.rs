//! The extended query protocol: Parse, Bind, Describe, Execute, Close, Sync.

use std::sync::Arc;

use query::{Column, Literal, Reply, TransactionStatus};

use super::Connection;
use super::portal::{MAX_HELD_BYTES, MAX_PORTALS, MAX_STATEMENTS, OpenRows, Portal, PortalState, RowFeed, Statement};
use super::rows::{Completion, Delivery, row_tag};
use crate::error::WireError;
use crate::message::backend;
use crate::message::frontend::{Bind, Target};
use crate::session::{Door, PreparedOf, PreparedStatement as _, Session as _};
use crate::value::{column_formats, parameter, parameter_formats};

impl<D: Door> Connection<D> {
    pub(super) fn parse(&mut self, name: String, text: &str, parameter_oids: &[u32]) -> Result<(), WireError> {
        if name.is_empty() {
            self.drop_statement("");
        } else if self.statements.contains_key(&name) {
            return Err(WireError::DuplicateStatement(name));
        }
        let limit = MAX_STATEMENTS;
        if self.statements.len() >= limit {
            return Err(WireError::TooMany { what: "prepared statements", limit });
        }
        let bytes = self.hold(text.len())?;
        let prepared = match self.session.parse_one(text, parameter_oids) {
            Ok(prepared) => Arc::new(prepared),
            Err(error) => {
                self.held_bytes -= bytes;
                return Err(error);
            }
        };
        self.unsynced.push(name.clone());
        self.statements.insert(name, Statement { prepared, described: None, bytes });
        backend::parse_complete(&mut self.link.output.buffer)
    }

    pub(super) async fn bind(&mut self, bind: Bind, size: usize) -> Result<(), WireError> {
        let Bind { portal, statement, formats, values, result_formats } = bind;
        if portal.is_empty() {
            self.close_portal("").await?;
        } else if self.portals.contains_key(&portal) {
            return Err(WireError::DuplicatePortal(portal));
        }
        let limit = MAX_PORTALS;
        if self.portals.len() >= limit {
            return Err(WireError::TooMany { what: "portals", limit });
        }
        let found = self.statements.get(&statement).ok_or(WireError::UndefinedStatement(statement.clone()))?;
        let oids = found.prepared.parameter_oids();
        if oids.len() != values.len() {
            let (given, needed) = (values.len(), oids.len());
            return Err(WireError::Protocol(format!(
                "bind message supplies {given} parameters, but prepared statement \"{statement}\" requires {needed}"
            )));
        }
        let formats = parameter_formats(&formats, values.len())?;
        let parameters = oids
            .iter()
            .zip(formats)
            .zip(&values)
            .map(|((declared, format), value)| parameter::decode(*declared, format, value.as_deref()))
            .collect::<Result<Vec<_>, _>>()?;
        let (prepared, described) = (Arc::clone(&found.prepared), found.described.clone());
        let bytes = self.hold(size)?;
        let state = PortalState::Ready;
        self.portals.insert(portal, Portal { prepared, parameters, result_formats, described, state, bytes });
        backend::bind_complete(&mut self.link.output.buffer)
    }

    /// Counts bytes that stay in memory until a statement or portal is closed.
    fn hold(&mut self, bytes: usize) -> Result<usize, WireError> {
        let limit = MAX_HELD_BYTES;
        if self.held_bytes.saturating_add(bytes) > limit {
            return Err(WireError::TooMany { what: "bytes of prepared statements and parameters", limit });
        }
        self.held_bytes += bytes;
        Ok(bytes)
    }

    pub(super) async fn describe(&mut self, target: Target) -> Result<(), WireError> {
        let (prepared, formats, values) = match &target {
            Target::Statement(name) => {
                let found = self.statements.get(name).ok_or_else(|| WireError::UndefinedStatement(name.clone()))?;
                (Arc::clone(&found.prepared), Vec::new(), None)
            }
            Target::Portal(name) => {
                let found = self.portals.get(name).ok_or_else(|| WireError::UndefinedPortal(name.clone()))?;
                let values = matches!(found.state, PortalState::Ready).then(|| found.parameters.clone());
                (Arc::clone(&found.prepared), found.result_formats.clone(), values)
            }
        };
        let values = values.map_or_else(|| parameter::unknown(prepared.parameter_oids()), Ok)?;
        let columns = self.columns_of(&target, &prepared, &values).await?;
        let formats = columns.as_ref().map(|columns| column_formats(&formats, columns.len())).transpose()?;
        let out = &mut self.link.output.buffer;
        if let Target::Statement(_) = target {
            backend::parameter_description(out, prepared.parameter_oids())?;
        }
        match (&columns, formats) {
            (Some(columns), Some(formats)) => backend::row_description(out, columns, &formats)?,
            (None, _) | (_, None) => backend::no_data(out)?,
        }
        self.remember(&target, columns);
        Ok(())
    }

    /// A suspended portal's columns are at hand; the others the session is asked for.
    async fn columns_of(
        &mut self,
        target: &Target,
        prepared: &PreparedOf<D>,
        values: &[Literal],
    ) -> Result<Option<Arc<[Column]>>, WireError> {
        if let (Target::Portal(name), Some(open)) = (target, &self.open)
            && open.portal == *name
        {
            return Ok(Some(Arc::from(open.feed.shape.columns.clone())));
        }
        self.give_up_rows().await?;
        let (process_id, secret_key) = self.key;
        let interrupt = self.door.cancel(process_id, secret_key);
        let columns = self.link.guard(interrupt, self.session.describe(prepared, values)).await?;
        Ok(columns.map(Arc::from))
    }

    fn remember(&mut self, target: &Target, columns: Option<Arc<[Column]>>) {
        match target {
            Target::Statement(name) => {
                if let Some(statement) = self.statements.get_mut(name) {
                    statement.described = columns;
                }
            }
            Target::Portal(name) => {
                if let Some(portal) = self.portals.get_mut(name) {
                    portal.described = columns;
                }
            }
        }
    }

    pub(super) async fn execute(&mut self, name: String, max_rows: i32) -> Result<(), WireError> {
        let limit = u64::try_from(max_rows).ok().filter(|limit| *limit > 0);
        if let Some(OpenRows { portal: _, feed }) = self.open.take_if(|open| open.portal == name) {
            let completion = self.send_rows(feed, limit).await?;
            return self.complete(name, completion);
        }
        let portal = self.portals.get(&name).ok_or_else(|| WireError::UndefinedPortal(name.clone()))?;
        match portal.state {
            PortalState::Ready => {}
            PortalState::Drained(tag) => {
                return backend::command_complete(&mut self.link.output.buffer, &row_tag(tag, 0));
            }
            PortalState::Done => return Err(WireError::PortalDone(name)),
            PortalState::Suspended | PortalState::Lost => return Err(WireError::PortalLost(name)),
        }
        self.give_up_rows().await?;
        let Some(portal) = self.portals.get_mut(&name) else { return Err(WireError::UndefinedPortal(name)) };
        portal.state = PortalState::Done;
        let prepared = Arc::clone(&portal.prepared);
        let parameters = std::mem::take(&mut portal.parameters);
        let (described, formats) = (portal.described.clone(), portal.result_formats.clone());
        self.enter_implicit(&prepared).await?;
        let reply = self.call_execute(&prepared, &parameters).await?;
        let delivery = Delivery { header: false, formats: &formats, described: described.as_deref(), limit };
        let completion = self.deliver(reply, delivery).await?;
        self.complete(name, completion)
    }

    /// Runs a statement. DEALLOCATE is carried out here: the wire keeps the prepared statements.
    pub(super) async fn call_execute(
        &mut self,
        prepared: &PreparedOf<D>,
        parameters: &[Literal],
    ) -> Result<Reply, WireError> {
        if let Some(Some(name)) = prepared.deallocates()
            && !self.statements.contains_key(name)
        {
            return Err(WireError::UndefinedStatement(name.to_owned()));
        }
        let (process_id, secret_key) = self.key;
        let interrupt = self.door.cancel(process_id, secret_key);
        let reply = self.link.guard(interrupt, self.session.execute(prepared, parameters)).await?;
        match prepared.deallocates() {
            Some(Some(name)) => self.drop_statement(name),
            Some(None) => self.drop_statements(),
            None => {}
        }
        Ok(reply)
    }

    /// Says how an Execute ended, and keeps what a further one needs.
    fn complete(&mut self, name: String, completion: Completion) -> Result<(), WireError> {
        let state = match &completion {
            Completion::Complete { rows: Some(tag), .. } => PortalState::Drained(tag),
            Completion::Complete { rows: None, .. } | Completion::Empty => PortalState::Done,
            Completion::Suspended(_) => PortalState::Suspended,
        };
        if let Some(portal) = self.portals.get_mut(&name) {
            portal.state = state;
        }
        match completion {
            Completion::Complete { tag, rows: _ } => {
                self.note_completed(&tag);
                backend::command_complete(&mut self.link.output.buffer, &tag)
            }
            Completion::Empty => backend::empty_query(&mut self.link.output.buffer),
            Completion::Suspended(feed) => self.suspend(name, feed),
        }
    }

    fn suspend(&mut self, portal: String, feed: RowFeed) -> Result<(), WireError> {
        self.open = Some(OpenRows { portal, feed });
        backend::portal_suspended(&mut self.link.output.buffer)
    }

    /// Closing what doesn't exist is no error.
    pub(super) async fn close(&mut self, target: Target) -> Result<(), WireError> {
        match target {
            Target::Statement(name) => self.drop_statement(&name),
            Target::Portal(name) => self.close_portal(&name).await?,
        }
        backend::close_complete(&mut self.link.output.buffer)
    }

    async fn close_portal(&mut self, name: &str) -> Result<(), WireError> {
        if self.open.as_ref().is_some_and(|open| open.portal == name) {
            self.give_up_rows().await?;
        }
        self.drop_portal(name);
        Ok(())
    }

    pub(super) fn drop_portal(&mut self, name: &str) {
        if let Some(portal) = self.portals.remove(name) {
            self.held_bytes = self.held_bytes.saturating_sub(portal.bytes);
        }
    }

    pub(super) fn drop_statement(&mut self, name: &str) {
        if let Some(statement) = self.statements.remove(name) {
            self.held_bytes = self.held_bytes.saturating_sub(statement.bytes);
        }
    }

    /// Ends the implicit transaction and with it its portals; an error of its commit is told before ReadyForQuery.
    pub(super) async fn sync(&mut self) -> Result<(), WireError> {
        self.skipping = false;
        self.unsynced.clear();
        let own = matches!(self.session.transaction_status(), TransactionStatus::InTransaction) && !self.implicit;
        if !own {
            let mut ended = self.give_up_rows().await;
            let committed = self.leave_implicit(ended.is_ok()).await;
            ended = ended.and(committed);
            self.drop_portals();
            match ended {
                Err(error) if error.is_fatal() => return Err(error),
                Err(error) => self.report(&error)?,
                Ok(()) => {}
            }
        }
        self.ready().await
    }
}
