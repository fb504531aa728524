//! What tests share: private databases, the application on a free port, a clock turned by hand, the contract suite.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    reason = "what tests share fails as tests do: at once and loudly"
)]

pub mod app;
pub mod builders;
pub mod clock;
pub mod contract;
pub mod databases;
pub mod postgres;
pub mod schema;
pub mod settlement;
pub mod stores;
