use std::sync::Arc;
use std::time::Duration;

use domain::{
    Actor, Cause, CheckoutStatus, Decide, EnsureJob, EventId, ExpireCheckout, ExpireHold, ExpireOrder, HoldStatus,
    Issue, JobId, OrderStatus, RecordEvent, Repair, RepairReply, RepairStock, ReplayEvent, RequestId, Task, Verdict,
};
use ports::{EventRepo, IdSource, IncomingEvent, Ledger, execute_for};

use crate::Error;

/// As what repairs stand in the audit trail, in the place of a request's id.
const NAME: &str = "reconcile";

/// What came of putting something right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RepairOutcome {
    /// It is right now.
    Repaired,
    /// It had changed meanwhile, or couldn't be changed.
    Left,
    /// It couldn't be tried.
    Failed(Error),
}

/// Puts right what has one right answer, by commands like everybody's.
#[derive(Clone)]
pub(super) struct Repairs {
    pub(super) ledger: Arc<dyn Ledger>,
    pub(super) events: Arc<dyn EventRepo>,
    pub(super) ids: Arc<dyn IdSource>,
}

impl Repairs {
    /// Puts an issue right; `None` if it isn't known how, or somebody else sees to it.
    pub(super) async fn repair(&self, issue: &Issue) -> Option<RepairOutcome> {
        let done = match issue.repair? {
            Repair::Stock(repair) => self.stock(repair).await,
            Repair::ExpireHold(hold_id) => {
                self.decide(ExpireHold { hold_id }, |hold| hold.status != HoldStatus::Active).await
            }
            Repair::ExpireOrder(order_id) => {
                self.decide(ExpireOrder { order_id }, |order| order.status != OrderStatus::Pending).await
            }
            Repair::ExpireCheckout(checkout_id) => {
                self.decide(ExpireCheckout { checkout_id }, |checkout| checkout.status != CheckoutStatus::Pending).await
            }
            Repair::ReplayEvent(event_id) => self.replay(event_id).await,
            Repair::MakeCharge(checkout_id) => self.ensure(Task::CreateCharge(checkout_id)).await,
            Repair::AskAboutCharge(checkout_id) => self.ensure(Task::PollCharge(checkout_id)).await,
            // Whoever asked the gateway has its news at hand.
            Repair::RecordNews(_) => return None,
        };
        Some(outcome(done))
    }

    async fn stock(&self, repair: RepairStock) -> Result<bool, Error> {
        self.decide(repair, |reply| match reply {
            RepairReply::Repaired(_) => true,
            RepairReply::Outdated | RepairReply::DoesNotFit => false,
        })
        .await
    }

    async fn replay(&self, event_id: EventId) -> Result<bool, Error> {
        let event = self.events.event(event_id).await?.ok_or(Error::NotFound)?;
        self.decide(ReplayEvent::of(&event), |reply| reply.verdict != Verdict::Waiting).await
    }

    async fn ensure(&self, task: Task) -> Result<bool, Error> {
        let id = JobId::from_uuid(self.ids.uuid_v7());
        self.decide(EnsureJob { id, task, after: Duration::ZERO }, |job| job.is_open()).await
    }

    /// Records what the gateway told, as if a webhook had brought it.
    pub(super) async fn record(&self, news: IncomingEvent) -> RepairOutcome {
        let record = RecordEvent {
            id: EventId::from_uuid(self.ids.uuid_v7()),
            key: news.key,
            event_type: news.event_type,
            subject: news.subject,
            raw: news.raw,
            report: news.report,
            fingerprint: None,
        };
        outcome(self.decide(record, |reply| reply.verdict == Verdict::Applied).await)
    }

    async fn decide<C: Decide + Send>(
        &self,
        command: C,
        is_right: impl FnOnce(&C::Reply) -> bool,
    ) -> Result<bool, Error> {
        let cause = Cause { actor: Actor::Operator, request_id: RequestId::parse(NAME) };
        Ok(is_right(&execute_for(&*self.ledger, command, cause).await??))
    }
}

fn outcome(done: Result<bool, Error>) -> RepairOutcome {
    match done {
        Ok(true) => RepairOutcome::Repaired,
        Ok(false) => RepairOutcome::Left,
        Err(error) => RepairOutcome::Failed(error),
    }
}
