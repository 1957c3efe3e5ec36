//! What a statement answers.

use base::PublicMessage;
use catalog::UnmappedGroup;
use engine::ResultStream;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    Info,
    Notice,
    Warning,
}

/// A message beside the answer (NoticeResponse).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    pub severity: Severity,
    pub sqlstate: &'static str,
    pub message: PublicMessage,
}

impl Notice {
    pub(crate) fn unmapped_group(group: &UnmappedGroup) -> Self {
        Self { severity: Severity::Notice, sqlstate: "00000", message: rbac::unmapped_group(group) }
    }
}

#[derive(Debug)]
pub struct Reply {
    pub notices: Vec<Notice>,
    /// ParameterStatus messages that the statement caused (`SET application_name`, `SET TimeZone` …).
    pub parameters: Vec<(String, String)>,
    pub body: ReplyBody,
}

#[derive(Debug)]
pub enum ReplyBody {
    /// Rows, then CommandComplete with this tag (`SELECT`, `SHOW`, `EXPLAIN` …) and the number of rows.
    Rows { stream: ResultStream, tag: &'static str },
    /// CommandComplete with this whole tag, e.g. `INSERT 0 4`, `GRANT`.
    Done { tag: String },
    /// EmptyQueryResponse.
    Empty,
}
