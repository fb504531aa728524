//! The gateway is asked what became of charges: when, how often, and what comes of it.
#![expect(clippy::unwrap_used, clippy::panic, reason = "these are tests")]

mod crowd;
mod desk;
mod questions;
mod reconciliation;
mod searches;
