//! What was asked and what was answered, to be judged afterwards.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use adapters::SystemClock;
use domain::Timestamp;
use ports::Clock;
use reqwest::Method;
use serde_json::Value;

/// What came of a request.
#[derive(Clone, Debug)]
pub(crate) enum Outcome {
    /// An answer came, whole.
    Answered {
        /// Its status.
        status: u16,
        /// Its body; null if it has none.
        body: Value,
    },
    /// The connection broke, or nothing came in time: it may have been done or not.
    Unknown,
}

impl Outcome {
    /// The status, if there was an answer.
    pub(crate) fn status(&self) -> Option<u16> {
        match self {
            Self::Answered { status, .. } => Some(*status),
            Self::Unknown => None,
        }
    }

    /// What is kept of it: of reads only how they ended, or a long sale would not fit into memory.
    pub(crate) fn kept_for(self, method: &Method) -> Self {
        match self {
            Self::Answered { status, .. } if method == Method::GET => Self::Answered { status, body: Value::Null },
            outcome => outcome,
        }
    }
}

/// A request and what came of it.
#[derive(Clone, Debug)]
pub(crate) struct Exchange {
    /// GET, POST, …
    pub(crate) method: Method,
    /// Without the node's address.
    pub(crate) path: String,
    /// What the client called it, so that it may be asked again.
    pub(crate) name: Option<String>,
    /// What was sent; null for nothing.
    pub(crate) sent: Value,
    /// When it was sent, by this machine's clock.
    pub(crate) asked_at: Timestamp,
    /// When its answer was there, or was given up.
    pub(crate) told_at: Timestamp,
    /// What came of it.
    pub(crate) outcome: Outcome,
}

/// Everything that was asked, in the order in which it was answered.
#[derive(Debug, Default)]
pub(crate) struct History(Mutex<Vec<Exchange>>);

impl History {
    pub(crate) fn keep(&self, exchange: Exchange) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(exchange);
    }

    /// All of it up to now.
    pub(crate) fn exchanges(&self) -> Vec<Exchange> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many answers there were with this status.
    pub(crate) fn answered(&self, wanted: u16) -> usize {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().filter(|exchange| exchange.outcome.status() == Some(wanted)).count()
    }

    /// How often each kind of request ended how, a line for each kind.
    pub(crate) fn table(&self) -> String {
        let mut counts: BTreeMap<String, BTreeMap<String, usize>> = BTreeMap::new();
        for exchange in self.exchanges() {
            let status = exchange.outcome.status().map_or_else(|| "broken".to_owned(), |status| status.to_string());
            *counts.entry(exchange.kind()).or_default().entry(status).or_default() += 1;
        }
        let line = |(kind, counts): (String, BTreeMap<String, usize>)| {
            let counts: Vec<String> = counts.iter().map(|(status, count)| format!("{status}: {count}")).collect();
            format!("  {kind:<34} {}\n", counts.join(", "))
        };
        counts.into_iter().map(line).collect()
    }
}

impl Exchange {
    /// Method and path, without what differs from one to the next.
    pub(crate) fn kind(&self) -> String {
        let path = self.path.split('?').next().unwrap_or_default();
        let parts = path.split('/').map(|part| if part.len() == 36 { "{id}" } else { part });
        format!("{} {}", self.method, parts.collect::<Vec<_>>().join("/"))
    }
}

/// This machine's time.
pub(crate) fn now() -> Timestamp {
    SystemClock.now()
}
