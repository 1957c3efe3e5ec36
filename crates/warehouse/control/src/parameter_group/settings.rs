//! What parameters do to a warehouse.

use std::collections::BTreeMap;
use std::time::Duration;

use super::family::{self, Family, PARAMETERS};
use crate::ControlError;

/// What sessions of a warehouse begin with, and what connections it takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WarehouseSettings {
    /// Whether a connection must be encrypted.
    pub require_ssl: bool,
    /// May hold `$user`.
    pub search_path: Vec<String>,
    /// Zero: no limit.
    pub statement_timeout: Duration,
    /// Empty: no label.
    pub query_group: String,
}

impl Default for WarehouseSettings {
    fn default() -> Self {
        Self::read(|_| None)
    }
}

impl WarehouseSettings {
    /// Of checked values; what `value` doesn't know is the first family's default.
    pub(super) fn read(value: impl Fn(&str) -> Option<String>) -> Self {
        let default =
            |name: &str| family::find(name).map(|parameter| parameter.default_in(Family::Redshift1).to_owned());
        let of = |name: &str| value(name).or_else(|| default(name)).unwrap_or_default();
        let label = of("query_group");
        Self {
            require_ssl: of("require_ssl") == "true",
            search_path: family::search_path(&of("search_path")).unwrap_or_default(),
            statement_timeout: Duration::from_millis(of("statement_timeout").parse().unwrap_or_default()),
            // The word by which AWS says that there is none.
            query_group: if label == "default" { String::new() } else { label },
        }
    }
}

/// Parameters of clusters that workgroups haven't (Redshift Serverless API, `ConfigParameter`).
const NOT_SERVERLESS: [&str; 6] = [
    "auto_analyze",
    "extra_float_digits",
    "max_concurrency_scaling_clusters",
    "max_cursor_result_set_size",
    "statement_timeout",
    "wlm_json_configuration",
];

/// A workgroup's configuration parameters, checked. They are those of the families with other limits, and Redshift Serverless's own
/// limits on queries, which are refused by name.
pub(crate) fn check_config(config: &BTreeMap<String, String>) -> Result<BTreeMap<String, String>, ControlError> {
    let mut checked = BTreeMap::new();
    for (name, value) in config {
        let known: Vec<_> = PARAMETERS.iter().filter(|parameter| !NOT_SERVERLESS.contains(&parameter.name)).collect();
        let name = name.to_ascii_lowercase();
        let Some(parameter) = known.iter().find(|parameter| parameter.name == name) else {
            let known = known.iter().map(|parameter| parameter.name).collect::<Vec<_>>().join(", ");
            return Err(ControlError::Rejected(format!(
                "The configuration parameter {name:?} isn't carried out by this server. Give one of {known}; a limit on a statement's \
                 time is set in the session (SET statement_timeout)."
            )));
        };
        let value = parameter.check(Family::Redshift1, value)?;
        if value != parameter.default_in(Family::Redshift1) {
            checked.insert(name, value);
        }
    }
    Ok(checked)
}

/// What a workgroup's sessions begin with.
pub(crate) fn settings_of_config(config: &BTreeMap<String, String>) -> WarehouseSettings {
    WarehouseSettings::read(|name| config.get(name).cloned())
}

/// What a workgroup shows: each parameter with the value that counts.
#[must_use]
pub fn shown_config(config: &BTreeMap<String, String>) -> Vec<(&'static str, String)> {
    let parameters = PARAMETERS.iter().filter(|parameter| !NOT_SERVERLESS.contains(&parameter.name));
    let value = |name: &str, default: &str| config.get(name).cloned().unwrap_or_else(|| default.to_owned());
    parameters
        .map(|parameter| (parameter.name, value(parameter.name, parameter.default_in(Family::Redshift1))))
        .collect()
}
