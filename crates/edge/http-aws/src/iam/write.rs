//! Entities as XML.

use ::iam::{AccessKey, Iam, IamGroup, IamRole, IamUser, ManagedPolicy, PolicyVersion, Tags};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use time::OffsetDateTime;
use time::format_description::StaticFormatDescription;
use time::macros::format_description;

use crate::operation::Answer;
use crate::protocol::xml::Xml;

/// All but the unreserved characters (RFC 3986 2.3).
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// How much of an entity is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Detail {
    /// In lists: without tags, boundary, and when it was last used (IAM API, ListRoles).
    Listed,
    Full,
}

/// The result of an operation.
pub(super) fn result(write: impl FnOnce(&mut Xml)) -> Answer {
    Answer::Xml(Some(Xml::fragment(write)))
}

/// A page of a list: its items, `IsTruncated`, and `Marker` where there is more.
pub(super) fn page<T>(list: &str, items: &[T], next: Option<&str>, mut item: impl FnMut(&mut Xml, &T)) -> Answer {
    result(|xml| {
        members(xml, list, items, |xml, it| item(xml, it));
        end_of_page(xml, next);
    })
}

pub(super) fn end_of_page(xml: &mut Xml, next: Option<&str>) {
    xml.text("IsTruncated", if next.is_some() { "true" } else { "false" });
    if let Some(next) = next {
        xml.text("Marker", next);
    }
}

/// A list of structures.
pub(super) fn members<T>(
    xml: &mut Xml,
    list: &str,
    items: impl IntoIterator<Item = T>,
    mut item: impl FnMut(&mut Xml, T),
) {
    xml.element(list, |xml| {
        for it in items {
            xml.element("member", |xml| item(xml, it));
        }
    });
}

/// A list of texts.
pub(super) fn texts<'a>(xml: &mut Xml, list: &str, items: impl IntoIterator<Item = &'a str>) {
    xml.element(list, |xml| {
        for text in items {
            xml.text("member", text);
        }
    });
}

/// A policy document, percent-encoded (RFC 3986).
pub(super) fn document(xml: &mut Xml, name: &str, text: &str) {
    xml.text(name, &utf8_percent_encode(text, ENCODED).to_string());
}

/// `YYYY-MM-DDTHH:MM:SSZ`
pub(super) fn instant(at: OffsetDateTime) -> String {
    const FORMAT: StaticFormatDescription = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
    at.to_offset(time::UtcOffset::UTC).format(FORMAT).unwrap_or_default()
}

pub(super) fn tags(xml: &mut Xml, tags: &Tags) {
    members(xml, "Tags", tags.iter(), tag);
}

pub(super) fn tag(xml: &mut Xml, (key, value): (&str, &str)) {
    xml.text("Key", key);
    xml.text("Value", value);
}

fn boundary(xml: &mut Xml, boundary: Option<&str>) {
    if let Some(arn) = boundary {
        xml.element("PermissionsBoundary", |xml| {
            // What AWS sends; its model's enumeration has another word.
            xml.text("PermissionsBoundaryType", "Policy");
            xml.text("PermissionsBoundaryArn", arn);
        });
    }
}

/// The members of `User`.
pub(super) fn user(xml: &mut Xml, user: &IamUser, detail: Detail) {
    xml.text("Path", &user.path);
    xml.text("UserName", &user.name);
    xml.text("UserId", &user.id);
    xml.text("Arn", &user.arn);
    xml.text("CreateDate", &instant(user.created));
    if detail == Detail::Full {
        boundary(xml, user.boundary.as_deref());
        if !user.tags.is_empty() {
            tags(xml, &user.tags);
        }
    }
}

/// The members of `Group`.
pub(super) fn group(xml: &mut Xml, group: &IamGroup) {
    xml.text("Path", &group.path);
    xml.text("GroupName", &group.name);
    xml.text("GroupId", &group.id);
    xml.text("Arn", &group.arn);
    xml.text("CreateDate", &instant(group.created));
}

/// The members of `Role`.
pub(super) fn role(xml: &mut Xml, iam: &Iam, role: &IamRole, detail: Detail) {
    xml.text("Path", &role.path);
    xml.text("RoleName", &role.name);
    xml.text("RoleId", &role.id);
    xml.text("Arn", &role.arn);
    xml.text("CreateDate", &instant(role.created));
    document(xml, "AssumeRolePolicyDocument", role.trust.text());
    if let Some(description) = &role.description {
        xml.text("Description", description);
    }
    xml.text("MaxSessionDuration", &role.max_session_duration.to_string());
    if detail == Detail::Full {
        boundary(xml, role.boundary.as_deref());
        if !role.tags.is_empty() {
            tags(xml, &role.tags);
        }
        last_used(xml, iam, role);
    }
}

/// `RoleLastUsed`, empty where nobody was in the role yet.
pub(super) fn last_used(xml: &mut Xml, iam: &Iam, role: &IamRole) {
    xml.element("RoleLastUsed", |xml| {
        if let Some(used) = iam.role_last_used(&role.id) {
            xml.text("LastUsedDate", &instant(used.at));
            xml.text("Region", &used.region);
        }
    });
}

/// The members of `Policy`.
pub(super) fn policy(xml: &mut Xml, iam: &Iam, policy: &ManagedPolicy, detail: Detail) {
    xml.text("PolicyName", &policy.name);
    xml.text("PolicyId", &policy.id);
    xml.text("Arn", &policy.arn);
    xml.text("Path", &policy.path);
    xml.text("DefaultVersionId", &policy.default_version_id());
    xml.text("AttachmentCount", &iam.attachment_count(&policy.arn).to_string());
    xml.text("PermissionsBoundaryUsageCount", &iam.boundary_count(&policy.arn).to_string());
    xml.text("IsAttachable", "true");
    xml.text("CreateDate", &instant(policy.created));
    xml.text("UpdateDate", &instant(policy.updated));
    if detail == Detail::Full {
        if let Some(description) = &policy.description {
            xml.text("Description", description);
        }
        tags(xml, &policy.tags);
    }
}

/// The members of `PolicyVersion`.
pub(super) fn version(xml: &mut Xml, policy: &ManagedPolicy, version: &PolicyVersion, detail: Detail) {
    if detail == Detail::Full {
        document(xml, "Document", version.document.text());
    }
    xml.text("VersionId", &version.id());
    xml.text("IsDefaultVersion", if version.number == policy.default { "true" } else { "false" });
    xml.text("CreateDate", &instant(version.created));
}

/// The members of `AccessKeyMetadata`, with the name of its owner.
pub(super) fn access_key(xml: &mut Xml, owner: &str, key: &AccessKey) {
    xml.text("UserName", owner);
    xml.text("AccessKeyId", &key.id);
    xml.text("Status", if key.active { "Active" } else { "Inactive" });
    xml.text("CreateDate", &instant(key.created));
}

/// `AttachedPolicies` or `AttachedManagedPolicies`: a name and an ARN.
pub(super) fn attached(xml: &mut Xml, arn: &str) {
    xml.text("PolicyName", arn.rsplit('/').next().unwrap_or_default());
    xml.text("PolicyArn", arn);
}
