//! sts: who am I, and temporary credentials.

mod assume_role;
mod federation;
mod identity;
mod message;
mod session_token;

use assume_role::AssumeRole;
pub(crate) use federation::{Unsigned, is_unsigned, unsigned};
use identity::{GetAccessKeyInfo, GetCallerIdentity};
use message::DecodeAuthorizationMessage;
use session_token::GetSessionToken;

use ::sts::{Issued, StsError};

use crate::error::ApiError;
use crate::operation::{Context, Operation as _, Performed, perform};
use crate::protocol::query::{Fields, QueryParameters, timestamp};
use crate::protocol::xml::Xml;

pub(crate) async fn dispatch(operation: &str, parameters: QueryParameters, context: &Context<'_>) -> Performed {
    match operation {
        GetCallerIdentity::NAME => perform(GetCallerIdentity::parse(parameters), context).await,
        GetAccessKeyInfo::NAME => perform(GetAccessKeyInfo::parse(parameters), context).await,
        AssumeRole::NAME => perform(AssumeRole::parse(parameters), context).await,
        GetSessionToken::NAME => perform(GetSessionToken::parse(parameters), context).await,
        DecodeAuthorizationMessage::NAME => perform(DecodeAuthorizationMessage::parse(parameters), context).await,
        other => Performed::unsupported(other),
    }
}

/// A parameter that must be there; `shown` as AWS's message writes it.
fn required(fields: &mut Fields<'_>, name: &str, shown: &str) -> Result<String, ApiError> {
    fields.optional(name).ok_or_else(|| StsError::missing(shown).into())
}

/// `DurationSeconds`; which numbers are allowed is the operation's to say.
fn duration(fields: &mut Fields<'_>) -> Result<Option<i64>, ApiError> {
    let Some(text) = fields.optional("DurationSeconds") else { return Ok(None) };
    let seconds = text.parse().map_err(|_| StsError::invalid("durationSeconds", &text, "be a number"))?;
    Ok(Some(seconds))
}

/// `PolicyArns.member.N.arn`
fn policy_arns(fields: &mut Fields<'_>) -> Result<Vec<String>, ApiError> {
    let mut arns = Vec::new();
    for mut policy in fields.structures("PolicyArns", "member")? {
        arns.push(policy.optional("arn").ok_or_else(|| StsError::missing("policyArns.member.arn"))?);
        policy.finish()?;
    }
    Ok(arns)
}

fn credentials(xml: &mut Xml, issued: &Issued) {
    xml.element("Credentials", |xml| {
        xml.text("AccessKeyId", &issued.access_key_id);
        xml.text("SecretAccessKey", issued.secret.expose());
        xml.text("SessionToken", issued.session_token.expose());
        xml.text("Expiration", &timestamp(issued.expires));
    });
}

/// `AssumedRoleUser`, `PackedPolicySize` and `SourceIdentity`.
fn assumed(xml: &mut Xml, issued: &Issued) {
    let caller = &issued.caller;
    xml.element("AssumedRoleUser", |xml| {
        xml.text("AssumedRoleId", &caller.user_id());
        xml.text("Arn", &caller.principal().to_string());
    });
    if let Some(percent) = issued.packed_policy_size {
        xml.text("PackedPolicySize", &percent.to_string());
    }
    if let Some(identity) = caller.source_identity() {
        xml.text("SourceIdentity", identity);
    }
}
