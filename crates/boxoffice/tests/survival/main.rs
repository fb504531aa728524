//! A sale during which something dies, fills up, or lies about the time. Buyers ask again as buyers do; everything that was
//! asked and answered is kept, and judged afterwards.
#![expect(clippy::print_stdout, reason = "what was counted is for people to read")]

mod clock_jumps;
mod commit_cuts;
mod crash_points;
mod full_disk;
mod judge;
mod merchant;
mod postgres_restarts;
mod sale;
mod small_disk;
#[path = "../support/mod.rs"]
mod support;
mod wire_proxy;
