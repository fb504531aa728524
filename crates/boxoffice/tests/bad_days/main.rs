//! Every fault of the sandbox at once, payments of all kinds, and an end that is what the money says.
//!
//! A failure prints its seed: `BAD_DAYS_SEED=… cargo test --package boxoffice --test bad_days` plays the same payments with
//! the same faults. `BAD_DAYS_CHECKOUTS` changes how many there are.

mod day;
mod plan;
#[path = "../support/mod.rs"]
mod support;
mod verdict;

use std::time::Duration;

use anyhow::{Context, Result};
use testkit::databases::FreshDatabase;

use day::{Day, PATIENCE};
use plan::Plan;
use support::dice;

/// How many checkouts there are, half of them of orders.
const CHECKOUTS: u64 = 1_000;

async fn every_checkout_and_order_ends_as_its_money_says(database: FreshDatabase) -> Result<()> {
    let seed = dice::seed("BAD_DAYS_SEED");
    let plan = Plan::of(seed, dice::number("BAD_DAYS_CHECKOUTS").unwrap_or(CHECKOUTS));
    live(database, &plan).await.with_context(|| format!("BAD_DAYS_SEED={seed}"))
}

async fn live(database: FreshDatabase, plan: &Plan) -> Result<()> {
    let day = Day::begin(database, plan).await?;
    let sales = day.sell(plan).await?;
    let paid = day.pay(&sales).await?;
    day.close(&paid).await?;
    let truth = verdict::Truth::of(&day, &paid).await?;
    truth.check(&day, PATIENCE).await?;
    // What comes late, twice, or out of order must change nothing any more.
    day.quiet().await?;
    truth.check(&day, Duration::ZERO).await?;
    truth.check_that_it_was_bad(&day).await?;
    day.end().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgres_every_checkout_and_order_ends_as_its_money_says() -> Result<()> {
    every_checkout_and_order_ends_as_its_money_says(FreshDatabase::postgres()?).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_sqlite_every_checkout_and_order_ends_as_its_money_says() -> Result<()> {
    every_checkout_and_order_ends_as_its_money_says(FreshDatabase::sqlite()?).await
}
