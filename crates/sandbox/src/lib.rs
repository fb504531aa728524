//! A stand-in for Coinbase Commerce: charges, checkouts, invoices, events, payment pages, and signed webhooks, without a
//! coin being moved.
//!
//! It speaks Coinbase's wire closely enough for the official client libraries and adds what a test environment needs: a
//! home page and a control API that decide how payments end, what goes wrong, and what time it is. Its state is one `SQLite` file. Whatever it has acknowledged
//! survives a kill, payments under way and webhooks included.
//!
//! ```no_run
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! use actix_web::{App, HttpServer};
//!
//! let url = "http://127.0.0.1:8090".parse()?;
//! let config = sandbox::Config::new("sandbox.db".into(), "test-key".into(), "secret".into(), url);
//! let sandbox = sandbox::Sandbox::open(config)?;
//! let worker = sandbox.start();
//! HttpServer::new(move || App::new().configure(|routes| sandbox.configure(routes)))
//!     .bind("127.0.0.1:8090")?
//!     .run()
//!     .await?;
//! worker.stop().await;
//! # Ok(())
//! # }
//! ```
//!
//! Addresses are made up so that wallets refuse them: see `address.rs`.

mod address;
mod announce;
mod charge;
mod checkout;
mod clock;
mod coin;
mod config;
mod currency;
mod error;
mod event;
mod faults;
mod fields;
mod http;
mod invoice;
mod limits;
mod merchant;
mod money;
mod operations;
mod page;
mod paging;
mod random;
mod rate_limit;
mod rates;
mod sandbox;
mod secret;
mod storage;
mod worker;

pub use config::{Config, Retry};
pub use error::Error;
pub use faults::{FaultPlan, FaultPlanError};
pub use rates::{Rates, RatesError};
pub use sandbox::Sandbox;
pub use worker::Worker;
