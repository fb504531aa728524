//! What operators may ask for on the command line.

use anyhow::{Result, ensure};
use clap::{Args, Subcommand};
use domain::{
    DeliveryId, DeliveryStatus, EndpointId, EventId, JobId, JobKind, JobStatus, Provider, Timestamp, Verdict,
};
use ports::{COUNT_CAP, PageRequest};
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::Error as ValueError;

use crate::config::DatabaseArgs;

/// What can be done with the inbox of webhooks.
#[derive(Clone, Debug, Subcommand)]
pub enum EventsCommand {
    /// Print events, newest first, one JSON object a line.
    List(EventsListArgs),
    /// Decide an event anew, unless it was applied, and print it as it is then.
    Replay {
        /// The event's id here.
        id: EventId,
        /// Where it is stored.
        #[command(flatten)]
        database: DatabaseArgs,
    },
}

/// Which events are printed.
#[derive(Clone, Debug, Args)]
pub struct EventsListArgs {
    /// Only those with this verdict: applied, stale, waiting, rejected or dead.
    #[arg(long)]
    pub verdict: Option<Verdict>,
    /// Only those from this sender: coinbase, fake or generic.
    #[arg(long)]
    pub provider: Option<Provider>,
    /// Which part of them.
    #[command(flatten)]
    pub page: PageArgs,
    /// Where they are stored.
    #[command(flatten)]
    pub database: DatabaseArgs,
}

/// What can be done with the job queue.
#[derive(Clone, Debug, Subcommand)]
pub enum JobsCommand {
    /// Print jobs, newest first, one JSON object a line.
    List(JobsListArgs),
    /// Have a job done now that was given up or waits for its time, and print it as it is then.
    Retry {
        /// The job's id.
        id: JobId,
        /// Where it is stored.
        #[command(flatten)]
        database: DatabaseArgs,
    },
}

/// Which jobs are printed.
#[derive(Clone, Debug, Args)]
pub struct JobsListArgs {
    /// Only those in this status: ready, running, done or dead.
    #[arg(long)]
    pub status: Option<JobStatus>,
    /// Only those of this kind: `create_charge`, `poll_charge`, `notify`, `expire` or `purge`.
    #[arg(long)]
    pub kind: Option<JobKind>,
    /// Which part of them.
    #[command(flatten)]
    pub page: PageArgs,
    /// Where they are stored.
    #[command(flatten)]
    pub database: DatabaseArgs,
}

/// What can be done with what merchants are told.
#[derive(Clone, Debug, Subcommand)]
pub enum NotificationsCommand {
    /// Print deliveries, newest first, one JSON object a line.
    List(NotificationsListArgs),
    /// Send something again, now, and print the delivery that does it.
    Redeliver {
        /// The delivery's id.
        id: DeliveryId,
        /// Where it is stored.
        #[command(flatten)]
        database: DatabaseArgs,
    },
    /// Send again what an endpoint has missed since a moment, in the order in which it happened, and print how much.
    Recover {
        /// The endpoint's id.
        endpoint_id: EndpointId,
        /// Since when, in RFC 3339, such as 2026-01-01T00:00:00Z.
        #[arg(long, value_parser = moment)]
        since: Timestamp,
        /// Where it is stored.
        #[command(flatten)]
        database: DatabaseArgs,
    },
}

/// Which deliveries are printed.
#[derive(Clone, Debug, Args)]
pub struct NotificationsListArgs {
    /// Only those in this status: waiting, pending, delivered or failed.
    #[arg(long)]
    pub status: Option<DeliveryStatus>,
    /// Only those to this endpoint.
    #[arg(long)]
    pub endpoint: Option<EndpointId>,
    /// Which part of them.
    #[command(flatten)]
    pub page: PageArgs,
    /// Where they are stored.
    #[command(flatten)]
    pub database: DatabaseArgs,
}

fn moment(text: &str) -> Result<Timestamp, String> {
    let moment: Result<Timestamp, ValueError> = Timestamp::deserialize(text.into_deserializer());
    moment.map_err(|_| "must be a moment in RFC 3339".to_owned())
}

/// Which part of a list is printed.
#[derive(Clone, Copy, Debug, Args)]
pub struct PageArgs {
    /// The first page is 1.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=i64::from(COUNT_CAP)))]
    pub page: u32,
    /// How many a page has, at most 100.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub page_size: u32,
}

impl PageArgs {
    /// The part that is wanted, unless it is deeper down than anybody pages.
    pub(crate) fn request(self) -> Result<PageRequest> {
        let last_row = u64::from(self.page) * u64::from(self.page_size);
        ensure!(
            last_row <= u64::from(COUNT_CAP),
            "the page ends beyond the {COUNT_CAP} rows that can be paged through"
        );
        Ok(PageRequest { page: self.page, page_size: self.page_size })
    }
}
