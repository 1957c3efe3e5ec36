//! Tree -> text, with the escapes of canonical XML (Canonical XML 1.0, 2.3), so that there is one way to write a tree.

use super::{Declaration, Element, Node, ns};

impl Element {
    /// The element as a document of its own.
    #[must_use]
    pub fn document(&self) -> String {
        let mut out = String::with_capacity(1024);
        write(self, &[], &mut out, false);
        out
    }

    /// The element as a document of its own, below `ancestors` (the outermost first): what they declare is declared at the
    /// root, so that exclusive canonicalisation gives the same bytes as in the place where it stood.
    ///
    /// `KeyInfo` is left out of the element's own signature: no key that came with a message is worth anything, and the
    /// signature doesn't cover it. That of an element further inside is covered, and stays.
    #[must_use]
    pub fn isolated(&self, ancestors: &[&Self]) -> String {
        let mut inherited: Vec<Declaration> = Vec::new();
        for declared in ancestors.iter().flat_map(|ancestor| &ancestor.declarations) {
            inherited.retain(|known| known.prefix != declared.prefix);
            inherited.push(declared.clone());
        }
        inherited.retain(|known| !self.declarations.iter().any(|own| own.prefix == known.prefix));
        // Nothing stands outside a root, so its default namespace needn't be taken back.
        inherited.retain(|known| known.namespace.is_some());
        let mut out = String::with_capacity(4096);
        write(self, &inherited, &mut out, true);
        out
    }
}

/// `isolated`: the root of [`Element::isolated`].
fn write(element: &Element, inherited: &[Declaration], out: &mut String, isolated: bool) {
    start(element, inherited, out);
    for child in &element.children {
        match child {
            Node::Element(child) if isolated && child.is(ns::SIGNATURE, "Signature") => without_key_info(child, out),
            Node::Element(child) => write(child, &[], out, false),
            Node::Text(text) => escape(text, false, out),
        }
    }
    end(element, out);
}

fn without_key_info(signature: &Element, out: &mut String) {
    start(signature, &[], out);
    signature
        .elements()
        .filter(|child| !child.is(ns::SIGNATURE, "KeyInfo"))
        .for_each(|child| write(child, &[], out, false));
    end(signature, out);
}

fn start(element: &Element, inherited: &[Declaration], out: &mut String) {
    out.push('<');
    name(&element.prefix, &element.local, out);
    for declared in inherited.iter().chain(&element.declarations) {
        let (prefix, local) = if declared.prefix.is_empty() { ("", "xmlns") } else { ("xmlns", &*declared.prefix) };
        attribute(prefix, local, declared.namespace.as_deref().unwrap_or_default(), out);
    }
    for one in &element.attributes {
        attribute(&one.prefix, &one.local, &one.value, out);
    }
    out.push('>');
}

fn end(element: &Element, out: &mut String) {
    out.push_str("</");
    name(&element.prefix, &element.local, out);
    out.push('>');
}

fn name(prefix: &str, local: &str, out: &mut String) {
    if !prefix.is_empty() {
        out.push_str(prefix);
        out.push(':');
    }
    out.push_str(local);
}

fn attribute(prefix: &str, local: &str, value: &str, out: &mut String) {
    out.push(' ');
    name(prefix, local, out);
    out.push_str("=\"");
    escape(value, true, out);
    out.push('"');
}

fn escape(text: &str, in_attribute: bool, out: &mut String) {
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' if !in_attribute => out.push_str("&gt;"),
            '"' if in_attribute => out.push_str("&quot;"),
            '\t' if in_attribute => out.push_str("&#x9;"),
            '\n' if in_attribute => out.push_str("&#xA;"),
            '\r' => out.push_str("&#xD;"),
            other => out.push(other),
        }
    }
}
