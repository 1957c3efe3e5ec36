//! Rows from DuckDB to a reader who takes his time.

use duckdb::{Connection, Statement};
use engine::{CheckedText, Column, EngineError, Rows};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot, watch};

use crate::check::Expected;
use crate::interrupt::CallId;
use crate::worker::Worker;
use crate::{fault, names, rows, types};

/// Rows in one batch at most.
const BATCH_ROWS_MAX: usize = 1024;

/// Where the answer goes.
#[derive(Debug)]
pub(crate) struct Outlet {
    pub(crate) columns: oneshot::Sender<Result<Vec<Column>, EngineError>>,
    pub(crate) rows: mpsc::Sender<Result<Rows, EngineError>>,
    /// Closed when the session is dropped.
    pub(crate) open: watch::Receiver<()>,
    pub(crate) runtime: Handle,
}

/// Runs the query on the session's thread until its rows are taken or nobody wants them.
pub(crate) fn run(worker: &mut Worker, id: CallId, query: &CheckedText, outlet: Outlet) {
    let Outlet { columns, rows, open, runtime } = outlet;
    let mut pipe = Pipe { rows, open, runtime };
    let mut columns = Some(columns);
    let outcome = worker.call(id, |worker| {
        worker.check(query, Expected::Query)?;
        worker.go_on(id)?;
        let answer = open_query(&worker.connection, &query.text)?;
        if let Some(sender) = columns.take()
            && sender.send(Ok(answer.columns.clone())).is_err()
        {
            return Ok(());
        }
        pump(worker, id, &answer, &mut pipe)
    });
    // Either the caller still waits for the columns, or the reader is told; who is gone isn't.
    if let Err(error) = outcome {
        match columns {
            Some(sender) => drop(sender.send(Err(error))),
            None => drop(pipe.send(Err(error))),
        }
    }
}

fn pump(worker: &Worker, id: CallId, answer: &Answer<'_>, pipe: &mut Pipe) -> Result<(), EngineError> {
    loop {
        worker.go_on(id)?;
        let Some(chunk) = answer.statement.step().map_err(fault::translate)? else {
            return Ok(());
        };
        for batch in rows::batches(&chunk, &answer.columns, BATCH_ROWS_MAX)? {
            if pipe.send(Ok(batch)).is_err() {
                return Ok(());
            }
        }
    }
}

/// The reader or the session is gone.
struct Gone;

struct Pipe {
    rows: mpsc::Sender<Result<Rows, EngineError>>,
    open: watch::Receiver<()>,
    runtime: Handle,
}

impl Pipe {
    /// Waits for a free place: the thread of a reader that doesn't read stands still, and only that.
    fn send(&mut self, batch: Result<Rows, EngineError>) -> Result<(), Gone> {
        self.runtime.block_on(async {
            tokio::select! {
                sent = self.rows.send(batch) => sent.map_err(|_| Gone),
                _ = self.open.changed() => Err(Gone),
            }
        })
    }
}

/// A query that has begun.
struct Answer<'connection> {
    statement: Statement<'connection>,
    columns: Vec<Column>,
}

/// Begins the query. Types that have no place in [`engine::Value`] are cast by DuckDB, around the text.
fn open_query<'connection>(
    connection: &'connection Connection,
    text: &str,
) -> Result<Answer<'connection>, EngineError> {
    match start(connection, text) {
        Ok(statement) => {
            if let Some(columns) = types::of_result(&statement) {
                return Ok(Answer { statement, columns });
            }
        }
        // The `duckdb` crate refuses a few types before it looks at a row.
        Err(duckdb::Error::FromSqlConversionFailure(..)) => {}
        Err(error) => return Err(fault::translate(error)),
    }
    let described = types::describe(connection, text)?;
    let statement = start(connection, &cast(text, &described)).map_err(fault::translate)?;
    Ok(Answer { statement, columns: described.into_iter().map(|described| described.column).collect() })
}

fn start<'connection>(connection: &'connection Connection, text: &str) -> duckdb::Result<Statement<'connection>> {
    let mut statement = connection.prepare(text)?;
    drop(statement.stream_arrow([])?);
    Ok(statement)
}

/// `SELECT "c0", CAST("c1" AS VARCHAR) FROM (text) AS q("c0", "c1")`; DuckDB keeps the order of the rows.
fn cast(text: &str, described: &[types::Described]) -> String {
    let names: Vec<String> = (0..described.len()).map(|index| names::quote(&format!("c{index}"))).collect();
    let outputs: Vec<String> = names
        .iter()
        .zip(described)
        .map(|(name, described)| match described.cast {
            Some(target) => format!("CAST({name} AS {target})"),
            None => name.clone(),
        })
        .collect();
    // The line break ends a comment that the text may end with.
    format!("SELECT {} FROM ({text}\n) AS q({})", outputs.join(", "), names.join(", "))
}

#[cfg(test)]
mod tests;
