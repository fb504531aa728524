use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError};
use std::time::{Duration, Instant};

use domain::{Books, Job, JobStatus, Keys, Product};
use ports::{Clock, LedgerError};
use uuid::Uuid;

use super::connection::{Away, Connection};
use super::work::{Answer, Work};
use super::{Backend, EngineParts, Session, StoreError};

/// How often a batch is run when other writers keep getting in between; then it is halved.
const RUNS_PER_BATCH: u32 = 2;
/// How often a single command is run before it is given up.
const RUNS_ALONE: u32 = 5;

/// How long a batch may be run again and halved before the rest of it is told that nothing can be stored now. Others
/// wait behind it.
const PATIENCE: Duration = Duration::from_secs(5);
/// A run that fails after so long has waited for somebody's lock; the same again would wait for it again.
const LONG_RUN: Duration = Duration::from_secs(1);
/// After so long without work, a transaction that was opened ahead is closed.
const LULL: Duration = Duration::from_secs(1);
/// After so many refusals of single commands in a row, it isn't the commands.
const REFUSALS_IN_A_ROW: u32 = 3;

/// The thread that owns the writing connection.
pub(super) struct Writer {
    connection: Connection,
    parts: EngineParts,
    queue: Receiver<Work>,
    is_stopping: bool,
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

impl Failure {
    const fn as_error(&self) -> LedgerError {
        match self {
            Self::Away | Self::Exhausted => LedgerError::Unavailable,
            Self::Contended => LedgerError::Overloaded,
            Self::Refused => LedgerError::Internal,
        }
    }
}

/// What went wrong with the parts of a batch up to now.
struct Trouble {
    deadline: Instant,
    refused_alone: u32,
}

impl Trouble {
    /// Whether it is no longer about single commands.
    fn is_everybodys(&self) -> bool {
        self.refused_alone >= REFUSALS_IN_A_ROW || Instant::now() >= self.deadline
    }
}

/// What a batch came to.
struct Decided {
    answers: Vec<Answer>,
    books: Books,
    /// Whether jobs were stored that can be begun.
    has_due_jobs: bool,
    /// The rows were locked then.
    at: Instant,
}

/// How one run through a batch ended.
enum Run {
    Committed(Decided),
    Failed(StoreError),
    /// The connection was lost before the commit was asked for: nothing happened.
    Lost,
    /// The connection was lost while the commit was under way: its mark will tell.
    Unknown(Uuid, Decided),
}

impl Writer {
    pub(super) fn new(backend: Box<dyn Backend>, parts: EngineParts, queue: Receiver<Work>) -> Self {
        Self { connection: Connection::new(backend), parts, queue, is_stopping: false }
    }

    pub(super) fn run(mut self) {
        // Connecting before the first command comes saves it the wait.
        let _ = self.connection.session();
        while let Some(first) = self.next() {
            let mut batch = vec![first];
            while batch.len() < self.parts.options.batch_limit {
                let Ok(work) = self.queue.try_recv() else { break };
                batch.push(work);
            }
            self.is_stopping |= batch.iter().any(|work| matches!(work, Work::Stop));
            // Those whose batch panicked get no answer, which they take for an unknown outcome.
            if catch_unwind(AssertUnwindSafe(|| self.process(batch))).is_err() {
                self.connection.lose(&StoreError::Refused("a batch panicked".to_owned()));
            }
        }
    }

    /// Waits for work. After a stop there is only what was queued before. A transaction is opened while nobody waits
    /// for it, which saves whoever comes alone a round trip, and closed again when nobody comes.
    fn next(&mut self) -> Option<Work> {
        match self.queue.try_recv() {
            Ok(work) => return Some(work),
            Err(TryRecvError::Disconnected) => return None,
            Err(TryRecvError::Empty) if self.is_stopping => return None,
            Err(TryRecvError::Empty) => {}
        }
        self.connection.begin_ahead();
        match self.queue.recv_timeout(LULL) {
            Ok(work) => Some(work),
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => {
                self.connection.close_unused();
                self.queue.recv().ok()
            }
        }
    }

    /// Runs a batch and answers everybody in it, halving it until what can't be stored stands alone.
    fn process(&mut self, batch: Vec<Work>) {
        let mut trouble = Trouble { deadline: Instant::now() + PATIENCE, refused_alone: 0 };
        // Halves of halves, the first ones on top.
        let mut waiting = vec![batch];
        while let Some(mut batch) = waiting.pop() {
            let outcome = if trouble.is_everybodys() { Err(Failure::Exhausted) } else { self.store(&batch) };
            match outcome {
                Ok(answers) => {
                    trouble.refused_alone = 0;
                    for (work, answer) in batch.into_iter().zip(answers) {
                        work.answer(answer);
                    }
                }
                Err(Failure::Refused | Failure::Contended) if batch.len() > 1 => {
                    waiting.push(batch.split_off(batch.len() / 2));
                    waiting.push(batch);
                }
                Err(failure) => {
                    if let Failure::Refused = failure {
                        trouble.refused_alone += 1;
                    }
                    for work in batch {
                        work.fail(failure.as_error());
                    }
                }
            }
        }
    }

    /// Runs a batch until it is committed or can't be.
    fn store(&mut self, batch: &[Work]) -> Result<Vec<Answer>, Failure> {
        let mut runs_left = if batch.len() == 1 { RUNS_ALONE } else { RUNS_PER_BATCH };
        loop {
            runs_left -= 1;
            let began = Instant::now();
            let failure = match self.run_once(batch)? {
                Run::Committed(decided) => return Ok(self.publish(decided)),
                Run::Unknown(batch_id, decided) => {
                    if self.has_committed(batch_id)? {
                        return Ok(self.publish(decided));
                    }
                    Failure::Away
                }
                Run::Lost => Failure::Away,
                Run::Failed(error) => self.after_failure(&error, batch.len(), runs_left)?,
            };
            let took_long = began.elapsed() >= LONG_RUN && !matches!(failure, Failure::Away);
            if took_long && matches!(failure, Failure::Refused) {
                // A deadlock or a lock that doesn't go away, most likely: nothing that is wrong with the commands.
                log::warn!(commands = batch.len(); "a batch waited too long for the database");
                return Err(Failure::Contended);
            }
            if runs_left == 0 || took_long {
                return Err(failure);
            }
        }
    }

    /// Tells of the stock and the jobs that are stored now, before anybody has an answer.
    fn publish(&self, decided: Decided) -> Vec<Answer> {
        let products = decided.books.products();
        let stored: Vec<&Product> = products.inserted().chain(products.updated()).collect();
        if !stored.is_empty() {
            self.parts.watch.stored(&stored, decided.at);
        }
        if decided.has_due_jobs {
            self.parts.jobs.jobs_due();
        }
        decided.answers
    }

    /// What a rolled back run says about the next one.
    fn after_failure(&mut self, error: &StoreError, commands: usize, runs_left: u32) -> Result<Failure, Failure> {
        log::debug!(error:%, commands; "a batch was rolled back");
        match error {
            StoreError::Exhausted(why) => {
                log::error!(error:% = why; "the database can't store anything");
                // A connection may be what is broken: the next one finds out.
                self.connection.lose(error);
                Err(Failure::Exhausted)
            }
            StoreError::Conflict(_) => Ok(Failure::Contended),
            StoreError::Refused(why) => {
                if commands == 1 && runs_left == 1 {
                    // Some sessions roll back well and never write again: read-only after a failover, or with
                    // statements prepared for tables that have changed since. The last run has a new one.
                    self.connection.lose(error);
                }
                if commands == 1 && runs_left == 0 {
                    log::error!(error:% = why; "the database refused a command");
                }
                Ok(Failure::Refused)
            }
        }
    }

    fn run_once(&mut self, batch: &[Work]) -> Result<Run, Failure> {
        let batch_id = self.parts.ids.uuid_v7();
        let clock = Arc::clone(&self.parts.clock);
        let (session, begun) = self.connection.begun().map_err(|Away| Failure::Away)?;
        let prepared =
            catch_unwind(AssertUnwindSafe(|| begun.and_then(|()| prepare(session, &*clock, batch_id, batch))));
        let prepared = prepared.unwrap_or_else(|_| Err(StoreError::Refused("deciding panicked".to_owned())));
        let decided = match prepared {
            Ok(decided) => decided,
            Err(error) => return Ok(self.roll_back().map_or_else(|lost| self.lost(&lost), |()| Run::Failed(error))),
        };
        let session = self.connection.session().map_err(|Away| Failure::Away)?;
        Ok(match session.commit() {
            Ok(()) => Run::Committed(decided),
            Err(error) => match self.roll_back() {
                Ok(()) => Run::Failed(error),
                Err(lost) => {
                    self.connection.lose(&lost);
                    Run::Unknown(batch_id, decided)
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
) -> Result<Decided, StoreError> {
    let mut keys = Keys::default();
    for work in batch {
        if let Work::Decide { instruction, .. } = work {
            instruction.keys(&mut keys);
        }
    }
    let mut books = session.load(&keys, clock)?;
    // The clock is read now that the rows are locked: whoever held them before decided at an earlier time.
    let now = clock.now();
    let at = Instant::now();
    let mut answers: Vec<Answer> = Vec::with_capacity(batch.len());
    for work in batch {
        answers.push(match work {
            Work::Decide { instruction, .. } => Answer::Decided(instruction.decide(&mut books, now)),
            Work::Claim { .. } | Work::Purge { .. } | Work::Stop => Answer::Nothing,
        });
    }
    let mut is_marked = false;
    if !books.is_unchanged() {
        session.mark(batch_id, now)?;
        session.flush(&books)?;
        is_marked = true;
    }
    // Claims and purges come after the flush, so that jobs that this very batch asked for can be begun in it.
    for (work, answer) in batch.iter().zip(&mut answers) {
        if let Work::Claim { claim, .. } = work {
            let jobs = session.claim(claim, now)?;
            if !jobs.is_empty() && !is_marked {
                session.mark(batch_id, now)?;
                is_marked = true;
            }
            *answer = Answer::Claimed(jobs);
        }
        if let Work::Purge { purge, .. } = work {
            let gone = session.purge(purge)?;
            if gone > 0 && !is_marked {
                session.mark(batch_id, now)?;
                is_marked = true;
            }
            *answer = Answer::Purged(gone);
        }
    }
    let is_due = |job: &Job| job.status == JobStatus::Ready && job.run_at <= now;
    let has_due_jobs = books.jobs().inserted().any(is_due) || books.jobs().updated().any(is_due);
    Ok(Decided { answers, books, has_due_jobs, at })
}
