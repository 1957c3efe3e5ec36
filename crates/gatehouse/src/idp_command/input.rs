//! What requests are made of: values from the command line, and from the files that it names.

use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, bail};
use serde_json::{Map, Value};

const LONGEST_FILE: u64 = 1 << 20;

pub(super) type Input = Map<String, Value>;

pub(super) fn put(input: &mut Input, name: &str, value: impl Into<Value>) {
    input.insert(name.to_owned(), value.into());
}

pub(super) fn maybe(input: &mut Input, name: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        put(input, name, value);
    }
}

/// An empty text removes.
pub(super) fn removable(input: &mut Input, name: &str, value: Option<&str>) {
    if let Some(value) = value {
        input.insert(name.to_owned(), if value.is_empty() { Value::Null } else { value.into() });
    }
}

/// A list that isn't empty.
pub(super) fn list(input: &mut Input, name: &str, values: &[String]) {
    if !values.is_empty() {
        put(input, name, values.to_vec());
    }
}

/// Without the line break at the end that editors write.
pub(super) fn secret(file: &Path, what: &str) -> anyhow::Result<String> {
    let text = file_or_stdin(file).with_context(|| format!("{what} can't be read"))?;
    let secret = text.trim_end_matches(['\r', '\n']).to_owned();
    if secret.is_empty() {
        bail!("{what} can't be read: {} is empty", file.display());
    }
    Ok(secret)
}

/// The text of a file, or of standard input for `-`.
pub(super) fn file_or_stdin(file: &Path) -> anyhow::Result<String> {
    let mut text = String::new();
    if file.as_os_str() == "-" {
        std::io::stdin().lock().take(LONGEST_FILE).read_to_string(&mut text).context("standard input")?;
    } else {
        let opened = std::fs::File::open(file).with_context(|| file.display().to_string())?;
        opened.take(LONGEST_FILE).read_to_string(&mut text).with_context(|| file.display().to_string())?;
    }
    Ok(text)
}
