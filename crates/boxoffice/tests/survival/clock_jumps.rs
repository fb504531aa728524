//! The clock jumps an hour forth and back while holds, orders, jobs and leases live.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use testkit::app::TestApp;
use testkit::clock::JumpingClock;
use testkit::databases::FreshDatabase;

use crate::sale::{MERCHANT, Sale};
use crate::support::promises::text;
use crate::support::{dice, until};

/// Forth, back, behind, and so on; it comes out even.
const JUMPS_S: [i64; 8] = [3_600, -3_600, -3_600, 3_600, 7_200, -7_200, 3_600, -3_600];
/// Buyers at the same time.
const BUYERS: usize = 12;
/// So many seats that nobody is turned away.
const SEATS: u64 = 1_000_000;

async fn an_hour_forth_and_back_loses_and_doubles_nothing(database: FreshDatabase) -> Result<()> {
    let seed = dice::seed("SALE_SEED");
    sell_through_jumps(database, seed).await.with_context(|| format!("SALE_SEED={seed}"))
}

async fn sell_through_jumps(database: FreshDatabase, seed: u64) -> Result<()> {
    let clock = Arc::new(JumpingClock::default());
    let app = TestApp::start_by(clock.clone(), database, &["--poll-after-s", "1"]).await?;
    // So that leases end, by the clock, while the gateway is at it. Its errors are another test's: a surplus charge is
    // called off once, and stays where that fails, with a page that nobody was ever sent to.
    let faults = json!({"seed": seed, "api": {"slow": 0.5, "slow_ms_max": 800}});
    control(&app, Method::PUT, "faults", &faults).await?;
    let sale = Sale::open(vec![app.url.clone()], SEATS, seed).await?;
    let crowd = sale.crowd(BUYERS);
    for jump_s in JUMPS_S {
        let before = sale.caller.history.answered(201);
        until("load", || async { Ok(sale.caller.history.answered(201) > before + 50) }).await?;
        clock.jump_s(jump_s);
    }
    crowd.disperse().await?;
    control(&app, Method::DELETE, "faults", &Value::Null).await?;
    println!("{}\n{}", sale.judge().await?, sale.caller.history.table());
    // What was put off while the clock was ahead is due when the time has come again.
    clock.jump_s(4 * 3_600);
    let has_nothing_to_do = || async {
        let waiting = app.json(&format!("/checkouts?merchant_id={MERCHANT}&status=PENDING")).await?;
        let no_charge = waiting["items"].as_array().context("a list")?.iter().any(|row| row["charge_code"].is_null());
        Ok(!no_charge && app.json("/api/admin/jobs?status=running").await?["total"] == json!(0))
    };
    until("all leases and retries are over", has_nothing_to_do).await?;
    let expired = || async { Ok(app.json("/api/orders?status=pending").await?["total"] == json!(0)) };
    until("all orders that nobody paid are over", expired).await?;
    println!("{}", sale.judge().await?);
    // Whoever lost its lease may still be calling off what it made.
    let is_so = async || has_one_charge_each(&app, &sale).await;
    if until("one charge each", || async { Ok(is_so().await.is_ok()) }).await.is_err() {
        is_so().await?;
    }
    ensure!(app.json("/api/admin/jobs?status=dead").await?["total"] == json!(0), "dead jobs");
    app.stop().await
}

/// Of all the charges that were made for a checkout, one can be paid: the checkout's own.
async fn has_one_charge_each(app: &TestApp, sale: &Sale) -> Result<()> {
    let mut open: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut after = String::new();
    loop {
        let request = app.request(Method::GET, &format!("/sandbox/charges?limit=100{after}"));
        let page: Value = request.header("X-CC-Api-Key", "key-of-the-tests").send().await?.json().await?;
        let charges = page["data"].as_array().context("a list")?;
        let Some(last) = charges.last() else { break };
        after = format!("&starting_after={}", text(&last["id"])?);
        for charge in charges {
            let status = &charge["timeline"].as_array().and_then(|line| line.last()).context("a timeline")?["status"];
            if status != "CANCELED" {
                let of = text(&charge["metadata"]["checkout_id"])?;
                open.entry(of).or_default().insert(text(&charge["code"])?);
            }
        }
    }
    for checkout in sale.caller.list(&format!("/checkouts?merchant_id={MERCHANT}")).await? {
        let codes = open.remove(&text(&checkout["id"])?).unwrap_or_default();
        let own = BTreeSet::from([text(&checkout["charge_code"])?]);
        ensure!(codes == own, "{codes:?} can be paid for {checkout}");
    }
    ensure!(open.is_empty(), "charges of no checkout: {open:?}");
    Ok(())
}

async fn control(app: &TestApp, method: Method, path: &str, body: &Value) -> Result<()> {
    let request = app.request(method, &format!("/sandbox/_control/{path}"));
    let request = if body.is_null() { request } else { request.json(body) };
    request.send().await?.error_for_status()?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgres_an_hour_forth_and_back_loses_and_doubles_nothing() -> Result<()> {
    an_hour_forth_and_back_loses_and_doubles_nothing(FreshDatabase::postgres()?).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_sqlite_an_hour_forth_and_back_loses_and_doubles_nothing() -> Result<()> {
    an_hour_forth_and_back_loses_and_doubles_nothing(FreshDatabase::sqlite()?).await
}
