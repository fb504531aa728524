//! The HTTP API over ports made of memory: what clients get for what they send, and what is stored after it.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests fail loudly, and so do the parts they share")]

mod answer;
mod audit_trail;
mod checkouts;
mod events;
mod faulty_bodies;
mod faulty_notices;
mod faulty_orders;
mod fleeting_ports;
mod health;
mod holds;
mod idempotency;
mod jobs;
mod lists;
mod logs;
mod order_checkouts;
mod order_status;
mod orders;
mod pay;
mod payments;
mod product_cache;
mod products;
mod protection;
mod reconciliation;
mod routes;
mod server;
mod shop;
mod store;
mod trouble;
mod webhook_endpoints;
mod webhooks;
mod wire;
