//! The connection to PostgreSQL breaks in the middle of a commit. Nobody knows whether it took place, and it must neither be
//! lost nor be done twice.

use anyhow::{Context, Result, ensure};
use testkit::app::TestApp;
use testkit::databases::FreshDatabase;
use url::Url;

use crate::sale::Sale;
use crate::support::dice::{self, Dice};
use crate::support::until;
use crate::wire_proxy::{Cut, WireProxy};

/// How many connections are cut.
const CUTS: usize = 60;
/// Buyers at the same time.
const BUYERS: usize = 12;
/// So many seats that nobody is turned away.
const SEATS: u64 = 1_000_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_cut_in_the_middle_of_a_commit_neither_loses_nor_doubles_it() -> Result<()> {
    let seed = dice::seed("SALE_SEED");
    sell_through_cuts(seed).await.with_context(|| format!("SALE_SEED={seed}"))
}

async fn sell_through_cuts(seed: u64) -> Result<()> {
    let database = FreshDatabase::postgres()?;
    let mut url = Url::parse(&database.url_text())?;
    let proxy = WireProxy::start(url.port().unwrap_or(5432)).await?;
    url.set_port(Some(proxy.port)).ok().context("a port")?;
    url.query_pairs_mut().append_pair("sslmode", "disable").append_pair("gssencmode", "disable");
    // The last of two values for a flag isn't taken: clap refuses both.
    let app = TestApp::start_through(database, url.as_str(), &["--gateway", "fake"]).await?;
    let sale = Sale::open(vec![app.url.clone()], SEATS, seed).await?;
    let crowd = sale.crowd(BUYERS);
    let mut dice = Dice::of(seed, u64::MAX);
    for cut in 0..CUTS {
        // Each kind as often, in an order of the seed's.
        let kind = if cut < Cut::ALL.len() { Cut::ALL[cut] } else { *dice.pick(&Cut::ALL) };
        let before = sale.caller.history.answered(201);
        proxy.cut_next(kind);
        let is_over = || async { Ok(proxy.cuts() > cut && sale.caller.history.answered(201) > before + 10) };
        until("a cut, and answers after it", is_over).await?;
    }
    crowd.disperse().await?;
    let findings = sale.judge().await?;
    println!("{findings}\n{}", sale.caller.history.table());
    // The mark tells what became of each commit: no caller is left in doubt, and none is asked to come again.
    ensure!(findings.unanswered == 0, "{} requests had no answer", findings.unanswered);
    app.stop().await
}
