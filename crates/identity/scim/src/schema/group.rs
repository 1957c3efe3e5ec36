//! RFC 7643 4.2 and 8.7.1.

use super::{Attribute, Mutability, Returned, Schema};

const MEMBERS: &[Attribute] = &[
    Attribute::text("value", "The id of the person.").exact().is(Mutability::Immutable),
    Attribute::reference("$ref", &["User"], "The address of the person.").is(Mutability::Immutable),
    Attribute::text("display", "The person's name for display.").is(Mutability::ReadOnly).returned(Returned::Request),
    Attribute::text("type", "Always User: groups in groups are not supported.")
        .one_of(&["User"])
        .is(Mutability::Immutable),
];

/// The core schema of groups.
pub const GROUP: Schema = Schema {
    urn: "urn:ietf:params:scim:schemas:core:2.0:Group",
    name: "Group",
    description: "Group",
    attributes: &[
        Attribute::text("displayName", "The name; unique without regard to case.").required().unique(),
        Attribute::complex("members", MEMBERS, "The people in the group.").many(),
    ],
};
