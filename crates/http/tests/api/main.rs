//! The HTTP API over ports made of memory: what clients get for what they send, and what is stored after it.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests fail loudly, and so do the parts they share")]

mod answer;
mod checkouts;
mod faulty_bodies;
mod fleeting_ports;
mod health;
mod lists;
mod logs;
mod pay;
mod protection;
mod routes;
mod server;
mod shop;
mod store;
mod trouble;
mod webhooks;
mod wire;
