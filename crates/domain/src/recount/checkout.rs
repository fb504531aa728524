use super::issue::{Facts, Issue, IssueCode, Repair};
use super::order::{Movement, sum_minor};
use super::{ASKED_ABOUT_FOR, CHECKOUT_OVERDUE_AFTER, LONG_WAIT};
use crate::{
    ChargeCode, CheckoutId, CheckoutStatus, JobKind, JobStatus, Money, OrderId, PAYMENT_GRACE, PaymentStatus, Reason,
    Timestamp,
};

/// A job of a checkout, as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JobOfCheckout {
    /// What it does.
    pub kind: JobKind,
    /// Where it stands.
    pub status: JobStatus,
}

/// A checkout, all that came for it, and what is still to be done for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckoutAccount {
    /// The checkout.
    pub id: CheckoutId,
    /// Where it stands.
    pub status: CheckoutStatus,
    /// Why it failed, or is unresolved.
    pub failure_reason: Option<Reason>,
    /// What it asks for.
    pub money: Money,
    /// What it says has come, in minor units of its currency.
    pub received_minor: i64,
    /// The order that it pays.
    pub order_id: Option<OrderId>,
    /// What is known of that order's money; `None` if the order isn't there.
    pub order_payment: Option<PaymentStatus>,
    /// Its charge.
    pub charge_code: Option<ChargeCode>,
    /// When a payment was first seen.
    pub detected_at: Option<Timestamp>,
    /// When it became COMPLETED.
    pub completed_at: Option<Timestamp>,
    /// From when on it is EXPIRED if still PENDING.
    pub expires_at: Timestamp,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// The movements of money through it.
    pub movements: Vec<Movement>,
    /// Its jobs, done ones too as far as they are kept.
    pub jobs: Vec<JobOfCheckout>,
}

impl CheckoutAccount {
    /// What is wrong with it at `now`.
    #[must_use]
    pub fn issues(&self, now: Timestamp) -> Vec<Issue> {
        let found = [
            self.ignored_money(),
            self.wrong_sum(),
            self.missing_charge_job(),
            self.missing_poll_job(now),
            self.unresolved(),
            self.untold_money(),
            self.money_without_order(now),
            self.overdue(now),
        ];
        found.into_iter().flatten().collect()
    }

    /// Whether anything that the gateway may tell could still change it.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        match self.status {
            CheckoutStatus::Completed => false,
            CheckoutStatus::Pending
            | CheckoutStatus::Failed
            | CheckoutStatus::Expired
            | CheckoutStatus::Canceled
            | CheckoutStatus::Unresolved => true,
        }
    }

    fn facts(&self) -> Facts {
        Facts { checkout_id: Some(self.id), order_id: self.order_id, ..Facts::default() }
    }

    fn ignored_money(&self) -> Option<Issue> {
        let shows_money = match self.status {
            CheckoutStatus::Completed | CheckoutStatus::Unresolved => true,
            CheckoutStatus::Pending | CheckoutStatus::Failed | CheckoutStatus::Expired | CheckoutStatus::Canceled => {
                false
            }
        };
        let ignored = self.movements.first().filter(|_| !shows_money)?;
        let facts = Facts { transaction_id: Some(ignored.id), ..self.facts() };
        let detail = format!("It is {}.", self.status);
        Some(Issue::new(IssueCode::CheckoutMoneyIgnored, facts).with_detail(detail))
    }

    fn wrong_sum(&self) -> Option<Issue> {
        let came_minor = sum_minor(&self.movements, self.money.currency());
        (came_minor != self.received_minor).then(|| {
            let detail = format!("It says {} minor units, the ledger has {came_minor}.", self.received_minor);
            Issue::new(IssueCode::CheckoutReceivedMismatch, self.facts()).with_detail(detail)
        })
    }

    fn job(&self, kind: JobKind) -> Option<JobStatus> {
        self.jobs.iter().find(|job| job.kind == kind).map(|job| job.status)
    }

    /// A dead letter is listed as such. A job that is done and made no charge is a riddle: asking again isn't the one right
    /// answer.
    fn missing_charge_job(&self) -> Option<Issue> {
        if self.status != CheckoutStatus::Pending || self.charge_code.is_some() {
            return None;
        }
        let issue = Issue::new(IssueCode::ChargeJobMissing, self.facts());
        match self.job(JobKind::CreateCharge) {
            None => Some(issue.with_repair(Repair::MakeCharge(self.id))),
            Some(JobStatus::Done) => Some(issue.with_detail("There was one, and it is done.")),
            Some(JobStatus::Ready | JobStatus::Running | JobStatus::Dead) => None,
        }
    }

    /// Whoever asked up to the gateway's last word is done, and asks no more.
    fn missing_poll_job(&self, now: Timestamp) -> Option<Issue> {
        let is_missing = self.status == CheckoutStatus::Pending
            && self.charge_code.is_some()
            && now.since(self.created_at) < ASKED_ABOUT_FOR
            && self.job(JobKind::PollCharge).is_none();
        is_missing
            .then(|| Issue::new(IssueCode::PollJobMissing, self.facts()).with_repair(Repair::AskAboutCharge(self.id)))
    }

    /// Where the order shows the money, whoever sees to the order sees to it.
    fn unresolved(&self) -> Option<Issue> {
        let is_known_to_order = match self.order_payment {
            Some(
                PaymentStatus::Paid | PaymentStatus::Overpaid | PaymentStatus::RefundDue | PaymentStatus::Refunded,
            ) => true,
            Some(PaymentStatus::Unpaid | PaymentStatus::Failed | PaymentStatus::Underpaid) | None => false,
        };
        let waits = self.status == CheckoutStatus::Unresolved && !is_known_to_order;
        waits.then(|| {
            let facts = Facts { reason: self.failure_reason, since: Some(self.updated_at), ..self.facts() };
            Issue::new(IssueCode::CheckoutUnresolved, facts)
        })
    }

    fn untold_money(&self) -> Option<Issue> {
        let is_untold = self.status == CheckoutStatus::Completed && self.movements.is_empty();
        is_untold.then(|| {
            Issue::new(IssueCode::CheckoutWithoutTransaction, Facts { since: self.completed_at, ..self.facts() })
        })
    }

    fn money_without_order(&self, now: Timestamp) -> Option<Issue> {
        let is_lonely = self.order_id.is_some()
            && self.order_payment.is_none()
            && !self.movements.is_empty()
            && self.updated_at + LONG_WAIT < now;
        is_lonely
            .then(|| Issue::new(IssueCode::MoneyWithoutOrder, Facts { since: Some(self.updated_at), ..self.facts() }))
    }

    fn overdue(&self, now: Timestamp) -> Option<Issue> {
        let grace = if self.detected_at.is_some() { PAYMENT_GRACE } else { std::time::Duration::ZERO };
        let due_at = self.expires_at + grace;
        let is_overdue = self.status == CheckoutStatus::Pending && due_at + CHECKOUT_OVERDUE_AFTER < now;
        is_overdue.then(|| {
            let facts = Facts { since: Some(due_at), ..self.facts() };
            Issue::new(IssueCode::CheckoutOverdue, facts).with_repair(Repair::ExpireCheckout(self.id))
        })
    }
}
