mod encode;
mod parameters;

use bytes::BytesMut;
use query::Value;

use super::{IntervalLayout, binary, text};

fn as_text(value: &Value) -> String {
    let mut out = BytesMut::new();
    text::put(&mut out, value).unwrap();
    String::from_utf8(out.to_vec()).unwrap()
}

fn as_binary(value: &Value) -> Vec<u8> {
    let mut out = BytesMut::new();
    binary::put(&mut out, value, IntervalLayout::PostgreSql).unwrap();
    out.to_vec()
}
