//! The canonical request: one text for every way to write the same request.

use std::fmt::Write as _;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode, utf8_percent_encode};

use crate::{Request, SigV4Error};

/// Everything but the unreserved characters of RFC 3986 2.3.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The path with `.`, `..` and empty segments resolved and each segment percent-encoded once more, as every service but S3
/// signs it.
pub(crate) fn path(path: &str) -> String {
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            segment => segments.push(segment),
        }
    }
    let mut out = String::with_capacity(path.len() + 1);
    for segment in &segments {
        out.push('/');
        out.extend(utf8_percent_encode(segment, ENCODED));
    }
    if segments.is_empty() || ["/", "/.", "/.."].iter().any(|end| path.ends_with(end)) {
        out.push('/');
    }
    out
}

/// The parameters of a query with their percent-encoding removed. `+` stays `+`: it is what the signature covers.
///
/// # Errors
/// [`SigV4Error::Incomplete`] where a parameter isn't UTF-8.
pub fn query_pairs(query: &str) -> Result<Vec<(String, String)>, SigV4Error> {
    let decode = |text: &str| match percent_decode_str(text).decode_utf8() {
        Ok(text) => Ok(text.into_owned()),
        Err(_) => Err(SigV4Error::Incomplete("The query string is not UTF-8.".to_owned())),
    };
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| Ok((decode(name)?, decode(value)?)))
        .collect()
}

/// The query sorted by encoded name, then value, without the parameter `except`.
pub(crate) fn query(query: &str, except: Option<&str>) -> String {
    let encode = |text: &str| {
        let bytes: Vec<u8> = percent_decode_str(text).collect();
        percent_encode(&bytes, ENCODED).to_string()
    };
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let mut pairs: Vec<_> = pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (encode(name), encode(value)))
        .filter(|(name, _)| Some(name.as_str()) != except)
        .collect();
    pairs.sort();
    let mut out = String::with_capacity(query.len());
    for (name, value) in pairs {
        if !out.is_empty() {
            out.push('&');
        }
        // Writing to a String can't fail.
        let _ = write!(out, "{name}={value}");
    }
    out
}

/// The whole canonical request. `signed_headers` is sorted and in lower case; a name in it without a header is an error.
pub(crate) fn request(
    request: &Request<'_>,
    signed_headers: &[String],
    payload_hash: &str,
    except: Option<&str>,
) -> Result<String, SigV4Error> {
    let mut out = format!("{}\n{}\n{}\n", request.method, path(request.path), query(request.query, except));
    for name in signed_headers {
        let mut values = request.values(name).peekable();
        if values.peek().is_none() {
            return Err(SigV4Error::Incomplete(format!("The header '{name}' of SignedHeaders is not in the request.")));
        }
        out.push_str(name);
        out.push(':');
        for (position, value) in values.enumerate() {
            if position > 0 {
                out.push(',');
            }
            for (position, word) in value.split_ascii_whitespace().enumerate() {
                if position > 0 {
                    out.push(' ');
                }
                out.push_str(word);
            }
        }
        out.push('\n');
    }
    let _ = write!(out, "\n{}\n{payload_hash}", signed_headers.join(";"));
    Ok(out)
}
