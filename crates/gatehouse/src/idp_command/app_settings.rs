//! What of an application's configuration the command line names, as the administration takes it.

use anyhow::bail;
use clap::ValueEnum;
use serde_json::{Value, json};

use super::input::{Input, list as put_list, maybe, put, removable};
use super::shown::{list, word};
use crate::options::AppSettings;

/// The members of `configuration`. `present`: the configuration that it is to change (the template's, for a new application).
pub(super) fn configuration(settings: &AppSettings, present: &Value, is_openid: bool) -> anyhow::Result<Input> {
    refuse_foreign(settings, is_openid)?;
    let mut input = Input::new();
    let attributes = if is_openid { "claims" } else { "user_attributes" };
    let pairs: Vec<_> =
        settings.attributes.iter().map(|(name, from)| (name, json!({ "name": name, "from": from }))).collect();
    merge(&mut input, present, attributes, &pairs, &settings.without);
    if is_openid {
        openid(&mut input, settings, present);
    } else {
        saml(&mut input, settings, present);
    }
    Ok(input)
}

/// The name of a value on the command line.
pub(super) fn name_of(value: &impl ValueEnum) -> String {
    value.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}

fn saml(input: &mut Input, settings: &AppSettings, present: &Value) {
    put_list(input, "acs_urls", &settings.acs);
    removable(input, "sp_entity_id", settings.audience.as_deref());
    let pairs: Vec<_> =
        settings.constants.iter().map(|(name, value)| (name, json!({ "name": name, "value": value }))).collect();
    merge(input, present, "constant_attributes", &pairs, &settings.without);
    groups(input, ("group_attribute", "of-application"), settings.group_attribute.as_deref(), settings, present);
    if settings.name_id_format.is_some() || settings.name_id_from.is_some() {
        let mut name_id = present.get("name_id").cloned().unwrap_or_else(|| json!({}));
        if let Some(members) = name_id.as_object_mut() {
            maybe(members, "format", settings.name_id_format.as_ref().map(name_of));
            maybe(members, "from", settings.name_id_from.as_deref());
        }
        put(input, "name_id", name_id);
    }
    removable(input, "relay_state", settings.relay_state.as_deref());
    maybe(input, "lifetime", settings.lifetime);
    maybe(input, "requests_signed", settings.requests_signed);
    maybe(input, "sign_response", settings.sign_response);
}

fn openid(input: &mut Input, settings: &AppSettings, present: &Value) {
    put_list(input, "redirect_uris", &settings.redirect_uris);
    put_list(input, "post_logout_redirect_uris", &settings.post_logout_redirect_uris);
    removable(input, "login_uri", settings.login_uri.as_deref());
    put_list(input, "grants", &settings.grants.iter().map(name_of).collect::<Vec<_>>());
    groups(input, ("groups_claim", "of-person"), settings.group_claim.as_deref(), settings, present);
}

/// Those that are there, without those that are named again or taken away, and then those that are named.
fn merge(input: &mut Input, present: &Value, member: &str, named: &[(&String, Value)], without: &[String]) {
    let is_taken = |one: &&Value| {
        let name = word(one, "name");
        named.iter().any(|(other, _)| *other == name) || without.iter().any(|other| other == name)
    };
    let before = list(present, member);
    let kept: Vec<Value> = before.iter().filter(|one| !is_taken(one)).cloned().collect();
    if named.is_empty() && kept.len() == before.len() {
        return;
    }
    put(input, member, kept.into_iter().chain(named.iter().map(|(_, one)| one.clone())).collect::<Vec<_>>());
}

/// The attribute or claim with the groups. An empty name takes it away.
fn groups(
    input: &mut Input,
    (member, which): (&str, &str),
    name: Option<&str>,
    settings: &AppSettings,
    present: &Value,
) {
    if name.is_none() && settings.groups_sent.is_none() && settings.group_prefix.is_none() {
        return;
    }
    if name == Some("") {
        input.insert(member.to_owned(), Value::Null);
        return;
    }
    let before = present.get(member).filter(|before| before.is_object()).cloned();
    let mut groups = before.unwrap_or_else(|| json!({ "name": "groups", "which": which, "prefix": null }));
    if let Some(members) = groups.as_object_mut() {
        maybe(members, "name", name);
        maybe(members, "which", settings.groups_sent.as_ref().map(name_of));
        removable(members, "prefix", settings.group_prefix.as_deref());
    }
    put(input, member, groups);
}

/// What means something only for the other kind of application is refused by name.
fn refuse_foreign(settings: &AppSettings, is_openid: bool) -> anyhow::Result<()> {
    let (foreign, kind): (&[(&str, bool)], _) = if is_openid {
        (
            &[
                ("--acs", !settings.acs.is_empty()),
                ("--audience", settings.audience.is_some()),
                ("--constant", !settings.constants.is_empty()),
                ("--group-attribute", settings.group_attribute.is_some()),
                ("--name-id-format", settings.name_id_format.is_some()),
                ("--name-id-from", settings.name_id_from.is_some()),
                ("--relay-state", settings.relay_state.is_some()),
                ("--lifetime", settings.lifetime.is_some()),
                ("--requests-signed", settings.requests_signed.is_some()),
                ("--sign-response", settings.sign_response.is_some()),
            ],
            "SAML",
        )
    } else {
        (
            &[
                ("--redirect-uri", !settings.redirect_uris.is_empty()),
                ("--post-logout-redirect-uri", !settings.post_logout_redirect_uris.is_empty()),
                ("--login-uri", settings.login_uri.is_some()),
                ("--grant", !settings.grants.is_empty()),
                ("--group-claim", settings.group_claim.is_some()),
            ],
            "OpenID Connect",
        )
    };
    match foreign.iter().find(|(_, is_given)| *is_given) {
        Some((name, _)) => bail!("{name} is only for {kind} applications; leave it out"),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
