use serde::Serialize;

use super::StockCount;
use crate::state_machine::words;
use crate::{
    CheckoutId, EventId, HoldId, JobId, OrderId, PaymentStatus, ProductId, Reason, RepairStock, Timestamp,
    TransactionId,
};

words! {
    /// What is wrong, for programs.
    IssueCode {
        /// More is held and sold than there is.
        Oversold = "oversold",
        /// A product's held stock isn't what its active holds and pending orders add up to.
        HeldStockMismatch = "held-stock-mismatch",
        /// A product's sold stock isn't what its paid and completed orders add up to.
        SoldStockMismatch = "sold-stock-mismatch",
        /// A hold became an order that isn't there, or that is of another hold.
        HoldWithoutOrder = "hold-without-order",
        /// An order is of a hold that didn't become it.
        OrderHoldMismatch = "order-hold-mismatch",
        /// An order's total isn't what its items add up to.
        OrderTotalMismatch = "order-total-mismatch",
        /// An order's status and its payment status can't go together.
        OrderStatusMismatch = "order-status-mismatch",
        /// An order counts as paid, and no money came for it.
        OrderMoneyMissing = "order-money-missing",
        /// Money came for an order, and the order doesn't know of it.
        OrderMoneyIgnored = "order-money-ignored",
        /// What an order says has come isn't what the ledger has.
        OrderReceivedMismatch = "order-received-mismatch",
        /// Money in the ledger is for an order that isn't there.
        TransactionWithoutOrder = "transaction-without-order",
        /// Money in the ledger is for another order or in another currency than what it was for.
        TransactionMismatch = "transaction-mismatch",
        /// Money came for a checkout, and the checkout doesn't know of it.
        CheckoutMoneyIgnored = "checkout-money-ignored",
        /// What a checkout says has come isn't what the ledger has.
        CheckoutReceivedMismatch = "checkout-received-mismatch",
        /// An event told of money that isn't in the ledger.
        PaymentNotRecorded = "payment-not-recorded",
        /// An event waits for what is there.
        EventNotApplied = "event-not-applied",
        /// A checkout has no charge, and nobody is to make one.
        ChargeJobMissing = "charge-job-missing",
        /// Nobody is to ask what became of a checkout's charge.
        PollJobMissing = "poll-job-missing",
        /// A checkout counts as paid, and its gateway knows of no payment.
        PaidHereOnly = "paid-here-only",
        /// An order's money is to be given back.
        RefundDue = "refund-due",
        /// More came for an order than it costs.
        OrderOverpaid = "order-overpaid",
        /// Less came for an order than it costs.
        OrderUnderpaid = "order-underpaid",
        /// Money came for a checkout, but not as asked.
        CheckoutUnresolved = "checkout-unresolved",
        /// A checkout counts as paid, and how much came isn't in the ledger.
        CheckoutWithoutTransaction = "checkout-without-transaction",
        /// A checkout for an order that was never placed was paid.
        MoneyWithoutOrder = "money-without-order",
        /// One movement of money counts for two.
        MovementShared = "movement-shared",
        /// An event couldn't be applied.
        EventRejected = "event-rejected",
        /// An event was given up.
        EventDead = "event-dead",
        /// An event waits for something that doesn't come.
        EventWaiting = "event-waiting",
        /// A job was given up.
        JobDead = "job-dead",
        /// A hold's time is up, and nobody has ended it.
        HoldOverdue = "hold-overdue",
        /// An order's time is up, and nobody has ended it.
        OrderOverdue = "order-overdue",
        /// A checkout's time is up, and nobody has ended it.
        CheckoutOverdue = "checkout-overdue",
        /// The gateway has money that isn't in the ledger.
        PaidAtGateway = "paid-at-gateway",
        /// The gateway tells another amount than the ledger has.
        AmountDiffersAtGateway = "amount-differs-at-gateway",
        /// The gateway doesn't know a checkout's charge.
        UnknownAtGateway = "unknown-at-gateway",
    }
}

impl IssueCode {
    /// Whether an invariant is broken. The others are money or work that waits for a person.
    #[must_use]
    pub const fn is_finding(self) -> bool {
        match self {
            Self::Oversold
            | Self::HeldStockMismatch
            | Self::SoldStockMismatch
            | Self::HoldWithoutOrder
            | Self::OrderHoldMismatch
            | Self::OrderTotalMismatch
            | Self::OrderStatusMismatch
            | Self::OrderMoneyMissing
            | Self::OrderMoneyIgnored
            | Self::OrderReceivedMismatch
            | Self::TransactionWithoutOrder
            | Self::TransactionMismatch
            | Self::CheckoutMoneyIgnored
            | Self::CheckoutReceivedMismatch
            | Self::PaymentNotRecorded
            | Self::EventNotApplied
            | Self::ChargeJobMissing
            | Self::PollJobMissing
            | Self::PaidHereOnly => true,
            Self::RefundDue
            | Self::OrderOverpaid
            | Self::OrderUnderpaid
            | Self::CheckoutUnresolved
            | Self::CheckoutWithoutTransaction
            | Self::MoneyWithoutOrder
            | Self::MovementShared
            | Self::EventRejected
            | Self::EventDead
            | Self::EventWaiting
            | Self::JobDead
            | Self::HoldOverdue
            | Self::OrderOverdue
            | Self::CheckoutOverdue
            | Self::PaidAtGateway
            | Self::AmountDiffersAtGateway
            | Self::UnknownAtGateway => false,
        }
    }

    /// What it means, in a sentence.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Oversold => "More of the product is in holds and orders than there is.",
            Self::HeldStockMismatch => {
                "The product's held stock isn't what its active holds and pending orders add up to."
            }
            Self::SoldStockMismatch => "The product's sold stock isn't what its paid and completed orders add up to.",
            Self::HoldWithoutOrder => "The hold became an order that isn't there, or that is of another hold.",
            Self::OrderHoldMismatch => "The order is of a hold that didn't become it.",
            Self::OrderTotalMismatch => "The order's total isn't what its items add up to.",
            Self::OrderStatusMismatch => "The order's status and its payment status can't go together.",
            Self::OrderMoneyMissing => "The order counts as paid, at least in part, and no money came for it.",
            Self::OrderMoneyIgnored => "Money came for the order, and its payment status doesn't show it.",
            Self::OrderReceivedMismatch => "What the order says has come isn't what the ledger has for it.",
            Self::TransactionWithoutOrder => "The money went straight to an order that isn't there.",
            Self::TransactionMismatch => {
                "The money is booked for another order, or in another currency, than what it was paid for."
            }
            Self::CheckoutMoneyIgnored => "Money came for the checkout, and its status doesn't show it.",
            Self::CheckoutReceivedMismatch => "What the checkout says has come isn't what the ledger has for it.",
            Self::PaymentNotRecorded => "The event was applied and told of a payment that isn't in the ledger.",
            Self::EventNotApplied => "The event waits for something that is there.",
            Self::ChargeJobMissing => "The checkout has no charge, and no job is there to make one.",
            Self::PollJobMissing => "No job is there to ask what became of the checkout's charge.",
            Self::PaidHereOnly => "The checkout counts as paid, and the gateway knows of no payment.",
            Self::RefundDue => "The order's money is to be given back.",
            Self::OrderOverpaid => "More came for the order than it costs: the rest is to be given back.",
            Self::OrderUnderpaid => "Less came for the order than it costs.",
            Self::CheckoutUnresolved => "Money came for the checkout, but not as asked: it has to be resolved.",
            Self::CheckoutWithoutTransaction => "The checkout was paid, and nobody told how much came.",
            Self::MoneyWithoutOrder => "The checkout was paid for an order that was never placed.",
            Self::MovementShared => "One payment, by its provider's name for it, is booked more than once.",
            Self::EventRejected => "The event could not be applied.",
            Self::EventDead => "The event was given up without being applied.",
            Self::EventWaiting => "The event waits for something that hasn't come for an hour.",
            Self::JobDead => "The job was given up, and nobody does it unless it is retried.",
            Self::HoldOverdue => "The hold's time is up, and nobody has given its stock back.",
            Self::OrderOverdue => "The order's time is up, and nobody has given its stock back.",
            Self::CheckoutOverdue => "The checkout's time is up, and nobody has ended it.",
            Self::PaidAtGateway => "The gateway has a payment that isn't in the ledger.",
            Self::AmountDiffersAtGateway => "The gateway tells another amount of a payment than the ledger has.",
            Self::UnknownAtGateway => "The gateway doesn't know the checkout's charge.",
        }
    }
}

/// What is known of an issue: which rows it is about, and what they say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Facts {
    /// The product.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product_id: Option<ProductId>,
    /// The product's stock, by its row and as counted.
    #[serde(flatten)]
    pub stock: Option<StockCount>,
    /// The hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hold_id: Option<HoldId>,
    /// The order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_id: Option<OrderId>,
    /// What is known of the order's money.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_status: Option<PaymentStatus>,
    /// The checkout.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checkout_id: Option<CheckoutId>,
    /// The transaction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transaction_id: Option<TransactionId>,
    /// The event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_id: Option<EventId>,
    /// The job.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job_id: Option<JobId>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// Since when, as far as that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
}

/// What puts an issue right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repair {
    /// The product's stock gets what was counted.
    Stock(RepairStock),
    /// The hold is expired.
    ExpireHold(HoldId),
    /// The order is expired.
    ExpireOrder(OrderId),
    /// The checkout is expired.
    ExpireCheckout(CheckoutId),
    /// The event is decided anew.
    ReplayEvent(EventId),
    /// The job that makes the checkout's charge is stored.
    MakeCharge(CheckoutId),
    /// The job that asks about the checkout's charge is stored.
    AskAboutCharge(CheckoutId),
    /// What the gateway tells is recorded, as if its webhook had come.
    RecordNews(CheckoutId),
}

/// Something that is wrong, or waits for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// What.
    pub code: IssueCode,
    /// With which rows.
    pub facts: Facts,
    /// More words, where the facts alone don't say it.
    pub detail: Option<String>,
    /// What puts it right, if there is one right answer.
    pub repair: Option<Repair>,
}

impl Issue {
    /// With nothing that puts it right.
    #[must_use]
    pub const fn new(code: IssueCode, facts: Facts) -> Self {
        Self { code, facts, detail: None, repair: None }
    }

    /// The same with more words.
    #[must_use]
    pub fn with_detail(self, detail: impl Into<String>) -> Self {
        Self { detail: Some(detail.into()), ..self }
    }

    /// The same with what puts it right.
    #[must_use]
    pub fn with_repair(self, repair: Repair) -> Self {
        Self { repair: Some(repair), ..self }
    }

    /// What is wrong, in words.
    #[must_use]
    pub fn message(&self) -> String {
        match &self.detail {
            Some(detail) => format!("{} {detail}", self.code.sentence()),
            None => self.code.sentence().to_owned(),
        }
    }
}
