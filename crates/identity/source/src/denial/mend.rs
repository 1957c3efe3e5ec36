//! What the administrator does about a refused sign-in.

use saml::Check;

use super::SignInDenial;
use crate::model::MatchBy;
use crate::service::SKEW;

/// What the words need beside the denial.
#[derive(Debug, Clone, Copy)]
pub struct MendContext<'a> {
    /// The source's id, as commands take it.
    pub source: &'a str,
    /// The one audience that is accepted.
    pub sp_entity_id: &'a str,
    /// Where the identity provider has to send its answer.
    pub acs: &'a str,
    pub just_in_time: bool,
}

const FLOW_MISSING: &str = "Let the person begin at the sign-in page and allow cookies. If nobody began here, the identity provider \
     answers a request that isn't ours, or somebody tried to slip in a sign-in of their own.";
const OTHER_BROWSER: &str = "Let the person begin again in one window. If nobody did, somebody may have tried to slip in a sign-in \
     of their own.";
const REPLAYED: &str = "Let the person begin again. A page that was reloaded does this; if none was, somebody else has the \
     assertion: look in the audit trail for the sign-in that used it first.";
const UNKNOWN_SOURCE: &str = "The identity provider is set to an address of a source that isn't there. List those that are with \
     `gatehouse identity-source list`, and enter the addresses that `gatehouse identity-source show ID` prints.";

/// The likely mend of a denial: full sentences for the administrator, with the command where there is one.
#[must_use]
pub fn mend(denial: &SignInDenial, context: &MendContext<'_>) -> String {
    let set = format!("gatehouse identity-source set {}", context.source);
    let subject = format!("`{set} --subject name-id|attribute:NAME`");
    match denial {
        SignInDenial::Assertion(refusal) => assertion(refusal, context),
        SignInDenial::IdToken(refusal) => refusal.mend(),
        SignInDenial::UnknownSource { .. } => UNKNOWN_SOURCE.to_owned(),
        SignInDenial::SourceDisabled => {
            format!("Enable the source with `{set} --enable`, or tell people the other way in.")
        }
        SignInDenial::SourceChanged => {
            "Let the person begin again: the next sign-in goes to the new identity provider.".to_owned()
        }
        SignInDenial::FlowMissing => FLOW_MISSING.to_owned(),
        SignInDenial::FlowOfAnotherBrowser => OTHER_BROWSER.to_owned(),
        SignInDenial::FlowExpired { seconds } if *seconds < 0 => {
            "The clock of this machine was set back. Synchronise it (NTP), then let the person begin again.".to_owned()
        }
        SignInDenial::FlowExpired { .. } => {
            "Let the person begin again; they have ten minutes at the identity provider.".to_owned()
        }
        SignInDenial::UnsolicitedNotAllowed => {
            format!("Let people begin at the sign-in page here, or allow it with `{set} --idp-initiated`.")
        }
        SignInDenial::Replayed => REPLAYED.to_owned(),
        SignInDenial::Unavailable(cause) => {
            format!("Look at the server's log and its disk, then let the person sign in again. The cause: {cause}.")
        }
        SignInDenial::NoSubject { wanted } => format!(
            "Let the identity provider send {wanted}, or name the person by something that it sends: {subject}."
        ),
        SignInDenial::SeveralSubjects { wanted, .. } => format!(
            "Let the identity provider send {wanted} with one value, or name the person by something else: {subject}."
        ),
        SignInDenial::TransientSubject => format!(
            "Set the NameID format to e-mail address or persistent at the identity provider, or name the person by an attribute: \
             {subject}."
        ),
        SignInDenial::UnverifiedEmail { value } => unverified(value, &set),
        SignInDenial::TooManyGroups { claim, .. } => format!(
            "Let the identity provider send only the groups of the application in {claim}, or provision groups over SCIM and take \
             the claim away: `{set} --no-groups-claim`."
        ),
        SignInDenial::GroupsElsewhere { claim } => format!(
            "The person is in so many groups that the identity provider doesn't send them. Limit {claim} to the groups assigned \
             to the application there (in Entra ID: Token configuration), or provision groups over SCIM."
        ),
        SignInDenial::ForeignDomain { domain, owner } => format!(
            "Only \"{owner}\" speaks for {domain}. Let the person sign in there, or take the domain away from it (`gatehouse \
             identity-source set ID --domain …`)."
        ),
        SignInDenial::NotProvisioned { by, value } => not_provisioned(*by, value, context.just_in_time, &set),
        SignInDenial::NotCreatable { .. } => {
            format!(
                "Let the identity provider send another name, or provision the person over SCIM. The mapping: {subject}."
            )
        }
        SignInDenial::Ambiguous { .. } => {
            format!(
                "Give each person an address of their own, or find people by their name: `{set} --match user-name|external-id`."
            )
        }
        SignInDenial::LinkedToAnother { user_name } => another_account(user_name, &subject),
        SignInDenial::Inactive { user_name } => format!(
            "Activate \"{user_name}\" at the identity provider, so that provisioning activates them here; an administrator can do \
             it here too."
        ),
    }
}

/// With our own addresses and commands where they are the answer.
fn assertion(refusal: &saml::Refusal, context: &MendContext<'_>) -> String {
    let MendContext { source, sp_entity_id, acs, .. } = context;
    let general = refusal.mend();
    let check = refusal.check;
    let is_clock = [
        Check::IssueInstant,
        Check::NotBefore,
        Check::NotOnOrAfter,
        Check::ConfirmationNotOnOrAfter,
        Check::AuthnInstant,
    ];
    if check == Check::Audience {
        format!(
            "In the identity provider, set the audience (SP entity ID, audience URI) to {sp_entity_id}, to the letter."
        )
    } else if [Check::Destination, Check::Recipient].contains(&check) {
        format!(
            "In the identity provider, set the assertion consumer service (ACS, single sign-on URL, recipient, destination) to \
             {acs}, to the letter."
        )
    } else if [Check::Signature, Check::ResponseSignature, Check::CertificateValidity].contains(&check) {
        format!(
            "{general} The commands: `gatehouse identity-source refresh {source}`, or `gatehouse identity-source certificate add \
             {source} FILE`."
        )
    } else if [Check::Issuer, Check::ResponseIssuer].contains(&check) {
        format!("{general} The command: `gatehouse identity-source set {source} --metadata FILE|URL`.")
    } else if is_clock.contains(&check) {
        format!(
            "Synchronise the clocks of this machine and of the identity provider: {} s of difference are tolerated. {general}",
            SKEW.whole_seconds()
        )
    } else {
        general.to_owned()
    }
}

fn unverified(value: &str, set: &str) -> String {
    format!(
        "Verify {value} at the identity provider (email_verified must be true), or find people by something that they can't \
         choose themselves: `{set} --match user-name|external-id --subject name-id|attribute:NAME`."
    )
}

fn not_provisioned(by: MatchBy, value: &str, just_in_time: bool, set: &str) -> String {
    let compared = match by {
        MatchBy::UserName => "without regard to case",
        MatchBy::ExternalId => "to the letter",
        MatchBy::Email => "as a primary address, without regard to case",
    };
    let or = match (by, just_in_time) {
        (MatchBy::ExternalId, _) => String::new(),
        (MatchBy::UserName | MatchBy::Email, false) => {
            format!(" Or let the first sign-in make people: `{set} --just-in-time`.")
        }
        (MatchBy::UserName | MatchBy::Email, true) => " Or let them sign in again.".to_owned(),
    };
    format!(
        "Nobody has the {} \"{value}\" (looked for {compared}). Assign the person to the application at the identity provider so \
         that provisioning (SCIM) brings them, or compare with what provisioning sent: attribute and value must be the same.{or}",
        by.attribute()
    )
}

fn another_account(user_name: &str, subject: &str) -> String {
    format!(
        "\"{user_name}\" has signed in with another account of this identity provider, or one that it named otherwise. If the name \
         was given to somebody new, provision them with a name of their own. If the identity provider has only changed its names \
         for people, forget the old ones by setting the mapping again: {subject}."
    )
}
