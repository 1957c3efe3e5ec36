//! The account page: what the person keeps themself. Each change needs a sign-in that is at most five minutes old.

mod passkeys;
mod password;
mod recovery;
mod totp;

use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::get;
use base::{AuditEvent, AuditStep, Fault, Outcome};
use idp::{Factors, MfaPolicy, PasskeySummary, SessionEnd};
use pages::{Connection, Form, form_is_ours};
use time::Duration;

use crate::console::{SignedInPage, signed_in_page};
use crate::markup::{self, Account, Confirm, PasskeyRow};
use crate::shared::{is_failure, principal, stale_form, unavailable};
use crate::signin::{Demand, SignedIn, require};
use crate::state::IdpState;

const PATH: &str = "/idp/account";
/// To begin a change, the person must have signed in within this time.
const FRESH: Duration = Duration::minutes(5);
/// To finish one: the form may wait as long as an enrolment does.
const FRESH_FORM: Duration = Duration::minutes(15);

/// The account page and its forms.
pub(crate) fn router() -> Router<IdpState> {
    Router::new()
        .route(PATH, get(show))
        .route("/idp/account/password", get(password::show).post(password::submit))
        .route("/idp/account/totp", get(totp::show).post(totp::confirm))
        .route("/idp/account/totp/remove", get(totp::ask_remove).post(totp::remove))
        .route("/idp/account/passkeys/add", get(passkeys::show_add).post(passkeys::add))
        .route("/idp/account/passkeys/rename", get(passkeys::show_rename).post(passkeys::rename))
        .route("/idp/account/passkeys/remove", get(passkeys::ask_remove).post(passkeys::remove))
        .route("/idp/account/recovery", get(recovery::ask).post(recovery::renew))
}

/// `GET /idp/account`
async fn show(
    State(state): State<IdpState>,
    connection: Connection,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let demand = Demand { next: PATH.to_owned(), ..Demand::default() };
    let signed_in = match require(&state, &headers, connection, &demand).await {
        Ok(signed_in) => signed_in,
        Err(response) => return response,
    };
    let form = Form::parse(query.unwrap_or_default().as_bytes());
    let done = form.as_ref().and_then(|form| Done::from_name(form.get("done")));
    account_page(&state, &signed_in, done)
}

/// The change that was just made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Done {
    TotpSet,
    TotpRemoved,
    PasskeyAdded,
    PasskeyRenamed,
    PasskeyRemoved,
    CodesRenewed,
}

impl Done {
    const ALL: [Self; 6] = [
        Self::TotpSet,
        Self::TotpRemoved,
        Self::PasskeyAdded,
        Self::PasskeyRenamed,
        Self::PasskeyRemoved,
        Self::CodesRenewed,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::TotpSet => "totp",
            Self::TotpRemoved => "totp-removed",
            Self::PasskeyAdded => "passkey",
            Self::PasskeyRenamed => "passkey-renamed",
            Self::PasskeyRemoved => "passkey-removed",
            Self::CodesRenewed => "recovery-codes",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|done| done.name() == name)
    }

    const fn words(self) -> &'static str {
        match self {
            Self::TotpSet => "The authenticator app is set up. Your other sessions were ended.",
            Self::TotpRemoved => "The authenticator app is removed. Your other sessions were ended.",
            Self::PasskeyAdded => "The passkey is added. Your other sessions were ended.",
            Self::PasskeyRenamed => "The passkey has its new name.",
            Self::PasskeyRemoved => "The passkey is removed. Your other sessions were ended.",
            Self::CodesRenewed => "You have new recovery codes. Your other sessions were ended.",
        }
    }

    /// The account page that says so.
    fn location(self) -> String {
        format!("{PATH}?done={}", self.name())
    }
}

fn account_page(state: &IdpState, signed_in: &SignedIn, done: Option<Done>) -> Response {
    let id = signed_in.session.user().id();
    let person = state.idp.people().user(id);
    let Factors { totp, passkeys, recovery_codes_left, .. } = state.idp.factors(id);
    let rows: Vec<PasskeyRow> = passkeys.iter().map(row).collect();
    let account = Account {
        user_name: signed_in.session.user().user_name(),
        display_name: person.as_ref().and_then(|person| person.display_name.as_deref()),
        email: person.as_ref().and_then(|person| person.email.as_deref()),
        totp: totp.is_some(),
        passkeys: &rows,
        passkeys_possible: state.idp.passkeys_available(),
        recovery_codes_left,
        required: state.idp.policy() == MfaPolicy::Required,
        notice: done.map(Done::words),
    };
    signed_in_page(state, signed_in, "Your account", PATH, StatusCode::OK).render(&account.markup())
}

fn row(passkey: &PasskeySummary) -> PasskeyRow {
    let date = passkey.created.date();
    let added = format!("added {} {} {}", date.day(), date.month(), date.year());
    PasskeyRow { id: passkey.id.clone(), label: passkey.label.clone(), added }
}

/// The person, freshly signed in, for the page of a change at `path`.
async fn fresh(
    state: &IdpState,
    headers: &HeaderMap,
    connection: Connection,
    path: &str,
) -> Result<SignedIn, Response> {
    let since = state.clock.now() - FRESH;
    let demand = Demand {
        next: path.to_owned(),
        since: Some(since),
        purpose: Some("to change your account"),
        ..Demand::default()
    };
    require(state, headers, connection, &demand).await
}

/// The form of a change, with the person who sent it. Who waited too long signs in again and comes back to `path`.
async fn fresh_form(
    state: &IdpState,
    headers: &HeaderMap,
    connection: Connection,
    (path, body): (&str, &[u8]),
) -> Result<(SignedIn, Form), Response> {
    let form = Form::parse(body).ok_or_else(|| stale_form(state))?;
    let since = state.clock.now() - FRESH_FORM;
    let demand = Demand { next: path.to_owned(), since: Some(since), ..Demand::default() };
    let signed_in = require(state, headers, connection, &demand).await?;
    if !form_is_ours(headers, &signed_in.cookie, form.get("csrf"), connection) {
        return Err(stale_form(state));
    }
    Ok((signed_in, form))
}

fn event(signed_in: &SignedIn, connection: Connection, action: &str, outcome: Outcome) -> AuditEvent {
    let session = &signed_in.session;
    AuditEvent::new(AuditStep::Administration, outcome, session.correlation().clone(), principal(session.user()))
        .action(action)
        .target(session.user().id().as_str())
        .field("session", session.id().as_str())
        .field("peer", connection.peer.ip().to_string())
}

/// Records that a change is about to be made; without the record it isn't.
async fn announce(
    state: &IdpState,
    signed_in: &SignedIn,
    connection: Connection,
    action: &str,
) -> Result<(), Response> {
    let recorded = state.record(event(signed_in, connection, action, Outcome::Allowed)).await;
    recorded.map_err(|_| unavailable(state, signed_in.session.correlation()))
}

/// Records that a change was refused.
async fn refused(
    state: &IdpState,
    signed_in: &SignedIn,
    connection: Connection,
    action: &str,
    fault: &impl Fault,
) -> Result<(), Response> {
    let outcome = if is_failure(fault.kind()) { Outcome::Failed } else { Outcome::Denied };
    let event = event(signed_in, connection, action, outcome).field("reason", fault.to_string());
    state.record(event).await.map_err(|_| unavailable(state, signed_in.session.correlation()))
}

/// After a change of the second factors: whoever else is signed in as this person has to show the new ones.
async fn end_others(state: &IdpState, signed_in: &SignedIn) {
    let session = &signed_in.session;
    let ended = state.idp.end_sessions_of(session.user().id(), Some(session.id()), SessionEnd::FactorsReset).await;
    if let Err(cause) = ended {
        tracing::error!(%cause, "the other sessions of a person whose factors changed can't be ended");
    }
}

/// The page of one change, as wide as a form.
fn form_page<'a>(
    state: &'a IdpState,
    signed_in: &SignedIn,
    title: &'a str,
    wrong: Option<StatusCode>,
) -> SignedInPage<'a> {
    signed_in_page(state, signed_in, title, "", wrong.unwrap_or(StatusCode::OK)).narrow()
}

/// The page that asks before something goes.
fn confirm_page(state: &IdpState, signed_in: &SignedIn, title: &str, confirm: &Confirm<'_>) -> Response {
    let csrf = signed_in.csrf();
    let mut fields = vec![("csrf", csrf.expose().as_str())];
    fields.extend(confirm.fields);
    form_page(state, signed_in, title, None).render(&markup::confirm(&Confirm { fields: &fields, ..*confirm }))
}
