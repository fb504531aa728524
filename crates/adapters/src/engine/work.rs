use domain::{ClaimJobs, Instruction, Job, Purge, Reply};
use ports::LedgerError;
use tokio::sync::oneshot;

/// What waits in the queue, with the way back to whoever asked.
pub(super) enum Work {
    Decide { instruction: Box<Instruction>, answer: oneshot::Sender<Result<Reply, LedgerError>> },
    Claim { claim: ClaimJobs, answer: oneshot::Sender<Result<Vec<Job>, LedgerError>> },
    Purge { purge: Purge, answer: oneshot::Sender<Result<u32, LedgerError>> },
    Stop,
}

/// What was computed for a piece of work, kept until its commit is certain.
pub(super) enum Answer {
    Decided(Reply),
    Claimed(Vec<Job>),
    Purged(u32),
    Nothing,
}

impl Work {
    /// Sends an answer of the right kind. Whoever no longer listens went away, and that is their right.
    pub(super) fn answer(self, answer: Answer) {
        match (self, answer) {
            (Self::Decide { answer: to, .. }, Answer::Decided(reply)) => drop(to.send(Ok(reply))),
            (Self::Claim { answer: to, .. }, Answer::Claimed(jobs)) => drop(to.send(Ok(jobs))),
            (Self::Purge { answer: to, .. }, Answer::Purged(gone)) => drop(to.send(Ok(gone))),
            (work, _) => work.fail(LedgerError::Internal),
        }
    }

    pub(super) fn fail(self, error: LedgerError) {
        match self {
            Self::Decide { answer, .. } => drop(answer.send(Err(error))),
            Self::Claim { answer, .. } => drop(answer.send(Err(error))),
            Self::Purge { answer, .. } => drop(answer.send(Err(error))),
            Self::Stop => {}
        }
    }
}
