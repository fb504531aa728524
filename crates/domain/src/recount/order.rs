use super::OVERDUE_AFTER;
use super::issue::{Facts, Issue, IssueCode, Repair};
use crate::{
    CheckoutId, CheckoutStatus, Currency, HoldId, HoldStatus, Money, OrderId, OrderStatus, PaymentStatus, Reason,
    Timestamp, TransactionId, TransactionStatus,
};

/// A movement of money, as far as it matters here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Movement {
    /// Its transaction.
    pub id: TransactionId,
    /// The checkout that it came through.
    pub checkout_id: Option<CheckoutId>,
    /// The order that it is for.
    pub order_id: Option<OrderId>,
    /// What it settled.
    pub status: TransactionStatus,
    /// How much.
    pub money: Money,
}

/// What movements add up to in a currency.
pub(super) fn sum_minor(movements: &[Movement], currency: Currency) -> i64 {
    let of_currency = movements.iter().filter(|movement| movement.money.currency() == currency);
    of_currency.fold(0, |sum, movement| sum.saturating_add(movement.money.minor()))
}

/// A checkout that brought an order money, as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SettledCheckout {
    /// The checkout.
    pub id: CheckoutId,
    /// COMPLETED or UNRESOLVED.
    pub status: CheckoutStatus,
    /// Why it is unresolved.
    pub failure_reason: Option<Reason>,
    /// What it asked for.
    pub money: Money,
}

/// The hold that an order was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HoldOfOrder {
    /// The hold.
    pub id: HoldId,
    /// Where it stands.
    pub status: HoldStatus,
    /// The order that it became.
    pub order_id: Option<OrderId>,
}

/// An order, and all that came for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderAccount {
    /// The order.
    pub id: OrderId,
    /// Where it stands.
    pub status: OrderStatus,
    /// What is known of its money.
    pub payment_status: PaymentStatus,
    /// What it costs.
    pub total: Money,
    /// What it says has come, in minor units of its currency.
    pub received_minor: i64,
    /// What its items add up to, in minor units.
    pub items_minor: i64,
    /// The hold that it was, if that is still kept.
    pub hold: Option<HoldOfOrder>,
    /// From when on it is expired if still pending.
    pub expires_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// The movements of money that are for it.
    pub movements: Vec<Movement>,
    /// The checkouts for it that are COMPLETED or UNRESOLVED.
    pub settled: Vec<SettledCheckout>,
}

impl OrderAccount {
    /// What is wrong with it at `now`.
    #[must_use]
    pub fn issues(&self, now: Timestamp) -> Vec<Issue> {
        let found = [
            self.wrong_total(),
            self.wrong_hold(),
            self.wrong_status(),
            self.wrong_money(),
            self.wrong_sum(),
            self.waiting_money(),
            self.overdue(now),
        ];
        found.into_iter().flatten().collect()
    }

    fn facts(&self) -> Facts {
        Facts { order_id: Some(self.id), payment_status: Some(self.payment_status), ..Facts::default() }
    }

    fn wrong_total(&self) -> Option<Issue> {
        let is_wrong = self.items_minor != self.total.minor();
        is_wrong.then(|| {
            let Self { total, items_minor, .. } = self;
            let detail = format!("The total is {} minor units, the items are {items_minor}.", total.minor());
            Issue::new(IssueCode::OrderTotalMismatch, self.facts()).with_detail(detail)
        })
    }

    /// Holds are forgotten some time after they ended: one that isn't there says nothing.
    fn wrong_hold(&self) -> Option<Issue> {
        let hold = self.hold?;
        let is_its_hold = hold.status == HoldStatus::Converted && hold.order_id == Some(self.id);
        (!is_its_hold).then(|| {
            let facts = Facts { hold_id: Some(hold.id), ..self.facts() };
            Issue::new(IssueCode::OrderHoldMismatch, facts).with_detail(format!("The hold is {}.", hold.status))
        })
    }

    fn wrong_status(&self) -> Option<Issue> {
        use PaymentStatus::{Failed, Overpaid, Paid, RefundDue, Refunded, Underpaid, Unpaid};
        let possible: &[PaymentStatus] = match self.status {
            OrderStatus::Pending => &[Unpaid, Underpaid],
            OrderStatus::Paid => &[Paid, Overpaid],
            OrderStatus::Completed => &[Unpaid, Underpaid, Paid, Overpaid],
            OrderStatus::Cancelled | OrderStatus::Expired => &[Unpaid, Failed, RefundDue, Refunded],
            OrderStatus::Refunded => &[Refunded, RefundDue],
        };
        (!possible.contains(&self.payment_status)).then(|| {
            let detail = format!("It is {} and {}.", self.status, self.payment_status);
            Issue::new(IssueCode::OrderStatusMismatch, self.facts()).with_detail(detail)
        })
    }

    /// What came for an order shows in its payment status, and what shows there came.
    fn wrong_money(&self) -> Option<Issue> {
        if self.shows_money() {
            // A provider that never told how much it was leaves a checkout, and no movement.
            let is_from_nowhere = self.movements.is_empty() && self.settled.is_empty();
            return is_from_nowhere.then(|| Issue::new(IssueCode::OrderMoneyMissing, self.facts()));
        }
        let ignored = self.movements.iter().find(|movement| !self.waits_for_a_person(movement))?;
        let facts = Facts { transaction_id: Some(ignored.id), checkout_id: ignored.checkout_id, ..self.facts() };
        let detail = format!("{} {} came.", ignored.money, ignored.money.currency().code());
        Some(Issue::new(IssueCode::OrderMoneyIgnored, facts).with_detail(detail))
    }

    fn wrong_sum(&self) -> Option<Issue> {
        let came_minor = sum_minor(&self.movements, self.total.currency());
        (came_minor != self.received_minor).then(|| {
            let detail = format!("It says {} minor units, the ledger has {came_minor}.", self.received_minor);
            Issue::new(IssueCode::OrderReceivedMismatch, self.facts()).with_detail(detail)
        })
    }

    const fn shows_money(&self) -> bool {
        match self.payment_status {
            PaymentStatus::Paid
            | PaymentStatus::Underpaid
            | PaymentStatus::Overpaid
            | PaymentStatus::RefundDue
            | PaymentStatus::Refunded => true,
            PaymentStatus::Unpaid | PaymentStatus::Failed => false,
        }
    }

    /// Money whose checkout can't be measured against the order isn't passed on: its checkout says so.
    fn waits_for_a_person(&self, movement: &Movement) -> bool {
        let checkout = self.settled.iter().find(|checkout| Some(checkout.id) == movement.checkout_id);
        checkout.is_some_and(|checkout| {
            checkout.money.currency() != self.total.currency()
                || matches!(
                    checkout.failure_reason,
                    Some(
                        Reason::HeldByProvider
                            | Reason::AmountMismatch
                            | Reason::CurrencyMismatch
                            | Reason::AmountUnreadable
                    )
                )
        })
    }

    fn waiting_money(&self) -> Option<Issue> {
        let code = match self.payment_status {
            PaymentStatus::RefundDue => IssueCode::RefundDue,
            PaymentStatus::Overpaid => IssueCode::OrderOverpaid,
            PaymentStatus::Underpaid => IssueCode::OrderUnderpaid,
            PaymentStatus::Unpaid | PaymentStatus::Paid | PaymentStatus::Failed | PaymentStatus::Refunded => {
                return None;
            }
        };
        Some(Issue::new(code, Facts { since: Some(self.updated_at), ..self.facts() }))
    }

    fn overdue(&self, now: Timestamp) -> Option<Issue> {
        let is_overdue = self.status == OrderStatus::Pending && self.expires_at + OVERDUE_AFTER < now;
        is_overdue.then(|| {
            let facts = Facts { since: Some(self.expires_at), ..self.facts() };
            Issue::new(IssueCode::OrderOverdue, facts).with_repair(Repair::ExpireOrder(self.id))
        })
    }
}
