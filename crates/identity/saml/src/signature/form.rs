//! The form of an enveloped signature: the narrowest one that identity providers make (SAML core 5.4).

use super::{ALGORITHMS, ALLOWED, DIGESTS, ENVELOPED};
use crate::check::{Check, Refusal, Story};
use crate::xml::{Element, ns};

/// Checks that `signature` is one of a single reference to `parent`, which it stands in, by allowed algorithms.
pub(super) fn check(story: &mut Story, parent: &Element, signature: &Element) -> Result<(), Refusal> {
    let signed_info = structure(story, parent, signature)?;
    let reference = reference(story, parent, signed_info)?;
    algorithms(story, signed_info, reference)
}

/// Its place, and which elements there are.
fn structure<'a>(story: &mut Story, parent: &Element, signature: &'a Element) -> Result<&'a Element, Refusal> {
    let check = Check::SignatureForm;
    let place = parent.elements().position(|child| std::ptr::eq(child, signature));
    let issuer_first = parent.elements().next().is_some_and(|first| first.is(ns::ASSERTION, "Issuer"));
    if !(issuer_first && place == Some(1)) {
        return story.failed(check, "a Signature right behind the Issuer", "one at another place");
    }
    expect(story, signature, &["SignedInfo", "SignatureValue", "KeyInfo"], 2)?;
    let Some(signed_info) = signature.only(ns::SIGNATURE, "SignedInfo") else {
        return story.failed(check, "one SignedInfo", "none");
    };
    expect(story, signed_info, &["CanonicalizationMethod", "SignatureMethod", "Reference"], 3)?;
    let Some(value) = signature.only(ns::SIGNATURE, "SignatureValue").and_then(Element::value) else {
        return story.failed(check, "a SignatureValue of text only", "one with elements in it");
    };
    story.note(check, "one SignedInfo, with a SignatureValue", "one", !value.is_empty())?;
    Ok(signed_info)
}

/// Exactly these child elements in this order, of which those behind the first `required` may be missing, and no text.
fn expect(story: &mut Story, element: &Element, names: &[&str], required: usize) -> Result<(), Refusal> {
    let found: Vec<&Element> = element.elements().collect();
    let fits = found.len() >= required
        && found.len() <= names.len()
        && found.iter().zip(names).all(|(child, name)| child.is(ns::SIGNATURE, name))
        && !has_text(element);
    if fits {
        return Ok(());
    }
    let found: Vec<String> = found.iter().map(|child| child.described()).collect();
    let (expected, found) = (names.join(", "), found.join(", "));
    story.failed(Check::SignatureForm, format!("{expected} in {}", element.local), format!("[{found}]"))
}

/// Whether there is text between the child elements, other than white space.
fn has_text(element: &Element) -> bool {
    element.children.iter().any(|child| match child {
        crate::xml::Node::Text(text) => !text.chars().all(char::is_whitespace),
        crate::xml::Node::Element(_) => false,
    })
}

/// What is signed: the parent, by its id, without this signature.
fn reference<'a>(story: &mut Story, parent: &Element, signed_info: &'a Element) -> Result<&'a Element, Refusal> {
    let Some(reference) = signed_info.only(ns::SIGNATURE, "Reference") else {
        return story.failed(Check::SignatureForm, "one Reference", "none, or several");
    };
    let expected = format!("#{}", parent.attribute("ID").unwrap_or_default());
    let uri = reference.attribute("URI");
    let fits = expected.len() > 1 && uri == Some(expected.as_str());
    story.note(Check::SignatureReference, &expected, uri.unwrap_or("nothing"), fits)?;

    expect(story, reference, &["Transforms", "DigestMethod", "DigestValue"], 3)?;
    let Some(transforms) = reference.only(ns::SIGNATURE, "Transforms") else {
        return story.failed(Check::SignatureForm, "Transforms", "none");
    };
    expect(story, transforms, &["Transform", "Transform"], 2)?;
    let names: Vec<&str> = transforms.elements().filter_map(|one| one.attribute("Algorithm")).collect();
    let plain = transforms.elements().next().is_some_and(|enveloped| enveloped.text() == Some(""));
    let last = transforms.elements().next_back();
    let fits = plain && names == [ENVELOPED, ns::EXC_C14N] && last.is_some_and(is_canonicalization);
    story.note(
        Check::SignatureForm,
        "the transforms enveloped-signature and exclusive canonicalization",
        names.join(", "),
        fits,
    )?;
    let digest = reference.only(ns::SIGNATURE, "DigestValue").and_then(Element::value);
    if digest.is_none_or(str::is_empty) {
        return story.failed(Check::SignatureForm, "a DigestValue of text only", "none, or one with elements in it");
    }
    Ok(reference)
}

fn algorithms(story: &mut Story, signed_info: &Element, reference: &Element) -> Result<(), Refusal> {
    let named = |element: &Element, child| element.only(ns::SIGNATURE, child).cloned();
    let canonical = named(signed_info, "CanonicalizationMethod");
    let fits = canonical.as_ref().is_some_and(is_canonicalization);
    let found = canonical.as_ref().and_then(|one| one.attribute("Algorithm")).unwrap_or_default();
    story.note(Check::SignatureForm, ns::EXC_C14N, found, fits)?;

    for (element, child, allowed) in
        [(signed_info, "SignatureMethod", ALGORITHMS.as_slice()), (reference, "DigestMethod", DIGESTS.as_slice())]
    {
        let method = named(element, child);
        let algorithm = method.as_ref().and_then(|one| one.attribute("Algorithm")).unwrap_or("none");
        let plain = method.as_ref().is_some_and(|one| one.elements().next().is_none());
        story.note(Check::SignatureAlgorithm, ALLOWED, algorithm, plain && allowed.contains(&algorithm))?;
    }
    Ok(())
}

/// Exclusive canonicalization without comments; prefixes may be listed (XML exclusive canonicalization 4).
fn is_canonicalization(element: &Element) -> bool {
    let children: Vec<&Element> = element.elements().collect();
    let prefixes = match children.as_slice() {
        [] => true,
        [only] => only.is(ns::EXC_C14N, "InclusiveNamespaces") && only.elements().next().is_none(),
        _ => false,
    };
    prefixes && !has_text(element) && element.attribute("Algorithm") == Some(ns::EXC_C14N)
}
