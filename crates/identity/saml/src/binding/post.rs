//! HTTP-POST: base64 in a form's field.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Field, Outgoing};
use crate::xml::Kind;

/// The bytes of a form's value; white space between the characters means nothing.
pub(super) fn decoded(value: &str) -> Result<Vec<u8>, String> {
    let longest = Kind::Message.longest() / 3 * 4 + 1024;
    // Lines of 64 characters end in two more.
    if value.len() > longest + longest / 32 {
        return Err(format!("it has {} characters", value.len()));
    }
    let compact: String = value.chars().filter(|character| !character.is_ascii_whitespace()).collect();
    if compact.is_empty() {
        return Err("it is empty".to_owned());
    }
    STANDARD.decode(compact).map_err(|error| format!("it isn't base64 ({error})"))
}

/// The form that carries a message.
pub(crate) fn form(action: &str, field: Field, xml: &str, relay_state: Option<&str>) -> Outgoing {
    let mut fields = vec![(field.name(), STANDARD.encode(xml))];
    fields.extend(relay_state.map(|state| ("RelayState", state.to_owned())));
    Outgoing::Post { action: action.to_owned(), fields }
}
