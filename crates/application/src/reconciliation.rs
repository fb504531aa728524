use std::sync::Arc;
use std::time::Duration;

use domain::{EventId, OrderId, PaymentStatus, ProductId, Reason, Timestamp, Verdict};
use ports::{AuditRepo, Clock, EventFilter, EventRepo, LedgerError, PageRequest, StockCount};
use tokio::sync::Mutex;

use crate::Error;

/// How many products are counted in one look.
const PRODUCTS_AT_A_TIME: u32 = 200;
/// How many of each kind are named. There may be more.
const MAX_NAMED: u32 = 100;
/// An event that waits for longer than this waits for something that will hardly come.
const LONG_WAIT: Duration = Duration::from_secs(60 * 60);

/// A broken invariant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// More is held and sold than there is.
    Oversold(StockCount),
    /// A product's held stock isn't what its active holds and pending orders add up to.
    HeldStockWrong(StockCount),
    /// A product's sold stock isn't what its paid and completed orders add up to.
    SoldStockWrong(StockCount),
}

/// Money that waits for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attention {
    /// An order's money is to be given back.
    RefundDue {
        /// The order.
        order_id: OrderId,
        /// What is known of its money.
        payment_status: PaymentStatus,
        /// Since when.
        since: Timestamp,
    },
    /// An event couldn't be applied.
    EventRejected {
        /// The event.
        event_id: EventId,
        /// Why.
        reason: Option<Reason>,
        /// Since when.
        since: Timestamp,
    },
    /// An event was stored and given up: it may tell of money.
    EventDead {
        /// The event.
        event_id: EventId,
        /// Why.
        reason: Option<Reason>,
        /// Since when.
        since: Timestamp,
    },
    /// An event waits for something that doesn't come.
    EventWaiting {
        /// The event.
        event_id: EventId,
    },
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// When the counting began.
    pub checked_at: Timestamp,
    /// How many products were counted.
    pub products: u64,
    /// Broken invariants, at most a hundred.
    pub findings: Vec<Finding>,
    /// Money that waits for a person, at most a hundred of each kind.
    pub attention: Vec<Attention>,
}

impl Report {
    /// Whether the books add up.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.findings.is_empty()
    }
}

/// Counts everything anew and compares it with the books, while the sale goes on, in bounded memory.
#[derive(Clone)]
pub struct Reconciliation {
    /// Who counts.
    pub audit: Arc<dyn AuditRepo>,
    /// Where rejected events are read.
    pub events: Arc<dyn EventRepo>,
    /// When it is.
    pub clock: Arc<dyn Clock>,
    /// Held while it counts: it may take long, and readers are few.
    pub turn: Arc<Mutex<()>>,
}

impl Reconciliation {
    /// Counts. While somebody else does, it is [`LedgerError::Overloaded`].
    pub async fn run(&self) -> Result<Report, Error> {
        let turn = Arc::clone(&self.turn).try_lock_owned().map_err(|_| LedgerError::Overloaded)?;
        let counting = self.clone();
        // Whoever asked may give up, but a count that has begun goes on: only then is it the next one's turn.
        let counted = tokio::spawn(async move {
            let _turn = turn;
            counting.count().await
        });
        counted.await.unwrap_or(Err(LedgerError::Internal.into()))
    }

    async fn count(&self) -> Result<Report, Error> {
        let checked_at = self.clock.now();
        let mut report = Report { checked_at, products: 0, findings: Vec::new(), attention: Vec::new() };
        let mut after = None;
        loop {
            let counts = self.audit.stock_counts(after, PRODUCTS_AT_A_TIME).await?;
            after = counts.last().map(|count| count.product_id);
            report.products += counts.len() as u64;
            for count in &counts {
                report.findings.extend(findings(count));
            }
            report.findings.truncate(MAX_NAMED as usize);
            if counts.len() < PRODUCTS_AT_A_TIME as usize {
                break;
            }
        }
        report.attention = self.attention(checked_at).await?;
        Ok(report)
    }

    async fn attention(&self, now: Timestamp) -> Result<Vec<Attention>, Error> {
        let mut attention: Vec<Attention> = Vec::new();
        for order in self.audit.refunds_due(MAX_NAMED).await? {
            let (order_id, payment_status, since) = (order.order_id, order.payment_status, order.updated_at);
            attention.push(Attention::RefundDue { order_id, payment_status, since });
        }
        for (event_id, reason, since) in self.events_with(Verdict::Rejected).await? {
            attention.push(Attention::EventRejected { event_id, reason, since });
        }
        for (event_id, reason, since) in self.events_with(Verdict::Dead).await? {
            attention.push(Attention::EventDead { event_id, reason, since });
        }
        for event_id in self.audit.events_waiting_since(now - LONG_WAIT, MAX_NAMED).await? {
            attention.push(Attention::EventWaiting { event_id });
        }
        Ok(attention)
    }

    /// The latest events with a verdict.
    async fn events_with(&self, verdict: Verdict) -> Result<Vec<(EventId, Option<Reason>, Timestamp)>, Error> {
        let filter = EventFilter { verdict: Some(verdict), provider: None };
        let page = PageRequest { page: 1, page_size: MAX_NAMED };
        let found = self.events.events(filter, page).await?.items;
        Ok(found.into_iter().map(|event| (event.id, event.reason, event.received_at)).collect())
    }
}

impl Finding {
    /// The product that is wrong, as it was counted.
    #[must_use]
    pub const fn count(&self) -> &StockCount {
        match self {
            Self::Oversold(count) | Self::HeldStockWrong(count) | Self::SoldStockWrong(count) => count,
        }
    }

    /// The product that is wrong.
    #[must_use]
    pub const fn product_id(&self) -> ProductId {
        self.count().product_id
    }
}

fn findings(count: &StockCount) -> impl Iterator<Item = Finding> {
    let is_oversold = count.total < count.in_active_holds + count.in_pending_orders + count.in_sold_orders;
    let is_held_wrong = count.held != count.in_active_holds + count.in_pending_orders;
    let is_sold_wrong = count.sold != count.in_sold_orders;
    [
        is_oversold.then(|| Finding::Oversold(count.clone())),
        is_held_wrong.then(|| Finding::HeldStockWrong(count.clone())),
        is_sold_wrong.then(|| Finding::SoldStockWrong(count.clone())),
    ]
    .into_iter()
    .flatten()
}
