//! The simple query protocol: a text with any number of statements, everything as text.

use super::Connection;
use super::rows::{Completion, Delivery};
use crate::error::WireError;
use crate::message::backend;
use crate::session::{Door, PreparedOf, PreparedStatement as _, Session as _};

impl<D: Door> Connection<D> {
    pub(super) async fn simple_query(&mut self, text: &str) -> Result<(), WireError> {
        self.give_up_rows().await?;
        self.drop_portal("");
        let script = self.session.parse_script(text)?;
        let several = script.len() > 1;
        let mut left = script.len();
        if script.is_empty() {
            self.leave_implicit(true).await?;
            backend::empty_query(&mut self.link.output.buffer)?;
        }
        for prepared in &script {
            left -= 1;
            if several {
                self.enter_implicit(prepared).await?;
            }
            let completion = self.run_simple(prepared).await?;
            if left == 0 {
                // the last statement isn't complete before its transaction is
                self.leave_implicit(true).await?;
            }
            let out = &mut self.link.output.buffer;
            match completion {
                Completion::Complete { tag, rows: _ } => backend::command_complete(out, &tag)?,
                Completion::Empty => backend::empty_query(out)?,
                Completion::Suspended(_) => return Err(WireError::Encoding("rows without a limit were suspended")),
            }
        }
        self.ready().await
    }

    async fn run_simple(&mut self, prepared: &PreparedOf<D>) -> Result<Completion, WireError> {
        if !prepared.parameter_oids().is_empty() {
            return Err(WireError::NoParameters);
        }
        let reply = self.call_execute(prepared, &[]).await?;
        let delivery = Delivery { header: true, formats: &[], described: None, limit: None };
        let completion = self.deliver(reply, delivery).await?;
        if let Completion::Complete { tag, rows: _ } = &completion {
            self.note_completed(tag);
        }
        Ok(completion)
    }
}
