use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use domain::Keys;
use ports::{Clock, IdSource, LedgerError};
use tokio::sync::mpsc;
use uuid::Uuid;

use super::connection::{Away, Connection};
use super::work::{Answer, Work};
use super::{Backend, Session, StoreError};

/// How often a batch is run when other writers keep getting in between; then it is halved.
const RUNS_PER_BATCH: u32 = 2;
/// How often a single command is run before it is given up.
const RUNS_ALONE: u32 = 5;

/// The thread that owns the writing connection.
pub(super) struct Writer {
    connection: Connection,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
    queue: mpsc::Receiver<Work>,
    batch_limit: usize,
}

/// Why a batch wasn't stored.
enum Failure {
    /// The database is away.
    Away,
    /// The store has no room for anybody.
    Exhausted,
    /// Other writers got in between, every time.
    Contended,
    /// Something in it can't be stored.
    Refused,
}

/// How one run through a batch ended.
enum Run {
    Committed(Vec<Answer>),
    Failed(StoreError),
    /// The connection was lost before the commit was asked for: nothing happened.
    Lost,
    /// The connection was lost while the commit was under way: its mark will tell.
    Unknown(Uuid, Vec<Answer>),
}

impl Writer {
    pub(super) fn new(
        backend: Box<dyn Backend>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdSource>,
        queue: mpsc::Receiver<Work>,
        batch_limit: usize,
    ) -> Self {
        Self { connection: Connection::new(backend), clock, ids, queue, batch_limit }
    }

    pub(super) fn run(mut self) {
        // Connecting before the first command comes saves it the wait.
        let _ = self.connection.session();
        let mut stopping = false;
        while !stopping {
            let Some(first) = self.queue.blocking_recv() else { return };
            let mut batch = vec![first];
            while batch.len() < self.batch_limit {
                let Ok(work) = self.queue.try_recv() else { break };
                batch.push(work);
            }
            stopping = batch.iter().any(|work| matches!(work, Work::Stop));
            self.process(batch);
        }
        self.queue.close();
        while let Ok(work) = self.queue.try_recv() {
            self.process(vec![work]);
        }
    }

    /// Runs a batch and answers everybody in it, halving it until what can't be stored stands alone.
    fn process(&mut self, mut batch: Vec<Work>) {
        match self.store(&batch) {
            Ok(answers) => {
                for (work, answer) in batch.into_iter().zip(answers) {
                    work.answer(answer);
                }
            }
            Err(Failure::Refused | Failure::Contended) if batch.len() > 1 => {
                let second_half = batch.split_off(batch.len() / 2);
                self.process(batch);
                self.process(second_half);
            }
            Err(failure) => {
                let error = match failure {
                    Failure::Away | Failure::Exhausted => LedgerError::Unavailable,
                    Failure::Contended => LedgerError::Overloaded,
                    Failure::Refused => LedgerError::Internal,
                };
                for work in batch {
                    work.fail(error);
                }
            }
        }
    }

    /// Runs a batch until it is committed or can't be.
    fn store(&mut self, batch: &[Work]) -> Result<Vec<Answer>, Failure> {
        let runs_left = if batch.len() == 1 { RUNS_ALONE } else { RUNS_PER_BATCH };
        let mut runs_left = runs_left;
        loop {
            runs_left -= 1;
            let failure = match self.run_once(batch)? {
                Run::Committed(answers) => return Ok(answers),
                Run::Unknown(batch_id, answers) => {
                    if self.has_committed(batch_id)? {
                        return Ok(answers);
                    }
                    Failure::Away
                }
                Run::Lost => Failure::Away,
                Run::Failed(error) => {
                    log::debug!(error:%, commands = batch.len(); "a batch was rolled back");
                    match error {
                        StoreError::Exhausted(why) => {
                            log::error!(error:% = why; "the database can't store anything");
                            return Err(Failure::Exhausted);
                        }
                        StoreError::Conflict(_) => Failure::Contended,
                        StoreError::Refused(why) => {
                            if batch.len() == 1 && runs_left == 0 {
                                log::error!(error:% = why; "the database refused a command");
                            }
                            Failure::Refused
                        }
                    }
                }
            };
            if runs_left == 0 {
                return Err(failure);
            }
        }
    }

    fn run_once(&mut self, batch: &[Work]) -> Result<Run, Failure> {
        let batch_id = self.ids.uuid_v7();
        let clock = Arc::clone(&self.clock);
        let session = self.connection.session().map_err(|Away| Failure::Away)?;
        let prepared = catch_unwind(AssertUnwindSafe(|| prepare(session, &*clock, batch_id, batch)));
        let prepared = prepared.unwrap_or_else(|_| Err(StoreError::Refused("deciding panicked".to_owned())));
        let answers = match prepared {
            Ok(answers) => answers,
            Err(error) => return Ok(self.roll_back().map_or_else(|lost| self.lost(&lost), |()| Run::Failed(error))),
        };
        let session = self.connection.session().map_err(|Away| Failure::Away)?;
        Ok(match session.commit() {
            Ok(()) => Run::Committed(answers),
            Err(error) => match self.roll_back() {
                Ok(()) => Run::Failed(error),
                Err(lost) => {
                    self.connection.lose(&lost);
                    Run::Unknown(batch_id, answers)
                }
            },
        })
    }

    fn lost(&mut self, why: &StoreError) -> Run {
        self.connection.lose(why);
        Run::Lost
    }

    /// What can't even roll back is no connection any more.
    fn roll_back(&mut self) -> Result<(), StoreError> {
        match self.connection.session() {
            Ok(session) => session.rollback(),
            Err(Away) => Ok(()),
        }
    }

    fn has_committed(&mut self, batch_id: Uuid) -> Result<bool, Failure> {
        let session = self.connection.session().map_err(|Away| Failure::Away)?;
        match session.has_committed(batch_id) {
            Ok(committed) => {
                log::warn!(committed; "the connection was lost in the middle of a commit");
                Ok(committed)
            }
            Err(error) => {
                self.connection.lose(&error);
                Err(Failure::Away)
            }
        }
    }
}

/// Everything up to the commit.
fn prepare(
    session: &mut dyn Session,
    clock: &dyn Clock,
    batch_id: Uuid,
    batch: &[Work],
) -> Result<Vec<Answer>, StoreError> {
    let mut keys = Keys::default();
    for work in batch {
        if let Work::Decide { command, .. } = work {
            command.keys(&mut keys);
        }
    }
    session.begin()?;
    let mut books = session.load(&keys)?;
    // The clock is read now that the rows are locked: whoever held them before decided at an earlier time.
    let now = clock.now();
    let mut answers: Vec<Answer> = Vec::with_capacity(batch.len());
    for work in batch {
        answers.push(match work {
            Work::Decide { command, .. } => Answer::Decided(command.decide(&mut books, now)),
            Work::Claim { .. } | Work::Stop => Answer::Nothing,
        });
    }
    let mut has_changed = !books.is_unchanged();
    if has_changed {
        session.flush(&books)?;
    }
    // Claims come after the flush, so that jobs that this very batch asked for can be begun in it.
    for (work, answer) in batch.iter().zip(&mut answers) {
        if let Work::Claim { claim, .. } = work {
            let jobs = session.claim(claim, now)?;
            has_changed |= !jobs.is_empty();
            *answer = Answer::Claimed(jobs);
        }
    }
    if has_changed {
        session.mark(batch_id, now)?;
    }
    Ok(answers)
}
