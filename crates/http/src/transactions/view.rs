use domain::{
    CheckoutId, Currency, Email, OrderId, Provider, Timestamp, Transaction, TransactionId, TransactionStatus,
};
use serde::Serialize;

use crate::answer::Decimal;

/// A transaction as it goes out: every field is there, null when empty.
#[derive(Debug, Serialize)]
pub(crate) struct TransactionView<'a> {
    id: TransactionId,
    checkout_id: Option<CheckoutId>,
    order_id: Option<OrderId>,
    provider: Provider,
    provider_transaction_id: &'a str,
    event_type: &'a str,
    status: TransactionStatus,
    email: Option<&'a Email>,
    amount: Decimal,
    currency: Currency,
    occurred_at: Timestamp,
    recorded_at: Timestamp,
}

impl<'a> From<&'a Transaction> for TransactionView<'a> {
    fn from(transaction: &'a Transaction) -> Self {
        Self {
            id: transaction.id,
            checkout_id: transaction.checkout_id,
            order_id: transaction.order_id,
            provider: transaction.provider,
            provider_transaction_id: &transaction.provider_transaction_id,
            event_type: &transaction.event_type,
            status: transaction.status,
            email: transaction.email.as_ref(),
            amount: Decimal(transaction.money),
            currency: transaction.money.currency(),
            occurred_at: transaction.occurred_at,
            recorded_at: transaction.recorded_at,
        }
    }
}
