//! SET, RESET and SHOW: the session parameters that mean something here, from one list. Others are refused by name.

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use base::ErrorKind;
use sql::statement::SetValue;

use crate::error::QueryError;

/// The version text that clients parse (sql.md section 0).
pub(crate) const VERSION: &str =
    "PostgreSQL 8.0.2 on x86_64-unknown-linux-gnu, compiled by rustc, Redshift 1.0.66954 (Gatehouse)";
/// Drivers take it as a PEP 440 version and branch on it (drivers.md 1.6).
const SERVER_VERSION: &str = "8.0.2";
const APPLICATION_NAME_BYTES_MAX: usize = 250;

/// Every parameter there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Parameter {
    SearchPath,
    ApplicationName,
    QueryGroup,
    StatementTimeout,
    ClientEncoding,
    DateStyle,
    TimeZone,
    StandardConformingStrings,
    ExtraFloatDigits,
    CaseSensitiveIdentifier,
    TransactionIsolation,
    ServerVersion,
    ServerEncoding,
    IntegerDatetimes,
    IsSuperuser,
    SessionAuthorization,
}

/// Name, parameter, whether a change is told to the client (ParameterStatus).
const PARAMETERS: &[(&str, Parameter, Option<&str>)] = &[
    ("search_path", Parameter::SearchPath, None),
    ("application_name", Parameter::ApplicationName, Some("application_name")),
    ("query_group", Parameter::QueryGroup, None),
    ("statement_timeout", Parameter::StatementTimeout, None),
    ("client_encoding", Parameter::ClientEncoding, Some("client_encoding")),
    ("datestyle", Parameter::DateStyle, Some("DateStyle")),
    ("timezone", Parameter::TimeZone, Some("TimeZone")),
    ("standard_conforming_strings", Parameter::StandardConformingStrings, Some("standard_conforming_strings")),
    ("extra_float_digits", Parameter::ExtraFloatDigits, None),
    ("enable_case_sensitive_identifier", Parameter::CaseSensitiveIdentifier, None),
    ("transaction_isolation", Parameter::TransactionIsolation, None),
    ("server_version", Parameter::ServerVersion, Some("server_version")),
    ("server_encoding", Parameter::ServerEncoding, Some("server_encoding")),
    ("integer_datetimes", Parameter::IntegerDatetimes, Some("integer_datetimes")),
    ("is_superuser", Parameter::IsSuperuser, Some("is_superuser")),
    ("session_authorization", Parameter::SessionAuthorization, Some("session_authorization")),
];

/// What a warehouse's sessions begin with, and what connections it takes: its parameter group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WarehouseSettings {
    /// Whether a connection must be encrypted.
    pub require_ssl: bool,
    /// As for SET: may hold `$user`.
    pub search_path: Vec<String>,
    /// Zero: no limit.
    pub statement_timeout: Duration,
    /// Empty: no label.
    pub query_group: String,
}

impl Default for WarehouseSettings {
    fn default() -> Self {
        Self {
            require_ssl: false,
            search_path: vec!["$user".to_owned(), "public".to_owned()],
            statement_timeout: Duration::ZERO,
            query_group: String::new(),
        }
    }
}

/// What a session has set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Settings {
    /// What it began with, and what RESET goes back to.
    begun_with: Arc<WarehouseSettings>,
    /// As written: may hold `$user`.
    pub(crate) search_path: Vec<String>,
    pub(crate) application_name: String,
    query_group: String,
    /// Zero: no limit.
    pub(crate) statement_timeout: Duration,
    client_encoding: String,
    extra_float_digits: i32,
}

impl Settings {
    /// Of a new session.
    pub(crate) fn of(begun_with: Arc<WarehouseSettings>) -> Self {
        let WarehouseSettings { require_ssl: _, search_path, statement_timeout, query_group } = (*begun_with).clone();
        Self {
            begun_with,
            search_path,
            application_name: String::new(),
            query_group,
            statement_timeout,
            client_encoding: "UTF8".to_owned(),
            extra_float_digits: 0,
        }
    }
}

/// The facts about the session that SHOW tells and SET can't change.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SessionFacts<'a> {
    pub(crate) session_user: &'a str,
    pub(crate) superuser: bool,
}

impl Settings {
    /// `SET parameter TO value`. Answers what to tell the client as ParameterStatus.
    pub(crate) fn set(&mut self, name: &str, value: &SetValue) -> Result<Option<(String, String)>, QueryError> {
        let (parameter, announced) = find(name)?;
        let defaults = Self::of(Arc::clone(&self.begun_with));
        match parameter {
            Parameter::SearchPath => self.search_path = list(value).unwrap_or(defaults.search_path),
            Parameter::ApplicationName => {
                self.application_name = cut(&scalar(name, value)?.unwrap_or_default(), APPLICATION_NAME_BYTES_MAX);
            }
            Parameter::QueryGroup => self.query_group = scalar(name, value)?.unwrap_or(defaults.query_group),
            Parameter::StatementTimeout => {
                let milliseconds =
                    |text: String| text.parse().map_err(|_| invalid(name, &text)).map(Duration::from_millis);
                self.statement_timeout = scalar(name, value)?.map_or(Ok(defaults.statement_timeout), milliseconds)?;
            }
            Parameter::ExtraFloatDigits => {
                let digits =
                    scalar(name, value)?.map_or(Ok(0), |text| text.parse::<i32>().map_err(|_| invalid(name, &text)))?;
                if !(-15..=3).contains(&digits) {
                    return Err(invalid(name, &digits.to_string()));
                }
                self.extra_float_digits = digits;
            }
            Parameter::ClientEncoding => {
                self.client_encoding = only(name, value, &["utf8", "utf-8", "unicode"])?
                    .map_or(defaults.client_encoding, |_| "UTF8".to_owned());
            }
            Parameter::DateStyle => {
                drop(only(name, &SetValue::Values(list(value).unwrap_or_default()), &["iso", "iso,mdy", "iso, mdy"])?)
            }
            Parameter::TimeZone => drop(only(name, value, &["utc", "gmt", "etc/utc", "zulu"])?),
            Parameter::StandardConformingStrings => drop(only(name, value, &["off", "false", "0"])?),
            Parameter::CaseSensitiveIdentifier => drop(only(name, value, &["off", "false", "0"])?),
            Parameter::TransactionIsolation => {
                // Every level means serializable in Redshift (sql.md 6.11).
                let levels = ["serializable", "repeatable read", "read committed", "read uncommitted"];
                drop(only(name, value, &levels)?);
            }
            Parameter::ServerVersion
            | Parameter::ServerEncoding
            | Parameter::IntegerDatetimes
            | Parameter::IsSuperuser
            | Parameter::SessionAuthorization => {
                return Err(QueryError::new(
                    ErrorKind::InvalidInput,
                    "55P02",
                    format!("parameter \"{name}\" cannot be changed"),
                ));
            }
        }
        let facts = SessionFacts { session_user: "", superuser: false };
        Ok(announced.map(|announced| (announced.to_owned(), self.value(parameter, facts))))
    }

    /// `RESET parameter`, or every parameter.
    pub(crate) fn reset(&mut self, name: Option<&str>) -> Result<Option<(String, String)>, QueryError> {
        let Some(name) = name else {
            let application_name = std::mem::take(&mut self.application_name);
            *self = Self { application_name, ..Self::of(Arc::clone(&self.begun_with)) };
            return Ok(None);
        };
        self.set(name, &SetValue::Default)
    }

    /// `SHOW parameter`: the column's name and the value.
    pub(crate) fn show(&self, name: &str, facts: SessionFacts<'_>) -> Result<(&'static str, String), QueryError> {
        let (parameter, _) = find(name)?;
        let shown = PARAMETERS
            .iter()
            .find(|(_, listed, _)| *listed == parameter)
            .map_or("", |(name, _, announced)| announced.unwrap_or(name));
        Ok((shown, self.value(parameter, facts)))
    }

    /// What a new connection is told.
    pub(crate) fn announced(&self, facts: SessionFacts<'_>) -> Vec<(String, String)> {
        let told = PARAMETERS.iter().filter_map(|(_, parameter, announced)| {
            announced.map(|announced| (announced.to_owned(), self.value(*parameter, facts)))
        });
        let fixed = [("server_protocol_version", "0"), ("datashare_enabled", "off"), ("external_database", "off")];
        told.chain(fixed.map(|(name, value)| (name.to_owned(), value.to_owned()))).collect()
    }

    fn value(&self, parameter: Parameter, facts: SessionFacts<'_>) -> String {
        match parameter {
            Parameter::SearchPath => self.search_path.join(", "),
            Parameter::ApplicationName => self.application_name.clone(),
            Parameter::QueryGroup => self.query_group.clone(),
            Parameter::StatementTimeout => self.statement_timeout.as_millis().to_string(),
            Parameter::ClientEncoding => self.client_encoding.clone(),
            Parameter::DateStyle => "ISO, MDY".to_owned(),
            Parameter::TimeZone => "UTC".to_owned(),
            Parameter::ExtraFloatDigits => self.extra_float_digits.to_string(),
            Parameter::CaseSensitiveIdentifier => "off".to_owned(),
            Parameter::TransactionIsolation => "SERIALIZABLE".to_owned(),
            Parameter::ServerVersion => SERVER_VERSION.to_owned(),
            Parameter::ServerEncoding => "UTF8".to_owned(),
            Parameter::IntegerDatetimes => "on".to_owned(),
            // A backslash escapes in every string, as in PostgreSQL 8.0: drivers that quote by themselves must know it.
            Parameter::StandardConformingStrings => "off".to_owned(),
            Parameter::IsSuperuser => if facts.superuser { "on" } else { "off" }.to_owned(),
            Parameter::SessionAuthorization => facts.session_user.to_owned(),
        }
    }
}

/// Whether ALTER USER … SET may name it: a session can be given it.
pub(crate) fn is_settable(name: &str) -> bool {
    Settings::of(Arc::default()).set(name, &SetValue::Default).is_ok()
}

fn find(name: &str) -> Result<(Parameter, Option<&'static str>), QueryError> {
    let lower = name.to_ascii_lowercase();
    let found = PARAMETERS
        .iter()
        .find(|(listed, _, _)| *listed == lower)
        .map(|(_, parameter, announced)| (*parameter, *announced));
    found.ok_or_else(|| {
        QueryError::new(ErrorKind::InvalidInput, "42704", format!("unrecognized configuration parameter \"{name}\""))
            .detail("Gatehouse knows only parameters whose meaning it carries out.")
            .hint(format!("It knows {}.", PARAMETERS.iter().map(|(name, _, _)| *name).collect::<Vec<_>>().join(", ")))
    })
}

fn list(value: &SetValue) -> Option<Vec<String>> {
    match value {
        SetValue::Default => None,
        SetValue::Values(values) => Some(
            values
                .iter()
                .flat_map(|value| value.split(','))
                .map(|item| item.trim().trim_matches('"').to_owned())
                .filter(|item| !item.is_empty())
                .collect(),
        ),
    }
}

/// One value; `None` for DEFAULT.
fn scalar(name: &str, value: &SetValue) -> Result<Option<String>, QueryError> {
    match value {
        SetValue::Default => Ok(None),
        SetValue::Values(values) => match values.as_slice() {
            [only] => Ok(Some(only.clone())),
            _ => Err(QueryError::new(ErrorKind::InvalidInput, "22023", format!("SET {name} takes only one argument"))),
        },
    }
}

/// A value out of a list of those that mean what Gatehouse does anyway.
fn only(name: &str, value: &SetValue, accepted: &[&str]) -> Result<Option<String>, QueryError> {
    let joined = match value {
        SetValue::Default => return Ok(None),
        SetValue::Values(values) => values.join(", "),
    };
    if accepted.contains(&joined.to_ascii_lowercase().as_str()) {
        return Ok(Some(joined));
    }
    let error = QueryError::new(ErrorKind::Unsupported, "0A000", format!("{name} = \"{joined}\" is not supported"));
    Err(error.hint(format!("Supported: {}.", accepted.join(", "))))
}

fn invalid(name: &str, value: &str) -> QueryError {
    QueryError::new(ErrorKind::InvalidInput, "22023", format!("invalid value for parameter \"{name}\": \"{value}\""))
}

fn cut(text: &str, bytes_max: usize) -> String {
    let mut end = 0;
    for character in text.chars() {
        if end + character.len_utf8() > bytes_max {
            break;
        }
        end += character.len_utf8();
    }
    text.get(..end).unwrap_or_default().to_owned()
}
