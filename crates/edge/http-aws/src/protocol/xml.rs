//! Writing XML.

use quick_xml::Writer;
use quick_xml::events::{BytesEnd, BytesStart, BytesText, Event};

/// An XML text in the making. Writing to memory can't fail, so nothing here does.
pub(crate) struct Xml(Writer<Vec<u8>>);

impl Xml {
    pub(crate) fn new() -> Self {
        Self(Writer::new(Vec::new()))
    }

    /// What `write` writes, as text.
    pub(crate) fn fragment(write: impl FnOnce(&mut Self)) -> String {
        let mut xml = Self::new();
        write(&mut xml);
        xml.finish()
    }

    pub(crate) fn finish(self) -> String {
        String::from_utf8(self.0.into_inner()).unwrap_or_default()
    }

    pub(crate) fn element(&mut self, name: &str, write: impl FnOnce(&mut Self)) {
        self.start(BytesStart::new(name), name, write);
    }

    /// An element with a default namespace.
    pub(crate) fn root(&mut self, name: &str, namespace: &str, write: impl FnOnce(&mut Self)) {
        let mut start = BytesStart::new(name);
        start.push_attribute(("xmlns", namespace));
        self.start(start, name, write);
    }

    pub(crate) fn text(&mut self, name: &str, value: &str) {
        let legal: String = value.chars().map(|letter| if is_legal(letter) { letter } else { '\u{fffd}' }).collect();
        self.element(name, |xml| xml.event(Event::Text(BytesText::new(&legal))));
    }

    /// XML that [`Self::fragment`] wrote.
    pub(crate) fn raw(&mut self, fragment: &str) {
        self.event(Event::Text(BytesText::from_escaped(fragment)));
    }

    fn start(&mut self, start: BytesStart<'_>, name: &str, write: impl FnOnce(&mut Self)) {
        self.event(Event::Start(start));
        write(self);
        self.event(Event::End(BytesEnd::new(name)));
    }

    fn event(&mut self, event: Event<'_>) {
        let _ = self.0.write_event(event);
    }
}

/// `Char` of XML 1.0.
const fn is_legal(letter: char) -> bool {
    matches!(letter, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..='\u{10ffff}')
}
