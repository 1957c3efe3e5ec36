//! RFC 7643 4.1 and 8.7.1.

use super::{Attribute, Kind, Mutability, Returned, Schema};

const NAME: &[Attribute] = &[
    Attribute::text("formatted", "The full name for display."),
    Attribute::text("familyName", "The family name."),
    Attribute::text("givenName", "The given name."),
    Attribute::text("middleName", "The middle name."),
    Attribute::text("honorificPrefix", "The title, e.g. Ms."),
    Attribute::text("honorificSuffix", "The suffix, e.g. III."),
];

const DISPLAY: Attribute = Attribute::text("display", "A name for display.");
const TYPE: Attribute = Attribute::text("type", "What it is for.");
const PRIMARY: Attribute = Attribute::flag("primary", "Whether it is the preferred one; at most one is.");

const fn value(description: &'static str) -> Attribute {
    Attribute::text("value", description)
}

const EMAILS: &[Attribute] = &[value("The address."), DISPLAY, TYPE.one_of(&["work", "home", "other"]), PRIMARY];
const PHONES: &[Attribute] = &[
    value("The number, as it was given."),
    DISPLAY,
    TYPE.one_of(&["work", "home", "mobile", "fax", "pager", "other"]),
    PRIMARY,
];
const PLAIN: &[Attribute] = &[value("The value."), DISPLAY, TYPE, PRIMARY];
const PHOTOS: &[Attribute] = &[
    Attribute::reference("value", &["external"], "The address of the photo."),
    DISPLAY,
    TYPE.one_of(&["photo", "thumbnail"]),
    PRIMARY,
];
const CERTIFICATES: &[Attribute] =
    &[Attribute::new("value", Kind::Binary, "The certificate, DER in base64.").exact(), DISPLAY, TYPE, PRIMARY];
const ADDRESSES: &[Attribute] = &[
    Attribute::text("formatted", "The full address."),
    Attribute::text("streetAddress", "Street and number."),
    Attribute::text("locality", "The city."),
    Attribute::text("region", "The state or region."),
    Attribute::text("postalCode", "The postal code."),
    Attribute::text("country", "The country."),
    TYPE.one_of(&["work", "home", "other"]),
    PRIMARY,
];
const GROUPS: &[Attribute] = &[
    value("The id of the group.").exact().is(Mutability::ReadOnly),
    Attribute::reference("$ref", &["Group"], "The address of the group.").is(Mutability::ReadOnly),
    DISPLAY.is(Mutability::ReadOnly),
    TYPE.one_of(&["direct"]).is(Mutability::ReadOnly),
];

/// The core schema of people.
pub const USER: Schema = Schema {
    urn: "urn:ietf:params:scim:schemas:core:2.0:User",
    name: "User",
    description: "User Account",
    attributes: &[
        Attribute::text("userName", "The name to sign in with; unique without regard to case.").required().unique(),
        Attribute::complex("name", NAME, "The parts of the name."),
        Attribute::text("displayName", "The name for display."),
        Attribute::text("nickName", "The casual name."),
        Attribute::reference("profileUrl", &["external"], "The address of a profile page."),
        Attribute::text("title", "The title, e.g. Vice President."),
        Attribute::text("userType", "The relation to the organisation, e.g. Employee."),
        Attribute::text("preferredLanguage", "The preferred language."),
        Attribute::text("locale", "The locale, e.g. en-US."),
        Attribute::text("timezone", "The time zone, e.g. America/New_York."),
        Attribute::flag("active", "Whether the person may sign in. Removing it disables the person."),
        Attribute::text("password", "The password: 8 to 1024 bytes. Kept as an argon2id hash.")
            .exact()
            .is(Mutability::WriteOnly)
            .returned(Returned::Never),
        Attribute::complex("emails", EMAILS, "The e-mail addresses.").many(),
        Attribute::complex("phoneNumbers", PHONES, "The phone numbers.").many(),
        Attribute::complex("ims", PLAIN, "The instant messaging addresses.").many(),
        Attribute::complex("photos", PHOTOS, "The photos.").many(),
        Attribute::complex("addresses", ADDRESSES, "The postal addresses.").many(),
        Attribute::complex("groups", GROUPS, "The groups that the person is in.").many().is(Mutability::ReadOnly),
        Attribute::complex("entitlements", PLAIN, "The entitlements.").many(),
        Attribute::complex("roles", PLAIN, "The roles.").many(),
        Attribute::complex("x509Certificates", CERTIFICATES, "The certificates.").many(),
    ],
};
