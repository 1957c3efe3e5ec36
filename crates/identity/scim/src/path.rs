//! Attribute names as filters, PATCH and projections write them: `userName`, `name.givenName`, `urn:…:User:department`.

use crate::schema::{Attribute, Kind, ResourceType};

/// A resolved attribute path. Names are spelled as the schema spells them, where it declares them.
#[derive(Debug, Clone, PartialEq)]
pub struct AttrPath {
    /// The URN of the extension that the attribute is in.
    pub extension: Option<String>,
    /// Empty: the extension itself.
    pub name: String,
    pub sub: Option<String>,
    pub(crate) declared: Option<&'static Attribute>,
    pub(crate) declared_sub: Option<&'static Attribute>,
}

impl AttrPath {
    /// Resolves `text`; the error says what is wrong with it.
    ///
    /// # Errors
    /// When it isn't an attribute path (RFC 7644 3.10).
    pub fn parse(text: &str, resource_type: &ResourceType) -> Result<Self, String> {
        if let Some(schema) = resource_type.extension(text) {
            return Ok(Self::whole_extension(schema.urn));
        }
        let Some((urn, rest)) = split_urn(text, resource_type) else {
            if !text.contains(':') {
                return Self::plain(text, |name| resource_type.attribute(name));
            }
            return Ok(Self::whole_extension(text));
        };
        if urn.eq_ignore_ascii_case(resource_type.core.urn) {
            return Self::plain(rest, |name| resource_type.attribute(name));
        }
        let schema = resource_type.extension(urn);
        let mut path = Self::plain(rest, |name| schema.and_then(|schema| schema.attribute(name)))?;
        path.extension = Some(schema.map_or(urn, |schema| schema.urn).to_owned());
        Ok(path)
    }

    /// A name inside the brackets of a value filter: a part of `outer`.
    pub(crate) fn part_of(outer: &Self, text: &str) -> Result<Self, String> {
        let path = Self::plain(text, |name| outer.declared.and_then(|attribute| attribute.part(name)))?;
        if path.sub.is_some() {
            return Err(format!("\"{text}\" can't be used inside the brackets of {}.", outer.name));
        }
        Ok(path)
    }

    fn whole_extension(urn: &str) -> Self {
        Self { extension: Some(urn.to_owned()), name: String::new(), sub: None, declared: None, declared_sub: None }
    }

    fn plain(text: &str, find: impl Fn(&str) -> Option<&'static Attribute>) -> Result<Self, String> {
        let (name, sub) = match text.split_once('.') {
            Some((name, sub)) => (name, Some(sub)),
            None => (text, None),
        };
        if !is_name(name) || sub.is_some_and(|sub| !is_name(sub)) {
            return Err(format!("\"{text}\" is not an attribute name."));
        }
        let declared = find(name);
        let declared_sub = declared.and_then(|attribute| attribute.part(sub?));
        Ok(Self {
            extension: None,
            name: declared.map_or(name, |attribute| attribute.name).to_owned(),
            sub: sub.map(|sub| declared_sub.map_or(sub, |attribute| attribute.name).to_owned()),
            declared,
            declared_sub,
        })
    }

    pub(crate) const fn is_whole_extension(&self) -> bool {
        self.name.is_empty()
    }

    /// Whether it names `name` (and the part `sub`) of the core schema.
    pub(crate) fn is(&self, name: &str, sub: Option<&str>) -> bool {
        self.extension.is_none() && self.name == name && self.sub.as_deref() == sub
    }

    /// The attribute whose value a comparison is about: of a complex attribute it is `value`.
    pub(crate) fn compared(&self) -> Option<&'static Attribute> {
        if self.sub.is_some() {
            return self.declared_sub;
        }
        let attribute = self.declared?;
        match attribute.kind {
            Kind::Complex(_) => attribute.part("value"),
            Kind::String | Kind::Boolean | Kind::DateTime | Kind::Binary | Kind::Reference(_) => Some(attribute),
        }
    }

    /// Whether the resource type has no such attribute. Of an extension that we don't know, nothing is undeclared.
    pub(crate) fn is_undeclared(&self) -> bool {
        match &self.extension {
            None => self.declared.is_none() || (self.sub.is_some() && self.declared_sub.is_none()),
            Some(_) => self.declared.is_some() && self.sub.is_some() && self.declared_sub.is_none(),
        }
    }
}

/// The URN in front, and the attribute behind it. None when there is no URN, or nothing behind it.
fn split_urn<'a>(text: &'a str, resource_type: &ResourceType) -> Option<(&'a str, &'a str)> {
    let known = std::iter::once(resource_type.core.urn).chain(resource_type.extensions.iter().map(|schema| schema.urn));
    for urn in known {
        if let (Some(head), Some(tail)) = (text.get(..urn.len()), text.get(urn.len()..))
            && head.eq_ignore_ascii_case(urn)
            && let Some(rest) = tail.strip_prefix(':')
        {
            return Some((head, rest));
        }
    }
    // URNs of schemas end in a resource type with a capital letter, attributes begin with a small one.
    let (urn, rest) = text.rsplit_once(':')?;
    rest.starts_with(|first: char| first.is_ascii_lowercase()).then_some((urn, rest))
}

fn is_name(text: &str) -> bool {
    let mut characters = text.strip_prefix('$').unwrap_or(text).chars();
    characters.next().is_some_and(|first| first.is_ascii_alphabetic())
        && characters.all(|character| character.is_ascii_alphanumeric() || matches!(character, '-' | '_'))
}
