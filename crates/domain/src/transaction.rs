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
    /// What it paid.
    pub checkout_id: CheckoutId,
    /// The order behind the checkout.
    pub order_id: Option<OrderId>,
    /// Who moved the money.
    pub provider: Provider,
    /// What the provider calls the movement; unique per provider and checkout.
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

impl Record for Transaction {
    type Id = TransactionId;

    fn id(&self) -> TransactionId {
        self.id
    }
}
