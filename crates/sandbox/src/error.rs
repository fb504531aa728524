//! What can go wrong, for the caller, for a client of the wire, and inside.

use thiserror::Error;

/// Why a sandbox couldn't be opened.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// The file can't be opened as a `SQLite` database.
    #[error("can't open the sandbox's database")]
    Open(#[from] diesel::ConnectionError),
    /// The connections for reading couldn't be made.
    #[error("can't open the sandbox's database for reading")]
    Readers(#[from] diesel::r2d2::PoolError),
    /// The database refused its settings.
    #[error("can't set up the sandbox's database")]
    Settings(#[from] diesel::result::Error),
    /// The tables couldn't be brought up to date.
    #[error("can't migrate the sandbox's database: {0}")]
    Migration(Box<dyn std::error::Error + Send + Sync>),
    /// The thread that writes couldn't be started.
    #[error("can't start the sandbox's writer")]
    Thread(#[from] std::io::Error),
    /// What is stored doesn't read back, or doesn't go with the configuration.
    #[error("can't use the sandbox's database: {0}")]
    State(String),
    /// The client that sends webhooks couldn't be made.
    #[error("can't make the webhook client")]
    Client(#[from] reqwest::Error),
}

/// Why an operation didn't happen.
#[derive(Debug, Error)]
pub(crate) enum Problem {
    /// The client's doing; the text is for the client.
    #[error("refused: {0}")]
    Refused(#[from] Refusal),
    #[error("database")]
    Database(#[from] diesel::result::Error),
    #[error("no connection for reading")]
    Readers(#[from] diesel::r2d2::PoolError),
    /// A stored document doesn't read back.
    #[error("table {table}, row {row}: stored document doesn't read back")]
    Document { table: &'static str, row: i64, source: serde_json::Error },
    #[error("can't write a document")]
    Encode(#[from] serde_json::Error),
    #[error("a row that was read a moment ago is gone")]
    RowGone,
    #[error("the operating system gave no randomness")]
    Randomness(#[from] getrandom::Error),
    #[error("the writer didn't commit")]
    NotCommitted,
}

/// A request that is turned down, in the wire's terms.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message}")]
pub(crate) struct Refusal {
    pub(crate) kind: Kind,
    pub(crate) message: String,
    /// When to come again, for one who came too often.
    pub(crate) retry_after_s: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    InvalidRequest,
    ParamRequired,
    Validation,
    Authentication,
    NotFound,
    RateLimited,
    /// Never on Coinbase's own paths: its Node client takes a 403 for success.
    CrossSite,
    Internal,
}

impl Refusal {
    pub(crate) fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), retry_after_s: None }
    }

    pub(crate) fn too_many(message: impl Into<String>, retry_after_s: u64) -> Self {
        Self { retry_after_s: Some(retry_after_s), ..Self::new(Kind::RateLimited, message) }
    }

    pub(crate) fn internal() -> Self {
        Self::new(Kind::Internal, "Something went wrong")
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(Kind::InvalidRequest, message)
    }

    pub(crate) fn not_found() -> Self {
        Self::new(Kind::NotFound, "Not found")
    }
}
