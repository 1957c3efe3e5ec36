//! Logins of database users with a password.

use std::sync::{Arc, MutexGuard, PoisonError};

use base::{CorrelationId, Principal};
use catalog::{Catalog, DbUser};
use directory::attempts::{Attempt, AttemptDecision, Attempts};
use sessions::OpenDb;
use time::OffsetDateTime;

use super::challenge::Plan;
use super::{Challenge, ChallengeAnswer, Refused, StartupRequest, refusal};
use crate::connection::DbConnection;
use crate::live::Arrival;
use crate::open::{self, Newcomer, Standing};
use crate::warehouse::Warehouse;

pub(super) async fn login(
    warehouse: &Arc<Warehouse>,
    startup: &StartupRequest,
    arrival: Arrival,
    plan: &Plan,
    answer: &ChallengeAnswer,
) -> Result<DbConnection, Refused> {
    let correlation = CorrelationId::fresh();
    let name = plan.user.clone().unwrap_or_default();
    let principal = Principal::DbUser { name: name.clone() };
    let refused = |error| Refused::known(error, principal.clone(), correlation.clone(), Vec::new());

    let attempt = Attempt::new(&name, startup.peer.ip());
    let decision = attempts(warehouse).admit(&attempt, warehouse.clock.now());
    if let AttemptDecision::Wait { retry_after_seconds } = decision {
        return Err(refused(refusal::too_many_attempts(retry_after_seconds)));
    }
    let snapshot = warehouse.catalog.current();
    let user = verify(&snapshot.catalog, &name, &plan.challenge, answer, warehouse.clock.now());
    let Some(user) = user else { return Err(refused(refusal::wrong_password(&name))) };
    attempts(warehouse).succeeded(&attempt);
    let opening = OpenDb::with_password(&warehouse.id, name.clone(), correlation.clone(), startup.peer);
    let newcomer = Newcomer { user: user.id, arrival, opening, standing: Standing::Own, told: Vec::new() };
    open::open(warehouse, startup, newcomer).await.map_err(refused)
}

fn attempts(warehouse: &Warehouse) -> MutexGuard<'_, Attempts> {
    warehouse.attempts.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The user whose password this proves; `None` says nothing about why not.
fn verify<'c>(
    catalog: &'c Catalog,
    name: &str,
    challenge: &Challenge,
    answer: &ChallengeAnswer,
    now: OffsetDateTime,
) -> Option<&'c DbUser> {
    let user = catalog.user_by_name(name)?;
    let verifier = user.password.as_ref()?;
    let proven = match (challenge, answer) {
        (Challenge::Digest { salt: _, server_nonce }, ChallengeAnswer::Digest { digest, client_nonce }) => {
            verifier.check_digest(server_nonce, client_nonce, digest)
        }
        (Challenge::Md5 { salt }, ChallengeAnswer::Md5(answer)) => verifier.check_md5(*salt, answer),
        (Challenge::Cleartext, ChallengeAnswer::Cleartext(password)) => verifier.check_clear(name, password),
        (Challenge::Digest { .. } | Challenge::Md5 { .. } | Challenge::Cleartext | Challenge::Token, _) => false,
    };
    let valid = user.valid_until.is_none_or(|until| now < until);
    (proven && valid).then_some(user)
}

#[cfg(test)]
mod tests;
