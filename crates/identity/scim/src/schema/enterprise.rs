//! RFC 7643 4.3.

use super::{Attribute, Mutability, Schema};

const MANAGER: &[Attribute] = &[
    Attribute::text("value", "The id of the manager.").exact(),
    Attribute::reference("$ref", &["User"], "The address of the manager."),
    Attribute::text("displayName", "The manager's name.").is(Mutability::ReadOnly),
];

/// The enterprise extension of people.
pub const ENTERPRISE: Schema = Schema {
    urn: "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
    name: "EnterpriseUser",
    description: "Enterprise User",
    attributes: &[
        Attribute::text("employeeNumber", "The number that the organisation gave to the person."),
        Attribute::text("costCenter", "The cost centre."),
        Attribute::text("organization", "The organisation."),
        Attribute::text("division", "The division."),
        Attribute::text("department", "The department."),
        Attribute::complex("manager", MANAGER, "The person's manager."),
    ],
};
