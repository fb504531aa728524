use async_trait::async_trait;
use domain::{Command, Decide, Rejection, Reply};
use thiserror::Error;

/// Why a command has no reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum LedgerError {
    /// More is queued than can be done soon. Nothing was done; ask again later.
    #[error("the ledger is overloaded")]
    Overloaded,
    /// The database is away. Nothing was done, unless it went away in the very commit: asking again with the same
    /// idempotency key is safe either way.
    #[error("the ledger's database is unavailable")]
    Unavailable,
    /// The store refused this very command, alone. Nothing was done; the log says why.
    #[error("the ledger could not store this")]
    Internal,
}

/// The one way to change anything.
#[async_trait]
pub trait Ledger: Send + Sync {
    /// Decides a command.
    ///
    /// When it returns `Ok`, what the command changed is durable: it survives the death of this process and of the
    /// database's. Commands take effect one after the other, each seeing all that was answered before it was asked. A
    /// command does all it decides or nothing.
    async fn execute(&self, command: Command) -> Result<Reply, LedgerError>;
}

/// Decides a command of a known type.
pub async fn execute<C: Decide + Send>(
    ledger: &dyn Ledger,
    command: C,
) -> Result<Result<C::Reply, Rejection>, LedgerError> {
    let reply = ledger.execute(command.into()).await?;
    C::reply_from(reply).ok_or(LedgerError::Internal)
}
