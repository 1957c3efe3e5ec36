//! Bytes -> tree, or a refusal.
//!
//! quick-xml finds where tags and texts begin and end; what it leaves open (names, characters, namespaces, what stands
//! outside the root) is decided here.

use std::collections::HashSet;
use std::sync::Arc;

use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesDecl, BytesStart, Event};

use super::name::{is_char, is_ncname, is_space};
use super::{Attribute, DEEPEST, Declaration, Element, Kind, MOST_ATTRIBUTES, MOST_NODES, Node, XmlRefusal, ns};

/// Attributes that are ids to some reader of SAML 2.0, SAML 1.1 or XML signatures.
const IDS: [&str; 6] = ["ID", "Id", "id", "AssertionID", "RequestID", "ResponseID"];

/// Reads a document strictly: UTF-8, one root, no document type, no processing instructions, no entities but the five of XML,
/// namespaces declared, ids unique, limits kept. Comments only in metadata.
///
/// # Errors
/// [`XmlRefusal`]: what is in the document that may not be.
pub fn read(document: &[u8], kind: Kind) -> Result<Element, XmlRefusal> {
    if document.len() > kind.longest() {
        return Err(XmlRefusal::TooLong { length: document.len(), longest: kind.longest() });
    }
    let text = std::str::from_utf8(document).map_err(|_| XmlRefusal::NotUtf8)?;
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    if let Some(bad) = text.chars().find(|character| !is_char(*character)) {
        return Err(XmlRefusal::NotWellFormed(format!("the character U+{:04X} may not be in it", u32::from(bad))));
    }
    let mut reader = Reader::from_str(text);
    let config = reader.config_mut();
    config.check_comments = true;
    config.check_end_names = true;
    config.expand_empty_elements = true;
    let mut reading = Reading::new(kind);
    loop {
        let at_start = reader.buffer_position() == 0;
        let event = reader.read_event().map_err(|error| XmlRefusal::NotWellFormed(error.to_string()))?;
        match event {
            Event::Start(start) => reading.start(&start)?,
            Event::End(_) => reading.end()?,
            Event::Text(text) => {
                if text.contains("]]>") {
                    return Err(malformed("a text has ]]>"));
                }
                reading.text(&text.xml10_content())?;
            }
            Event::CData(text) => {
                if reading.open.is_empty() {
                    return Err(malformed("there is text outside the root"));
                }
                reading.text(&text.xml10_content())?;
            }
            Event::GeneralRef(reference) => reading.reference(reference.into_inner().as_ref())?,
            Event::Comment(_) => match kind {
                Kind::Message => return Err(XmlRefusal::Comment),
                Kind::Metadata => {}
            },
            Event::Decl(declaration) => {
                if !at_start {
                    return Err(malformed("the XML declaration isn't at the start"));
                }
                check_declaration(&declaration)?;
            }
            Event::DocType(_) => return Err(XmlRefusal::DocumentType),
            Event::PI(_) => return Err(XmlRefusal::ProcessingInstruction),
            Event::Empty(_) => return Err(malformed("an empty tag wasn't expanded")),
            Event::Eof => return reading.finish(),
        }
    }
}

fn malformed(why: &str) -> XmlRefusal {
    XmlRefusal::NotWellFormed(why.to_owned())
}

fn namespaces(why: String) -> XmlRefusal {
    XmlRefusal::Namespace(why)
}

/// `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>`, of which the last two may be missing.
fn check_declaration(declaration: &BytesDecl<'_>) -> Result<(), XmlRefusal> {
    let version = declaration.version().map_err(|error| XmlRefusal::NotWellFormed(error.to_string()))?;
    if version != "1.0" {
        return Err(XmlRefusal::Declaration(format!("XML {version}")));
    }
    let mut last = 0;
    let start = BytesStart::from_content(declaration.as_ref(), "xml".len());
    spaced(start.attributes_raw())?;
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| XmlRefusal::NotWellFormed(error.to_string()))?;
        let (place, fits) = match attribute.key.into_inner() {
            "version" => (1, true),
            "encoding" => (2, attribute.value.eq_ignore_ascii_case("utf-8")),
            "standalone" => (3, matches!(attribute.value.as_ref(), "yes" | "no")),
            _ => (0, false),
        };
        if place <= last {
            return Err(malformed("the XML declaration is wrong"));
        }
        if !fits {
            return Err(XmlRefusal::Declaration(format!("{} {}", attribute.key.into_inner(), attribute.value)));
        }
        last = place;
    }
    Ok(())
}

/// The tree as far as it has been read.
struct Reading {
    kind: Kind,
    /// Elements that aren't closed yet, the root first.
    open: Vec<Element>,
    root: Option<Element>,
    /// What is declared, the innermost last.
    scope: Vec<Declaration>,
    ids: HashSet<String>,
    nodes: usize,
}

impl Reading {
    fn new(kind: Kind) -> Self {
        let xml = Declaration { prefix: "xml".to_owned(), namespace: Some(Arc::from(ns::XML)) };
        Self { kind, open: Vec::new(), root: None, scope: vec![xml], ids: HashSet::new(), nodes: 0 }
    }

    fn count(&mut self) -> Result<(), XmlRefusal> {
        self.nodes += 1;
        if self.nodes > MOST_NODES { Err(XmlRefusal::TooManyNodes) } else { Ok(()) }
    }

    fn start(&mut self, start: &BytesStart<'_>) -> Result<(), XmlRefusal> {
        self.count()?;
        if self.root.is_some() {
            return Err(malformed("there is a second root"));
        }
        if self.open.len() >= DEEPEST {
            return Err(XmlRefusal::TooDeep);
        }
        spaced(start.attributes_raw())?;
        let (prefix, local) = split(start.name().into_inner())?;
        let mut declarations = Vec::new();
        let mut plain = Vec::new();
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| XmlRefusal::NotWellFormed(error.to_string()))?;
            if declarations.len() + plain.len() >= MOST_ATTRIBUTES {
                return Err(XmlRefusal::TooManyAttributes(local.to_owned()));
            }
            let value = value(&attribute)?;
            match attribute.key.into_inner() {
                "xmlns" => declarations.push(declaration("", &value)?),
                key => match split(key)? {
                    ("xmlns", prefix) => declarations.push(declaration(prefix, &value)?),
                    (prefix, local) => plain.push((prefix.to_owned(), local.to_owned(), value)),
                },
            }
        }
        self.scope.extend(declarations.iter().cloned());
        let namespace = self.resolve(prefix)?;
        let attributes = plain.into_iter().map(|(prefix, local, value)| self.attribute(prefix, local, value));
        let attributes = attributes.collect::<Result<Vec<_>, _>>()?;
        let mut names = HashSet::new();
        if let Some(twice) = attributes.iter().find(|one| !names.insert((one.namespace.as_deref(), &one.local))) {
            return Err(namespaces(format!("the attribute {} stands twice in {local}", twice.local)));
        }
        let (prefix, local) = (prefix.to_owned(), local.to_owned());
        self.open.push(Element { prefix, namespace, local, attributes, declarations, children: Vec::new() });
        Ok(())
    }

    /// Resolves an attribute's prefix, and keeps ids unique.
    fn attribute(&mut self, prefix: String, local: String, value: String) -> Result<Attribute, XmlRefusal> {
        // The default namespace isn't for attributes (Namespaces in XML 6.2).
        let namespace = if prefix.is_empty() { None } else { self.resolve(&prefix)? };
        if IDS.contains(&local.as_str()) && !self.ids.insert(value.clone()) {
            return Err(XmlRefusal::DuplicateId(value));
        }
        Ok(Attribute { prefix, namespace, local, value })
    }

    fn resolve(&self, prefix: &str) -> Result<Option<Arc<str>>, XmlRefusal> {
        match self.scope.iter().rev().find(|declared| declared.prefix == prefix) {
            Some(declared) => Ok(declared.namespace.clone()),
            None if prefix.is_empty() => Ok(None),
            None => Err(namespaces(format!("the prefix {prefix} isn't declared"))),
        }
    }

    fn end(&mut self) -> Result<(), XmlRefusal> {
        let element = self.open.pop().ok_or_else(|| malformed("an end tag ends nothing"))?;
        self.scope.truncate(self.scope.len().saturating_sub(element.declarations.len()));
        match self.open.last_mut() {
            Some(parent) => parent.children.push(Node::Element(element)),
            None => self.root = Some(element),
        }
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), XmlRefusal> {
        let Some(parent) = self.open.last_mut() else {
            return if text.chars().all(is_space) { Ok(()) } else { Err(malformed("there is text outside the root")) };
        };
        if text.is_empty() {
            return Ok(());
        }
        if let Some(Node::Text(before)) = parent.children.last_mut() {
            before.push_str(text);
            return Ok(());
        }
        parent.children.push(Node::Text(text.to_owned()));
        self.count()
    }

    /// `&name;` or `&#number;` in a text.
    fn reference(&mut self, name: &str) -> Result<(), XmlRefusal> {
        if self.open.is_empty() {
            return Err(malformed("there is a reference outside the root"));
        }
        let character = referenced(name).ok_or_else(|| XmlRefusal::Entity(shortened(name)))?;
        self.text(character.encode_utf8(&mut [0; 4]))
    }

    fn finish(self) -> Result<Element, XmlRefusal> {
        if !self.open.is_empty() {
            return Err(malformed("an element isn't closed"));
        }
        let what = match self.kind {
            Kind::Message => "there is no message in it",
            Kind::Metadata => "there is no metadata in it",
        };
        self.root.ok_or_else(|| malformed(what))
    }
}

/// The character that a reference stands for: one of the five of XML, or by number.
fn referenced(name: &str) -> Option<char> {
    let number = match name {
        "amp" => return Some('&'),
        "lt" => return Some('<'),
        "gt" => return Some('>'),
        "quot" => return Some('"'),
        "apos" => return Some('\''),
        other => other.strip_prefix('#')?,
    };
    let (digits, radix) = match number.strip_prefix('x') {
        Some(digits) => (digits, 16),
        None => (number, 10),
    };
    // `from_str_radix` would take a sign.
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(radix)) {
        return None;
    }
    char::from_u32(u32::from_str_radix(digits, radix).ok()?).filter(|character| is_char(*character))
}

/// An attribute's value after normalisation: white space becomes spaces, references become their characters.
fn value(attribute: &quick_xml::events::attributes::Attribute<'_>) -> Result<String, XmlRefusal> {
    if attribute.value.contains('<') {
        return Err(malformed("an attribute has <"));
    }
    let mut rest: &str = &attribute.value;
    while let Some((_, behind)) = rest.split_once('&') {
        let (name, behind) = behind.split_once(';').ok_or_else(|| malformed("an attribute has a bare &"))?;
        referenced(name).ok_or_else(|| XmlRefusal::Entity(shortened(name)))?;
        rest = behind;
    }
    let value = attribute.normalized_value(XmlVersion::Explicit1_0);
    Ok(value.map_err(|error| XmlRefusal::NotWellFormed(error.to_string()))?.into_owned())
}

/// A declaration of a namespace that may be made (Namespaces in XML 1.0, 3 and 5).
fn declaration(prefix: &str, namespace: &str) -> Result<Declaration, XmlRefusal> {
    let reserved = prefix == "xml" || prefix == "xmlns" || namespace == ns::XML || namespace == ns::XMLNS;
    let right_xml = prefix == "xml" && namespace == ns::XML;
    if reserved && !right_xml {
        return Err(namespaces(format!("xmlns:{prefix} may not be declared as {namespace}")));
    }
    if namespace.is_empty() && !prefix.is_empty() {
        return Err(namespaces(format!("xmlns:{prefix} is empty")));
    }
    // A namespace that only looks like another one is no way to say anything.
    if namespace.chars().any(|character| is_space(character) || character.is_control()) {
        return Err(namespaces(format!("the namespace of prefix {prefix:?} has white space")));
    }
    let namespace = (!namespace.is_empty()).then(|| Arc::from(namespace));
    Ok(Declaration { prefix: prefix.to_owned(), namespace })
}

/// `prefix:local` or `local`.
fn split(name: &str) -> Result<(&str, &str), XmlRefusal> {
    let (prefix, local) = name.split_once(':').unwrap_or(("", name));
    let prefix_fits = is_ncname(prefix) || !name.contains(':');
    if !prefix_fits || !is_ncname(local) {
        return Err(malformed(&format!("{} is no name", shortened(name))));
    }
    Ok((prefix, local))
}

/// Between a value and the next name there is white space (XML 1.0, production 40).
fn spaced(attributes: &str) -> Result<(), XmlRefusal> {
    let mut quote = None;
    let mut closed = false;
    for character in attributes.chars() {
        match quote {
            Some(open) if character == open => (quote, closed) = (None, true),
            Some(_) => {}
            None if closed && !is_space(character) => {
                return Err(malformed("two attributes stand without a space between them"));
            }
            None => {
                quote = matches!(character, '"' | '\'').then_some(character);
                closed = false;
            }
        }
    }
    Ok(())
}

fn shortened(text: &str) -> String {
    text.chars().take(40).collect()
}
