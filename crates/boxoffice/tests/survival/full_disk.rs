//! SQLite's disk is full: whoever wants something stored is told so, nothing breaks, and it heals when there is room again.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use testkit::app::client;

use crate::sale::Sale;
use crate::small_disk::SmallDisk;
use crate::support::{Recipe, dice, until};

/// What is left each time, in bytes: the wall is hit at other points of a commit.
const ROOM: [u64; 6] = [0, 4_096, 12_288, 40_960, 100_000, 1];
/// Buyers at the same time.
const BUYERS: usize = 8;
/// So many seats that nobody is turned away.
const SEATS: u64 = 1_000_000;

async fn a_full_disk_is_told_and_heals(disk: SmallDisk) -> Result<()> {
    let recipe = disk.recipe()?;
    let mut server = recipe.start().await?;
    let sale = Sale::open(vec![recipe.url()], SEATS, dice::seed("SALE_SEED")).await?;
    let crowd = sale.crowd(BUYERS);
    let history = &sale.caller.history;
    for (round, room) in ROOM.into_iter().enumerate() {
        let before = history.answered(201);
        until("load", || async { Ok(history.answered(201) > before + 40) }).await?;
        let refused = history.answered(503);
        disk.leave(&server, room)?;
        until("the disk is full", || async { Ok(history.answered(503) > refused + 5) }).await?;
        is_told_what_is_wrong(&sale, &recipe.url()).await?;
        if round % 2 == 0 {
            disk.make_room(Some(&server))?;
            continue;
        }
        // Killed while there is no room: what is there must be enough to begin again with.
        server.kill()?;
        disk.check().context("killed while the disk was full")?;
        starts_or_says_why(&recipe).await?;
        disk.make_room(None)?;
        server = recipe.start().await?;
    }
    let before = history.answered(201);
    until("load", || async { Ok(history.answered(201) > before + 40) }).await?;
    crowd.disperse().await?;
    println!("{}\n{}", sale.judge().await?, history.table());
    server.kill()?;
    disk.check()
}

/// Reads go on, and writes say that it isn't the caller's fault.
async fn is_told_what_is_wrong(sale: &Sale, url: &str) -> Result<()> {
    let client = client()?;
    let product = client.get(format!("{url}/api/products/{}", sale.product_id)).send().await?;
    ensure!(product.status() == 200, "a full disk keeps nobody from reading: {}", product.status());
    let body = json!({"name": "Another", "price": "1", "total_stock": 1});
    let refused = client.post(format!("{url}/api/products")).json(&body).send().await?;
    // What little room was left may have been enough for this.
    if refused.status() == 201 {
        return Ok(());
    }
    let (status, retry) = (refused.status(), refused.headers().contains_key("retry-after"));
    let problem: Value = refused.json().await?;
    ensure!(status == 503 && retry && problem["code"] == "unavailable", "{status} {problem}");
    Ok(())
}

/// A start without room may fail, but not by a signal, and not without a word.
async fn starts_or_says_why(recipe: &Recipe) -> Result<()> {
    let (client, health) = (client()?, format!("{}/health", recipe.url()));
    let mut program = recipe.spawn()?;
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        if let Some(status) = program.status()? {
            ensure!(status.code() == Some(1), "a start without room ended with {status}");
            return Ok(());
        }
        if client.get(&health).send().await.is_ok_and(|answer| answer.status() == 200) {
            return program.kill();
        }
        ensure!(Instant::now() < deadline, "a start without room neither succeeds nor fails");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_without_room_is_told_and_heals() -> Result<()> {
    if let Some(disk) = SmallDisk::mounted()? {
        return a_full_disk_is_told_and_heals(disk).await;
    }
    // The other test has what can be had on such a machine.
    println!("nothing can be mounted here: only files that may not grow are tried");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_that_may_not_grow_are_told_of_and_it_heals() -> Result<()> {
    a_full_disk_is_told_and_heals(SmallDisk::limited()?).await
}
