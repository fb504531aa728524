use crate::state_machine::words;
use crate::{CheckoutId, Email, Money, OrderId, Provider, Record, Timestamp, TransactionId};

words! {
    /// What a movement of money settled.
    TransactionStatus {
        /// It paid its checkout.
        Completed = "COMPLETED",
        /// It came, but not as asked.
        Unresolved = "UNRESOLVED",
    }
}

/// One settled movement of money. Never changed and never deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    /// Identifies it.
    pub id: TransactionId,
    /// The checkout that it was for; `None` if it went straight to an order.
    pub checkout_id: Option<CheckoutId>,
    /// The order that it was for.
    pub order_id: Option<OrderId>,
    /// Who moved the money.
    pub provider: Provider,
    /// What the provider calls the movement; unique per provider and [payee](Self::payee).
    pub provider_transaction_id: String,
    /// The type of the event that told of it.
    pub event_type: String,
    /// What it settled.
    pub status: TransactionStatus,
    /// The buyer's address.
    pub email: Option<Email>,
    /// How much moved.
    pub money: Money,
    /// When it moved, as the provider tells.
    pub occurred_at: Timestamp,
    /// When it was recorded here.
    pub recorded_at: Timestamp,
}

/// What a movement of money is for; it counts once for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Payee {
    /// A checkout, and through it perhaps an order.
    Checkout(CheckoutId),
    /// An order, by itself.
    Order(OrderId),
}

impl Transaction {
    /// What it is for. Every transaction has one of the two; the databases check it.
    #[must_use]
    pub fn payee(&self) -> Option<Payee> {
        self.checkout_id.map(Payee::Checkout).or(self.order_id.map(Payee::Order))
    }
}

impl Record for Transaction {
    type Id = TransactionId;

    fn id(&self) -> TransactionId {
        self.id
    }
}
