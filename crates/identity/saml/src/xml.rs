//! The strict reading of XML, and the writing of it.
//!
//! There is one tree: what was read into it is what is checked, what is written out for the verifier of signatures (see
//! [`Element::isolated`]), and what values are taken from. Nothing is looked up by local name alone.

mod build;
mod name;
mod read;
mod refusal;
#[cfg(test)]
mod tests;
mod write;

use std::sync::Arc;

pub(crate) use build::{assertion, metadata, protocol, signature_value};
pub(crate) use name::{is_ncname, is_space};
pub use read::read;
pub use refusal::XmlRefusal;

/// Which documents are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A protocol message: no comments.
    Message,
    /// Metadata, which people edit: comments are passed over, and the text on both sides of one is one text.
    Metadata,
}

impl Kind {
    /// The longest document in bytes.
    #[must_use]
    pub const fn longest(self) -> usize {
        match self {
            Self::Message => 256 * 1024,
            // AWS takes 75,000 characters, of at most four bytes each.
            Self::Metadata => 300_000,
        }
    }
}

/// The deepest nesting of elements.
pub const DEEPEST: usize = 32;
/// Elements and texts of a document.
pub const MOST_NODES: usize = 20_000;
/// Attributes of an element, declarations of namespaces included.
pub const MOST_ATTRIBUTES: usize = 32;

/// The namespaces that mean something here.
pub mod ns {
    pub const PROTOCOL: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
    pub const ASSERTION: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
    pub const METADATA: &str = "urn:oasis:names:tc:SAML:2.0:metadata";
    pub const SIGNATURE: &str = "http://www.w3.org/2000/09/xmldsig#";
    pub const EXC_C14N: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
    pub const XML: &str = "http://www.w3.org/XML/1998/namespace";
    pub const XMLNS: &str = "http://www.w3.org/2000/xmlns/";
}

/// An element with everything that canonical XML keeps of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element {
    /// Empty without one.
    pub prefix: String,
    pub namespace: Option<Arc<str>>,
    pub local: String,
    /// Without the declarations of namespaces.
    pub attributes: Vec<Attribute>,
    /// What this element itself declares.
    pub declarations: Vec<Declaration>,
    pub children: Vec<Node>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// Empty without one.
    pub prefix: String,
    pub namespace: Option<Arc<str>>,
    pub local: String,
    /// After normalisation (XML 1.0 3.3.3).
    pub value: String,
}

/// `xmlns:prefix="namespace"`; `xmlns=""` is an empty prefix without a namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declaration {
    pub prefix: String,
    pub namespace: Option<Arc<str>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    Element(Element),
    /// Never empty, and never beside another text.
    Text(String),
}

impl Element {
    #[must_use]
    pub fn is(&self, namespace: &str, local: &str) -> bool {
        self.local == local && self.namespace.as_deref() == Some(namespace)
    }

    /// The value of an attribute without a namespace.
    #[must_use]
    pub fn attribute(&self, local: &str) -> Option<&str> {
        let attribute = self.attributes.iter().find(|known| known.namespace.is_none() && known.local == local);
        attribute.map(|attribute| attribute.value.as_str())
    }

    /// The child elements.
    pub fn elements(&self) -> impl DoubleEndedIterator<Item = &Self> {
        self.children.iter().filter_map(|child| match child {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// The child elements of one name.
    pub fn named<'a>(&'a self, namespace: &'a str, local: &'a str) -> impl DoubleEndedIterator<Item = &'a Self> {
        self.elements().filter(move |element| element.is(namespace, local))
    }

    /// The child element of a name, if there is exactly one.
    #[must_use]
    pub fn only<'a>(&'a self, namespace: &'a str, local: &'a str) -> Option<&'a Self> {
        let mut found = self.named(namespace, local);
        let only = found.next()?;
        found.next().is_none().then_some(only)
    }

    /// The whole text of an element that has no child elements.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self.children.as_slice() {
            [] => Some(""),
            [Node::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// [`Self::text`] without the white space around it, in which pretty printers put values.
    #[must_use]
    pub fn value(&self) -> Option<&str> {
        self.text().map(|text| text.trim_matches(name::is_space))
    }

    /// Whether an element of this name stands anywhere below this one.
    #[must_use]
    pub fn has_below(&self, namespace: &str, local: &str) -> bool {
        self.elements().any(|element| element.is(namespace, local) || element.has_below(namespace, local))
    }

    /// How many elements of this name stand anywhere below this one.
    #[must_use]
    pub fn count_below(&self, namespace: &str, local: &str) -> usize {
        let counted =
            |element: &Self| usize::from(element.is(namespace, local)) + element.count_below(namespace, local);
        self.elements().map(counted).sum()
    }

    /// `{namespace}local`, for messages.
    #[must_use]
    pub fn described(&self) -> String {
        match &self.namespace {
            Some(namespace) => format!("{} of namespace {namespace}", self.local),
            None => format!("{} of no namespace", self.local),
        }
    }
}
