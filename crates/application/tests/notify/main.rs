//! Notifications over HTTP: what endpoints can do to whoever sends to them, and what becomes of it.
#![expect(clippy::unwrap_used, reason = "these are tests")]

mod endpoint;
mod faults;
mod house;
mod neighbours;
