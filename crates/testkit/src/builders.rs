//! Commands with everything filled in, to be changed where a test cares.

use std::time::Duration;

use adapters::SystemIds;
use domain::{
    AttachCharge, Attempted, Charge, ChargeCode, ChargeNews, ChargeReport, Checkout, CheckoutId, CreateCheckout,
    CreateCheckoutReply, CreateEndpoint, CreateProduct, Currency, Delivery, DeliveryId, DeliveryRef, Email, EndpointId,
    EndpointTerms, EndpointUrl, EnsureJob, EventId, EventKey, EventReport, Fingerprint, HoldId, IdempotencyKey, JobId,
    JobLease, MerchantId, Money, NotificationId, OpenOrderCheckout, OrderId, OrderSource, PaymentId, PaymentNotice,
    PaymentOutcome, PingEndpoint, PlaceHold, PlaceOrder, ProductId, ProductName, Provider, ProviderEventId, Quantity,
    RecordEvent, Reported, ReportedPayment, SigningSeed, Stock, Subject, Task, Timestamp, TokenCheck, TransactionId,
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

/// So many.
pub fn quantity(number: u64) -> Quantity {
    Quantity::try_from(number).unwrap()
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

/// A checkout for an order, open for an hour.
pub fn open_checkout(order_id: OrderId) -> OpenOrderCheckout {
    OpenOrderCheckout {
        order_id,
        id: CheckoutId::from_uuid(id()),
        job_id: JobId::from_uuid(id()),
        email: None,
        time_to_live: Duration::from_secs(3600),
        caller_creates_charge_for: None,
    }
}

/// The charge of a checkout, under the first attempt at its job.
pub fn attach_charge(created: &CreateCheckout, code: &ChargeCode) -> AttachCharge {
    charge_of(created.id, created.job_id, code)
}

/// The same, of a checkout that was opened for an order.
pub fn attach_charge_to_order(opened: &OpenOrderCheckout, code: &ChargeCode) -> AttachCharge {
    charge_of(opened.id, opened.job_id, code)
}

/// How long after its charge was attached a checkout is asked about.
pub const POLL_AFTER: Duration = Duration::from_secs(60);

/// The id of the job that asks about a charge, by that of the job that makes it.
pub fn poll_job_of(job_id: JobId) -> JobId {
    JobId::from_uuid(Uuid::from_u128(job_id.as_uuid().as_u128() ^ 1))
}

fn charge_of(checkout_id: CheckoutId, job_id: JobId, code: &ChargeCode) -> AttachCharge {
    AttachCharge {
        checkout_id,
        charge: Charge { code: code.clone(), hosted_url: format!("https://pay.example/{code}") },
        lease: JobLease { job_id, attempt: 1 },
        poll_job_id: poll_job_of(job_id),
        poll_after: POLL_AFTER,
    }
}

/// News of a charge, without amounts.
pub fn report(news: ChargeNews) -> ChargeReport {
    ChargeReport {
        news,
        asked: Reported::Missing,
        tolerance: domain::Tolerance::default(),
        payments: Vec::new(),
        occurred_at: Timestamp::from_unix_us(1_767_225_601_000_000),
    }
}

/// An event about a charge, with an id of its own.
pub fn reported(code: &ChargeCode, report: ChargeReport) -> RecordEvent {
    let event_type = match report.news {
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
        key: event_key(Provider::Coinbase, &id().to_string()),
        event_type: event_type.to_owned(),
        subject: Some(Subject::Charge(code.clone())),
        raw: b"{\"raw\":true}".to_vec(),
        report: EventReport::Charge(report),
        fingerprint: None,
    }
}

fn event_key(provider: Provider, provider_event_id: &str) -> EventKey {
    EventKey { provider, provider_event_id: ProviderEventId::parse(provider_event_id).unwrap() }
}

/// An event about a charge, with an id of its own and no amounts.
pub fn event(code: &ChargeCode, news: ChargeNews) -> RecordEvent {
    reported(code, report(news))
}

/// An event that tells of a settled payment for a charge over `asked`.
pub fn paid_event(code: &ChargeCode, news: ChargeNews, asked: Money, paid: Money) -> RecordEvent {
    paid_event_by(&format!("tx-{code}"), code, news, asked, paid)
}

/// The same, by a movement of this name.
pub fn paid_event_by(movement: &str, code: &ChargeCode, news: ChargeNews, asked: Money, paid: Money) -> RecordEvent {
    let report = report(news);
    let payment = ReportedPayment {
        record: TransactionId::from_uuid(id()),
        provider_transaction_id: movement.to_owned(),
        amount: Reported::Amount(paid),
        occurred_at: report.occurred_at,
    };
    reported(code, ChargeReport { asked: Reported::Amount(asked), payments: vec![payment], ..report })
}

/// A payment backend's own word on an order, without an amount, under a key of its own.
pub fn payment_notice(order_id: OrderId, outcome: PaymentOutcome) -> PaymentNotice {
    PaymentNotice {
        outcome,
        payment_id: Some(PaymentId::parse(format!("payment-of-{order_id}")).unwrap()),
        amount: None,
        currency: None,
        record: TransactionId::from_uuid(id()),
    }
}

/// The event that brings a notice, under this key.
pub fn notified(order_id: OrderId, notice: PaymentNotice, key: &str) -> RecordEvent {
    let amount = notice.amount.as_ref().map(domain::BareAmount::as_str);
    let fingerprint = Fingerprint::of(&[Some(&order_id.to_string()), amount]);
    RecordEvent {
        id: EventId::from_uuid(id()),
        key: event_key(Provider::Generic, key),
        event_type: "payment".to_owned(),
        subject: Some(Subject::Order(order_id)),
        raw: b"{\"raw\":true}".to_vec(),
        report: EventReport::Payment(notice),
        fingerprint: Some(fingerprint),
    }
}

/// An event that says that an order was paid, under a key of its own.
pub fn order_paid(order_id: OrderId) -> RecordEvent {
    notified(order_id, payment_notice(order_id, PaymentOutcome::Paid), &id().to_string())
}

/// An event that says that the payment of an order failed, under a key of its own.
pub fn order_payment_failed(order_id: OrderId) -> RecordEvent {
    notified(order_id, payment_notice(order_id, PaymentOutcome::Failed), &id().to_string())
}

/// A wish to have something done at once.
pub fn ensure(task: Task) -> EnsureJob {
    EnsureJob { id: JobId::from_uuid(id()), task, after: Duration::ZERO }
}

/// A delivery of its own to this endpoint.
pub fn notify(endpoint_id: EndpointId) -> Task {
    Task::Notify { delivery_id: DeliveryId::from_uuid(id()), endpoint_id }
}

/// The checkout in a reply, whether it was new or not.
pub fn checkout_of(reply: CreateCheckoutReply) -> Checkout {
    match reply {
        CreateCheckoutReply::Created(checkout) | CreateCheckoutReply::Replayed(checkout) => *checkout,
    }
}

/// A product of merchant `m-1` at 29.99 USD, of which there are so many.
pub fn create_product(total: u32) -> CreateProduct {
    CreateProduct {
        id: ProductId::from_uuid(id()),
        merchant_id: MerchantId::parse("m-1").unwrap(),
        name: ProductName::parse("Ticket").unwrap(),
        description: None,
        price: usd("29.99"),
        stock: Stock::new(total).unwrap(),
    }
}

/// A hold on so many of a product, for two minutes.
pub fn place_hold(product_id: ProductId, number: u64) -> PlaceHold {
    PlaceHold {
        id: HoldId::from_uuid(id()),
        product_id,
        quantity: quantity(number),
        time_to_live: Duration::from_secs(120),
    }
}

/// An endpoint of merchant `m-1` that wants to know everything.
pub fn create_endpoint() -> CreateEndpoint {
    CreateEndpoint {
        id: EndpointId::from_uuid(id()),
        merchant_id: MerchantId::parse("m-1").unwrap(),
        terms: EndpointTerms {
            url: EndpointUrl::parse("https://shop.example/hook").unwrap(),
            event_types: None,
            description: None,
            is_asymmetric: false,
        },
        seed: SigningSeed::from_bytes([7; 32]),
    }
}

/// A test of an endpoint.
pub fn ping(endpoint_id: EndpointId) -> PingEndpoint {
    PingEndpoint { id: endpoint_id, notification_id: NotificationId::from_uuid(id()) }
}

/// A delivery by its name.
pub fn delivery_ref(delivery: &Delivery) -> DeliveryRef {
    DeliveryRef::of(delivery)
}

/// An attempt that was answered like this, or not at all.
pub fn attempted(started_at: Timestamp, status_code: Option<u16>) -> Attempted {
    let error = status_code.is_none().then(|| "the endpoint took too long to answer".to_owned());
    let answer = status_code.map(|code| format!("answer {code}"));
    Attempted { started_at, duration_ms: 12, status_code, error, answer }
}

/// An order of what is held, to be paid within an hour.
pub fn order_of_hold(hold_id: HoldId) -> PlaceOrder {
    place_order(OrderSource::Hold { hold_id, token: TokenCheck::Right })
}

/// An order of products, to be paid within an hour.
pub fn order_of_items(items: &[(ProductId, u64)]) -> PlaceOrder {
    let items = items.iter().map(|(product_id, number)| (*product_id, quantity(*number)));
    place_order(OrderSource::Items(items.collect()))
}

fn place_order(source: OrderSource) -> PlaceOrder {
    PlaceOrder {
        id: OrderId::from_uuid(id()),
        is_id_chosen: false,
        source,
        customer_id: None,
        email: None,
        time_to_live: Duration::from_secs(3600),
    }
}

/// An order under an id that the client chose.
pub fn under_chosen_id(order: PlaceOrder) -> PlaceOrder {
    PlaceOrder { is_id_chosen: true, ..order }
}
