//! The provider's answer: was it expected, is it genuine, does it count for the first time, and who is it about.

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use base::id::SourceId;
use base::{Checks, ErrorKind, PublicMessage, Secret};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use directory::ActiveUser;
use oidc::ValidatedIdToken;
use saml::sp::{Expected, InResponseTo, ValidatedAssertion};
use time::{Duration, OffsetDateTime};

use super::Sources;
use crate::denial::SignInDenial;
use crate::denial::mend::{MendContext, mend};
use crate::flow::{self, FLOW_LIFETIME, Flow, FlowKind};
use crate::model::{FederatedSession, IdentitySource, OidcSource, SamlSource, SourceKind};
use crate::port::UseMark;
use crate::subject::{self, Asserted};

/// How far the provider's clock may differ from ours.
pub(crate) const SKEW: Duration = Duration::seconds(60);
/// Characters of an id that nobody has verified yet.
const SHOWN_ID: usize = 200;

/// What became of a sign-in, for page and record alike.
#[derive(Debug)]
pub struct SignIn {
    pub source: SourceId,
    /// `saml` or `oidc`: the action of the record.
    pub protocol: &'static str,
    /// Every check in order, up to the first that failed.
    pub checks: Checks,
    /// The assertion's ID, or the token's; also of what was refused, and then perhaps a stranger's.
    pub assertion: Option<String>,
    pub outcome: Result<Admitted, Box<Denied>>,
}

/// Somebody signed in.
#[derive(Debug)]
pub struct Admitted {
    pub user: ActiveUser,
    /// As it was given at the beginning.
    pub continue_to: Option<String>,
    /// Of a sign-in that began at the provider: a stranger's word for where to go.
    pub relay_state: Option<String>,
    pub session: FederatedSession,
    /// They were made just now.
    pub created: bool,
    /// When the provider's answer came: what changed since may have taken the ground from it.
    pub began: OffsetDateTime,
}

/// Somebody didn't.
#[derive(Debug)]
pub struct Denied {
    pub denial: SignInDenial,
    pub kind: ErrorKind,
    /// The heading of the person's page.
    pub title: &'static str,
    /// For the person: what failed, and whom to turn to.
    pub public: PublicMessage,
    /// For the administrator.
    pub mend: String,
    /// Where they wanted to go, if that is known.
    pub continue_to: Option<String>,
}

/// A sign-in while it is looked at.
pub(super) struct Attempt {
    pub(super) checks: Checks,
    assertion: Option<String>,
    continue_to: Option<String>,
    relay_state: Option<String>,
    began: OffsetDateTime,
}

impl Attempt {
    fn new(began: OffsetDateTime) -> Self {
        Self { checks: Checks::default(), assertion: None, continue_to: None, relay_state: None, began }
    }
}

type Entered = (ActiveUser, bool, FederatedSession);

impl Sources {
    /// Takes a SAML Response (the form's base64). `flow`: the cookie whose name ends in `relay_state`.
    pub async fn finish_saml(
        &self,
        id: &SourceId,
        saml_response: &str,
        relay_state: Option<&str>,
        flow: Option<&Secret<String>>,
    ) -> SignIn {
        let mut attempt = Attempt::new(self.inner.ports.clock.now());
        let entered = self.enter_by_saml(&mut attempt, id, saml_response, relay_state, flow).await;
        self.ended(id, "saml", attempt, entered)
    }

    /// Takes the query that an OpenID provider sent the browser back with. `flow`: the cookie whose name ends in its `state`.
    pub async fn finish_oidc(&self, id: &SourceId, query: &str, flow: Option<&Secret<String>>) -> SignIn {
        let mut attempt = Attempt::new(self.inner.ports.clock.now());
        let entered = self.enter_by_oidc(&mut attempt, id, query, flow).await;
        self.ended(id, "oidc", attempt, entered)
    }

    fn ended(
        &self,
        id: &SourceId,
        protocol: &'static str,
        attempt: Attempt,
        entered: Result<Entered, SignInDenial>,
    ) -> SignIn {
        let Attempt { mut checks, assertion, continue_to, relay_state, began } = attempt;
        let outcome = match entered {
            Ok((user, created, session)) => Ok(Admitted { user, continue_to, relay_state, session, created, began }),
            Err(denial) => {
                denial.note(&mut checks);
                Err(Box::new(self.denied(id, denial, continue_to)))
            }
        };
        SignIn { source: id.clone(), protocol, checks, assertion, outcome }
    }

    fn denied(&self, id: &SourceId, denial: SignInDenial, continue_to: Option<String>) -> Denied {
        let source = self.get(id);
        let name = source.as_ref().map_or("the identity provider", |source| source.name.as_str());
        let page = denial.person_page(name, source.as_ref().and_then(|source| source.contact.as_deref()));
        let urls = self.urls();
        let mend = mend(
            &denial,
            &MendContext {
                source: id.as_str(),
                sp_entity_id: &urls.saml_entity_id(id),
                acs: &urls.saml_acs(id),
                just_in_time: source.is_some_and(|source| source.just_in_time),
            },
        );
        Denied { kind: denial.kind(), title: page.title, public: page.message, mend, denial, continue_to }
    }

    async fn enter_by_saml(
        &self,
        attempt: &mut Attempt,
        id: &SourceId,
        response: &str,
        relay_state: Option<&str>,
        flow: Option<&Secret<String>>,
    ) -> Result<Entered, SignInDenial> {
        let now = self.inner.ports.clock.now();
        let peeked = saml::sp::peek(response);
        attempt.assertion = peeked
            .as_ref()
            .and_then(|peeked| peeked.assertion_id.as_deref())
            .map(|id| id.chars().take(SHOWN_ID).collect());
        let source = self.open_source(id)?;
        let SourceKind::Saml(saml) = &source.kind else { return Err(unknown(id)) };
        attempt.checks.note("identity source", "an enabled identity source", &source.name, true);
        let answers_somebody = peeked.is_some_and(|peeked| peeked.in_response_to.is_some());
        let flow = match flow {
            Some(sealed) => Some(self.open_flow(attempt, &source, sealed, relay_state, now)?),
            None if answers_somebody => return Err(SignInDenial::FlowMissing),
            None if !saml.idp_initiated => return Err(SignInDenial::UnsolicitedNotAllowed),
            None => {
                attempt.relay_state = relay_state.map(str::to_owned);
                attempt.checks.note("flow", "a sign-in that may begin at the identity provider", "one that did", true);
                None
            }
        };
        let assertion = self.validate_saml(attempt, &source, saml, response, flow.as_ref())?;
        let mut marks = vec![mark(&source, "assertion", assertion.assertion_id(), assertion.replay_until())];
        marks.extend(flow.as_ref().map(|flow| mark(&source, "flow", &flow.key, flow.expires())));
        self.use_once(attempt, &marks, now).await?;
        let asserted = subject::of_assertion(&source, &assertion, &self.urls().saml_entity_id(id))?;
        let session = saml_session(&source, &assertion);
        self.enter(attempt, &source, &asserted, session).await
    }

    fn validate_saml(
        &self,
        attempt: &mut Attempt,
        source: &IdentitySource,
        saml: &SamlSource,
        response: &str,
        flow: Option<&Flow>,
    ) -> Result<ValidatedAssertion, SignInDenial> {
        let in_response_to = match flow.map(|flow| &flow.kind) {
            None => InResponseTo::Unsolicited,
            Some(FlowKind::Saml { request }) => InResponseTo::Request(request),
            Some(FlowKind::Oidc(_)) => return Err(SignInDenial::FlowOfAnotherBrowser),
        };
        let (now, urls) = (self.inner.ports.clock.now(), self.urls());
        let verdict = saml::sp::validate(
            response,
            &Expected {
                idp_entity_id: &saml.entity_id,
                certificates: &saml.certificates,
                sp_entity_id: &urls.saml_entity_id(&source.id),
                acs_url: &urls.saml_acs(&source.id),
                in_response_to,
                now,
                skew: SKEW,
                // Nobody can be asked to sign in anew before a sign-in that begins at the provider: what was just now is as good.
                force_authn_since: saml.force_authn.then(|| flow.map_or(now - FLOW_LIFETIME, Flow::begun)),
            },
        );
        attempt.checks.extend(verdict.checks);
        let assertion = verdict.outcome.map_err(SignInDenial::Assertion)?;
        attempt.assertion = Some(assertion.assertion_id().to_owned());
        Ok(assertion)
    }

    async fn enter_by_oidc(
        &self,
        attempt: &mut Attempt,
        id: &SourceId,
        query: &str,
        flow: Option<&Secret<String>>,
    ) -> Result<Entered, SignInDenial> {
        let now = self.inner.ports.clock.now();
        let source = self.open_source(id)?;
        let SourceKind::Oidc(oidc) = &source.kind else { return Err(unknown(id)) };
        attempt.checks.note("identity source", "an enabled identity source", &source.name, true);
        let sealed = flow.ok_or(SignInDenial::FlowMissing)?;
        let flow = self.open_flow(attempt, &source, sealed, oidc::state_of(query).as_deref(), now)?;
        let FlowKind::Oidc(request) = &flow.kind else { return Err(SignInDenial::FlowOfAnotherBrowser) };
        let token = self.validate_oidc(attempt, &source, oidc, query, request).await?;
        self.use_once(attempt, &[mark(&source, "flow", &flow.key, flow.expires())], now).await?;
        let asserted = subject::of_id_token(&source, &token)?;
        let session = oidc_session(&source, &token);
        self.enter(attempt, &source, &asserted, session).await
    }

    async fn validate_oidc(
        &self,
        attempt: &mut Attempt,
        source: &IdentitySource,
        oidc: &OidcSource,
        query: &str,
        request: &oidc::Flow,
    ) -> Result<ValidatedIdToken, SignInDenial> {
        let provider = self.provider(source, oidc).map_err(|error| SignInDenial::Unavailable(error.to_string()))?;
        let callback = self.urls().oidc_callback(&source.id);
        let verdict = self.inner.ports.relying_party.finish(&provider, &callback, query, request).await;
        attempt.checks.extend(verdict.checks);
        attempt.assertion = verdict.assertion.map(|id| id.chars().take(SHOWN_ID).collect());
        verdict.outcome.map_err(SignInDenial::IdToken)
    }

    /// Finds the person, and looks once more whether the source may still sign people in: asking the provider takes its time.
    async fn enter(
        &self,
        attempt: &mut Attempt,
        source: &IdentitySource,
        asserted: &Asserted,
        session: FederatedSession,
    ) -> Result<Entered, SignInDenial> {
        attempt.checks.note("subject", "one name for the person", &asserted.value, true);
        let (user, created) = self.admit(attempt, source, asserted).await?;
        let present = self.open_source(&source.id)?;
        if present.kind.provider() != source.kind.provider() {
            return Err(SignInDenial::SourceChanged);
        }
        Ok((user, created, session))
    }

    fn open_source(&self, id: &SourceId) -> Result<Arc<IdentitySource>, SignInDenial> {
        let source = self.get(id).ok_or_else(|| unknown(id))?;
        if source.enabled { Ok(source) } else { Err(SignInDenial::SourceDisabled) }
    }

    fn open_flow(
        &self,
        attempt: &mut Attempt,
        source: &IdentitySource,
        sealed: &Secret<String>,
        key: Option<&str>,
        now: OffsetDateTime,
    ) -> Result<Flow, SignInDenial> {
        let flow = Flow::open(&self.inner.ports.sealer, sealed).ok_or(SignInDenial::FlowOfAnotherBrowser)?;
        attempt.continue_to.clone_from(&flow.continue_to);
        flow::decide(&flow, &source.id, &source.kind.provider(), key, now)?;
        attempt.checks.note("flow", "a sign-in that this browser began", "one of this browser", true);
        Ok(flow)
    }

    /// Nobody is admitted unless the mark of it is kept.
    async fn use_once(
        &self,
        attempt: &mut Attempt,
        marks: &[UseMark],
        now: OffsetDateTime,
    ) -> Result<(), SignInDenial> {
        let first = self.inner.ports.store.use_once(marks, now).await;
        if !first.map_err(|error| SignInDenial::Unavailable(error.to_string()))? {
            return Err(SignInDenial::Replayed);
        }
        attempt.checks.note("one use", "an assertion that wasn't used before", "one that wasn't", true);
        Ok(())
    }
}

fn unknown(id: &SourceId) -> SignInDenial {
    SignInDenial::UnknownSource { id: id.as_str().chars().take(64).collect() }
}

/// A hash, since an id may be as long as its maker likes.
pub(super) fn mark(source: &IdentitySource, what: &str, id: &str, until: OffsetDateTime) -> UseMark {
    let text = serde_json::json!([source.id.as_str(), what, id]).to_string();
    UseMark { key: URL_SAFE_NO_PAD.encode(digest(&SHA256, text.as_bytes())), until }
}

fn saml_session(source: &IdentitySource, assertion: &ValidatedAssertion) -> FederatedSession {
    let name_id = assertion.name_id().clone();
    FederatedSession {
        source: source.id.clone(),
        name_id: name_id.value,
        name_id_format: name_id.format,
        name_qualifier: name_id.name_qualifier,
        sp_name_qualifier: name_id.sp_name_qualifier,
        session_index: assertion.session_index().map(str::to_owned),
        id_token: None,
        not_on_or_after: assertion.session_not_on_or_after(),
    }
}

fn oidc_session(source: &IdentitySource, token: &ValidatedIdToken) -> FederatedSession {
    FederatedSession {
        source: source.id.clone(),
        name_id: token.subject().to_owned(),
        name_id_format: None,
        name_qualifier: None,
        sp_name_qualifier: None,
        session_index: token.sid().map(str::to_owned),
        id_token: Some(token.id_token().clone()),
        not_on_or_after: None,
    }
}
