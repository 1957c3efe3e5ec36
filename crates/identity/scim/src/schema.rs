//! The schemas that are carried out, as data: parsing, filters, PATCH and /Schemas all read these tables (RFC 7643 7, 8).

mod document;
mod enterprise;
mod group;
mod user;

pub use document::document;
pub use enterprise::ENTERPRISE;
pub use group::GROUP;
pub use user::USER;

/// The type of an attribute's value (RFC 7643 2.3).
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    String,
    Boolean,
    DateTime,
    Binary,
    Reference(&'static [&'static str]),
    Complex(&'static [Attribute]),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mutability {
    ReadWrite,
    ReadOnly,
    WriteOnly,
    Immutable,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Returned {
    Always,
    Default,
    /// Only where a request names it in `attributes`.
    Request,
    Never,
}

/// One attribute or sub-attribute.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Attribute {
    pub name: &'static str,
    pub description: &'static str,
    pub kind: Kind,
    pub multi_valued: bool,
    pub required: bool,
    pub case_exact: bool,
    pub unique: bool,
    pub mutability: Mutability,
    pub returned: Returned,
    pub canonical: &'static [&'static str],
}

impl Attribute {
    const fn new(name: &'static str, kind: Kind, description: &'static str) -> Self {
        Self {
            name,
            description,
            kind,
            multi_valued: false,
            required: false,
            case_exact: false,
            unique: false,
            mutability: Mutability::ReadWrite,
            returned: Returned::Default,
            canonical: &[],
        }
    }

    const fn text(name: &'static str, description: &'static str) -> Self {
        Self::new(name, Kind::String, description)
    }

    const fn flag(name: &'static str, description: &'static str) -> Self {
        Self::new(name, Kind::Boolean, description)
    }

    const fn complex(name: &'static str, parts: &'static [Self], description: &'static str) -> Self {
        Self::new(name, Kind::Complex(parts), description)
    }

    const fn reference(name: &'static str, types: &'static [&'static str], description: &'static str) -> Self {
        Self::new(name, Kind::Reference(types), description).exact()
    }

    const fn many(mut self) -> Self {
        self.multi_valued = true;
        self
    }

    const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    const fn exact(mut self) -> Self {
        self.case_exact = true;
        self
    }

    const fn unique(mut self) -> Self {
        self.unique = true;
        self
    }

    const fn is(mut self, mutability: Mutability) -> Self {
        self.mutability = mutability;
        self
    }

    const fn returned(mut self, returned: Returned) -> Self {
        self.returned = returned;
        self
    }

    const fn one_of(mut self, canonical: &'static [&'static str]) -> Self {
        self.canonical = canonical;
        self
    }

    /// The sub-attributes; none for a simple attribute.
    #[must_use]
    pub const fn parts(&self) -> &'static [Self] {
        match self.kind {
            Kind::Complex(parts) => parts,
            Kind::String | Kind::Boolean | Kind::DateTime | Kind::Binary | Kind::Reference(_) => &[],
        }
    }

    #[must_use]
    pub fn part(&self, name: &str) -> Option<&'static Self> {
        find(self.parts(), name)
    }
}

pub(crate) fn find(attributes: &'static [Attribute], name: &str) -> Option<&'static Attribute> {
    attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
}

/// A schema with its URN.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Schema {
    pub urn: &'static str,
    pub name: &'static str,
    pub description: &'static str,
    pub attributes: &'static [Attribute],
}

impl Schema {
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&'static Attribute> {
        find(self.attributes, name)
    }
}

/// What every resource has (RFC 7643 3.1). Not listed in /Schemas.
pub const COMMON: &[Attribute] = &[
    Attribute::text("schemas", "URNs of the schemas in use.")
        .many()
        .exact()
        .is(Mutability::ReadOnly)
        .returned(Returned::Always),
    Attribute::text("id", "Issued by this server.").exact().is(Mutability::ReadOnly).returned(Returned::Always),
    Attribute::text("externalId", "The provisioning client's identifier.").exact(),
    Attribute::complex(
        "meta",
        &[
            Attribute::text("resourceType", "User or Group.").exact().is(Mutability::ReadOnly),
            Attribute::new("created", Kind::DateTime, "When it was created.").is(Mutability::ReadOnly),
            Attribute::new("lastModified", Kind::DateTime, "When it was last changed.").is(Mutability::ReadOnly),
            Attribute::reference("location", &["uri"], "Its address.").is(Mutability::ReadOnly),
            Attribute::text("version", "Its ETag.").exact().is(Mutability::ReadOnly),
        ],
        "About the resource.",
    )
    .is(Mutability::ReadOnly),
];

/// A kind of resource with its schemas.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ResourceType {
    pub name: &'static str,
    pub endpoint: &'static str,
    pub description: &'static str,
    pub core: &'static Schema,
    pub extensions: &'static [&'static Schema],
}

impl ResourceType {
    /// An attribute of the core schema, or one that every resource has.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&'static Attribute> {
        self.core.attribute(name).or_else(|| find(COMMON, name))
    }

    #[must_use]
    pub fn extension(&self, urn: &str) -> Option<&'static Schema> {
        self.extensions.iter().find(|schema| schema.urn.eq_ignore_ascii_case(urn)).copied()
    }
}

/// People.
pub const USERS: ResourceType =
    ResourceType { name: "User", endpoint: "/Users", description: "People", core: &USER, extensions: &[&ENTERPRISE] };

/// Groups of people.
pub const GROUPS: ResourceType =
    ResourceType { name: "Group", endpoint: "/Groups", description: "Groups of people", core: &GROUP, extensions: &[] };
