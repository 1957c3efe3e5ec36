//! An HTTP request as its signature sees it.

use crate::SigV4Error;

/// The parts of a request that can be signed, as they were received.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    pub method: &'a str,
    /// The path as it was sent: percent-encoded, without the query.
    pub path: &'a str,
    /// The query as it was sent, without `?`; empty where there is none.
    pub query: &'a str,
    /// Names (in any case) and values in the order received, `host` among them.
    pub headers: &'a [(&'a str, &'a str)],
    pub body: &'a [u8],
}

impl<'a> Request<'a> {
    /// The values of a header, in the order received.
    pub(crate) fn values(&self, name: &str) -> impl Iterator<Item = &'a str> {
        self.headers.iter().filter(move |(given, _)| given.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
    }

    /// A header that may be sent once.
    pub(crate) fn single(&self, name: &str) -> Result<Option<&'a str>, SigV4Error> {
        let mut values = self.values(name);
        let first = values.next();
        if values.next().is_some() {
            return Err(SigV4Error::Incomplete(format!("The header {name} was sent more than once.")));
        }
        Ok(first.map(str::trim))
    }
}
