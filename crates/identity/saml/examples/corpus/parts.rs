//! Responses as text, signatures, keys.

use std::path::Path;

use anyhow::Context as _;
use bergshamra::keys::loader::load_pem_auto;
use bergshamra::{DsigContext, KeysManager};
use rcgen::{
    CertificateParams, DistinguishedName, DnType, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256, RsaKeySize,
};

/// The keys of the corpus. They are public, and worth nothing anywhere else.
pub(crate) struct Keys {
    pub(crate) idp: Pair,
    /// Its certificate has expired.
    pub(crate) old: Pair,
    pub(crate) ec: Pair,
    pub(crate) attacker: Pair,
}

pub(crate) struct Pair {
    pub(crate) key: String,
    pub(crate) certificate: String,
}

impl Keys {
    pub(crate) fn load_or_make(folder: &Path) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder)?;
        Ok(Self {
            idp: Pair::load_or_make(folder, "idp", (2020, 2100))?,
            old: Pair::load_or_make(folder, "old", (2010, 2020))?,
            ec: Pair::load_or_make(folder, "ec", (2020, 2100))?,
            attacker: Pair::load_or_make(folder, "attacker", (2020, 2100))?,
        })
    }
}

impl Pair {
    fn load_or_make(folder: &Path, name: &str, (from, until): (i32, i32)) -> anyhow::Result<Self> {
        let (key, certificate) = (folder.join(format!("{name}.key.pem")), folder.join(format!("{name}.crt.pem")));
        if !key.exists() {
            let pair = match name {
                "ec" => KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?,
                _ => KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048)?,
            };
            let mut params = CertificateParams::default();
            params.distinguished_name = DistinguishedName::new();
            params.distinguished_name.push(DnType::CommonName, format!("corpus {name}"));
            params.not_before = rcgen::date_time_ymd(from, 1, 1);
            params.not_after = rcgen::date_time_ymd(until, 1, 1);
            std::fs::write(&certificate, params.self_signed(&pair)?.pem())?;
            std::fs::write(&key, pair.serialize_pem())?;
        }
        Ok(Self { key: std::fs::read_to_string(key)?, certificate: std::fs::read_to_string(certificate)? })
    }

    /// Fills the first empty signature of a document.
    pub(crate) fn sign(&self, template: &str) -> anyhow::Result<String> {
        let mut keys = KeysManager::new();
        keys.add_key(load_pem_auto(self.key.as_bytes(), None)?);
        let context = DsigContext::new(keys).with_insecure(true);
        Ok(bergshamra::sign(&context, template)?)
    }

    /// Its certificate as `X509Certificate` has it.
    pub(crate) fn base64(&self) -> String {
        self.certificate.lines().filter(|line| !line.starts_with("-----")).collect()
    }
}

pub(crate) const EXC: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
pub(crate) const RSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
pub(crate) const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";
pub(crate) const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";

/// An empty signature for the element with this id.
pub(crate) fn signature(id: &str) -> String {
    signature_by(id, RSA_SHA256, SHA256)
}

pub(crate) fn signature_by(id: &str, method: &str, digest: &str) -> String {
    format!(
        "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:SignedInfo>\
         <ds:CanonicalizationMethod Algorithm=\"{EXC}\"/><ds:SignatureMethod Algorithm=\"{method}\"/>\
         <ds:Reference URI=\"#{id}\"><ds:Transforms><ds:Transform Algorithm=\"{ENVELOPED}\"/>\
         <ds:Transform Algorithm=\"{EXC}\"/></ds:Transforms><ds:DigestMethod Algorithm=\"{digest}\"/>\
         <ds:DigestValue></ds:DigestValue></ds:Reference></ds:SignedInfo><ds:SignatureValue></ds:SignatureValue>\
         </ds:Signature>"
    )
}

/// The assertion without a signature; `<!>` marks its place.
pub(crate) const ASSERTION: &str = "<saml:Assertion ID=\"_assertion1\" Version=\"2.0\" IssueInstant=\"2027-01-15T08:00:00Z\">\
    <saml:Issuer>https://idp.example.com/saml</saml:Issuer><!><saml:Subject>\
    <saml:NameID Format=\"urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress\">olivia@example.com</saml:NameID>\
    <saml:SubjectConfirmation Method=\"urn:oasis:names:tc:SAML:2.0:cm:bearer\">\
    <saml:SubjectConfirmationData NotOnOrAfter=\"2027-01-15T08:05:00Z\" Recipient=\"https://sp.example.com/saml/acs\" \
    InResponseTo=\"_request1\"/></saml:SubjectConfirmation></saml:Subject>\
    <saml:Conditions NotBefore=\"2027-01-15T07:59:30Z\" NotOnOrAfter=\"2027-01-15T08:05:00Z\">\
    <saml:AudienceRestriction><saml:Audience>https://sp.example.com/saml</saml:Audience></saml:AudienceRestriction>\
    </saml:Conditions><saml:AuthnStatement AuthnInstant=\"2027-01-15T07:59:00Z\" SessionIndex=\"_session1\">\
    <saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport\
    </saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement><saml:AttributeStatement>\
    <saml:Attribute Name=\"groups\"><saml:AttributeValue>awssso-sales</saml:AttributeValue></saml:Attribute>\
    </saml:AttributeStatement></saml:Assertion>";

/// The Response around an assertion; `<?>` marks the place of its signature.
pub(crate) fn response(assertion: &str) -> String {
    format!(
        "<samlp:Response xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" \
         xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"_response1\" Version=\"2.0\" \
         IssueInstant=\"2027-01-15T08:00:00Z\" Destination=\"https://sp.example.com/saml/acs\" \
         InResponseTo=\"_request1\"><saml:Issuer>https://idp.example.com/saml</saml:Issuer><?>\
         <samlp:Status><samlp:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"/></samlp:Status>\
         {assertion}</samlp:Response>"
    )
}

/// A Response whose assertion is changed by `change` and then signed.
pub(crate) fn signed_after(keys: &Keys, change: impl Fn(String) -> String) -> anyhow::Result<String> {
    signed_with(&keys.idp, &signature("_assertion1"), change)
}

/// The same with another key or another signature.
pub(crate) fn signed_with(pair: &Pair, signature: &str, change: impl Fn(String) -> String) -> anyhow::Result<String> {
    let response = change(response(ASSERTION)).replace("<?>", "").replace("<!>", signature);
    pair.sign(&response)
}

/// A Response as it should be.
pub(crate) fn good(keys: &Keys) -> anyhow::Result<String> {
    signed_after(keys, |response| response)
}

/// A Response that is signed as well as its assertion.
pub(crate) fn both_signed(keys: &Keys) -> anyhow::Result<String> {
    let inner = keys.idp.sign(&response(ASSERTION).replace("<?>", "").replace("<!>", &signature("_assertion1")))?;
    let place = "</saml:Issuer><samlp:Status>";
    keys.idp.sign(&inner.replacen(place, &format!("</saml:Issuer>{}<samlp:Status>", signature("_response1")), 1))
}

/// The first element of a name out of a text, from its start tag to its end tag.
pub(crate) fn cut(text: &str, name: &str) -> anyhow::Result<String> {
    let start = text.find(&format!("<{name} ")).or_else(|| text.find(&format!("<{name}>")));
    let end = format!("</{name}>");
    let rest = start.and_then(|start| text.get(start..)).with_context(|| format!("no {name}"))?;
    let length = rest.rfind(&end).with_context(|| format!("no end of {name}"))? + end.len();
    Ok(rest.get(..length).unwrap_or_default().to_owned())
}

/// An assertion for somebody else.
pub(crate) fn forged(assertion: &str) -> String {
    assertion.replace("olivia@example.com", "admin@example.com").replace("_assertion1", "_forged1")
}
