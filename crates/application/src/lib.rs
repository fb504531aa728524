//! Use cases: what happens when. They drive the ports and know neither SQL nor HTTP.
#![warn(missing_docs)]

mod background;
mod charges;
mod checkouts;
mod error;
mod expiry;
mod health;
mod job_bell;
mod job_runner;
mod transactions;
mod webhooks;

pub use background::Background;
pub use charges::Charges;
pub use checkouts::{Checkouts, NewCheckout};
pub use error::Error;
pub use expiry::CheckoutExpiry;
pub use health::{CheckState, Health, HealthReport};
pub use job_bell::JobBell;
pub use job_runner::JobRunner;
pub use transactions::Transactions;
pub use webhooks::{ReceivedEvent, Webhooks};
