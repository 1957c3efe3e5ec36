//! Authentication: the challenge, its answer, the session.

use query::StartupRequest;

use super::link::Link;
use crate::error::WireError;
use crate::message::auth;
use crate::session::{Door, Pending as _, SessionOf};

/// Every error ends the connection. No NoticeResponse is sent here: the JDBC driver doesn't take one.
pub(super) async fn login<D: Door>(
    link: &mut Link,
    door: &D,
    startup: StartupRequest,
    server_name: Option<&str>,
) -> Result<SessionOf<D>, WireError> {
    let nothing_to_interrupt = std::future::ready(());
    let pending = link.guard(nothing_to_interrupt, door.begin_login(startup, server_name)).await?;
    auth::put_challenge(&mut link.output.buffer, pending.challenge())?;
    link.flush().await?;
    let frame = loop {
        let frame = link.next_of_login().await?;
        match frame.tag {
            // the Python driver sends Flush behind its password
            b'H' => {}
            b'X' => return Err(WireError::Disconnected),
            _ => break frame,
        }
    };
    let answer = auth::decode_answer(pending.challenge(), frame.tag, &frame.body)?;
    link.guard(std::future::ready(()), pending.finish(answer)).await
}
