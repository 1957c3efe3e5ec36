//! The families, and what becomes of each of their parameters.

use crate::ControlError;

/// What a group's parameters are a choice of (Redshift API, `ParameterGroupFamily`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    Redshift1,
    /// As the first, and encrypted connections only.
    Redshift2,
}

impl Family {
    pub const ALL: [Self; 2] = [Self::Redshift1, Self::Redshift2];

    /// As AWS writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Redshift1 => "redshift-1.0",
            Self::Redshift2 => "redshift-2.0",
        }
    }

    /// The inverse of [`Self::name`].
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|family| family.name() == name)
    }
}

/// One parameter of the families, as DescribeClusterParameters shows it. All of them are applied when a cluster starts (`static`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameter {
    pub name: &'static str,
    pub description: &'static str,
    /// `boolean`, `integer` or `string`.
    pub data_type: &'static str,
    /// Empty where every value is allowed.
    pub allowed_values: &'static str,
    default: &'static str,
    meaning: Meaning,
}

/// What becomes of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    Boolean,
    /// 0, or 100 to 2147483647.
    Milliseconds,
    /// Names of schemas, by commas.
    SearchPath,
    Label,
    /// It can only keep its default. The clause says why, and what to do.
    Fixed(&'static str),
}

const NO_OPTIMISER: &str =
    "the engine keeps its statistics by itself, and there are no automatic materialized views; leave it out";
const NO_QUEUES: &str = "the server runs statements as they come, without queues; leave it out";

/// Every parameter of the families, by name.
pub const PARAMETERS: &[Parameter] = &[
    fixed("auto_analyze", "Use auto analyze", "boolean", "true", NO_OPTIMISER),
    fixed("auto_mv", "Use auto mv", "boolean", "false", NO_OPTIMISER),
    fixed(
        "datestyle",
        "Sets the display format for date and time values.",
        "string",
        "ISO, MDY",
        "dates are written in this way only",
    ),
    fixed(
        "enable_case_sensitive_identifier",
        "Preserves the case of quoted identifiers.",
        "boolean",
        "false",
        "names are folded to lower case, quoted or not",
    ),
    fixed(
        "enable_user_activity_logging",
        "parameter for audit logging purpose",
        "boolean",
        "true",
        "every statement is recorded in the audit trail before it is answered, and nobody can switch that off",
    ),
    fixed(
        "extra_float_digits",
        "Sets the number of digits displayed for floating-point values",
        "integer",
        "0",
        "a floating-point number is always written with the digits that it needs to be read back as itself; a session's own SET is \
         taken, as drivers send one",
    ),
    fixed(
        "max_concurrency_scaling_clusters",
        "The maximum concurrency scaling clusters can be used.",
        "integer",
        "0",
        "this server adds no clusters by itself",
    ),
    fixed(
        "max_cursor_result_set_size",
        "Sets the max cursor result set size",
        "integer",
        "default",
        "results are streamed and not kept, so there is no size to limit",
    ),
    Parameter {
        name: "query_group",
        description: "This parameter applies a user-defined label to a group of queries that are run during the same session.",
        data_type: "string",
        allowed_values: "",
        default: "default",
        meaning: Meaning::Label,
    },
    Parameter {
        name: "require_ssl",
        description: "require ssl for all databaseconnections",
        data_type: "boolean",
        allowed_values: "true,false",
        default: "false",
        meaning: Meaning::Boolean,
    },
    Parameter {
        name: "search_path",
        description: "Sets the schema search order for names that are not schema-qualified.",
        data_type: "string",
        allowed_values: "",
        default: "$user, public",
        meaning: Meaning::SearchPath,
    },
    Parameter {
        name: "statement_timeout",
        description: "Aborts any statement that takes over the specified number of milliseconds.",
        data_type: "integer",
        allowed_values: "0,100-2147483647",
        default: "0",
        meaning: Meaning::Milliseconds,
    },
    fixed(
        "use_fips_ssl",
        "Use fips ssl library",
        "boolean",
        "false",
        "the server's TLS library isn't one that is validated by FIPS 140",
    ),
    fixed("wlm_json_configuration", "wlm json configuration", "string", "[{\"auto_wlm\":true}]", NO_QUEUES),
];

/// A parameter that can only keep its default.
const fn fixed(
    name: &'static str,
    description: &'static str,
    data_type: &'static str,
    default: &'static str,
    why: &'static str,
) -> Parameter {
    Parameter { name, description, data_type, allowed_values: default, default, meaning: Meaning::Fixed(why) }
}

pub(super) fn find(name: &str) -> Option<&'static Parameter> {
    PARAMETERS.iter().find(|parameter| parameter.name == name)
}

impl Parameter {
    /// The value that counts where a group gives none.
    #[must_use]
    pub fn default_in(&self, family: Family) -> &'static str {
        match family {
            Family::Redshift2 if self.name == "require_ssl" => "true",
            Family::Redshift1 | Family::Redshift2 => self.default,
        }
    }

    /// Whether it may be something else than its default (Redshift API, `IsModifiable`).
    #[must_use]
    pub const fn is_modifiable(&self) -> bool {
        match self.meaning {
            Meaning::Boolean | Meaning::Milliseconds | Meaning::SearchPath | Meaning::Label => true,
            Meaning::Fixed(_) => false,
        }
    }

    /// The value as it is kept.
    pub(super) fn check(&self, family: Family, value: &str) -> Result<String, ControlError> {
        let value = value.trim();
        let lower = value.to_ascii_lowercase();
        let invalid = |rule: &str| {
            let text = format!("The value {value:?} isn't valid for the parameter {}: {rule}.", self.name);
            ControlError::Rejected(text)
        };
        match self.meaning {
            Meaning::Boolean if ["true", "false"].contains(&lower.as_str()) => Ok(lower),
            Meaning::Boolean => Err(invalid("it is true or false")),
            Meaning::Milliseconds => match value.parse::<u32>() {
                Ok(number) if number == 0 || (100..=2_147_483_647).contains(&number) => Ok(number.to_string()),
                Ok(_) | Err(_) => Err(invalid("it is 0, or a number of milliseconds from 100 to 2147483647")),
            },
            Meaning::SearchPath => search_path(value).map(|names| names.join(", ")).ok_or_else(|| {
                invalid(
                    "it has 1 to 32 names of schemas, by commas, each with at most 127 bytes; $user is the user's own",
                )
            }),
            Meaning::Label if value.len() <= 320 && !value.chars().any(char::is_control) => Ok(value.to_owned()),
            Meaning::Label => Err(invalid("it has at most 320 bytes and no control characters")),
            Meaning::Fixed(_) if lower == self.default_in(family).to_ascii_lowercase() => {
                Ok(self.default_in(family).to_owned())
            }
            Meaning::Fixed(why) => Err(ControlError::Rejected(format!(
                "The parameter {} can only be {:?}: {why}.",
                self.name,
                self.default_in(family)
            ))),
        }
    }
}

/// The names of a search path. Quotes around a name are taken off.
pub(super) fn search_path(value: &str) -> Option<Vec<String>> {
    let bare = |name: &str| {
        let name = name.trim();
        let quoted = |quote: char| name.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
        let name = quoted('"').or_else(|| quoted('\'')).unwrap_or(name);
        let legal = (1..=127).contains(&name.len()) && !name.chars().any(|c| c.is_control() || c == '"' || c == '\'');
        legal.then(|| name.to_owned())
    };
    let names: Vec<String> = value.split(',').map(bare).collect::<Option<_>>()?;
    (1..=32).contains(&names.len()).then_some(names)
}
