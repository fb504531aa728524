//! Coinbase Commerce, and whatever speaks its wire: a client of its REST API, and a reader of its webhooks.
//!
//! The wire is the one that Coinbase documents for version 2018-03-22 of its API, as its official client libraries
//! speak it.

mod answer;
mod charge;
mod client;
mod config;
mod gateway;
mod loose;
mod report;
mod state;
mod tolerance;
mod webhook;

pub use config::{Config, ConfigError, Timeouts};
pub use gateway::CoinbaseGateway;
pub use webhook::{CoinbaseWebhooks, SIGNATURE_HEADER};
