//! PostgreSQL is killed, and restarted, while everybody buys.

use anyhow::Result;
use testkit::app::TestApp;
use testkit::databases::FreshDatabase;
use testkit::postgres::{Options, Server};

use crate::sale::Sale;
use crate::support::{dice, until};

/// Half of them kills.
const RESTARTS: usize = 10;
/// Buyers at the same time.
const BUYERS: usize = 12;
/// So many seats that nobody is turned away.
const SEATS: u64 = 1_000_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_killed_and_restarted_under_load_loses_and_doubles_nothing() -> Result<()> {
    let postgres = Server::start(Options::default())?;
    let app = TestApp::start(FreshDatabase::postgres_on(&postgres)?, &["--gateway", "fake"]).await?;
    let sale = Sale::open(vec![app.url.clone()], SEATS, dice::seed("SALE_SEED")).await?;
    let crowd = sale.crowd(BUYERS);
    for restart in 0..RESTARTS {
        let before = sale.caller.history.answered(201);
        until("load", || async { Ok(sale.caller.history.answered(201) > before + 60) }).await?;
        if restart % 2 == 0 {
            postgres.kill()?;
            // Somebody has noticed.
            let refused = sale.caller.history.answered(503);
            until("a 503", || async { Ok(sale.caller.history.answered(503) > refused) }).await?;
            postgres.resume()?;
        } else {
            postgres.restart()?;
        }
    }
    let before = sale.caller.history.answered(201);
    until("load", || async { Ok(sale.caller.history.answered(201) > before + 60) }).await?;
    crowd.disperse().await?;
    let findings = sale.judge().await?;
    println!("{findings}\n{}", sale.caller.history.table());
    app.stop().await
}
