//! After the sale: the faults end, the hour of those who didn't pay is over, and everything comes right or is wrong.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use futures_util::{StreamExt, TryStreamExt, stream};
use reqwest::Method;
use serde_json::{Value, json};

use crate::books::Books;
use crate::buyer::Sale;
use crate::judge::{Score, judge};
use crate::support::caller::Wish;
use crate::support::promises::{Promises, text};
use crate::town::Town;

/// How long everything may take to come right.
const PATIENCE: Duration = Duration::from_secs(240);
/// How often it is looked at.
const LOOK: Duration = Duration::from_millis(500);
/// After so many looks everything is asked about once more.
const LOOKS_PER_QUESTION: u32 = 10;
/// Requests at the same time.
const AT_ONCE: usize = 8;
/// So many answers of each kind are asked for once more, through the API.
const ASKED_AGAIN: usize = 500;

impl Town {
    pub(crate) async fn close(&self, sales: &[Sale]) -> Result<Score> {
        self.control(Method::DELETE, "faults", &Value::Null).await?;
        self.resolve(sales).await?;
        self.control(Method::POST, "clock/advance", &json!({"seconds": 3_601})).await?;
        let history = self.caller.history.exchanges();
        let bug = history.iter().find(|exchange| exchange.outcome.status() == Some(500));
        ensure!(bug.is_none(), "trouble is 503, and a bug is 500: {bug:?}");
        let promises = Promises::of(&history)?;
        drop(history);
        let score = self.comes_right(sales, &promises).await?;
        self.honours(&promises).await?;
        let report = self.caller.read("/api/admin/reconciliation").await?;
        ensure!(report["ok"] == json!(true), "{report}");
        Ok(score)
    }

    /// The merchant settles at the provider what needs settling.
    async fn resolve(&self, sales: &[Sale]) -> Result<()> {
        let in_question =
            |sale: &&Sale| matches!(sale.outcome, Some("underpaid" | "overpaid" | "multiple" | "delayed"));
        let resolutions = sales.iter().filter(in_question).filter(|sale| sale.is_resolved).map(async |sale| {
            let deadline = Instant::now() + PATIENCE;
            let path = format!("charges/{}/resolve", sale.code);
            while self.commerce(Method::POST, &path).await?.is_none() {
                ensure!(Instant::now() < deadline, "{} is never unresolved", sale.code);
                tokio::time::sleep(LOOK).await;
            }
            Ok(())
        });
        stream::iter(resolutions).buffer_unordered(AT_ONCE).try_collect::<Vec<()>>().await.map(drop)
    }

    /// Looks until everything is as it must be, or patience is at its end. What was never told is asked for: an operator
    /// who knows that webhooks were lost doesn't wait for the next question either.
    async fn comes_right(&self, sales: &[Sale], promises: &Promises) -> Result<Score> {
        let deadline = Instant::now() + PATIENCE;
        for look in 0_u32.. {
            let stand = self.control(Method::GET, "", &Value::Null).await?;
            if stand["counts"]["deliveries_waiting"] == json!(0) || Instant::now() >= deadline {
                let score = judge(self, sales, &Books::read(self).await?, promises);
                if score.is_clean().is_ok() || Instant::now() >= deadline {
                    return Ok(score);
                }
                if look % LOOKS_PER_QUESTION == 0 {
                    self.ask_at_once().await?;
                }
            }
            tokio::time::sleep(LOOK).await;
        }
        anyhow::bail!("looked for ever")
    }

    /// Has every question that waits for its time asked now.
    async fn ask_at_once(&self) -> Result<()> {
        let waiting = self.rows("SELECT id::text AS line FROM jobs WHERE status = 'ready' AND kind = 'poll_charge'")?;
        let retries = waiting.iter().map(async |row| {
            let wish = Wish::post(format!("/api/admin/jobs/{}/retry", row[0]), Value::Null);
            let (status, answer) = self.caller.insist(&wish).await?;
            ensure!(matches!(status, 200 | 409), "{status} {answer}");
            Ok(())
        });
        stream::iter(retries).buffer_unordered(AT_ONCE).try_collect::<Vec<()>>().await.map(drop)
    }

    /// What was answered is also what the API says.
    async fn honours(&self, promises: &Promises) -> Result<()> {
        let holds = promises.holds.keys().map(|id| format!("/api/holds/{id}"));
        let orders = promises.orders.keys().map(|id| format!("/api/orders/{id}"));
        let checkouts: BTreeSet<&String> = promises.checkouts.values().chain(promises.of_orders.keys()).collect();
        let checkouts = checkouts.into_iter().map(|id| format!("/checkouts/{id}"));
        let paths = holds.take(ASKED_AGAIN).chain(orders.take(ASKED_AGAIN)).chain(checkouts.take(ASKED_AGAIN));
        let reads = paths.map(async |path| {
            let found = self.caller.read(&path).await?;
            ensure!(path.ends_with(&text(&found["id"])?), "{path}: {found}");
            Ok(())
        });
        stream::iter(reads).buffer_unordered(AT_ONCE).try_collect::<Vec<()>>().await.map(drop)
    }
}
