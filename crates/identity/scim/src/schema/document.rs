//! The schema tables as the documents of RFC 7643 7.

use serde_json::{Value, json};

use super::{Attribute, Kind, Mutability, Returned, Schema};
use crate::json::Object;

/// The document of /Schemas/{urn}. `base_url`: without a trailing slash.
#[must_use]
pub fn document(schema: &Schema, base_url: &str) -> Object {
    let mut object = Object::new();
    object.insert("schemas".to_owned(), json!(["urn:ietf:params:scim:schemas:core:2.0:Schema"]));
    object.insert("id".to_owned(), json!(schema.urn));
    object.insert("name".to_owned(), json!(schema.name));
    object.insert("description".to_owned(), json!(schema.description));
    object.insert("attributes".to_owned(), schema.attributes.iter().map(attribute).collect());
    let location = format!("{base_url}/Schemas/{}", schema.urn);
    object.insert("meta".to_owned(), json!({"resourceType": "Schema", "location": location}));
    object
}

fn attribute(attribute: &Attribute) -> Value {
    let mut object = Object::new();
    object.insert("name".to_owned(), json!(attribute.name));
    object.insert("type".to_owned(), json!(type_name(attribute.kind)));
    object.insert("multiValued".to_owned(), json!(attribute.multi_valued));
    object.insert("description".to_owned(), json!(attribute.description));
    object.insert("required".to_owned(), json!(attribute.required));
    object.insert("caseExact".to_owned(), json!(attribute.case_exact));
    object.insert("mutability".to_owned(), json!(mutability(attribute.mutability)));
    object.insert("returned".to_owned(), json!(returned(attribute.returned)));
    object.insert("uniqueness".to_owned(), json!(if attribute.unique { "server" } else { "none" }));
    if !attribute.canonical.is_empty() {
        object.insert("canonicalValues".to_owned(), json!(attribute.canonical));
    }
    match attribute.kind {
        Kind::Complex(parts) => {
            object.insert("subAttributes".to_owned(), parts.iter().map(self::attribute).collect());
        }
        Kind::Reference(types) => {
            object.insert("referenceTypes".to_owned(), json!(types));
        }
        Kind::String | Kind::Boolean | Kind::DateTime | Kind::Binary => {}
    }
    Value::Object(object)
}

const fn type_name(kind: Kind) -> &'static str {
    match kind {
        Kind::String => "string",
        Kind::Boolean => "boolean",
        Kind::DateTime => "dateTime",
        Kind::Binary => "binary",
        Kind::Reference(_) => "reference",
        Kind::Complex(_) => "complex",
    }
}

const fn mutability(mutability: Mutability) -> &'static str {
    match mutability {
        Mutability::ReadWrite => "readWrite",
        Mutability::ReadOnly => "readOnly",
        Mutability::WriteOnly => "writeOnly",
        Mutability::Immutable => "immutable",
    }
}

const fn returned(returned: Returned) -> &'static str {
    match returned {
        Returned::Always => "always",
        Returned::Default => "default",
        Returned::Request => "request",
        Returned::Never => "never",
    }
}
