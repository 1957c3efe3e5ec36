//! Whom a message is about.

use crate::check::{Check, Refusal, Story};
use crate::xml::{self, Element, ns};

pub const NAME_ID_EMAIL: &str = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress";
pub const NAME_ID_PERSISTENT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent";
pub const NAME_ID_TRANSIENT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient";
pub const NAME_ID_UNSPECIFIED: &str = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified";

/// The longest name, in characters (SAML core 8.3.7 says so of persistent ones).
const LONGEST: usize = 256;

/// The name that the identity provider knows a person by (SAML core 2.2.3).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NameId {
    pub value: String,
    pub format: Option<String>,
    pub name_qualifier: Option<String>,
    pub sp_name_qualifier: Option<String>,
}

impl NameId {
    /// The one NameID among the children of `parent`: plain text of at most 256 characters.
    pub(crate) fn read(story: &mut Story, parent: &Element) -> Result<Self, Refusal> {
        let encrypted = parent.named(ns::ASSERTION, "EncryptedID").next().is_some();
        story.note(
            Check::Encryption,
            "nothing encrypted",
            if encrypted { "an encrypted name id (EncryptedID)" } else { "nothing" },
            !encrypted,
        )?;
        let Some(element) = parent.only(ns::ASSERTION, "NameID") else {
            return story.failed(Check::NameId, "one NameID", "missing, or there several times");
        };
        let Some(value) = element.value() else {
            return story.failed(Check::NameId, "plain text", "a NameID with elements in it");
        };
        let fits = Self::may_be_sent(value);
        let expected = format!("1 to {LONGEST} printable characters");
        story.note(Check::NameId, &expected, if fits { value } else { "empty, too long or not printable" }, fits)?;
        let attribute = |name| element.attribute(name).map(str::to_owned);
        Ok(Self {
            value: value.to_owned(),
            format: attribute("Format"),
            name_qualifier: attribute("NameQualifier"),
            sp_name_qualifier: attribute("SPNameQualifier"),
        })
    }

    /// Whether a reader finds the same value again.
    pub(crate) fn may_be_sent(value: &str) -> bool {
        (1..=LONGEST).contains(&value.chars().count())
            && !value.chars().any(char::is_control)
            && value.trim_matches(xml::is_space) == value
    }

    pub(crate) fn element(&self) -> Element {
        xml::assertion("NameID")
            .with_some("Format", self.format.as_deref())
            .with_some("NameQualifier", self.name_qualifier.as_deref())
            .with_some("SPNameQualifier", self.sp_name_qualifier.as_deref())
            .holding(&self.value)
    }
}
