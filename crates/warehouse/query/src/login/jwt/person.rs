//! Whom a verified token names.

use base::Checks;
use oidc::IdentityToken;

const LONGEST_NAME: usize = 127;
/// A token that fits into the login message hardly has more.
const MOST_GROUPS: usize = 2_000;
/// In this order. Entra's version 1 and 2, then what every OpenID provider has; an address counts only where the issuer vouches
/// for it.
const NAMES: [&str; 4] = ["upn", "preferred_username", "email", "sub"];

/// Whom a token names, and in which groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NamedPerson {
    pub(super) name: String,
    /// Entra's `oid`, which is the same in every application; else `sub`.
    pub(super) external_id: String,
    /// As they come: names, or Entra's object ids. Each once.
    pub(super) groups: Vec<String>,
}

/// The rule: the name is `upn`, else `preferred_username`, else a vouched `email`, else `sub`; the groups are those of the claims
/// `groups` and `roles`.
///
/// # Errors
/// Which claim can't be used, and why: a full sentence. It is noted among the checks.
pub(super) fn read(token: &IdentityToken, checks: &mut Checks) -> Result<NamedPerson, String> {
    let text = |name: &str| token.claim(name).and_then(|value| value.as_str()).filter(|text| !text.is_empty());
    let named = NAMES.iter().find_map(|claim| match *claim {
        "email" => token.verified_email().map(|address| (*claim, address)),
        other => text(other).map(|value| (*claim, value)),
    });
    let (claim, name) = named.unwrap_or(("sub", token.subject()));
    let usable = (1..=LONGEST_NAME).contains(&name.len()) && !name.contains(|c: char| c.is_control() || c == ':');
    let expected = format!("1 to {LONGEST_NAME} bytes without colon in {}", NAMES.join(", "));
    if !checks.note("user name", &expected, &format!("{claim} {name}"), usable) {
        return Err(format!(
            "The token's claim {claim} can't be the name of a database user: {expected} were expected."
        ));
    }
    let external_id = text("oid").unwrap_or(token.subject());
    let groups = groups(token, checks)?;
    Ok(NamedPerson { name: name.to_owned(), external_id: external_id.to_owned(), groups })
}

fn groups(token: &IdentityToken, checks: &mut Checks) -> Result<Vec<String>, String> {
    let mut all = Vec::new();
    for claim in ["groups", "roles"] {
        if token.is_elsewhere(claim) {
            // To go on without them would be to take what the person has.
            checks.note("groups", &format!("the claim {claim} in the token"), "a pointer to where it is kept", false);
            return Err(format!(
                "The token has more {claim} than fit into it, and only says where they are kept. Have the provider send the groups \
                 that are assigned to the application only, or its app roles."
            ));
        }
        all.extend(token.texts(claim).into_iter().filter(|group| !group.is_empty()));
    }
    all.sort_unstable();
    all.dedup();
    let expected = format!("at most {MOST_GROUPS} groups");
    if checks.note("groups", &expected, &all.join(", "), all.len() <= MOST_GROUPS) {
        return Ok(all);
    }
    Err(format!("The token names {} groups; at most {MOST_GROUPS} are taken.", all.len()))
}
