//! What provisioning clients send: filters, list parameters, people, groups and PATCH, as bytes from nowhere.
//!
//! The first byte says which; the rest is its text. Besides never panicking, each must keep what it promises.
#![no_main]

use base::id::{DirectoryGroupId, DirectoryUserId};
use directory::{DirectoryGroup, DirectoryUser, NewUser, Origin};
use libfuzzer_sys::fuzz_target;
use scim::Object;
use scim::bulk::Step;
use scim::filter::Filter;
use scim::idc_compat::Profile;
use scim::list::{Parameters, Query};
use scim::schema::{GROUPS, USERS};
use time::OffsetDateTime;

const BASE: &str = "https://localhost/scim/v2";

fuzz_target!(|data: &[u8]| {
    let Some((kind, text)) = data.split_first() else { return };
    match kind {
        b'f' => filter(text),
        b'q' => query(text),
        b'b' => bulk(text),
        b'u' => user(text),
        b'g' => group(text),
        b'p' => patch_user(text),
        b'm' => patch_group(text),
        _ => {}
    }
});

/// A filter and its negation share no resource.
fn filter(text: &[u8]) {
    let Ok(text) = std::str::from_utf8(text) else { return };
    let resource = scim::user::resource(&person(), &[], BASE);
    if let (Ok(yes), Ok(no)) = (Filter::parse(text, &USERS), Filter::parse(&format!("not ({text})"), &USERS)) {
        assert_ne!(yes.matches(&resource), no.matches(&resource), "{text}");
        let lookup = yes.lookup(&USERS);
        if yes.matches(&resource) {
            assert!(lookup.residual.iter().all(|part| part.matches(&resource)), "{text}");
        }
    }
    let _ = Filter::parse(text, &GROUPS);
}

fn query(text: &[u8]) {
    let pairs: Vec<(String, String)> = url::form_urlencoded::parse(text).into_owned().collect();
    let parameters = Parameters::from_address(&pairs);
    let resource = scim::user::resource(&person(), &[], BASE);
    for (resource_type, profile) in [(&USERS, Profile::Rfc), (&GROUPS, Profile::Rfc), (&USERS, Profile::IdcCompat)] {
        let Ok(query) = Query::new(&parameters, &[resource_type], profile) else { continue };
        for part in &query.parts {
            let shown = part.projection.apply(resource.clone());
            assert!(shown.contains_key("id") && !shown.contains_key("password"));
        }
    }
    if let Ok(parameters) = scim::parse(text).and_then(Parameters::from_search) {
        let _ = Query::new(&parameters, &[&USERS, &GROUPS], Profile::Rfc);
    }
}

/// Every operation is carried out once, and completed only after that.
fn bulk(text: &[u8]) {
    let Ok(request) = scim::parse(text).and_then(scim::bulk::parse) else { return };
    let mut performed = vec![0; request.entries.len()];
    for step in scim::bulk::plan(&request.entries) {
        match step {
            Step::Perform { entry, .. } | Step::Refuse { entry } => performed[entry] += 1,
            Step::Complete { entry, .. } => assert_eq!(performed[entry], 1),
        }
    }
    assert!(performed.iter().all(|times| *times == 1));
}

/// What is created can be read, sent back whole by PUT, and is the same then.
fn user(text: &[u8]) {
    let Ok(body) = scim::parse(text) else { return };
    let Ok((new, _)) = scim::user::create(body) else { return };
    let made = of(new.clone());
    let mut shown = scim::user::resource(&made, &[], BASE);
    assert!(!shown.keys().any(|name| name.eq_ignore_ascii_case("password")));
    shown.remove("meta");
    if let Ok((replacement, _)) = scim::user::replace(shown) {
        assert_eq!(replacement.of(&made).ok(), Some(new));
    }
}

fn group(text: &[u8]) {
    let Ok(body) = scim::parse(text) else { return };
    let _ = scim::group::create(body.clone());
    let _ = scim::group::replace(body);
}

/// A PATCH that is taken leaves somebody who can be read.
fn patch_user(text: &[u8]) {
    let Ok(body) = scim::parse(text) else { return };
    let Ok((operations, _)) = scim::user::patch(body) else { return };
    if let Ok(patched) = scim::user::patched(&person(), &operations) {
        let shown = scim::user::resource(&of(patched), &[], BASE);
        assert!(shown.contains_key("userName") && shown.contains_key("id"));
    }
}

fn patch_group(text: &[u8]) {
    let Ok(body) = scim::parse(text) else { return };
    if let Ok((operations, members)) = scim::group::patch(body) {
        let _ = scim::group::patched(&team(), &operations, members);
    }
}

fn person() -> DirectoryUser {
    let body = br#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ethan@example.com","externalId":"00u1",
        "name":{"givenName":"Ethan","familyName":"Sales"},"displayName":"Ethan","active":true,"title":"Clerk",
        "emails":[{"value":"ethan@example.com","type":"work","primary":true},{"value":"e@example.net","type":"home"}],
        "phoneNumbers":[{"value":"+1 555","type":"work"}],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"employeeNumber":"7","manager":{"value":"m1"}}}"#;
    let made = scim::parse(body).and_then(scim::user::create);
    of(made.map(|(new, _)| new).unwrap_or_default())
}

fn of(new: NewUser) -> DirectoryUser {
    let now = OffsetDateTime::UNIX_EPOCH;
    new.with_id(DirectoryUserId::new("2819c223-7f76-453a-919d-413861904646"), 1, now, now)
}

fn team() -> DirectoryGroup {
    let now = OffsetDateTime::UNIX_EPOCH;
    DirectoryGroup {
        id: DirectoryGroupId::new("e9e30dba-f08f-4109-8486-d5c6a331660a"),
        display_name: "awssso-sales".to_owned(),
        external_id: None,
        attributes: Object::new(),
        origin: Origin::Scim,
        version: 1,
        created: now,
        modified: now,
    }
}
