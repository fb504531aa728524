//! Commands with everything filled in, to be changed where a test cares.

use std::time::Duration;

use adapters::SystemIds;
use domain::{
    AttachCharge, Charge, ChargeCode, ChargeNews, ChargeReport, Checkout, CheckoutId, CreateCheckout,
    CreateCheckoutReply, Currency, Email, EventId, EventKey, IdempotencyKey, JobId, JobLease, MerchantId, Money,
    Provider, ProviderEventId, RecordEvent, Reported, ReportedPayment, Timestamp, TransactionId,
};
use ports::IdSource;
use uuid::Uuid;

fn id() -> Uuid {
    SystemIds.uuid_v7()
}

/// Any new charge code.
pub fn charge_code() -> ChargeCode {
    ChargeCode::parse(id().simple().to_string().to_uppercase()).unwrap()
}

/// So many US dollars.
pub fn usd(amount: &str) -> Money {
    Money::parse(amount, Currency::USD).unwrap()
}

/// A checkout over 29.99 USD of merchant `m-1`, without a key.
pub fn create_checkout() -> CreateCheckout {
    CreateCheckout {
        id: CheckoutId::from_uuid(id()),
        job_id: JobId::from_uuid(id()),
        merchant_id: MerchantId::parse("m-1").unwrap(),
        idempotency_key: None,
        money: usd("29.99"),
        email: Some(Email::parse("buyer@example.com").unwrap()),
        order_id: None,
        metadata: None,
        time_to_live: Duration::from_secs(3600),
        caller_creates_charge_for: None,
    }
}

/// The same, with a key.
pub fn create_checkout_with_key(key: &str) -> CreateCheckout {
    CreateCheckout { idempotency_key: Some(IdempotencyKey::parse(key).unwrap()), ..create_checkout() }
}

/// The charge of a checkout, under the first attempt at its job.
pub fn attach_charge(created: &CreateCheckout, code: &ChargeCode) -> AttachCharge {
    AttachCharge {
        checkout_id: created.id,
        charge: Charge { code: code.clone(), hosted_url: format!("https://pay.example/{code}") },
        lease: JobLease { job_id: created.job_id, attempt: 1 },
    }
}

/// An event about a charge, with an id of its own and no amounts.
pub fn event(code: &ChargeCode, news: ChargeNews) -> RecordEvent {
    let event_type = match news {
        ChargeNews::Created => "charge:created",
        ChargeNews::Pending => "charge:pending",
        ChargeNews::Confirmed => "charge:confirmed",
        ChargeNews::Expired | ChargeNews::Held(_) => "charge:failed",
        ChargeNews::Canceled => "charge:canceled",
        ChargeNews::Resolved => "charge:resolved",
        ChargeNews::Unknown => "charge:dreamt",
    };
    RecordEvent {
        id: EventId::from_uuid(id()),
        key: EventKey {
            provider: Provider::Coinbase,
            provider_event_id: ProviderEventId::parse(id().to_string()).unwrap(),
        },
        event_type: event_type.to_owned(),
        subject: Some(code.clone()),
        raw: b"{\"raw\":true}".to_vec(),
        report: ChargeReport {
            news,
            asked: Reported::Missing,
            tolerance: domain::Tolerance::default(),
            payments: Vec::new(),
            occurred_at: Timestamp::from_unix_us(1_767_225_601_000_000),
        },
    }
}

/// An event that tells of a settled payment for a charge over `asked`.
pub fn paid_event(code: &ChargeCode, news: ChargeNews, asked: Money, paid: Money) -> RecordEvent {
    let mut event = event(code, news);
    event.report.asked = Reported::Amount(asked);
    event.report.payments = vec![ReportedPayment {
        record: TransactionId::from_uuid(id()),
        provider_transaction_id: format!("tx-{code}"),
        amount: Reported::Amount(paid),
        occurred_at: event.report.occurred_at,
    }];
    event
}

/// The checkout in a reply, whether it was new or not.
pub fn checkout_of(reply: CreateCheckoutReply) -> Checkout {
    match reply {
        CreateCheckoutReply::Created(checkout) | CreateCheckoutReply::Replayed(checkout) => *checkout,
    }
}
