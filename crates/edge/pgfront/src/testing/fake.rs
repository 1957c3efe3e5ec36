//! A door that lets everybody in who answers, and a session whose statements are words of a tiny language.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use base::ErrorKind;
use engine::{EngineError, EngineErrorKind};
use query::{
    Challenge, ChallengeAnswer, Column, Literal, Notice, QueryError, Reply, ReplyBody, ResultStream, Severity,
    StartupRequest, TransactionStatus, Value, ValueType,
};
use tokio::sync::{Notify, mpsc, watch};

use crate::error::WireError;
use crate::session::{Door, Ended, Pending, PreparedStatement, Session};

/// What happened, and what is to happen.
#[derive(Debug, Default)]
pub(crate) struct Script {
    log: Mutex<Vec<String>>,
    /// What a newcomer is told.
    pub(crate) greeting: Mutex<Vec<Notice>>,
    cancel: Notify,
    end: watch::Sender<bool>,
    /// A `hang` that has begun, or a row that was asked for.
    pub(crate) busy: Notify,
}

impl Script {
    pub(crate) fn note(&self, what: impl Into<String>) {
        self.log.lock().unwrap().push(what.into());
    }

    pub(crate) fn log(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }

    /// The session must end.
    pub(crate) fn end(&self) {
        self.end.send_replace(true);
    }
}

#[derive(Debug)]
pub(crate) struct FakeDoor {
    pub(crate) challenge: Challenge,
    pub(crate) script: Arc<Script>,
    pub(crate) refusal: Option<QueryError>,
    /// Whether its network rules let nobody in.
    pub(crate) closed: bool,
    /// The one server name that they let nobody in by.
    pub(crate) closed_name: Option<&'static str>,
}

impl FakeDoor {
    pub(crate) fn asking(challenge: Challenge) -> Self {
        Self { challenge, script: Arc::default(), refusal: None, closed: false, closed_name: None }
    }

    fn closed_to(&self, peer: SocketAddr) -> WireError {
        self.script.note(format!("closed to {}", peer.ip()));
        QueryError::new(ErrorKind::Denied, "08004", "the warehouse takes no connections from there").fatal().into()
    }

    pub(crate) fn open() -> Self {
        Self::asking(Challenge::Cleartext)
    }
}

#[derive(Debug)]
pub(crate) struct FakePending {
    challenge: Challenge,
    script: Arc<Script>,
    refusal: Option<QueryError>,
}

#[derive(Debug)]
pub(crate) struct FakeSession {
    script: Arc<Script>,
    status: TransactionStatus,
    implicit: bool,
}

#[derive(Debug)]
pub(crate) struct FakePrepared {
    text: String,
    oids: Vec<u32>,
}

impl PreparedStatement for FakePrepared {
    fn parameter_oids(&self) -> &[u32] {
        &self.oids
    }

    fn ends_transaction(&self) -> bool {
        matches!(self.text.as_str(), "commit" | "rollback" | "")
    }

    fn deallocates(&self) -> Option<Option<&str>> {
        let name = self.text.strip_prefix("deallocate ")?;
        Some((name != "all").then_some(name))
    }
}

impl Door for FakeDoor {
    type Pending = FakePending;

    async fn at_port(&self, peer: SocketAddr) -> Result<(), WireError> {
        if self.closed { Err(self.closed_to(peer)) } else { Ok(()) }
    }

    async fn at_name(&self, server_name: Option<&str>, peer: SocketAddr) -> Result<(), WireError> {
        if self.closed_name.is_some() && self.closed_name == server_name { Err(self.closed_to(peer)) } else { Ok(()) }
    }

    async fn begin_login(&self, startup: StartupRequest, server_name: Option<&str>) -> Result<FakePending, WireError> {
        let encryption = if startup.encrypted { "encrypted" } else { "plain" };
        let keys = startup.parameters.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>();
        self.script.note(format!("login {encryption} {} {}", server_name.unwrap_or("-"), keys.join(",")));
        let (challenge, script) = (self.challenge.clone(), Arc::clone(&self.script));
        Ok(FakePending { challenge, script, refusal: self.refusal.clone() })
    }

    async fn cancel(&self, process_id: i32, secret_key: i32) {
        self.script.note(format!("cancel {process_id} {secret_key}"));
        self.script.cancel.notify_one();
    }
}

impl Pending for FakePending {
    type Session = FakeSession;

    fn challenge(&self) -> &Challenge {
        &self.challenge
    }

    async fn finish(self, answer: ChallengeAnswer) -> Result<FakeSession, WireError> {
        self.script.note(match answer {
            ChallengeAnswer::Token(token) => format!("token {}", token.expose()),
            ChallengeAnswer::Digest { digest, client_nonce } => format!("digest {digest:?} {client_nonce:?}"),
            ChallengeAnswer::Md5(answer) => format!("md5 {}", answer.expose()),
            ChallengeAnswer::Cleartext(answer) => format!("cleartext {}", answer.expose()),
        });
        if let Some(refusal) = self.refusal {
            return Err(refusal.into());
        }
        Ok(FakeSession { script: self.script, status: TransactionStatus::Idle, implicit: false })
    }
}

fn column(value_type: ValueType) -> Vec<Column> {
    vec![Column { name: "c".into(), value_type }]
}

fn failure(sqlstate: &'static str, message: &str) -> WireError {
    QueryError::new(ErrorKind::InvalidInput, sqlstate, message).into()
}

/// Rows `0..count` as int4, two to a batch.
fn numbers(count: i32) -> ResultStream {
    let rows: Vec<Vec<Value>> = (0..count).map(|row| vec![Value::Int4(row)]).collect();
    let (send, batches) = mpsc::channel(rows.len() + 1);
    for batch in rows.chunks(2) {
        send.try_send(Ok(batch.to_vec())).unwrap();
    }
    ResultStream { columns: column(ValueType::Int4), batches }
}

/// Rows of 64 KiB without end; says `stopped` when nobody reads any more.
fn endless(script: Arc<Script>) -> ResultStream {
    let (send, batches) = mpsc::channel(1);
    base::task::spawn("endless rows", async move {
        while send.send(Ok(vec![vec![Value::Text("x".repeat(64 * 1024))]])).await.is_ok() {
            script.busy.notify_one();
        }
        script.note("stopped");
    });
    ResultStream { columns: column(ValueType::Text), batches }
}

/// Says when it is dropped before its time.
struct Hanging(Arc<Script>);

impl Drop for Hanging {
    fn drop(&mut self) {
        self.0.note("hang is over");
    }
}

impl FakeSession {
    fn done(tag: &str) -> ReplyBody {
        ReplyBody::Done { tag: tag.to_owned() }
    }

    fn rows(stream: ResultStream) -> ReplyBody {
        ReplyBody::Rows { stream, tag: "SELECT" }
    }

    async fn body(&mut self, text: &str, parameters: &[Literal]) -> Result<ReplyBody, WireError> {
        let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
        Ok(match word {
            "" => ReplyBody::Empty,
            "rows" => Self::rows(numbers(rest.parse().unwrap())),
            "shape" => {
                let (send, batches) = mpsc::channel(1);
                send.try_send(Ok(vec![vec![Value::Bool(true)]])).unwrap();
                Self::rows(ResultStream { columns: column(ValueType::Bool), batches })
            }
            "broken" => {
                let (send, batches) = mpsc::channel(2);
                send.try_send(Ok(vec![vec![Value::Int4(1)]])).unwrap();
                let (kind, message) = (EngineErrorKind::DivisionByZero, "division by zero".to_owned());
                send.try_send(Err(EngineError { kind, log: message.clone(), message })).unwrap();
                Self::rows(ResultStream { columns: column(ValueType::Int4), batches })
            }
            "endless" => Self::rows(endless(Arc::clone(&self.script))),
            "echo" => {
                self.script.note(format!("{parameters:?}"));
                Self::done("ECHO")
            }
            "begin" => {
                self.status = TransactionStatus::InTransaction;
                self.implicit = false;
                Self::done("BEGIN")
            }
            "commit" | "rollback" => {
                self.status = TransactionStatus::Idle;
                Self::done(if word == "commit" { "COMMIT" } else { "ROLLBACK" })
            }
            "hang" => {
                let _hanging = Hanging(Arc::clone(&self.script));
                self.script.busy.notify_one();
                self.script.cancel.notified().await;
                return Err(failure("57014", "Query cancelled on user's request"));
            }
            "stubborn" => {
                let _hanging = Hanging(Arc::clone(&self.script));
                self.script.busy.notify_one();
                std::future::pending().await
            }
            "fail" => return Err(failure("42601", "syntax error")),
            "panic" => panic!("a defect"),
            tag => Self::done(&tag.to_uppercase()),
        })
    }
}

impl Session for FakeSession {
    type Prepared = FakePrepared;

    fn parameters(&self) -> Vec<(String, String)> {
        vec![("server_version".into(), "8.0.2".into()), ("server_protocol_version".into(), "0".into())]
    }

    fn greeting_notices(&self) -> Vec<Notice> {
        self.script.greeting.lock().unwrap().clone()
    }

    fn backend_key(&self) -> (i32, i32) {
        (7, 77)
    }

    fn transaction_status(&self) -> TransactionStatus {
        self.status
    }

    fn ended(&self) -> Ended {
        let mut end = self.script.end.subscribe();
        Box::pin(async move {
            if end.wait_for(|end| *end).await.is_err() {
                std::future::pending::<()>().await;
            }
            QueryError::new(ErrorKind::Unauthenticated, "57P01", "the user was deactivated").fatal()
        })
    }

    fn parse_script(&mut self, text: &str) -> Result<Vec<FakePrepared>, WireError> {
        text.split(';').map(|text| self.parse_one(text.trim(), &[])).collect()
    }

    /// `$` for each parameter.
    fn parse_one(&mut self, text: &str, parameter_oids: &[u32]) -> Result<FakePrepared, WireError> {
        if text == "nonsense" {
            return Err(failure("42601", "syntax error at or near \"nonsense\""));
        }
        let count = text.matches('$').count();
        let oids = (0..count).map(|index| parameter_oids.get(index).copied().unwrap_or(0)).collect();
        Ok(FakePrepared { text: text.to_owned(), oids })
    }

    async fn describe(&mut self, prepared: &FakePrepared, _: &[Literal]) -> Result<Option<Vec<Column>>, WireError> {
        self.script.note(format!("describe {}", prepared.text));
        let has_rows = ["rows", "shape", "broken"].iter().any(|word| prepared.text.starts_with(word));
        Ok(has_rows.then(|| column(ValueType::Int4)))
    }

    async fn execute(&mut self, prepared: &FakePrepared, parameters: &[Literal]) -> Result<Reply, WireError> {
        self.script.note(format!("execute {}", prepared.text));
        if self.status == TransactionStatus::Failed && !prepared.ends_transaction() {
            return Err(failure("25P02", "current transaction is aborted"));
        }
        let body = self.body(&prepared.text, parameters).await;
        if body.is_err() && self.status == TransactionStatus::InTransaction {
            self.status = TransactionStatus::Failed;
        }
        let mut reply = Reply { notices: Vec::new(), parameters: Vec::new(), body: body? };
        if prepared.text == "set" {
            reply.parameters.push(("TimeZone".into(), "UTC".into()));
            let message = base::PublicMessage::new("noted");
            reply.notices.push(Notice { severity: Severity::Warning, sqlstate: "01000", message });
        }
        Ok(reply)
    }

    async fn finish_rows(&mut self, outcome: Result<u64, EngineError>) -> Result<(), WireError> {
        self.script.note(match &outcome {
            Ok(rows) => format!("finish {rows}"),
            Err(error) => format!("finish {:?}", error.kind),
        });
        let Err(error) = outcome else { return Ok(()) };
        if self.status == TransactionStatus::InTransaction {
            self.status = TransactionStatus::Failed;
        }
        Err(failure(if error.kind == EngineErrorKind::Cancelled { "57014" } else { "22012" }, &error.message))
    }

    async fn begin_implicit(&mut self) -> Result<(), WireError> {
        self.script.note("begin implicit");
        self.status = TransactionStatus::InTransaction;
        self.implicit = true;
        Ok(())
    }

    async fn end_implicit(&mut self, successful: bool) -> Result<(), WireError> {
        self.script.note(if successful { "commit implicit" } else { "roll back implicit" });
        if std::mem::take(&mut self.implicit) {
            self.status = TransactionStatus::Idle;
        }
        Ok(())
    }

    fn close(self) -> impl Future<Output = ()> + Send {
        self.script.note("close");
        std::future::ready(())
    }
}
