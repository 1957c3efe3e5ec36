//! A QR code as an SVG element.

use std::fmt::Write as _;

use base::Secret;
use qrcodegen::{DataTooLong, QrCode, QrCodeEcc};

/// The light frame that scanners need, in modules (ISO/IEC 18004).
const QUIET: i32 = 4;

pub(super) fn svg(text: &Secret<String>) -> Result<String, DataTooLong> {
    let code = QrCode::encode_text(text.expose(), QrCodeEcc::Medium)?;
    let side = code.size() + 2 * QUIET;
    let mut dark = String::new();
    for y in 0..code.size() {
        for x in (0..code.size()).filter(|x| code.get_module(*x, y)) {
            // Writing to a String doesn't fail.
            let _ = write!(dark, "M{},{}h1v1h-1z", x + QUIET, y + QUIET);
        }
    }
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" viewBox=\"0 0 {side} {side}\" \
         shape-rendering=\"crispEdges\"><title>QR code for your authenticator app</title>\
         <rect width=\"{side}\" height=\"{side}\" fill=\"#fff\"/><path d=\"{dark}\" fill=\"#000\"/></svg>"
    ))
}
