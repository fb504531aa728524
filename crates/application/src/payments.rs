use std::sync::Arc;

use domain::{
    BareAmount, Currency, EventId, EventKey, EventReply, EventReport, Fingerprint, IdempotencyKey, OrderId, PaymentId,
    PaymentNotice, PaymentOutcome, Provider, ProviderEventId, RecordEvent, RequestId, Subject, TransactionId,
};
use ports::{IdSource, Ledger, SignatureVerifier};

use crate::{Caller, Error};

/// What a payment backend tells of an order's payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewNotice {
    /// The order.
    pub order_id: OrderId,
    /// How the payment went.
    pub outcome: PaymentOutcome,
    /// Names the notice; without one, its bytes do.
    pub idempotency_key: Option<IdempotencyKey>,
    /// What the sender calls the payment.
    pub payment_id: Option<PaymentId>,
    /// How much; the order's total if it isn't told.
    pub amount: Option<BareAmount>,
    /// In which currency; the order's if it isn't told.
    pub currency: Option<Currency>,
    /// The body, byte for byte.
    pub raw: Vec<u8>,
}

/// What the sender is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceivedNotice {
    /// What the notice goes by.
    pub idempotency_key: ProviderEventId,
    /// What became of it.
    pub reply: EventReply,
}

/// Takes in what a payment backend of the merchant's own tells of orders.
#[derive(Clone)]
pub struct Payments {
    /// Where events are stored.
    pub ledger: Arc<dyn Ledger>,
    /// Who may tell.
    pub signature: Arc<dyn SignatureVerifier>,
    /// New ids.
    pub ids: Arc<dyn IdSource>,
}

impl Payments {
    /// Checks that the bytes come from somebody who knows our secret. Nothing may look at them before.
    pub fn authenticate(&self, signature: Option<&str>, body: &[u8]) -> Result<(), Error> {
        Ok(self.signature.verify(signature, body)?)
    }

    /// Stores and applies an authenticated notice. When this returns `Ok`, it is never lost.
    pub async fn receive(&self, request_id: Option<RequestId>, notice: NewNotice) -> Result<ReceivedNotice, Error> {
        let idempotency_key = match &notice.idempotency_key {
            Some(key) => ProviderEventId::from(key.clone()),
            None => ProviderEventId::of_body(&notice.raw),
        };
        let event_type = match notice.outcome {
            PaymentOutcome::Paid => "payment.paid",
            PaymentOutcome::Failed => "payment.failed",
        };
        let command = RecordEvent {
            id: EventId::from_uuid(self.ids.uuid_v7()),
            key: EventKey { provider: Provider::Generic, provider_event_id: idempotency_key.clone() },
            event_type: event_type.to_owned(),
            subject: Some(Subject::Order(notice.order_id)),
            fingerprint: Some(fingerprint(&notice)),
            report: EventReport::Payment(PaymentNotice {
                outcome: notice.outcome,
                payment_id: notice.payment_id,
                amount: notice.amount,
                currency: notice.currency,
                record: TransactionId::from_uuid(self.ids.uuid_v7()),
            }),
            raw: notice.raw,
        };
        let reply = Caller::provider(Provider::Generic, request_id).execute(&*self.ledger, command).await?;
        Ok(ReceivedNotice { idempotency_key, reply })
    }
}

fn fingerprint(notice: &NewNotice) -> Fingerprint {
    let outcome = match notice.outcome {
        PaymentOutcome::Paid => "paid",
        PaymentOutcome::Failed => "failed",
    };
    Fingerprint::of(&[
        Some(&notice.order_id.to_string()),
        Some(outcome),
        notice.payment_id.as_ref().map(PaymentId::as_str),
        notice.amount.as_ref().map(BareAmount::as_str),
        notice.currency.map(Currency::code),
    ])
}
