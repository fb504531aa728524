//! `boxoffice events`, `boxoffice jobs` and `boxoffice notifications`: what came, what is to be done, what is told, and once
//! more.

use std::io::Write;
use std::sync::Arc;

use adapters::{Store, StoreParts, SystemClock, SystemIds};
use anyhow::{Context, Result, anyhow};
use application::{Caller, Error};
use http_api::{DeliveryView, EventView, JobView, RecoveredView};
use ports::{DeliveryFilter, EventFilter, JobFilter};
use serde::Serialize;

use crate::config::{DatabaseArgs, database};
use crate::notification_wiring::deliveries;
use crate::operator_args::{EventsCommand, JobsCommand, NotificationsCommand};
use crate::wiring::{events, jobs};

/// Prints events, or decides one anew and prints it.
pub(crate) async fn run_events(command: EventsCommand) -> Result<()> {
    match command {
        EventsCommand::List(args) => {
            let filter = EventFilter { verdict: args.verdict, provider: args.provider };
            let page = args.page.request()?;
            let found = with_store(&args.database, async |store| events(store).list(filter, page).await).await?;
            print(found.items.iter().map(EventView::from))
        }
        EventsCommand::Replay { id, database } => {
            let replayed =
                with_store(&database, async |store| events(store).replay(&Caller::operator(None), id).await).await;
            let event = replayed.with_context(|| format!("can't replay the event {id}"))?;
            print([EventView::from(&event)])
        }
    }
}

/// Prints jobs, or has one done again and prints it. A server looks for jobs about once a second: nobody has to be woken.
pub(crate) async fn run_jobs(command: JobsCommand) -> Result<()> {
    match command {
        JobsCommand::List(args) => {
            let filter = JobFilter { status: args.status, kind: args.kind };
            let page = args.page.request()?;
            let found = with_store(&args.database, async |store| jobs(store).list(filter, page).await);
            print(found.await?.items.iter().map(JobView::from))
        }
        JobsCommand::Retry { id, database } => {
            let caller = Caller::operator(None);
            let retried = with_store(&database, async |store| jobs(store).retry(&caller, id).await).await;
            let job = retried.with_context(|| format!("can't retry the job {id}"))?;
            print([JobView::from(&job)])
        }
    }
}

/// Prints deliveries, or has something sent again and prints what does it.
pub(crate) async fn run_notifications(command: NotificationsCommand) -> Result<()> {
    match command {
        NotificationsCommand::List(args) => {
            let filter = DeliveryFilter { endpoint_id: args.endpoint, status: args.status };
            let page = args.page.request()?;
            let found = with_store(&args.database, async |store| deliveries(store).list(filter, page).await).await?;
            print(found.items.iter().map(DeliveryView::from))
        }
        NotificationsCommand::Redeliver { id, database } => {
            let sent = with_store(&database, async |store| deliveries(store).redeliver(id).await).await;
            let delivery = sent.with_context(|| format!("can't send the delivery {id} again"))?;
            print([DeliveryView::from(&delivery)])
        }
        NotificationsCommand::Recover { endpoint_id, since, database } => {
            let recovered =
                with_store(&database, async |store| deliveries(store).recover(endpoint_id, since).await).await;
            let recovered = recovered.with_context(|| format!("can't recover what {endpoint_id} has missed"))?;
            print([RecoveredView::from(recovered)])
        }
    }
}

/// Does something with a database that is there and up to date.
async fn with_store<T>(args: &DatabaseArgs, work: impl AsyncFnOnce(&Store) -> Result<T, Error>) -> Result<T> {
    let url = database(&args.database_url)?;
    let parts = StoreParts::new(Arc::new(SystemClock), Arc::new(SystemIds));
    let opened = tokio::task::spawn_blocking(move || adapters::open(&url, &parts));
    let store = opened.await?.context("can't open the database")?;
    let outcome = work(&store).await;
    store.stop().await;
    outcome.map_err(|error| anyhow!(error))
}

/// One JSON object a line.
fn print(items: impl IntoIterator<Item = impl Serialize>) -> Result<()> {
    let mut lines = Vec::new();
    for item in items {
        serde_json::to_writer(&mut lines, &item)?;
        lines.push(b'\n');
    }
    std::io::stdout().write_all(&lines).context("can't print")
}
