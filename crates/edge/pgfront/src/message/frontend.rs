//! What a client sends in an open session.

use super::Reader;
use crate::error::WireError;
use crate::value::Format;

/// What Describe and Close are about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    Statement(String),
    Portal(String),
}

/// Bind, as it came: the number of formats is checked against the number of values later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bind {
    pub(crate) portal: String,
    pub(crate) statement: String,
    pub(crate) formats: Vec<Format>,
    /// `None` is NULL.
    pub(crate) values: Vec<Option<Vec<u8>>>,
    pub(crate) result_formats: Vec<Format>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Frontend {
    Query(String),
    Parse {
        name: String,
        text: String,
        parameter_oids: Vec<u32>,
    },
    Bind(Bind),
    Describe(Target),
    /// `max_rows` 0 or less: all.
    Execute {
        portal: String,
        max_rows: i32,
    },
    Close(Target),
    Flush,
    Sync,
    Terminate,
    FunctionCall,
}

impl Frontend {
    /// A name for metrics.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Query(_) => "query",
            Self::Parse { .. } => "parse",
            Self::Bind(_) => "bind",
            Self::Describe(_) => "describe",
            Self::Execute { .. } => "execute",
            Self::Close(_) => "close",
            Self::Flush => "flush",
            Self::Sync => "sync",
            Self::Terminate => "terminate",
            Self::FunctionCall => "function_call",
        }
    }

    /// Whether an error in a message of this type is followed by ReadyForQuery at once, not at the next Sync.
    pub(crate) const fn is_simple(tag: u8) -> bool {
        matches!(tag, b'Q' | b'F')
    }

    /// One message by its type byte and its body (without the length word).
    pub(crate) fn decode(tag: u8, body: &[u8]) -> Result<Self, WireError> {
        let mut reader = Reader::new(body);
        let message = match tag {
            b'Q' => Self::Query(reader.text("query")?.to_owned()),
            b'P' => parse(&mut reader)?,
            b'B' => Self::Bind(bind(&mut reader)?),
            b'D' => Self::Describe(target(&mut reader)?),
            b'E' => Self::Execute { portal: reader.text("portal name")?.to_owned(), max_rows: reader.i32()? },
            b'C' => Self::Close(target(&mut reader)?),
            b'H' => return empty(reader, Self::Flush),
            b'S' => return empty(reader, Self::Sync),
            b'X' => return empty(reader, Self::Terminate),
            // refused whatever it says
            b'F' => return Ok(Self::FunctionCall),
            b'd' | b'c' | b'f' => {
                return Err(WireError::Framing("unexpected COPY message: no COPY is in progress".into()));
            }
            other => return Err(WireError::Framing(format!("invalid frontend message type {other}"))),
        };
        reader.finish()?;
        Ok(message)
    }
}

/// A malformed Sync can't be answered by waiting for Sync.
fn empty(reader: Reader<'_>, message: Frontend) -> Result<Frontend, WireError> {
    reader.finish().map_err(|error| WireError::Framing(format!("invalid {} message: {error}", message.name())))?;
    Ok(message)
}

fn parse(reader: &mut Reader<'_>) -> Result<Frontend, WireError> {
    let name = reader.text("prepared statement name")?.to_owned();
    let text = reader.text("query")?.to_owned();
    let count = reader.u16()?;
    let parameter_oids = (0..count).map(|_| reader.u32()).collect::<Result<_, _>>()?;
    Ok(Frontend::Parse { name, text, parameter_oids })
}

fn bind(reader: &mut Reader<'_>) -> Result<Bind, WireError> {
    let portal = reader.text("portal name")?.to_owned();
    let statement = reader.text("prepared statement name")?.to_owned();
    let formats = formats(reader)?;
    let count = reader.u16()?;
    let values =
        (0..count).map(|_| Ok(reader.counted()?.map(<[u8]>::to_vec))).collect::<Result<Vec<_>, WireError>>()?;
    let result_formats = self::formats(reader)?;
    Ok(Bind { portal, statement, formats, values, result_formats })
}

fn formats(reader: &mut Reader<'_>) -> Result<Vec<Format>, WireError> {
    let count = reader.u16()?;
    (0..count).map(|_| Format::from_code(reader.i16()?)).collect()
}

fn target(reader: &mut Reader<'_>) -> Result<Target, WireError> {
    let kind = reader.u8()?;
    let name = reader.text("name")?.to_owned();
    match kind {
        b'S' => Ok(Target::Statement(name)),
        b'P' => Ok(Target::Portal(name)),
        other => Err(WireError::Protocol(format!("invalid DESCRIBE or CLOSE message subtype {other}"))),
    }
}
