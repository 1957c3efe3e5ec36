//! Assertions that say the wrong thing. All of them are signed validly.

use crate::Case;
use crate::parts::{Keys, signature, signed_after, signed_with};

/// Name, what is replaced, and by what, before the signature is made.
const CHANGES: &[(&str, &str, &str)] = &[
    ("status-authn-failed", "status:Success", "status:AuthnFailed"),
    (
        "issuer-of-response",
        "<saml:Issuer>https://idp.example.com/saml</saml:Issuer><?>",
        "<saml:Issuer>https://other.example.com</saml:Issuer>",
    ),
    (
        "issuer-of-assertion",
        "<saml:Issuer>https://idp.example.com/saml</saml:Issuer><!>",
        "<saml:Issuer>https://other.example.com</saml:Issuer><!>",
    ),
    (
        "destination-other",
        "Destination=\"https://sp.example.com/saml/acs\"",
        "Destination=\"https://sp.example.com/other\"",
    ),
    ("destination-missing", "Destination=\"https://sp.example.com/saml/acs\"", ""),
    (
        "audience-other",
        "<saml:Audience>https://sp.example.com/saml</saml:Audience>",
        "<saml:Audience>https://other.example.com</saml:Audience>",
    ),
    (
        "audience-slash",
        "<saml:Audience>https://sp.example.com/saml</saml:Audience>",
        "<saml:Audience>https://sp.example.com/saml/</saml:Audience>",
    ),
    (
        "audience-second-restriction",
        "</saml:AudienceRestriction>",
        "</saml:AudienceRestriction><saml:AudienceRestriction><saml:Audience>https://other.example.com</saml:Audience></saml:AudienceRestriction>",
    ),
    (
        "audience-missing",
        "<saml:AudienceRestriction><saml:Audience>https://sp.example.com/saml</saml:Audience></saml:AudienceRestriction>",
        "",
    ),
    (
        "condition-unknown",
        "</saml:AudienceRestriction>",
        "</saml:AudienceRestriction><saml:Condition xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"x\"/>",
    ),
    (
        "condition-foreign",
        "</saml:AudienceRestriction>",
        "</saml:AudienceRestriction><OneTimeUse xmlns=\"urn:other\"/>",
    ),
    (
        "conditions-missing",
        "<saml:Conditions NotBefore=\"2027-01-15T07:59:30Z\" NotOnOrAfter=\"2027-01-15T08:05:00Z\"><saml:AudienceRestriction><saml:Audience>https://sp.example.com/saml</saml:Audience></saml:AudienceRestriction></saml:Conditions>",
        "",
    ),
    ("confirmation-holder-of-key", "cm:bearer", "cm:holder-of-key"),
    (
        "confirmation-missing-data",
        "<saml:SubjectConfirmationData NotOnOrAfter=\"2027-01-15T08:05:00Z\" Recipient=\"https://sp.example.com/saml/acs\" InResponseTo=\"_request1\"/>",
        "",
    ),
    (
        "confirmation-two",
        "</saml:SubjectConfirmation>",
        "</saml:SubjectConfirmation><saml:SubjectConfirmation Method=\"urn:oasis:names:tc:SAML:2.0:cm:sender-vouches\"/>",
    ),
    ("recipient-other", "Recipient=\"https://sp.example.com/saml/acs\"", "Recipient=\"https://other.example.com/acs\""),
    ("recipient-missing", "Recipient=\"https://sp.example.com/saml/acs\"", ""),
    (
        "confirmation-not-before",
        "<saml:SubjectConfirmationData ",
        "<saml:SubjectConfirmationData NotBefore=\"2027-01-15T07:59:30Z\" ",
    ),
    (
        "confirmation-expired",
        "SubjectConfirmationData NotOnOrAfter=\"2027-01-15T08:05:00Z\"",
        "SubjectConfirmationData NotOnOrAfter=\"2027-01-15T07:58:00Z\"",
    ),
    (
        "confirmation-endless",
        "SubjectConfirmationData NotOnOrAfter=\"2027-01-15T08:05:00Z\"",
        "SubjectConfirmationData",
    ),
    (
        "answer-of-response-other",
        "InResponseTo=\"_request1\"><saml:Issuer>",
        "InResponseTo=\"_request2\"><saml:Issuer>",
    ),
    ("answer-of-response-missing", " InResponseTo=\"_request1\"><saml:Issuer>", "><saml:Issuer>"),
    ("answer-of-assertion-other", "InResponseTo=\"_request1\"/>", "InResponseTo=\"_request2\"/>"),
    ("answer-of-assertion-missing", "InResponseTo=\"_request1\"/>", "/>"),
    ("time-not-yet", "NotBefore=\"2027-01-15T07:59:30Z\"", "NotBefore=\"2027-01-15T08:01:34Z\""),
    (
        "time-over",
        "<saml:Conditions NotBefore=\"2027-01-15T07:59:30Z\" NotOnOrAfter=\"2027-01-15T08:05:00Z\"",
        "<saml:Conditions NotBefore=\"2027-01-15T07:50:00Z\" NotOnOrAfter=\"2027-01-15T07:58:26Z\"",
    ),
    ("time-without-zone", "NotBefore=\"2027-01-15T07:59:30Z\"", "NotBefore=\"2027-01-15T07:59:30\""),
    (
        "time-issued-ahead",
        "Version=\"2.0\" IssueInstant=\"2027-01-15T08:00:00Z\"><saml:Issuer>https://idp.example.com/saml</saml:Issuer><!>",
        "Version=\"2.0\" IssueInstant=\"2027-01-15T08:05:00Z\"><saml:Issuer>https://idp.example.com/saml</saml:Issuer><!>",
    ),
    (
        "time-response-issued-ahead",
        "Version=\"2.0\" IssueInstant=\"2027-01-15T08:00:00Z\" Destination",
        "Version=\"2.0\" IssueInstant=\"2027-01-15T08:05:00Z\" Destination",
    ),
    ("authn-in-the-future", "AuthnInstant=\"2027-01-15T07:59:00Z\"", "AuthnInstant=\"2027-01-15T08:05:00Z\""),
    ("authn-stale", "AuthnInstant=\"2027-01-15T07:59:00Z\"", "AuthnInstant=\"2027-01-15T06:00:00Z\""),
    ("authn-missing", "<saml:AuthnStatement ", "<saml:AttributeStatement/><saml:AuthnStatementX "),
    ("session-over", "SessionIndex=", "SessionNotOnOrAfter=\"2027-01-15T07:00:00Z\" SessionIndex="),
    (
        "name-encrypted",
        "<saml:NameID Format=\"urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress\">olivia@example.com</saml:NameID>",
        "<saml:EncryptedID/>",
    ),
    (
        "name-missing",
        "<saml:NameID Format=\"urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress\">olivia@example.com</saml:NameID>",
        "",
    ),
    ("name-empty", "olivia@example.com", ""),
    ("name-with-elements", "olivia@example.com", "olivia@<b/>example.com"),
    ("attribute-encrypted", "</saml:AttributeStatement>", "<saml:EncryptedAttribute/></saml:AttributeStatement>"),
    ("attribute-without-name", "<saml:Attribute Name=\"groups\">", "<saml:Attribute>"),
    ("subject-two", "</saml:Subject>", "</saml:Subject><saml:Subject/>"),
    (
        "version-1-1",
        "<saml:Assertion ID=\"_assertion1\" Version=\"2.0\"",
        "<saml:Assertion ID=\"_assertion1\" Version=\"1.1\"",
    ),
    (
        "statement-unknown",
        "</saml:Assertion>",
        "<saml:AuthzDecisionStatement Resource=\"x\" Decision=\"Permit\"/></saml:Assertion>",
    ),
    ("ok-unsolicited", "InResponseTo=\"_request1\"", ""),
    (
        "ok-one-time-use",
        "</saml:AudienceRestriction>",
        "</saml:AudienceRestriction><saml:OneTimeUse/><saml:ProxyRestriction Count=\"0\"/>",
    ),
    (
        "ok-several-audiences",
        "<saml:Audience>https://sp.example.com/saml</saml:Audience>",
        "<saml:Audience>https://other.example.com</saml:Audience><saml:Audience>https://sp.example.com/saml</saml:Audience>",
    ),
    ("ok-clock-in-the-skew", "NotBefore=\"2027-01-15T07:59:30Z\"", "NotBefore=\"2027-01-15T08:00:45Z\""),
    ("ok-session-end", "SessionIndex=", "SessionNotOnOrAfter=\"2027-01-15T16:00:00Z\" SessionIndex="),
    (
        "ok-value-with-elements",
        "</saml:AttributeStatement>",
        "<saml:Attribute Name=\"eduPersonTargetedID\"><saml:AttributeValue><saml:NameID>x</saml:NameID></saml:AttributeValue></saml:Attribute></saml:AttributeStatement>",
    ),
    ("ok-characters", "awssso-sales", "Sales &amp; &lt;Caf\u{e9}&gt;&#13;\r\n\u{1F600}"),
];

pub(crate) fn cases(keys: &Keys) -> anyhow::Result<Vec<Case>> {
    let mut cases: Vec<Case> = Vec::new();
    for (name, from, to) in CHANGES {
        let changed = |text: String| {
            let changed = text.replace(from, to);
            assert_ne!(changed, text, "{name} changes nothing");
            changed.replace("<saml:AuthnStatementX ", "<saml:Advice ").replace(
                "</saml:AuthnStatement>",
                if *name == "authn-missing" { "</saml:Advice>" } else { "</saml:AuthnStatement>" },
            )
        };
        cases.push((name, signed_after(keys, changed)?.into_bytes()));
    }
    let encrypted = |text: String| {
        let start = text.split_once("<saml:Assertion ").map(|(start, _)| start.to_owned()).unwrap_or_default();
        format!("{start}<saml:EncryptedAssertion/></samlp:Response>")
    };
    let template = crate::parts::response(crate::parts::ASSERTION).replace("<?>", "").replace("<!>", "");
    cases.push(("assertion-encrypted", encrypted(template.clone()).into_bytes()));
    cases.push(("assertion-missing", encrypted(template).replace("<saml:EncryptedAssertion/>", "").into_bytes()));
    cases.push(("ok-default-namespace", default_namespace(keys)?));
    Ok(cases)
}

/// As Entra ID writes: the assertion's namespace is the default one.
fn default_namespace(keys: &Keys) -> anyhow::Result<Vec<u8>> {
    let signed = signed_with(&keys.idp, &signature("_assertion1"), |text| {
        let (start, assertion) = text.split_once("<saml:Assertion ").unwrap_or_default();
        let assertion = assertion.replace("<saml:", "<").replace("</saml:", "</");
        format!("{start}<Assertion xmlns=\"urn:oasis:names:tc:SAML:2.0:assertion\" {assertion}")
    })?;
    Ok(signed.into_bytes())
}
