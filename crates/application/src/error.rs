use domain::Rejection;
use ports::{GatewayError, LedgerError, RepoError, UrlRefusal, WebhookError};
use thiserror::Error;

/// Why a use case didn't happen. The text is for the operator; clients get a problem made from the variant.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Error {
    /// There is no such thing.
    #[error("not found")]
    NotFound,
    /// The books said no.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// The books had said no before to the same request.
    #[error("{0} when it was first asked")]
    RejectedBefore(Rejection),
    /// It couldn't be stored.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// It couldn't be read.
    #[error(transparent)]
    Repo(#[from] RepoError),
    /// The payment gateway didn't do it.
    #[error(transparent)]
    Gateway(#[from] GatewayError),
    /// The webhook isn't taken.
    #[error(transparent)]
    Webhook(#[from] WebhookError),
    /// Nothing can be sent to the endpoint's URL.
    #[error("the URL {0}")]
    EndpointUrl(#[from] UrlRefusal),
    /// The job was begun more often than its kind allows, and never ended.
    #[error("the job was begun too often and never ended")]
    AttemptsUsedUp,
    /// Somebody else is at the job, since it took so long.
    #[error("the lease of the job was lost")]
    LeaseLost,
    /// The checkout is no longer waiting for money.
    #[error("the checkout is finished")]
    CheckoutFinished,
}
