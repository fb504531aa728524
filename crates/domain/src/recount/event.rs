use super::LONG_WAIT;
use super::issue::{Facts, Issue, IssueCode, Repair};
use crate::{
    CheckoutId, EventId, EventKey, EventReport, OrderId, PaymentOutcome, Reason, Reported, Subject, Timestamp, Verdict,
};

/// An event, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventAccount {
    /// The event.
    pub id: EventId,
    /// What the sender calls it.
    pub key: EventKey,
    /// What it is about.
    pub subject: Option<Subject>,
    /// What it says.
    pub report: EventReport,
    /// What became of it.
    pub verdict: Verdict,
    /// Why.
    pub reason: Option<Reason>,
    /// The checkout that it was measured against.
    pub checkout_id: Option<CheckoutId>,
    /// The order that it was measured against.
    pub order_id: Option<OrderId>,
    /// When it was stored.
    pub received_at: Timestamp,
    /// Whether what it is about is there. Known of those that wait only.
    pub is_subject_there: bool,
    /// Those of its movements of money that are in the ledger for whom it was about.
    pub recorded: Vec<String>,
    /// Whether the ledger has a movement of its checkout that is called after the charge, since its news named none.
    pub has_unnamed: bool,
}

impl EventAccount {
    /// What is wrong with it at `now`.
    #[must_use]
    pub fn issue(&self, now: Timestamp) -> Option<Issue> {
        let facts = Facts {
            event_id: Some(self.id),
            checkout_id: self.checkout_id,
            order_id: self.order_id,
            reason: self.reason,
            since: Some(self.received_at),
            ..Facts::default()
        };
        match self.verdict {
            Verdict::Applied | Verdict::Stale => {
                let vanished =
                    self.told().into_iter().find(|movement| !self.recorded.iter().any(|known| known == movement))?;
                let detail = format!("Its provider calls the payment {vanished}.");
                Some(Issue::new(IssueCode::PaymentNotRecorded, facts).with_detail(detail))
            }
            Verdict::Waiting if self.is_subject_there => {
                Some(Issue::new(IssueCode::EventNotApplied, facts).with_repair(Repair::ReplayEvent(self.id)))
            }
            Verdict::Waiting => {
                (self.received_at + LONG_WAIT < now).then(|| Issue::new(IssueCode::EventWaiting, facts))
            }
            Verdict::Rejected => Some(self.with_money(Issue::new(IssueCode::EventRejected, facts))),
            Verdict::Dead => Some(self.with_money(Issue::new(IssueCode::EventDead, facts))),
            Verdict::Duplicate => None,
        }
    }

    fn with_money(&self, issue: Issue) -> Issue {
        if self.tells_of_money() { issue.with_detail("It tells of money.") } else { issue }
    }

    /// Whether it tells that money came.
    #[must_use]
    pub fn tells_of_money(&self) -> bool {
        match &self.report {
            EventReport::Charge(report) => report.news.is_money(),
            EventReport::Payment(notice) => notice.outcome == PaymentOutcome::Paid,
        }
    }

    /// The movements of money that it told of, and that were to be recorded with it or had been before. Where money had come that
    /// nobody had named, those that are named later stand for that, as far as it goes.
    fn told(&self) -> Vec<&str> {
        match &self.report {
            EventReport::Charge(report)
                if self.checkout_id.is_some() && report.news.is_money() && !self.has_unnamed =>
            {
                let told = report.payments.iter().filter(|payment| matches!(payment.amount, Reported::Amount(_)));
                told.map(|payment| payment.provider_transaction_id.as_str())
                    .filter(|name| !self.is_unnamed(name))
                    .collect()
            }
            EventReport::Payment(notice) if notice.outcome == PaymentOutcome::Paid => vec![notice.movement(&self.key)],
            EventReport::Charge(_) | EventReport::Payment(_) => Vec::new(),
        }
    }

    /// Whether a movement is called after its charge, since its news named none.
    fn is_unnamed(&self, movement: &str) -> bool {
        matches!(&self.subject, Some(Subject::Charge(code)) if code.as_str() == movement)
    }
}
