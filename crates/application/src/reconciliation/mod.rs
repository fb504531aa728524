//! Counts everything anew and compares it with the books, and with what the gateway knows.

mod gateway;
mod repair;
mod report;
mod walk;

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use domain::{Issue, Timestamp};
use ports::{AuditRepo, Clock, EventRepo, IdSource, JobRepo, Ledger, LedgerError};
use tokio::sync::Mutex;
use tokio::time::timeout;

pub use self::gateway::{GatewayCheck, GatewayLimits};
pub use self::repair::RepairOutcome;
pub use self::report::{Counted, GatewayLook, NamedIssue, Report, Stopped};
use self::walk::Walk;
use crate::Error;

/// For how long a report that nobody waited for is kept for whoever asks next.
const KEPT_FOR: Duration = Duration::from_secs(10 * 60);

/// What is to be done beside counting.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// Whether the gateway is asked, and how much.
    pub gateway: Option<GatewayLimits>,
    /// Whether what has one right answer is put right.
    pub repair: bool,
}

/// Told of everything that was tried to be put right, as it happens.
pub type Listener = Arc<dyn Fn(&Issue, &RepairOutcome) + Send + Sync>;

/// A listener that nobody hears.
#[must_use]
pub fn unheard() -> Listener {
    Arc::new(|_, _| {})
}

/// Counts everything anew and compares it with the books, while the sale goes on, in bounded memory.
#[derive(Clone)]
pub struct Reconciliation {
    /// Who counts.
    pub audit: Arc<dyn AuditRepo>,
    /// Where dead letters are read.
    pub jobs: Arc<dyn JobRepo>,
    /// Where events are read that are decided anew.
    pub events: Arc<dyn EventRepo>,
    /// Where things are put right.
    pub ledger: Arc<dyn Ledger>,
    /// New ids.
    pub ids: Arc<dyn IdSource>,
    /// Who is asked about charges, if anybody can be.
    pub gateway: Option<GatewayCheck>,
    /// When it is.
    pub clock: Arc<dyn Clock>,
    /// Held while it counts: it may take long, and readers are few.
    pub turn: Arc<Mutex<()>>,
    /// What was counted for somebody who didn't wait for it.
    pub kept: KeptReport,
}

/// A report that nobody waited for, and whether the gateway was asked for it.
#[derive(Clone, Debug, Default)]
pub struct KeptReport(Arc<std::sync::Mutex<Option<(bool, Report)>>>);

impl KeptReport {
    fn keep(&self, wish: &Wish, report: Report) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *kept = Some((wish.gateway.is_some(), report));
    }

    /// Hands it out once, if it is what is wanted.
    fn take(&self, wish: &Wish, now: Timestamp) -> Option<Report> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_wanted = |(asked, report): &mut (bool, Report)| {
            *asked == wish.gateway.is_some() && now.since(report.finished_at) < KEPT_FOR
        };
        kept.take_if(is_wanted).map(|(_, report)| report)
    }
}

impl Reconciliation {
    /// Counts, however long it takes. While somebody else does, it is [`LedgerError::Overloaded`].
    pub async fn run(&self, wish: Wish, listener: &Listener) -> Result<Report, Error> {
        let _turn = self.turn.try_lock().map_err(|_| LedgerError::Overloaded)?;
        Walk::new(self, &wish, listener).go(&wish).await
    }

    /// The report for somebody who waits for no longer than `patience`; then it is [`LedgerError::Overloaded`]. A count that
    /// has begun goes on, and whoever asks next gets its report. Nothing is put right.
    pub async fn report_within(&self, patience: Duration, gateway: Option<GatewayLimits>) -> Result<Report, Error> {
        let wish = Wish { gateway, repair: false };
        if let Some(report) = self.kept.take(&wish, self.clock.now()) {
            return Ok(report);
        }
        let turn = Arc::clone(&self.turn).try_lock_owned().map_err(|_| LedgerError::Overloaded)?;
        let counting = self.clone();
        let (answer, answered) = tokio::sync::oneshot::channel();
        tokio::spawn(async move {
            let _turn = turn;
            let counted = Walk::new(&counting, &wish, &unheard()).go(&wish).await;
            if let Err(Ok(report)) = answer.send(counted) {
                counting.kept.keep(&wish, report);
            }
        });
        match timeout(patience, answered).await {
            Ok(Ok(counted)) => counted,
            Ok(Err(_)) => Err(LedgerError::Internal.into()),
            Err(_) => Err(LedgerError::Overloaded.into()),
        }
    }
}
