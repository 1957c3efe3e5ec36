//! HTTP-Redirect: raw DEFLATE and base64 in the query, with a signature over the query's own characters.

use std::io::{Read as _, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use url::form_urlencoded;

use super::{Field, Received, relay_state_fits};
use crate::check::{Check, Refusal, Story};
use crate::error::SamlError;
use crate::key::SigningKey;
use crate::signature::{RSA_SHA256, of_query};
use crate::xml::Kind;

const DEFLATE: &str = "urn:oasis:names:tc:SAML:2.0:bindings:URL-Encoding:DEFLATE";
/// Longer queries don't get through browsers and servers.
const LONGEST_QUERY: usize = 64 * 1024;

/// The signature of a query, which nobody has checked yet.
#[derive(Debug)]
pub(crate) struct QuerySignature {
    /// `SAMLRequest=…&RelayState=…&SigAlg=…`, each as it came.
    pub(crate) signed: String,
    pub(crate) algorithm: String,
    pub(crate) signature: String,
}

/// The parameters that mean something, as they came.
#[derive(Debug, Default)]
struct Parameters<'a> {
    message: Option<&'a str>,
    relay_state: Option<&'a str>,
    algorithm: Option<&'a str>,
    signature: Option<&'a str>,
    encoding: Option<&'a str>,
}

pub(super) fn receive(story: &mut Story, query: &str, field: Field) -> Result<Received, Refusal> {
    let expected = format!("a query with {}", field.name());
    if query.len() > LONGEST_QUERY {
        return story.failed(Check::Encoding, expected, format!("the query has {} characters", query.len()));
    }
    let parameters = match parameters(query, field) {
        Ok(parameters) => parameters,
        Err(why) => return story.failed(Check::Encoding, expected, why),
    };
    if parameters.encoding.is_some_and(|encoding| decoded(encoding) != DEFLATE) {
        return story.failed(Check::Encoding, DEFLATE, "another SAMLEncoding");
    }
    let Some(message) = parameters.message else {
        return story.failed(Check::Encoding, expected, format!("{} is missing", field.name()));
    };
    let root = match inflated(&decoded(message)) {
        Ok(xml) => super::read(story, &xml)?,
        Err(why) => return story.failed(Check::Encoding, "DEFLATE and base64", why),
    };
    let relay_state = parameters.relay_state.map(decoded);
    relay_state_fits(story, relay_state.as_deref())?;
    let query_signature = match (parameters.algorithm, parameters.signature) {
        (Some(algorithm), Some(signature)) => {
            let relay = parameters.relay_state.map(|state| format!("&RelayState={state}")).unwrap_or_default();
            Some(QuerySignature {
                signed: format!("{}={message}{relay}&SigAlg={algorithm}", field.name()),
                algorithm: decoded(algorithm),
                signature: decoded(signature),
            })
        }
        (None, None) => None,
        (Some(_), None) => return story.failed(Check::Encoding, "Signature beside SigAlg", "Signature is missing"),
        (None, Some(_)) => return story.failed(Check::Encoding, "SigAlg beside Signature", "SigAlg is missing"),
    };
    Ok(Received { root, relay_state, query_signature })
}

/// Each parameter of the binding once; parameters of others are passed over.
fn parameters(query: &str, field: Field) -> Result<Parameters<'_>, String> {
    let mut found = Parameters::default();
    for pair in query.split('&') {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let place = match name {
            "RelayState" => &mut found.relay_state,
            "SigAlg" => &mut found.algorithm,
            "Signature" => &mut found.signature,
            "SAMLEncoding" => &mut found.encoding,
            name if name == field.name() => &mut found.message,
            "SAMLRequest" | "SAMLResponse" => return Err(format!("{name} isn't taken here")),
            // A name written in another way would be another parameter to us than to the next reader.
            name if is_known(&decoded(name)) => return Err(format!("{name} is written with escapes")),
            _ => continue,
        };
        if place.replace(value).is_some() {
            return Err(format!("{name} is there twice"));
        }
    }
    Ok(found)
}

fn is_known(name: &str) -> bool {
    matches!(name, "SAMLRequest" | "SAMLResponse" | "RelayState" | "SigAlg" | "Signature" | "SAMLEncoding")
}

fn decoded(value: &str) -> String {
    let pair = format!("v={value}");
    form_urlencoded::parse(pair.as_bytes()).next().map(|(_, value)| value.into_owned()).unwrap_or_default()
}

/// base64 and raw DEFLATE, undone; a bomb ends at the longest message.
fn inflated(value: &str) -> Result<Vec<u8>, String> {
    let compact: String = value.chars().filter(|character| !character.is_ascii_whitespace()).collect();
    let deflated = STANDARD.decode(compact).map_err(|error| format!("it isn't base64 ({error})"))?;
    let longest = u64::try_from(Kind::Message.longest()).unwrap_or(u64::MAX);
    let mut decoder = DeflateDecoder::new(deflated.as_slice());
    let mut xml = Vec::new();
    let taken = decoder.by_ref().take(longest + 1).read_to_end(&mut xml);
    taken.map_err(|_| "it isn't DEFLATE".to_owned())?;
    if xml.len() > Kind::Message.longest() {
        return Err("it is too long once it is inflated".to_owned());
    }
    if usize::try_from(decoder.total_in()) != Ok(deflated.len()) {
        return Err("something stands behind the DEFLATE data".to_owned());
    }
    Ok(xml)
}

/// The address that carries a message, signed if there is a key.
pub(crate) fn location(
    to: &str,
    field: Field,
    xml: &str,
    relay_state: Option<&str>,
    key: Option<&SigningKey>,
) -> Result<String, SamlError> {
    let failed = |error: std::io::Error| SamlError::Signing(error.to_string());
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(xml.as_bytes()).map_err(failed)?;
    let message = STANDARD.encode(encoder.finish().map_err(failed)?);

    let mut query = format!("{}={}", field.name(), encoded(&message));
    if let Some(state) = relay_state {
        query.push_str("&RelayState=");
        query.push_str(&encoded(state));
    }
    if let Some(key) = key {
        query.push_str("&SigAlg=");
        query.push_str(&encoded(RSA_SHA256));
        let signature = of_query(&query, key)?;
        query.push_str("&Signature=");
        query.push_str(&encoded(&signature));
    }
    let joint = if to.contains('?') { '&' } else { '?' };
    Ok(format!("{to}{joint}{query}"))
}

/// Percent-encoded, a space as `%20`: some readers don't know `+`.
fn encoded(value: &str) -> String {
    form_urlencoded::byte_serialize(value.as_bytes()).collect::<String>().replace('+', "%20")
}
