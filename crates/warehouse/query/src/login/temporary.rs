//! Logins with temporary credentials: `IAM:bob`, `IAMA:bob`, `IAMR:Analysts` (drivers.md 3.3 to 3.5).

use std::sync::Arc;
use std::sync::atomic::Ordering;

use base::{Checks, CorrelationId, Principal};
use catalog::{PasswordVerifier, TemporaryLogin, TemporaryStanding, plan_temporary_login};
use credentials::Credential;
use sessions::{OpenDb, WithCredential};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::challenge::Plan;
use super::{Challenge, ChallengeAnswer, Refused, StartupRequest, refusal};
use crate::connection::DbConnection;
use crate::error::QueryError;
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
    let name = plan.user.clone().unwrap_or_default();
    let stranger =
        |error| Refused::known(error, Principal::DbUser { name: name.clone() }, CorrelationId::fresh(), Vec::new());
    // Attempts aren't limited: nobody guesses 256 random bits, and many share a name. One expired password in a pool of connections
    // would keep all of them out.
    let candidates = warehouse.credentials.candidates(&warehouse.id, &name);
    let proven = candidates.iter().find(|credential| proves(credential, &plan.challenge, answer));
    let Some(credential) = proven else { return Err(stranger(refusal::wrong_password(&name))) };

    let mut checks = Checks::default();
    let standing = stand(warehouse, startup, credential, &mut checks).await;
    let told = told(credential, &checks);
    let refused = |error| Refused::known(error, credential.principal(), credential.correlation(), told.clone());
    let (user, standing) = standing.map_err(refused)?;
    let proof = WithCredential {
        principal: credential.principal(),
        person: credential.person().map(str::to_owned),
        access_key_id: credential.access_key_id().to_owned(),
        grounds: warehouse.credentials.grounds(credential),
        correlation: credential.correlation(),
    };
    let db_user = warehouse.catalog.current().catalog.user_name(user);
    let opening = OpenDb::with_credential(&warehouse.id, db_user, proof, startup.peer);
    let newcomer = Newcomer { user, arrival, opening, standing, told: told.clone() };
    open::open(warehouse, startup, newcomer).await.map_err(refused)
}

/// Whether the answer is made with this credential's password. Several of one login name are told apart by this alone.
fn proves(credential: &Credential, challenge: &Challenge, answer: &ChallengeAnswer) -> bool {
    let password = credential.password();
    match (challenge, answer) {
        (Challenge::Digest { salt, server_nonce }, ChallengeAnswer::Digest { digest, client_nonce }) => {
            let Ok(salt) = salt.as_slice().try_into() else { return false };
            PasswordVerifier::from_clear(password, salt).check_digest(server_nonce, client_nonce, digest)
        }
        (Challenge::Md5 { salt }, ChallengeAnswer::Md5(answer)) => {
            PasswordVerifier::md5_of_clear(password, credential.login_name()).check_md5(*salt, answer)
        }
        (Challenge::Cleartext, ChallengeAnswer::Cleartext(given)) => password.matches(given.expose().as_bytes()),
        (Challenge::Digest { .. } | Challenge::Md5 { .. } | Challenge::Cleartext | Challenge::Token, _) => false,
    }
}

/// Everything that must hold beside the proof, each noted.
async fn stand(
    warehouse: &Arc<Warehouse>,
    startup: &StartupRequest,
    credential: &Credential,
    checks: &mut Checks,
) -> Result<(base::id::DbUserId, Standing), QueryError> {
    let now = warehouse.clock.now();
    let name = credential.login_name();
    checks.note("credential", &format!("a temporary password of {name}"), &credential.principal().to_string(), true);
    if !checks.note(
        "expiry",
        &format!("before {}", stamp(credential.expires())),
        &stamp(now),
        now < credential.expires(),
    ) {
        return Err(refusal::credential_expired(credential.expires()));
    }
    let peer = startup.peer.ip();
    let by = startup.network_rule.as_deref().map_or_else(|| peer.to_string(), |rule| format!("{peer}, by {rule}"));
    checks.note("network", "an address that the warehouse takes connections from", &by, true);
    let issued_for = credential.db_name().unwrap_or("any database");
    let fits = credential.db_name().is_none_or(|database| database == warehouse.database);
    if !checks.note("database", issued_for, &warehouse.database, fits) {
        return Err(refusal::other_database(name, issued_for));
    }
    if let Some(ended) = warehouse.credentials.grounds(credential).ended() {
        checks.note("permission", "what the credentials were issued on is still allowed", &ended.reason, false);
        return Err(refusal::not_allowed(ended));
    }
    for ask in &credential.grounds().asks {
        checks.note("permission", &format!("{} on {}", ask.action, ask.resource), "allowed", true);
    }
    provision(warehouse, credential, checks).await
}

/// Finds the user, or makes it; groups and roles must be there.
async fn provision(
    warehouse: &Arc<Warehouse>,
    credential: &Credential,
    checks: &mut Checks,
) -> Result<(base::id::DbUserId, Standing), QueryError> {
    let db_user = credential.user().db_user();
    let login = TemporaryLogin {
        user: &db_user,
        make: credential.user().is_made(),
        groups: credential.groups(),
        roles: credential.roles(),
    };
    let expected = format!(
        "database user \"{db_user}\"{}{}",
        listed(" in the groups ", login.groups),
        listed(" with the roles ", login.roles)
    );
    for _ in 0..open::PROVISION_ATTEMPTS_MAX {
        let snapshot = warehouse.catalog.current();
        let first_id = warehouse.next_id.fetch_add(1, Ordering::Relaxed);
        let TemporaryStanding { ops, user, groups, roles } = plan_temporary_login(&snapshot.catalog, &login, first_id)
            .map_err(|error| {
                checks.note("database user", &expected, &error.message.message, false);
                QueryError::from(error).fatal()
            })?;
        let made = !ops.is_empty();
        if !made || open::apply(warehouse, ops).await? {
            checks.note("database user", &expected, if made { "made now" } else { "there" }, true);
            return Ok((user, Standing::Temporary { groups, roles }));
        }
    }
    Err(open::busy())
}

/// What the record of the connection says beside what every such record does.
fn told(credential: &Credential, checks: &Checks) -> Vec<(&'static str, String)> {
    let mut told = vec![
        ("access_key_id", credential.access_key_id().to_owned()),
        ("iam_auth_guid", credential.request().to_owned()),
        ("db_groups", credential.groups().join(", ")),
        ("db_roles", credential.roles().join(", ")),
        ("checks", checks.to_json()),
    ];
    if let Some(person) = credential.person() {
        told.push(("person", person.to_owned()));
    }
    told.retain(|(_, value)| !value.is_empty());
    told
}

fn listed(what: &str, names: &[String]) -> String {
    if names.is_empty() { String::new() } else { format!("{what}\"{}\"", names.join("\", \"")) }
}

fn stamp(at: OffsetDateTime) -> String {
    at.replace_nanosecond(0).unwrap_or(at).format(&Rfc3339).unwrap_or_default()
}

#[cfg(test)]
mod tests;
