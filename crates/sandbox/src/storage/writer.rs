//! The one thread that writes. Writes that arrive while it is busy share the next commit, and with it one wait for the disk.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use diesel::Connection;
use diesel::sqlite::SqliteConnection;
use tokio::sync::{mpsc, oneshot};

use crate::error::{Error, Problem};
use crate::limits::{COMMIT_BATCH, TROUBLE_PAUSE, WRITES_WAITING_MAX};

/// Answers the caller, once it is known whether the batch was committed.
type Answer = Box<dyn FnOnce(bool)>;
type Job = Box<dyn FnOnce(&mut SqliteConnection) -> Answer + Send>;
/// Makes another connection to the same file.
pub(super) type Reopen = Box<dyn Fn() -> Result<SqliteConnection, Error> + Send>;

/// The thread ends when the last clone is gone and all that was asked of it is done.
#[derive(Clone)]
pub(super) struct Writer {
    jobs: mpsc::Sender<Job>,
}

impl Writer {
    pub(super) fn start(connection: SqliteConnection, reopen: Reopen) -> std::io::Result<Self> {
        let (jobs, queue) = mpsc::channel(WRITES_WAITING_MAX);
        thread::Builder::new().name("sandbox-writer".to_owned()).spawn(move || serve(connection, &reopen, queue))?;
        Ok(Self { jobs })
    }

    pub(super) async fn write<T, F>(&self, work: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: FnOnce(&mut SqliteConnection) -> Result<T, Problem> + Send + 'static,
    {
        let (answer, outcome) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            // Inside the batch's transaction this is a savepoint, so that one failure leaves its neighbours alone.
            let result = connection.transaction(work);
            Box::new(move |committed| {
                // Nobody may be waiting any more: a client that hung up takes its future with it.
                let _ = answer.send(if committed { result } else { result.and(Err(Problem::NotCommitted)) });
            })
        });
        self.jobs.send(job).await.map_err(|_| Problem::NotCommitted)?;
        outcome.await.unwrap_or(Err(Problem::NotCommitted))
    }
}

fn serve(mut connection: SqliteConnection, reopen: &Reopen, mut queue: mpsc::Receiver<Job>) {
    let mut batch = Vec::with_capacity(COMMIT_BATCH);
    while queue.blocking_recv_many(&mut batch, COMMIT_BATCH) > 0 {
        let work = AssertUnwindSafe(|| commit(&mut connection, batch.drain(..)));
        if catch_unwind(work).is_err() {
            // Whoever waits for this batch learns that it wasn't committed. Closing the connection takes it back.
            log::error!("sandbox: a write panicked, and took its batch with it");
            connection = opened(reopen);
        }
    }
}

/// Without a connection there is nothing to do but to try again.
fn opened(reopen: &Reopen) -> SqliteConnection {
    loop {
        match reopen() {
            Ok(connection) => return connection,
            Err(error) => log::error!("sandbox: {error}"),
        }
        thread::sleep(TROUBLE_PAUSE);
    }
}

fn commit(connection: &mut SqliteConnection, jobs: impl Iterator<Item = Job>) {
    let mut answers = Vec::new();
    let committed = connection.immediate_transaction(|connection| {
        answers.extend(jobs.map(|job| job(connection)));
        Ok::<_, diesel::result::Error>(())
    });
    if let Err(error) = &committed {
        log::error!("sandbox: a batch of writes was not committed: {error}");
    }
    for answer in answers {
        answer(committed.is_ok());
    }
}
