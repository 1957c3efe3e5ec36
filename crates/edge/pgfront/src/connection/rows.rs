//! An answer on its way out: notices, parameters, rows, completion.

use std::time::Duration;

use engine::{EngineError, EngineErrorKind};
use query::{Column, Reply, ReplyBody, ResultStream};

use super::Connection;
use super::link::Link;
use super::portal::{RowFeed, Run, Shape, abandoned};
use crate::error::WireError;
use crate::message::backend;
use crate::session::{Door, Session as _};
use crate::value::{Format, IntervalLayout, column_formats, is_sendable_as};

/// How long rows wait for company before they are written.
const GATHER: Duration = Duration::from_millis(1);

/// How an answer is to be sent.
pub(super) struct Delivery<'a> {
    /// RowDescription first (simple queries).
    pub(super) header: bool,
    pub(super) formats: &'a [Format],
    pub(super) described: Option<&'a [Column]>,
    /// At most so many rows.
    pub(super) limit: Option<u64>,
}

/// What is left to say after an answer.
pub(super) enum Completion {
    /// CommandComplete; `Some` where there were rows: the tag without a count.
    Complete {
        tag: String,
        rows: Option<&'static str>,
    },
    Empty,
    /// PortalSuspended, with the rows that are left.
    Suspended(RowFeed),
}

/// The tag of a finished row stream. Only SELECT carries a count (libpq and psycopg read it).
pub(super) fn row_tag(tag: &'static str, rows: u64) -> String {
    if tag == "SELECT" { format!("SELECT {rows}") } else { tag.to_owned() }
}

enum Broken {
    /// The engine's error, which the query layer words for the client.
    Engine(EngineError),
    Wire(WireError),
}

impl From<WireError> for Broken {
    fn from(error: WireError) -> Self {
        Self::Wire(error)
    }
}

impl<D: Door> Connection<D> {
    pub(super) async fn deliver(&mut self, reply: Reply, delivery: Delivery<'_>) -> Result<Completion, WireError> {
        let out = &mut self.link.output.buffer;
        let mut said = Ok(());
        for notice in &reply.notices {
            said = said.and_then(|()| backend::notice_response(out, notice));
        }
        for (name, value) in &reply.parameters {
            said = said.and_then(|()| backend::parameter_status(out, name, value));
        }
        match reply.body {
            ReplyBody::Empty => said.map(|()| Completion::Empty),
            ReplyBody::Done { tag } => said.map(|()| Completion::Complete { tag, rows: None }),
            ReplyBody::Rows { stream, tag } => {
                let shape = said.and_then(|()| self.begin_rows(&stream, &delivery));
                match shape {
                    Ok(shape) => self.send_rows(RowFeed::new(stream, shape, tag), delivery.limit).await,
                    Err(error) => {
                        drop(stream);
                        self.session.finish_rows(Err(unsendable(&error))).await.err();
                        Err(error)
                    }
                }
            }
        }
    }

    fn begin_rows(&mut self, stream: &ResultStream, delivery: &Delivery<'_>) -> Result<Shape, WireError> {
        let columns = delivery.described.unwrap_or(&stream.columns);
        let sendable =
            |(described, actual): (&Column, &Column)| is_sendable_as(described.value_type, actual.value_type);
        if columns.len() != stream.columns.len() || !columns.iter().zip(&stream.columns).all(sendable) {
            return Err(WireError::ResultTypeChanged);
        }
        let formats = column_formats(delivery.formats, columns.len())?;
        if delivery.header {
            backend::row_description(&mut self.link.output.buffer, columns, &formats)?;
        }
        Ok(Shape { columns: columns.to_vec(), formats })
    }

    /// Sends rows, and closes the stream's books unless it is suspended.
    pub(super) async fn send_rows(&mut self, mut feed: RowFeed, limit: Option<u64>) -> Result<Completion, WireError> {
        match pump(&mut self.link, &mut feed, limit, self.layout).await {
            Ok(Run::Suspended) => Ok(Completion::Suspended(feed)),
            Ok(Run::All(rows)) => {
                let RowFeed { stream, tag, total, .. } = feed;
                drop(stream);
                self.session.finish_rows(Ok(total)).await?;
                Ok(Completion::Complete { tag: row_tag(tag, rows), rows: Some(tag) })
            }
            Err(broken) => {
                drop(feed);
                let (reason, shown) = match broken {
                    Broken::Engine(error) => (error, None),
                    Broken::Wire(error) if error.is_silent() => (abandoned(), Some(error)),
                    Broken::Wire(error) => (unsendable(&error), Some(error)),
                };
                let worded = self.session.finish_rows(Err(reason)).await;
                Err(match (shown, worded) {
                    (Some(error), _) | (None, Err(error)) => error,
                    (None, Ok(())) => WireError::Encoding("the engine failed and gave no reason"),
                })
            }
        }
    }
}

/// Books a stream as failed for a reason of the wire's own.
fn unsendable(error: &WireError) -> EngineError {
    EngineError { kind: EngineErrorKind::Cancelled, message: error.to_string(), log: error.to_string() }
}

/// Rows from the engine to the socket, batch by batch, until the end, the limit, or the first trouble.
async fn pump(link: &mut Link, feed: &mut RowFeed, limit: Option<u64>, layout: IntervalLayout) -> Result<Run, Broken> {
    let mut sent = 0;
    loop {
        if limit == Some(sent) {
            return Ok(Run::Suspended);
        }
        let Some(row) = feed.batch.next() else {
            match next_batch(link, &mut feed.stream).await? {
                Some(batch) => feed.batch = batch.into_iter(),
                None => return Ok(Run::All(sent)),
            }
            continue;
        };
        backend::data_row(&mut link.output.buffer, &row, &feed.shape.columns, &feed.shape.formats, layout)?;
        sent += 1;
        feed.total += 1;
        link.flush_if_full().await?;
    }
}

/// Waits for the engine; what is buffered is written before a long wait. A session that ends gets no further rows.
async fn next_batch(link: &mut Link, stream: &mut ResultStream) -> Result<Option<engine::Rows>, Broken> {
    let mut gathering = !link.output.buffer.is_empty();
    loop {
        let received = tokio::select! {
            biased;
            () = link.ending.wait() => return Err(Broken::Engine(abandoned())),
            batch = stream.batches.recv() => Some(batch),
            () = link.input.gone() => return Err(Broken::Wire(WireError::Disconnected)),
            () = tokio::time::sleep(GATHER), if gathering => None,
        };
        match received {
            Some(batch) => return batch.transpose().map_err(Broken::Engine),
            None => {
                gathering = false;
                link.flush().await?;
            }
        }
    }
}
