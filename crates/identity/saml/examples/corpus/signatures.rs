//! Signatures of the wrong form, by the wrong algorithms, by the wrong keys.

use crate::Case;
use crate::parts::{ASSERTION, ENVELOPED, EXC, Keys, RSA_SHA256, SHA256, both_signed, cut, good, response};
use crate::parts::{signature, signature_by, signed_with};

const C14N: &str = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";

pub(crate) fn cases(keys: &Keys) -> anyhow::Result<Vec<Case>> {
    let good = good(keys)?;
    let mut cases = structure(keys, &good)?;
    cases.extend(references(keys, &good)?);
    cases.extend(transforms(keys, &good)?);
    cases.extend(by_other_keys(keys, &good)?);
    cases.extend(algorithms(&good));
    Ok(cases)
}

/// A Response that is signed with this signature. Its digest is over the assertion alone, so it verifies but for its form.
fn signed(keys: &Keys, signature: &str) -> anyhow::Result<Vec<u8>> {
    Ok(signed_with(&keys.idp, signature, |text| text)?.into_bytes())
}

fn normal() -> String {
    signature("_assertion1")
}

/// Where signatures stand, and what of them there is.
fn structure(keys: &Keys, good: &str) -> anyhow::Result<Vec<Case>> {
    let bare = response(ASSERTION).replace("<?>", "").replace("<!>", "");
    let whole = response(ASSERTION).replace("<?>", &signature("_response1")).replace("<!>", "");
    let last = bare.replace("</saml:Assertion>", &format!("{}</saml:Assertion>", normal()));
    let deep = bare.replace("</saml:NameID>", &format!("</saml:NameID>{}", normal()));
    let with = |from: &str, to: &str| good.replacen(from, to, 1).into_bytes();
    let (whole_signature, signed_info) = (cut(good, "ds:Signature")?, cut(good, "ds:SignedInfo")?);
    let object = normal().replace("</ds:Signature>", "<ds:Object><a/></ds:Object></ds:Signature>");
    Ok(vec![
        ("signature-missing", bare.into_bytes()),
        ("signature-of-response-only", keys.idp.sign(&whole)?.into_bytes()),
        ("signature-without-reference", cut_out(good, "<ds:Reference ", "</ds:Reference>")),
        ("signature-two-signed-info", with("</ds:SignedInfo>", &format!("</ds:SignedInfo>{signed_info}"))),
        ("signature-two-references", signed(keys, &two_references(&normal()))?),
        ("signature-two", with("<ds:Signature ", &format!("{whole_signature}<ds:Signature "))),
        ("signature-at-the-end", keys.idp.sign(&last)?.into_bytes()),
        ("signature-deeper", keys.idp.sign(&deep)?.into_bytes()),
        ("signature-with-object", signed(keys, &object)?),
        ("signature-empty-value", cut_out(good, "<ds:SignatureValue>", "</ds:SignatureValue>")),
    ])
}

/// What signatures are for.
fn references(keys: &Keys, good: &str) -> anyhow::Result<Vec<Case>> {
    let reference = |uri: &str| signed(keys, &normal().replace("URI=\"#_assertion1\"", &format!("URI=\"{uri}\"")));
    let external = good.replacen("URI=\"#_assertion1\"", "URI=\"http://evil.example.com/a.xml\"", 1);
    Ok(vec![
        ("signature-reference-empty", reference("")?),
        ("signature-reference-response", reference("#_response1")?),
        ("signature-reference-xpointer", reference("#xpointer(id('_assertion1'))")?),
        ("signature-reference-external", external.into_bytes()),
    ])
}

fn transforms(keys: &Keys, good: &str) -> anyhow::Result<Vec<Case>> {
    let with = |from: &str, to: &str| good.replacen(from, to, 1).into_bytes();
    let exclusive = format!("<ds:Transform Algorithm=\"{EXC}\"/>");
    let other = |transforms: &str| normal().replace(&exclusive, transforms);
    let another = |algorithm: &str| other(&format!("<ds:Transform Algorithm=\"{algorithm}\"/>"));
    let method = |algorithm: &str| format!("CanonicalizationMethod Algorithm=\"{algorithm}\"");
    let inclusive = other(&format!(
        "<ds:Transform Algorithm=\"{EXC}\"><ec:InclusiveNamespaces xmlns:ec=\"{EXC}\" PrefixList=\"xs\"/></ds:Transform>"
    ));
    // As Okta writes: a prefix that only a value uses.
    let typed = |text: String| {
        text.replace("<saml:Assertion ", "<saml:Assertion xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" ").replace(
            "<saml:AttributeValue>",
            "<saml:AttributeValue xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"xs:string\">",
        )
    };
    Ok(vec![
        ("signature-transform-inclusive", signed(keys, &another(C14N))?),
        ("signature-transform-comments", signed(keys, &another(&format!("{EXC}WithComments")))?),
        ("signature-transform-three", signed(keys, &other(&format!("{exclusive}{exclusive}")))?),
        ("signature-transform-one", signed(keys, &other(""))?),
        ("signature-transform-xslt", with(ENVELOPED, "http://www.w3.org/TR/1999/REC-xslt-19991116")),
        ("signature-transform-xpath", with(ENVELOPED, "http://www.w3.org/TR/1999/REC-xpath-19991116")),
        ("signature-canonicalization-inclusive", signed(keys, &normal().replace(&method(EXC), &method(C14N)))?),
        ("ok-inclusive-prefixes", signed_with(&keys.idp, &inclusive, typed)?.into_bytes()),
    ])
}

/// Other keys, and what was changed after signing.
fn by_other_keys(keys: &Keys, good: &str) -> anyhow::Result<Vec<Case>> {
    let with = |from: &str, to: &str| good.replacen(from, to, 1).into_bytes();
    let key_info = normal().replace(
        "</ds:Signature>",
        &format!(
            "<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature>",
            keys.attacker.base64()
        ),
    );
    let ecdsa = signature_by("_assertion1", "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256", SHA256);
    let sha512 = signature_by(
        "_assertion1",
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
        "http://www.w3.org/2001/04/xmlenc#sha512",
    );
    let status = "<samlp:StatusMessage>hi</samlp:StatusMessage></samlp:Status>";
    let changed_response = both_signed(keys)?.replacen("</samlp:Status>", status, 1);
    Ok(vec![
        ("signature-by-attacker", signed_with(&keys.attacker, &key_info, |text| text)?.into_bytes()),
        ("signature-by-expired", signed_with(&keys.old, &normal(), |text| text)?.into_bytes()),
        ("signature-changed-name", with("olivia@example.com", "admin@example.com")),
        ("signature-changed-group", with("awssso-sales", "awssso-admin")),
        ("signature-changed-value", with("<ds:SignatureValue>", "<ds:SignatureValue>AAAA")),
        ("signature-of-response-wrong", changed_response.into_bytes()),
        ("ok-ecdsa", signed_with(&keys.ec, &ecdsa, |text| text)?.into_bytes()),
        ("ok-sha512", signed(keys, &sha512)?),
        ("ok-key-info-of-a-stranger", signed(keys, &key_info)?),
    ])
}

/// Methods that aren't taken; refused before anything is computed.
fn algorithms(good: &str) -> Vec<Case> {
    let method = |to: &str| good.replacen(RSA_SHA256, to, 1).into_bytes();
    vec![
        ("algorithm-rsa-sha1", method("http://www.w3.org/2000/09/xmldsig#rsa-sha1")),
        ("algorithm-rsa-md5", method("http://www.w3.org/2001/04/xmldsig-more#rsa-md5")),
        ("algorithm-dsa-sha1", method("http://www.w3.org/2000/09/xmldsig#dsa-sha1")),
        ("algorithm-hmac-sha256", method("http://www.w3.org/2001/04/xmldsig-more#hmac-sha256")),
        ("algorithm-ecdsa-sha1", method("http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha1")),
        ("algorithm-rsa-pss", method("http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1")),
        ("algorithm-digest-sha1", good.replacen(SHA256, "http://www.w3.org/2000/09/xmldsig#sha1", 1).into_bytes()),
        ("algorithm-digest-md5", good.replacen(SHA256, "http://www.w3.org/2001/04/xmldsig-more#md5", 1).into_bytes()),
    ]
}

/// The same reference twice: both verify.
fn two_references(signature: &str) -> String {
    let end = "</ds:Reference>";
    let reference = signature.split_once("<ds:Reference ").and_then(|(_, rest)| rest.split_once(end));
    let reference = reference.map(|(body, _)| format!("<ds:Reference {body}{end}")).unwrap_or_default();
    signature.replacen(end, &format!("{end}{reference}"), 1)
}

/// Without what stands from `start` to `end`.
fn cut_out(text: &str, start: &str, end: &str) -> Vec<u8> {
    match text.split_once(start).and_then(|(before, rest)| Some((before, rest.split_once(end)?.1))) {
        Some((before, after)) => format!("{before}{after}").into_bytes(),
        None => Vec::new(),
    }
}
