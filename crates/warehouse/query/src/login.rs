//! From a start-up packet to an open session.

mod challenge;
mod jwt;
mod password;
mod refusal;
mod temporary;
#[cfg(test)]
mod tests;
mod token;

use std::net::SocketAddr;
use std::sync::Arc;

use base::{AuditEvent, AuditLog, AuditStep, CorrelationId, ErrorKind, Outcome, Principal, Secret};
use challenge::{Issuer, Plan};
use sessions::EndReason;

use crate::connection::DbConnection;
use crate::end;
use crate::error::QueryError;
use crate::gate::{NetworkRefusal, NoWarehouse};
use crate::live::Arrival;
use crate::warehouse::Warehouse;
pub(crate) use refusal::too_many_sessions;

/// What the client said before it proved anything.
#[derive(Debug, Clone)]
pub struct StartupRequest {
    /// Start-up parameters in the order sent: `user`, `database`, `idp_type` … Unknown ones are kept and ignored.
    pub parameters: Vec<(String, String)>,
    pub peer: SocketAddr,
    /// Whether the connection is encrypted. Tokens and clear-text passwords are refused where it isn't.
    pub encrypted: bool,
    /// The network rule that let it in, in words; the gate's to say.
    pub network_rule: Option<String>,
}

impl StartupRequest {
    /// A parameter's value; an empty one counts as absent.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }
}

/// How the client must prove itself (AuthenticationRequest).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Challenge {
    /// Code 14; the answer is message `i`.
    Token,
    /// Code 13, SHA-256; the answer is message `d`.
    Digest { salt: Vec<u8>, server_nonce: Vec<u8> },
    /// Code 5.
    Md5 { salt: [u8; 4] },
    /// Code 3.
    Cleartext,
}

/// The client's proof, as it came.
#[derive(Debug, Clone)]
pub enum ChallengeAnswer {
    Token(Secret<String>),
    Digest {
        digest: Vec<u8>,
        client_nonce: Vec<u8>,
    },
    /// `md5` and 32 hex digits.
    Md5(Secret<String>),
    Cleartext(Secret<String>),
}

/// A login that waits for the answer to its challenge.
#[derive(Debug)]
pub struct PendingLogin {
    warehouse: Arc<Warehouse>,
    startup: StartupRequest,
    arrival: Arrival,
    plan: Plan,
}

/// Decides how the client must prove itself.
pub(crate) async fn begin(
    warehouse: &Arc<Warehouse>,
    arrival: Result<Arrival, EndReason>,
    startup: StartupRequest,
) -> Result<PendingLogin, QueryError> {
    match plan(warehouse, arrival, &startup) {
        Ok((arrival, plan)) => Ok(PendingLogin { warehouse: Arc::clone(warehouse), startup, arrival, plan }),
        Err(error) => Err(record(warehouse, &startup, Refused::anonymous(error)).await),
    }
}

fn plan(
    warehouse: &Warehouse,
    arrival: Result<Arrival, EndReason>,
    startup: &StartupRequest,
) -> Result<(Arrival, Plan), QueryError> {
    let arrival = arrival.map_err(|reason| end::error(&reason, ""))?;
    warehouse.health.check()?;
    if warehouse.settings().require_ssl && !startup.encrypted {
        return Err(refusal::ssl_required(startup));
    }
    let database = startup.parameter("database").or_else(|| startup.parameter("user")).unwrap_or_default();
    if database != warehouse.database {
        let error = QueryError::new(ErrorKind::NotFound, "3D000", format!("database \"{database}\" does not exist"));
        return Err(error.hint(format!("This warehouse has the database \"{}\".", warehouse.database)));
    }
    Ok((arrival, challenge::plan(startup, &warehouse.catalog.current().catalog, &warehouse.login_key)?))
}

/// A connection that leads to no warehouse: recorded, and answered.
pub(crate) async fn turn_away(
    audit: &dyn AuditLog,
    startup: &StartupRequest,
    (server_name, port): (Option<&str>, u16),
    cause: NoWarehouse,
) -> QueryError {
    let place = server_name.map_or_else(|| format!("port {port}"), |name| format!("{name}:{port}"));
    let told = match &cause {
        NoWarehouse::NotAdmitted { name: _, refusal } => Some(refusal.clone()),
        NoWarehouse::Unknown { .. }
        | NoWarehouse::NotAvailable { .. }
        | NoWarehouse::Paused { .. }
        | NoWarehouse::Nothing { .. }
        | NoWarehouse::NotPublic { .. }
        | NoWarehouse::OutOfService { .. } => None,
    };
    let refused = Refused::anonymous(refusal::no_warehouse(cause));
    let event = connection_event(startup, Outcome::Denied, refused.correlation.clone(), refused.principal.clone());
    let mut event = event.target(place);
    if let Some(NetworkRefusal { peer: _, reason: _, mend, checks }) = told {
        event = event.field("checks", checks.to_json());
        event = mend.into_iter().fold(event, |event, mend| event.field("mend", mend));
    }
    deny(audit, event, refused.error).await
}

impl PendingLogin {
    #[must_use]
    pub const fn challenge(&self) -> &Challenge {
        &self.plan.challenge
    }

    /// Verifies the answer and opens the session. Every error is fatal for the connection.
    pub async fn finish(self, answer: ChallengeAnswer) -> Result<DbConnection, QueryError> {
        let Self { warehouse, startup, arrival, plan } = self;
        let outcome = match answer {
            ChallengeAnswer::Token(token) if plan.challenge == Challenge::Token => match plan.issuer {
                Issuer::IdentityCenter => token::login(&warehouse, &startup, arrival, &token).await,
                Issuer::Azure => jwt::login(&warehouse, &startup, arrival, &token).await,
            },
            ChallengeAnswer::Token(_) => Err(Refused::anonymous(refusal::wrong_answer())),
            ChallengeAnswer::Digest { .. } | ChallengeAnswer::Md5(_) | ChallengeAnswer::Cleartext(_)
                if plan.temporary =>
            {
                temporary::login(&warehouse, &startup, arrival, &plan, &answer).await
            }
            ChallengeAnswer::Digest { .. } | ChallengeAnswer::Md5(_) | ChallengeAnswer::Cleartext(_) => {
                password::login(&warehouse, &startup, arrival, &plan, &answer).await
            }
        };
        match outcome {
            Ok(connection) => Ok(connection),
            Err(refused) => Err(record(&warehouse, &startup, refused).await),
        }
    }
}

/// A login that failed, with what is known of who tried.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) error: QueryError,
    pub(crate) principal: Principal,
    pub(crate) correlation: CorrelationId,
    /// Of the record.
    pub(crate) fields: Vec<(&'static str, String)>,
}

impl Refused {
    fn anonymous(error: QueryError) -> Self {
        Self::known(error, Principal::Anonymous, CorrelationId::fresh(), Vec::new())
    }

    const fn known(
        error: QueryError,
        principal: Principal,
        correlation: CorrelationId,
        fields: Vec<(&'static str, String)>,
    ) -> Self {
        Self { error, principal, correlation, fields }
    }
}

async fn record(warehouse: &Warehouse, startup: &StartupRequest, refused: Refused) -> QueryError {
    let Refused { error, principal, correlation, fields } = refused;
    warehouse.connection_log.refused(startup, &fields, warehouse.clock.now());
    let mut event = warehouse_event(warehouse, startup, Outcome::Denied, correlation, principal);
    event.fields.extend(fields);
    if let Some(mend) = &error.message.hint {
        event = event.field("mend", mend.clone());
    }
    deny(warehouse.audit.as_ref(), event, error).await
}

async fn deny(audit: &dyn AuditLog, event: AuditEvent, error: QueryError) -> QueryError {
    metrics::counter!("gatehouse_logins_total", "outcome" => "denied", "sqlstate" => error.sqlstate).increment(1);
    let event = event
        .field("sqlstate", error.sqlstate)
        .field("reason", error.message.detail.clone().unwrap_or_else(|| error.log.clone()));
    if let Err(unavailable) = audit.record(event).await {
        tracing::error!(error = %unavailable, "a refused login can't be recorded");
    }
    error.fatal()
}

/// The audit record of a connection to a warehouse.
pub(crate) fn warehouse_event(
    warehouse: &Warehouse,
    startup: &StartupRequest,
    outcome: Outcome,
    correlation: CorrelationId,
    principal: Principal,
) -> AuditEvent {
    let event = connection_event(startup, outcome, correlation, principal);
    warehouse.mark(event.target(format!("{}/{}", warehouse.name(), warehouse.database)))
}

fn connection_event(
    startup: &StartupRequest,
    outcome: Outcome,
    correlation: CorrelationId,
    principal: Principal,
) -> AuditEvent {
    let mut event = AuditEvent::new(AuditStep::Connection, outcome, correlation, principal)
        .action("connect")
        .field("remote_host", startup.peer.ip().to_string())
        .field("remote_port", startup.peer.port().to_string())
        .field("encrypted", startup.encrypted.to_string());
    if let Some(rule) = &startup.network_rule {
        event = event.field("network_rule", rule);
    }
    let told = ["user", "application_name", "driver_version", "os_version", "plugin_name", "idp_type"];
    for name in told {
        if let Some(value) = startup.parameter(name) {
            event = event.field(name, value);
        }
    }
    event
}
