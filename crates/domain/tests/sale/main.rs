//! The sale as a whole, through commands on books: every rule about stock, holds, orders and their money.
//!
//! `shop` has builders; whatever a test asks of a shop is also checked against `rules`. `random` and `permutations` let
//! chance and brute force do the asking.
#![expect(clippy::unwrap_used, clippy::panic, reason = "these are tests")]

mod cast;
mod change_order;
mod charges;
mod earlier_money;
mod event_keys;
mod holds;
mod loader;
mod order_checkouts;
mod permutations;
mod place_order;
mod plan;
mod products;
mod random;
mod recount;
mod replays;
mod retries;
mod rows;
mod rules;
mod shop;
mod steps;
mod ten_words;
mod waiting_events;
