//! A stand-in for Coinbase Commerce: charges, a payment page, and signed webhooks, without a coin being moved.
//!
//! It speaks Coinbase's wire closely enough for the official client libraries and adds what a test environment needs: a
//! page and a control API that decide how a payment ends. Its state is one `SQLite` file. Whatever it has acknowledged
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
//! Addresses are made up so that wallets refuse them: see `address.rs`. What it doesn't do: checkouts and invoices as
//! resources, Coinbase's rate limits, and more than one payment per charge.

mod address;
mod charge;
mod clock;
mod coin;
mod config;
mod currency;
mod error;
mod event;
mod http;
mod limits;
mod money;
mod operations;
mod page;
mod paging;
mod random;
mod sandbox;
mod secret;
mod storage;
mod worker;

pub use config::{Config, Retry};
pub use error::Error;
pub use sandbox::Sandbox;
pub use worker::Worker;
