//! What a parser must refuse, in documents that are signed validly.

use crate::Case;
use crate::parts::{Keys, both_signed, good, signed_after};

pub(crate) fn cases(keys: &Keys) -> anyhow::Result<Vec<Case>> {
    let good = good(keys)?;
    let before = |text: &str| format!("{text}{good}").into_bytes();
    let behind = |text: &str| format!("{good}{text}").into_bytes();
    let with = |from: &str, to: &str| good.replacen(from, to, 1).into_bytes();
    let in_status = |inner: &str| with("</samlp:Status>", &format!("{inner}</samlp:Status>"));
    let attributes: String = (0..40).map(|number| format!(" a{number}=\"\"")).collect();
    let mut bad_utf8 = good.clone().into_bytes();
    bad_utf8.extend_from_slice(b"\n\xff");
    let laughs = "<!DOCTYPE r [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;\">]>";
    let xxe = "<!DOCTYPE r [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>";
    Ok(vec![
        ("ok-assertion-signed", good.clone().into_bytes()),
        ("ok-both-signed", both_signed(keys)?.into_bytes()),
        ("ok-declaration", before("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")),
        ("parser-doctype", before("<!DOCTYPE Response>")),
        ("parser-entity-expansion", [laughs.as_bytes(), &with("olivia@example.com", "&c;")].concat()),
        ("parser-external-entity", [xxe.as_bytes(), &with("olivia@example.com", "&x;")].concat()),
        ("parser-undeclared-entity", with("olivia@example.com", "&olivia;")),
        ("parser-processing-instruction", before("<?php phpinfo(); ?>")),
        ("parser-comment", with("<samlp:Status>", "<!-- hello --><samlp:Status>")),
        ("parser-too-long", behind(&" ".repeat(256 * 1024))),
        ("parser-too-deep", in_status(&format!("{}{}", "<a>".repeat(40), "</a>".repeat(40)))),
        ("parser-too-many-nodes", in_status(&"<a/>".repeat(20_001))),
        ("parser-too-many-attributes", in_status(&format!("<a{attributes}/>"))),
        ("parser-second-root", behind("<a/>")),
        ("parser-text-behind", behind("hello")),
        ("parser-not-closed", good.replace("</samlp:Response>", "").into_bytes()),
        ("parser-not-utf8", bad_utf8),
        ("parser-utf16", before("<?xml version=\"1.0\" encoding=\"UTF-16\"?>")),
        ("parser-xml11", before("<?xml version=\"1.1\"?>")),
        ("parser-control-character", with("awssso-sales", "awssso&#1;sales")),
        ("parser-duplicate-id", in_status("<samlp:StatusDetail><a ID=\"_assertion1\"/></samlp:StatusDetail>")),
        ("parser-duplicate-lower-id", in_status("<samlp:StatusDetail><a Id=\"_assertion1\"/></samlp:StatusDetail>")),
        (
            "parser-duplicate-assertion-id",
            in_status("<samlp:StatusDetail><a AssertionID=\"_assertion1\"/></samlp:StatusDetail>"),
        ),
        ("namespace-undeclared", in_status("<other:Detail/>")),
        ("namespace-of-xml", in_status("<a xmlns:xml=\"urn:other\"/>")),
        ("namespace-attribute-twice", in_status("<a xmlns:b=\"urn:x\" xmlns:c=\"urn:x\" b:d=\"1\" c:d=\"2\"/>")),
        (
            "namespace-response",
            with("xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\"", "xmlns:samlp=\"urn:other\""),
        ),
        (
            "namespace-assertion",
            signed_after(keys, |response| {
                response.replace(
                    "<saml:Assertion ",
                    "<saml:Assertion xmlns:saml=\"urn:oasis:names:tc:SAML:1.0:assertion\" ",
                )
            })?
            .into_bytes(),
        ),
        ("namespace-signature", with("xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"", "xmlns:ds=\"urn:other\"")),
    ])
}
