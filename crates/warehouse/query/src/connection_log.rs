//! The rows of `sys_connection_log` (sql.md 5.4): who came to this warehouse lately, how, and who was behind it. In memory, since the
//! start of the server; the audit trail has it all.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use sql::{DataType, Literal};
use time::OffsetDateTime;
use time::macros::format_description;

use crate::connection::DbConnection;
use crate::login::StartupRequest;
use crate::open::Standing;

/// Rows that are kept of sessions, and as many of refusals: strangers can't push out what happened in sessions.
const ROWS_MAX: usize = 500;
/// Characters of what a client says of itself.
const TOLD_CHARACTERS_MAX: usize = 128;

/// One row.
#[derive(Debug, Clone)]
pub(crate) struct LoggedConnection {
    event: &'static str,
    at: OffsetDateTime,
    remote_host: String,
    remote_port: String,
    session_id: Option<i32>,
    user_name: String,
    auth_method: Option<&'static str>,
    /// Microseconds.
    duration: i64,
    iam_auth_guid: Option<String>,
    application_name: Option<String>,
    driver_version: Option<String>,
    os_version: Option<String>,
    plugin_name: Option<String>,
    person: Option<String>,
}

#[derive(Debug, Default)]
pub(crate) struct ConnectionLog(Mutex<Rows>);

#[derive(Debug, Default)]
struct Rows {
    sessions: VecDeque<LoggedConnection>,
    refusals: VecDeque<LoggedConnection>,
}

impl ConnectionLog {
    pub(crate) fn refused(&self, startup: &StartupRequest, fields: &[(&'static str, String)], now: OffsetDateTime) {
        let user_name = startup.parameter("user").map(shortened).unwrap_or_default();
        let row = LoggedConnection {
            person: told(fields, "person"),
            iam_auth_guid: told(fields, "iam_auth_guid"),
            ..LoggedConnection::of(startup, user_name, now)
        };
        let mut rows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        push(&mut rows.refusals, row);
    }

    pub(crate) fn session(&self, rows_of_it: impl IntoIterator<Item = LoggedConnection>) {
        let mut rows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for row in rows_of_it {
            push(&mut rows.sessions, row);
        }
    }

    /// In the order of the columns of the view.
    pub(crate) fn rows(&self, database: &str) -> Vec<Vec<Literal>> {
        let rows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<&LoggedConnection> = rows.sessions.iter().chain(&rows.refusals).collect();
        all.sort_by_key(|row| row.at);
        all.into_iter().map(|row| row.cells(database)).collect()
    }
}

impl LoggedConnection {
    fn of(startup: &StartupRequest, user_name: String, at: OffsetDateTime) -> Self {
        let said = |name: &str| startup.parameter(name).map(shortened);
        Self {
            event: "authentication failure",
            at,
            remote_host: startup.peer.ip().to_string(),
            remote_port: startup.peer.port().to_string(),
            session_id: None,
            user_name,
            auth_method: None,
            duration: 0,
            iam_auth_guid: None,
            application_name: said("application_name"),
            driver_version: said("driver_version"),
            os_version: said("os_version"),
            plugin_name: said("plugin_name"),
            person: None,
        }
    }

    /// A session that begins.
    pub(crate) fn beginning(
        startup: &StartupRequest,
        connection: &DbConnection,
        fields: &[(&'static str, String)],
    ) -> Self {
        let context = connection.handle.context();
        let (auth_method, person) = match &connection.standing {
            Standing::Own => ("password", None),
            Standing::Federated(_) => ("IdC token", Some(context.user_name())),
            Standing::Bearer(_) => ("IdP token", context.person()),
            Standing::Temporary { .. } => ("IAM AssumeUser", context.person()),
        };
        Self {
            event: "initiating session",
            session_id: Some(connection.backend_key().0),
            auth_method: Some(auth_method),
            iam_auth_guid: told(fields, "iam_auth_guid"),
            person: person.map(str::to_owned),
            ..Self::of(startup, context.db_user().to_owned(), context.opened())
        }
    }

    pub(crate) fn authenticated(&self) -> Self {
        Self { event: "authenticated", ..self.clone() }
    }

    /// The same session, at its end.
    pub(crate) fn ending(&self, now: OffsetDateTime) -> Self {
        let duration = i64::try_from((now - self.at).whole_microseconds()).unwrap_or(0);
        Self { event: "disconnecting session", at: now, duration, ..self.clone() }
    }

    fn cells(&self, database: &str) -> Vec<Literal> {
        let text = |value: &str| Literal::Text(value.to_owned());
        let maybe = |value: &Option<String>| value.as_deref().map_or(Literal::Null, text);
        vec![
            text(self.event),
            stamp(self.at),
            text(&self.remote_host),
            text(&self.remote_port),
            self.session_id.map_or(Literal::Null, |id| Literal::Int(i64::from(id))),
            text(database),
            text(&self.user_name),
            self.auth_method.map_or(Literal::Null, text),
            Literal::Int(self.duration),
            maybe(&self.iam_auth_guid),
            maybe(&self.application_name),
            maybe(&self.driver_version),
            maybe(&self.os_version),
            maybe(&self.plugin_name),
            maybe(&self.person),
        ]
    }
}

fn push(rows: &mut VecDeque<LoggedConnection>, row: LoggedConnection) {
    if rows.len() == ROWS_MAX {
        rows.pop_front();
    }
    rows.push_back(row);
}

fn told(fields: &[(&'static str, String)], name: &str) -> Option<String> {
    fields.iter().find(|(key, _)| *key == name).map(|(_, value)| value.clone())
}

fn shortened(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).take(TOLD_CHARACTERS_MAX).collect()
}

fn stamp(at: OffsetDateTime) -> Literal {
    let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second].[subsecond digits:6]");
    at.format(format).map_or(Literal::Null, |text| Literal::Typed(text, DataType::Timestamp))
}

#[cfg(test)]
mod tests;
