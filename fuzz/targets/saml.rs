//! SAML messages and metadata, as bytes from nowhere.
//!
//! Nothing may make the readers panic; and whatever our strict reader takes, Uppsala (the parser that signatures are verified
//! with) takes, too, and finds the same in it: the same elements with the same namespaces, the same texts and attributes. The
//! same holds for what is handed to the verifier, an element written as a document of its own.
//!
//! One difference is known: Uppsala doesn't normalise white space that stands literally in an attribute (XML 1.0 3.3.3) or ends
//! a line (2.11). In what is handed to the verifier there is none.
#![no_main]

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use libfuzzer_sys::fuzz_target;
use saml::sp::{Expected, InResponseTo};
use saml::xml::{Element, Kind, Node, read};
use saml::{Incoming, SigningCertificate};
use time::{Duration, OffsetDateTime};
use uppsala::{Document, NodeId, NodeKind};

static TRUSTED: LazyLock<[SigningCertificate; 1]> = LazyLock::new(|| {
    let pem = include_str!("../../crates/identity/saml/tests/corpus/keys/idp.crt.pem");
    [SigningCertificate::from_pem(pem).expect("the corpus has a certificate")]
});

fuzz_target!(|data: &[u8]| {
    for kind in [Kind::Message, Kind::Metadata] {
        let Ok(element) = read(data, kind) else { continue };
        let text = std::str::from_utf8(data).expect("it was read");
        // A byte order mark belongs to the bytes, not to the document.
        compare(text.trim_start_matches('\u{FEFF}'), &element, Space::Alike);
        compare(&element.document(), &element, Space::Exact);
        if let Some(inner) = element.elements().next() {
            compare(&inner.isolated(&[&element]), &without_key_info(inner), Space::Exact);
        }
    }
    let _ = saml::metadata::read_idp(data);
    let _ = saml::metadata::read_sp(data);
    validate(data);
    if let Ok(text) = std::str::from_utf8(data) {
        let _ = saml::logout::peek(&Incoming::Redirect { query: text });
        let _ = SigningCertificate::from_base64(text);
    }
});

/// An assertion that is taken says what the corpus' key signed, and all of that is for one person.
fn validate(data: &[u8]) {
    let expected = Expected {
        idp_entity_id: "https://idp.example.com/saml",
        certificates: &*TRUSTED,
        sp_entity_id: "https://sp.example.com/saml",
        acs_url: "https://sp.example.com/saml/acs",
        in_response_to: InResponseTo::Request("_request1"),
        now: OffsetDateTime::from_unix_timestamp(1_800_000_000).expect("2027"),
        skew: Duration::minutes(1),
        force_authn_since: None,
    };
    let verdict = saml::sp::validate(&STANDARD.encode(data), &expected);
    match verdict.outcome {
        Ok(assertion) => assert_eq!(assertion.name_id().value, "olivia@example.com"),
        Err(refusal) => {
            assert_eq!(verdict.checks.failed().map(|failed| failed.check.as_str()), Some(refusal.check.name()));
        }
    }
}

/// What [`Element::isolated`] leaves out.
fn without_key_info(element: &Element) -> Element {
    let mut element = element.clone();
    for child in &mut element.children {
        if let Node::Element(signature) = child
            && signature.is(saml::xml::ns::SIGNATURE, "Signature")
        {
            // Only the elements of a signature are written.
            signature.children.retain(|inner| match inner {
                Node::Element(inner) => !inner.is(saml::xml::ns::SIGNATURE, "KeyInfo"),
                Node::Text(_) => false,
            });
        }
    }
    element
}

/// How white space is compared.
#[derive(Clone, Copy, PartialEq)]
enum Space {
    Exact,
    /// Any white space is like any other, and `\r\n` is one.
    Alike,
}

impl Space {
    fn of(self, text: &str) -> String {
        match self {
            Self::Exact => text.to_owned(),
            Self::Alike => text.replace("\r\n", " ").replace(['\t', '\n', '\r'], " "),
        }
    }
}

fn compare(text: &str, ours: &Element, space: Space) {
    let document = uppsala::parse(text).unwrap_or_else(|error| panic!("Uppsala refuses {text:?}: {error}"));
    let root = document.document_element().expect("there is a root");
    same(&document, root, ours, (text, space));
}

fn same(document: &Document<'_>, theirs: NodeId, ours: &Element, (text, space): (&str, Space)) {
    let element = document.element(theirs).expect("an element");
    assert_eq!(element.name.local_name, ours.local, "{text}");
    assert_eq!(element.name.namespace_uri.as_deref(), ours.namespace.as_deref(), "{text}");
    let mut found: Vec<(Option<String>, String, String)> = element
        .attributes
        .iter()
        .filter(|attribute| !is_declaration(&attribute.name))
        .map(|attribute| {
            let name = &attribute.name;
            let namespace = name.namespace_uri.as_deref().map(str::to_owned);
            (namespace, name.local_name.to_string(), space.of(&attribute.value))
        })
        .collect();
    let mut known: Vec<(Option<String>, String, String)> = ours
        .attributes
        .iter()
        .map(|attribute| {
            let namespace = attribute.namespace.as_deref().map(str::to_owned);
            (namespace, attribute.local.clone(), space.of(&attribute.value))
        })
        .collect();
    found.sort();
    known.sort();
    assert_eq!(found, known, "{text}");
    children(document, theirs, ours, (text, space));
}

fn is_declaration(name: &uppsala::QName<'_>) -> bool {
    name.prefix.as_deref() == Some("xmlns") || (name.prefix.is_none() && name.local_name == "xmlns")
}

/// Comments are nothing, and texts beside each other are one.
fn children(document: &Document<'_>, theirs: NodeId, ours: &Element, (text, space): (&str, Space)) {
    let mut rest = ours.children.iter().peekable();
    let mut run = String::new();
    let end_of_run = |run: &mut String, rest: &mut std::iter::Peekable<std::slice::Iter<'_, Node>>| {
        let known = match rest.peek() {
            Some(Node::Text(known)) => {
                let known = known.clone();
                rest.next();
                known
            }
            _ => String::new(),
        };
        assert_eq!(space.of(run), space.of(&known), "{text}");
        run.clear();
    };
    for child in document.children_iter(theirs) {
        match document.node_kind(child).expect("a node") {
            NodeKind::Text(part) => run.push_str(part),
            NodeKind::CData(part) => run.push_str(part),
            NodeKind::Element(_) => {
                end_of_run(&mut run, &mut rest);
                match rest.next() {
                    Some(Node::Element(known)) => same(document, child, known, (text, space)),
                    other => panic!("Uppsala has an element where we have {other:?}: {text}"),
                }
            }
            NodeKind::Comment(_) => {}
            other => panic!("Uppsala has {other:?}: {text}"),
        }
    }
    end_of_run(&mut run, &mut rest);
    assert!(rest.next().is_none(), "we have more than Uppsala: {text}");
}
