//! The packets that have no type byte (PostgreSQL, "Message Formats": StartupMessage, SSLRequest, GSSENCRequest, CancelRequest).

use super::Reader;
use crate::error::WireError;

const PROTOCOL_3_0: u32 = 196_608;
const CANCEL_REQUEST: u32 = 80_877_102;
const SSL_REQUEST: u32 = 80_877_103;
const GSSENC_REQUEST: u32 = 80_877_104;

/// The first packet of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum StartupPacket {
    SslRequest,
    GssEncRequest,
    CancelRequest {
        process_id: i32,
        secret_key: i32,
    },
    /// Protocol 3.0. Parameters in the order sent.
    Startup {
        parameters: Vec<(String, String)>,
    },
}

impl StartupPacket {
    /// `body` is the packet without its length word.
    pub(crate) fn decode(body: &[u8]) -> Result<Self, WireError> {
        let mut reader = Reader::new(body);
        let packet = match reader.u32().map_err(fatal)? {
            SSL_REQUEST => Self::SslRequest,
            GSSENC_REQUEST => Self::GssEncRequest,
            CANCEL_REQUEST => Self::CancelRequest {
                process_id: reader.i32().map_err(fatal)?,
                secret_key: reader.i32().map_err(fatal)?,
            },
            PROTOCOL_3_0 => Self::Startup { parameters: parameters(&mut reader).map_err(fatal)? },
            version => {
                let [a, b, c, d] = version.to_be_bytes();
                let (major, minor) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
                return Err(WireError::UnsupportedProtocol { major, minor });
            }
        };
        reader.finish().map_err(fatal)?;
        Ok(packet)
    }
}

fn parameters(reader: &mut Reader<'_>) -> Result<Vec<(String, String)>, WireError> {
    let mut parameters = Vec::new();
    loop {
        let name = reader.text("start-up parameter name")?;
        if name.is_empty() {
            return Ok(parameters);
        }
        let value = reader.text("start-up parameter value")?;
        parameters.push((name.to_owned(), value.to_owned()));
    }
}

fn fatal(error: WireError) -> WireError {
    WireError::Framing(format!("invalid startup packet layout: {error}"))
}
