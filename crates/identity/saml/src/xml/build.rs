//! Elements that are written: messages and metadata.

use std::sync::Arc;

use super::{Attribute, Declaration, Element, Node, ns};

fn element(prefix: &str, namespace: &str, local: &str) -> Element {
    Element {
        prefix: prefix.to_owned(),
        namespace: Some(Arc::from(namespace)),
        local: local.to_owned(),
        attributes: Vec::new(),
        declarations: Vec::new(),
        children: Vec::new(),
    }
}

/// `samlp:local`
pub(crate) fn protocol(local: &str) -> Element {
    element("samlp", ns::PROTOCOL, local)
}

/// `saml:local`
pub(crate) fn assertion(local: &str) -> Element {
    element("saml", ns::ASSERTION, local)
}

/// `md:local`
pub(crate) fn metadata(local: &str) -> Element {
    element("md", ns::METADATA, local)
}

/// `ds:local`
pub(crate) fn signature_value(local: &str) -> Element {
    element("ds", ns::SIGNATURE, local)
}

impl Element {
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        let (namespace, local) = (None, name.to_owned());
        self.attributes.push(Attribute { prefix: String::new(), namespace, local, value: value.to_owned() });
        self
    }

    pub(crate) fn with_some(self, name: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// `xml:lang`, which the names of metadata must have.
    pub(crate) fn in_english(mut self) -> Self {
        let (prefix, namespace) = ("xml".to_owned(), Some(Arc::from(ns::XML)));
        self.attributes.push(Attribute { prefix, namespace, local: "lang".to_owned(), value: "en".to_owned() });
        self
    }

    /// Declares the prefixes of [`protocol`], [`assertion`], [`metadata`] or [`signature_value`].
    pub(crate) fn declaring(mut self, namespaces: &[&str]) -> Self {
        for namespace in namespaces {
            let prefix = match *namespace {
                ns::PROTOCOL => "samlp",
                ns::ASSERTION => "saml",
                ns::METADATA => "md",
                _ => "ds",
            };
            let namespace = Some(Arc::from(*namespace));
            self.declarations.push(Declaration { prefix: prefix.to_owned(), namespace });
        }
        self
    }

    pub(crate) fn holding(mut self, text: &str) -> Self {
        if !text.is_empty() {
            self.children.push(Node::Text(text.to_owned()));
        }
        self
    }

    pub(crate) fn child(mut self, child: Self) -> Self {
        self.children.push(Node::Element(child));
        self
    }

    pub(crate) fn child_some(self, child: Option<Self>) -> Self {
        match child {
            Some(child) => self.child(child),
            None => self,
        }
    }

    pub(crate) fn all(mut self, children: impl IntoIterator<Item = Self>) -> Self {
        self.children.extend(children.into_iter().map(Node::Element));
        self
    }
}
