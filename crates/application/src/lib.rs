//! Use cases: what happens when. They drive the ports and know neither SQL nor HTTP.
#![warn(missing_docs)]

mod background;
mod charges;
mod checkouts;
mod error;
mod events;
mod expiry;
mod explanations;
mod health;
mod hold_tokens;
mod holds;
mod job_bell;
mod job_runner;
mod orders;
mod pace;
mod payments;
mod polls;
mod product_cache;
mod products;
mod reconciliation;
mod stock_expiry;
mod transactions;
mod webhooks;

pub use background::Background;
pub use charges::Charges;
pub use checkouts::{Checkouts, NewCheckout};
pub use error::Error;
pub use events::Events;
pub use expiry::CheckoutExpiry;
pub use explanations::explain_event;
pub use health::{CheckState, Health, HealthReport};
pub use hold_tokens::HoldTokens;
pub use holds::Holds;
pub use job_bell::JobBell;
pub use job_runner::JobRunner;
pub use orders::{Basket, NewOrder, Orders};
pub use pace::Pace;
pub use payments::{NewNotice, Payments, ReceivedNotice};
pub use polls::{Polls, Rest};
pub use product_cache::ProductCache;
pub use products::{NewProduct, ProductChange, Products};
pub use reconciliation::{Attention, Finding, Reconciliation, Report};
pub use stock_expiry::StockExpiry;
pub use transactions::Transactions;
pub use webhooks::{ReceivedEvent, Webhooks};
