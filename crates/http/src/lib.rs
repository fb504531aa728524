//! The HTTP API: routes, request and response bodies, problem details, guards.
//!
//! Everything that HTTP is about stays in this crate, and nothing else gets in: a handler reads its input, calls one use
//! case of [`application`] and renders the answer. Errors become [`Problem`]s in one place.
//!
//! ```no_run
//! # fn serve(api: http_api::Api) -> std::io::Result<actix_web::dev::Server> {
//! use actix_web::{App, HttpServer};
//! use http_api::RequestShell;
//!
//! let server = HttpServer::new(move || App::new().wrap(RequestShell::new(&api.access, api.ids.clone(), api.request_timeout)).configure(|cfg| api.configure(cfg)))
//!     .bind("127.0.0.1:8080")?
//!     .run();
//! # Ok(server)
//! # }
//! ```
#![warn(missing_docs)]

mod access;
mod answer;
mod api;
mod audit_trail;
mod body;
mod caching;
mod caller;
mod checkouts;
mod deliveries;
mod endpoint;
mod events;
mod header;
mod health;
mod holds;
mod idempotency;
mod input;
mod jobs;
mod orders;
mod page;
mod payments;
mod problem;
mod products;
mod query;
mod reconciliation;
mod shell;
mod transactions;
mod webhook_endpoints;
mod webhooks;

pub use access::{Access, HostRule};
pub use api::Api;
pub use deliveries::DeliveryView;
pub use events::EventView;
pub use idempotency::UnderWay;
pub use jobs::JobView;
pub use problem::{FieldError, Problem, ProblemType};
pub use reconciliation::ReportView;
pub use shell::RequestShell;
pub use webhook_endpoints::RecoveredView;
