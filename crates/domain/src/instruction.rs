use crate::{Books, Cause, Command, Decide, Fingerprint, Keys, Outcome, Rejection, Reply, RequestScope, Timestamp};

/// A command, who wants it, and whether it must be done once only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instruction {
    /// What is asked.
    pub command: Command,
    /// By whom, for the audit trail.
    pub cause: Cause,
    /// The request that it is, if that has a name: the same request is decided once.
    pub once: Option<Once>,
}

/// The name of a request, and what tells another request under the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Once {
    /// The name, with all that it is good for.
    pub scope: RequestScope,
    /// A digest of what is asked, after parsing.
    pub fingerprint: Fingerprint,
}

impl From<Command> for Instruction {
    /// Boxoffice's own doing.
    fn from(command: Command) -> Self {
        Self { command, cause: Cause::SYSTEM, once: None }
    }
}

impl<C: Decide> From<C> for Instruction {
    fn from(command: C) -> Self {
        Self::from(command.into())
    }
}

impl Instruction {
    /// Adds the rows that it needs.
    pub fn keys(&self, keys: &mut Keys) {
        self.command.keys(keys);
        keys.requests.extend(self.once.map(|once| once.scope));
    }

    /// Decides the command, once: a request that was decided before answers with its outcome of then, and changes nothing.
    /// The outcome is put into the books with the effect.
    pub fn decide(&self, books: &mut Books, now: Timestamp) -> Reply {
        if let Some(once) = self.once
            && let Some(kept) = books.requests().get(once.scope)
        {
            return if kept.fingerprint == once.fingerprint {
                Reply::Repeated(kept.outcome)
            } else {
                Reply::Rejected(Rejection::IdempotencyKeyReused)
            };
        }
        books.set_cause(self.cause.clone());
        let reply = self.command.decide(books, now);
        books.set_cause(Cause::SYSTEM);
        if let Some(once) = self.once
            && let Some(outcome) = Outcome::of(&reply)
        {
            books.keep_outcome(once, outcome, now);
        }
        reply
    }
}
