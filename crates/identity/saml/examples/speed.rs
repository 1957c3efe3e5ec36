//! How many assertions are issued and validated per second on one core, RSA-2048: `cargo run --release -p saml --example speed`.

use std::time::{Duration, Instant};

use saml::idp::{Attribute, AttributeFormat, CONTEXT_PASSWORD, Issue, IssuedResponse, issue};
use saml::sp::{Expected, InResponseTo, validate};
use saml::{NAME_ID_EMAIL, Outgoing, SigningKey};
use time::OffsetDateTime;

const ACS: &str = "https://sp.example.com/acs";
const IDP: &str = "https://idp.example.com/saml";
const SP: &str = "https://sp.example.com";
const MEASURED: Duration = Duration::from_secs(3);

fn main() -> anyhow::Result<()> {
    let now = OffsetDateTime::from_unix_timestamp(1_800_000_000)?;
    let key = SigningKey::generate("speed", now - time::Duration::days(1), now + time::Duration::days(1))?;
    let form = value(&issued(&key, now)?)?;
    let certificates = [key.certificate().clone()];
    let expected = Expected {
        idp_entity_id: IDP,
        certificates: &certificates,
        sp_entity_id: SP,
        acs_url: ACS,
        in_response_to: InResponseTo::Request("_request"),
        now,
        skew: time::Duration::minutes(1),
        force_authn_since: None,
    };
    let issue_per_second = per_second(|| issued(&key, now).map(drop))?;
    let validate_per_second = per_second(|| {
        validate(&form, &expected).outcome.map(drop)?;
        Ok(())
    })?;
    let json = serde_json::json!({
        "issue_per_second": issue_per_second,
        "validate_per_second": validate_per_second,
        "response_bytes": form.len() / 4 * 3,
    });
    use std::io::Write as _;
    writeln!(std::io::stdout(), "{json}")?;
    Ok(())
}

/// An assertion as a sign-in has it: a few attributes, a dozen groups, and only the assertion signed.
fn issued(key: &SigningKey, now: OffsetDateTime) -> anyhow::Result<IssuedResponse> {
    let groups: Vec<String> = (0..12).map(|number| format!("awssso-group-{number}")).collect();
    let mail = ["olivia@example.com".to_owned()];
    let attributes = [
        Attribute { name: "email", name_format: AttributeFormat::Basic, values: &mail },
        Attribute { name: "groups", name_format: AttributeFormat::Basic, values: &groups },
    ];
    Ok(issue(
        &Issue {
            issuer: IDP,
            audience: SP,
            recipient: ACS,
            in_response_to: Some("_request"),
            name_id: "olivia@example.com",
            name_id_format: NAME_ID_EMAIL,
            attributes: &attributes,
            authn_instant: now,
            authn_context: CONTEXT_PASSWORD,
            session_index: "_session",
            lifetime: time::Duration::minutes(5),
            session_not_on_or_after: None,
            now,
            response_id: "_response",
            assertion_id: "_assertion",
            sign_response: false,
        },
        key,
    )?)
}

fn value(response: &IssuedResponse) -> anyhow::Result<String> {
    match response.post(ACS, None)? {
        Outgoing::Post { fields, .. } => {
            fields.into_iter().next().map(|(_, value)| value).ok_or_else(|| anyhow::anyhow!("no field"))
        }
        Outgoing::Redirect(_) => anyhow::bail!("a redirect"),
    }
}

/// Runs for [`MEASURED`], after a moment of warming up.
fn per_second(mut work: impl FnMut() -> anyhow::Result<()>) -> anyhow::Result<u64> {
    for _ in 0..20 {
        work()?;
    }
    let (mut times, start) = (0_u32, Instant::now());
    while start.elapsed() < MEASURED {
        work()?;
        times += 1;
    }
    let rate = f64::from(times) / start.elapsed().as_secs_f64();
    Ok(format!("{rate:.0}").parse()?)
}
