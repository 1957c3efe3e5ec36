mod backend;
mod frontend;
mod login;

use bytes::BytesMut;

use crate::error::WireError;

/// What a function appends.
fn bytes(write: impl FnOnce(&mut BytesMut) -> Result<(), WireError>) -> Vec<u8> {
    let mut out = BytesMut::new();
    write(&mut out).unwrap();
    out.to_vec()
}
