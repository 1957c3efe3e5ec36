//! Reads what `endpoints.rs` writes: `NAME=value` lines, quoted for a shell.

use std::collections::BTreeMap;

/// The variables of the file. Some are secrets: never printed.
pub(super) struct Environment(BTreeMap<String, String>);

impl Environment {
    pub(super) fn read(text: &str) -> Self {
        let variables = text.lines().filter_map(|line| {
            let (name, value) = line.split_once('=')?;
            Some((name.to_owned(), unquoted(value)?))
        });
        Self(variables.collect())
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}

/// `plain`, or `'single quoted'` with `'\''` for a quote. None where a quote isn't closed.
fn unquoted(value: &str) -> Option<String> {
    let Some(rest) = value.strip_prefix('\'') else { return Some(value.to_owned()) };
    Some(rest.strip_suffix('\'')?.replace(r"'\''", "'"))
}

#[cfg(test)]
mod tests {
    use super::Environment;

    #[test]
    fn values_are_read_as_a_shell_does() {
        let text = "HTTP=http://127.0.0.1:8080\nKEY='a b'\\''c'\nEMPTY=\nBROKEN='x\nnothing\n";
        let environment = Environment::read(text);
        assert_eq!(environment.get("HTTP"), Some("http://127.0.0.1:8080"));
        assert_eq!(environment.get("KEY"), Some("a b'c"));
        for name in ["EMPTY", "BROKEN", "nothing", "OTHER"] {
            assert_eq!(environment.get(name), None, "{name}");
        }
    }
}
