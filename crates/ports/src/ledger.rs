use async_trait::async_trait;
use domain::{Cause, Decide, Instruction, Once, Outcome, Rejection, Reply};
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
    /// command does all it decides or nothing, its entries in the audit trail and the outcome kept under its request's name
    /// included.
    async fn execute(&self, instruction: Instruction) -> Result<Reply, LedgerError>;
}

/// Decides a command of a known type, as Boxoffice's own doing.
pub async fn execute<C: Decide + Send>(
    ledger: &dyn Ledger,
    command: C,
) -> Result<Result<C::Reply, Rejection>, LedgerError> {
    execute_for(ledger, command, Cause::SYSTEM).await
}

/// Decides a command of a known type for somebody.
pub async fn execute_for<C: Decide + Send>(
    ledger: &dyn Ledger,
    command: C,
    cause: Cause,
) -> Result<Result<C::Reply, Rejection>, LedgerError> {
    let reply = ledger.execute(Instruction { command: command.into(), cause, once: None }).await?;
    C::reply_from(reply).ok_or(LedgerError::Internal)
}

/// What a request with a name is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decided<R> {
    /// It was decided just now.
    Now(Result<R, Rejection>),
    /// It was decided before; this is what came of it then.
    Before(Outcome),
}

/// Decides a command of a known type for somebody, once only if the request has a name.
pub async fn execute_once<C: Decide + Send>(
    ledger: &dyn Ledger,
    command: C,
    cause: Cause,
    once: Option<Once>,
) -> Result<Decided<C::Reply>, LedgerError> {
    match ledger.execute(Instruction { command: command.into(), cause, once }).await? {
        Reply::Repeated(outcome) => Ok(Decided::Before(outcome)),
        reply => C::reply_from(reply).map(Decided::Now).ok_or(LedgerError::Internal),
    }
}
