//! A long sale on two nodes, with every fault of the sandbox on, while nodes and PostgreSQL are killed at random. At the end
//! nothing may be lost, doubled or unexplained.
//!
//! `make soak` runs it with ten thousand payments, CI with a few hundred. A failure prints its seed: `SOAK_SEED=…` plays the
//! same buyers and faults, though not the same races. Also read: `SOAK_PAYMENTS`, `SOAK_SECONDS` (buyers stop coming then),
//! `SOAK_BUYERS`, `SOAK_KILL_EVERY_MS`.
#![expect(clippy::print_stdout, reason = "what was counted is for people to read")]

mod books;
mod buyer;
mod closing;
mod hunter;
mod judge;
mod promised;
#[path = "../support/mod.rs"]
mod support;
mod town;

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use buyer::Crowd;
use hunter::Hunter;
use support::dice;
use town::Town;

/// What a run is made of.
#[derive(Clone, Copy, Debug)]
struct Settings {
    seed: u64,
    /// How many payments are played.
    payments: u64,
    /// When buyers stop coming, whether or not there were so many payments.
    longest: Duration,
    /// Buyers at the same time.
    buyers: u64,
    /// Something is killed about so often.
    kill_every: Duration,
}

impl Settings {
    fn read() -> Self {
        let number = |name, usual| dice::number(name).unwrap_or(usual);
        Self {
            seed: dice::seed("SOAK_SEED"),
            payments: number("SOAK_PAYMENTS", 300),
            longest: Duration::from_secs(number("SOAK_SECONDS", 7_200)),
            buyers: number("SOAK_BUYERS", 24),
            kill_every: Duration::from_millis(number("SOAK_KILL_EVERY_MS", 3_000)),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes: make soak"]
async fn nothing_that_was_paid_is_lost_doubled_or_unexplained() -> Result<()> {
    let settings = Settings::read();
    println!("{settings:?}");
    soak(settings).await.with_context(|| format!("SOAK_SEED={}", settings.seed))
}

async fn soak(settings: Settings) -> Result<()> {
    let began = Instant::now();
    let (town, nodes) = Town::found(settings).await?;
    let town = Arc::new(town);
    let hunter = Hunter::start(settings, Arc::clone(&town), nodes);
    let sold = Crowd::of(Arc::clone(&town)).sell_out().await;
    // Whatever became of the buyers, nothing is killed any more, and everything is up.
    let (kills, _nodes) = hunter.stop().await?;
    let sales = sold?;
    println!("sold for {:.0?}; closing", began.elapsed());
    let score = town.close(&sales).await?;
    println!("{kills}; {} requests were asked again", town.caller.retries());
    println!("requests:\n{}", town.caller.history.table());
    println!("{score}\ntook {:.0?}", began.elapsed());
    score.is_clean()
}
