//! Attributes of a person (SAML core 2.7.3).

use std::collections::BTreeMap;

use crate::check::{Check, Refusal, Story};
use crate::xml::{Element, ns};

/// Name -> values, in order, exactly as they are. A value that isn't text (an element, as eduPersonTargetedID has it) is left out.
pub(super) fn read(story: &mut Story, assertion: &Element) -> Result<BTreeMap<String, Vec<String>>, Refusal> {
    let mut attributes: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for statement in assertion.named(ns::ASSERTION, "AttributeStatement") {
        for attribute in statement.elements() {
            let name = attribute.attribute("Name").filter(|name| !name.is_empty());
            let (true, Some(name)) = (attribute.is(ns::ASSERTION, "Attribute"), name) else {
                return story.failed(Check::Attributes, "named attributes", attribute.described());
            };
            let values = attribute.named(ns::ASSERTION, "AttributeValue").filter_map(Element::text);
            attributes.entry(name.to_owned()).or_default().extend(values.map(str::to_owned));
        }
    }
    let names: Vec<&str> = attributes.keys().map(String::as_str).collect();
    story.passed(Check::Attributes, "named attributes", &names.join(", "));
    Ok(attributes)
}
