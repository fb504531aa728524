//! Builders: a shop whose books are asked, and values with names that say what they are for.

use std::time::Duration;

use domain::{
    AttachCharge, BareAmount, Books, ChangeOrderStatus, Charge, ChargeCode, ChargeNews, ChargeReport, Checkout,
    CheckoutId, Command, CreateCheckout, CreateCheckoutReply, CreateProduct, Currency, Decide, Event, EventId,
    EventKey, EventReply, EventReport, Fingerprint, Hold, HoldId, JobId, JobLease, MerchantId, Money,
    OpenOrderCheckout, Order, OrderId, OrderSource, OrderStatus, PaymentId, PaymentNotice, PaymentOutcome, PlaceHold,
    PlaceOrder, Product, ProductId, ProductName, Provider, ProviderEventId, Quantity, Reason, RecordEvent, Rejection,
    Reply, Reported, ReportedPayment, Stock, Subject, Timestamp, TokenCheck, Tolerance, TransactionId, UpdateProduct,
    Verdict,
};
use uuid::Uuid;

use crate::loader;
use crate::rows::Rows;
use crate::rules;

pub(crate) const HOLD_TTL: Duration = Duration::from_secs(120);
pub(crate) const ORDER_TTL: Duration = Duration::from_secs(3600);
pub(crate) const CHECKOUT_TTL: Duration = Duration::from_secs(1800);
pub(crate) const POLL_AFTER: Duration = Duration::from_secs(60);

pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_unix_us(second * 1_000_000)
}

pub(crate) fn usd(text: &str) -> Money {
    Money::parse(text, Currency::USD).unwrap()
}

pub(crate) fn eur(text: &str) -> Money {
    Money::parse(text, "EUR".parse().unwrap()).unwrap()
}

pub(crate) fn quantity(number: u32) -> Quantity {
    Quantity::try_from(u64::from(number)).unwrap()
}

pub(crate) fn merchant(name: &str) -> MerchantId {
    MerchantId::parse(name).unwrap()
}

/// `available held sold`, as the tests write stock down.
pub(crate) fn counts(stock: Stock) -> (u32, u32, u32) {
    (stock.available(), stock.held(), stock.sold())
}

/// Books, a clock, and ids that count up.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shop {
    pub(crate) books: Books,
    pub(crate) seconds: i64,
    next: u128,
}

impl Shop {
    pub(crate) fn new() -> Self {
        Self { seconds: 1_000, ..Self::default() }
    }

    /// A shop whose ids are larger than the given one.
    pub(crate) fn numbered_from(first_id: u128) -> Self {
        Self { next: first_id, ..Self::new() }
    }

    pub(crate) fn now(&self) -> Timestamp {
        at(self.seconds)
    }

    pub(crate) fn wait(&mut self, span: Duration) {
        self.seconds += i64::try_from(span.as_secs()).unwrap();
    }

    pub(crate) fn uuid(&mut self) -> Uuid {
        self.next += 1;
        Uuid::from_u128(self.next)
    }

    /// Decides, and checks what must be true of every decision.
    pub(crate) fn decide(&mut self, command: &Command) -> Reply {
        let (before, copy, now) = (Rows::of(&self.books), self.books.clone(), self.now());
        self.books.mark_stored();
        let reply = command.decide(&mut self.books, now);
        let (after, changed) = (Rows::of(&self.books), Rows::changed(&self.books));
        if self.books.is_unchanged() {
            assert_eq!(before, after, "a change that nobody would store: {command:?}");
        } else {
            assert!(!matches!(reply, Reply::Rejected(_)), "a rejection changed something: {reply:?}, {command:?}");
        }
        let again = decided_on(copy, command, now);
        assert_eq!((&again.0, &again.1), (&reply, &changed), "decided differently: {command:?}");
        if !is_guarded_by_the_store_alone(command, &before) {
            let loaded = decided_on(loader::load(&before, command, now), command, now);
            assert_eq!(loaded, (reply.clone(), changed), "its keys don't name all that it needs: {command:?}");
        }
        rules::check(&after);
        rules::check_step(&before, &after);
        reply
    }

    pub(crate) fn ask<C: Decide>(&mut self, command: C) -> Result<C::Reply, Rejection> {
        C::reply_from(self.decide(&command.into())).unwrap()
    }

    /// Asks for what must not change anything, rejected or not.
    pub(crate) fn ask_in_vain<C: Decide>(&mut self, command: C) -> Result<C::Reply, Rejection> {
        let reply = self.ask(command);
        assert!(self.books.is_unchanged());
        reply
    }

    pub(crate) fn create_product(&mut self, price: Money, total: u32) -> CreateProduct {
        CreateProduct {
            id: ProductId::from_uuid(self.uuid()),
            merchant_id: MerchantId::default_merchant(),
            name: ProductName::parse("Ticket").unwrap(),
            description: None,
            price,
            stock: Stock::new(total).unwrap(),
        }
    }

    /// Offers a product in USD.
    pub(crate) fn product(&mut self, price: &str, total: u32) -> ProductId {
        let create = self.create_product(usd(price), total);
        self.ask(create).unwrap().id
    }

    pub(crate) fn place_hold(&mut self, product_id: ProductId, number: u32) -> PlaceHold {
        let id = HoldId::from_uuid(self.uuid());
        PlaceHold { id, product_id, quantity: quantity(number), time_to_live: HOLD_TTL }
    }

    pub(crate) fn hold(&mut self, product_id: ProductId, number: u32) -> HoldId {
        let place = self.place_hold(product_id, number);
        self.ask(place).unwrap().id
    }

    pub(crate) fn place(&mut self, source: OrderSource) -> PlaceOrder {
        PlaceOrder {
            id: OrderId::from_uuid(self.uuid()),
            is_id_chosen: true,
            source,
            customer_id: None,
            email: None,
            time_to_live: ORDER_TTL,
        }
    }

    pub(crate) fn place_from_hold(&mut self, hold_id: HoldId) -> PlaceOrder {
        self.place(OrderSource::Hold { hold_id, token: TokenCheck::Right })
    }

    pub(crate) fn place_items(&mut self, items: &[(ProductId, u32)]) -> PlaceOrder {
        self.place(OrderSource::Items(items.iter().map(|(id, number)| (*id, quantity(*number))).collect()))
    }

    pub(crate) fn order(&mut self, items: &[(ProductId, u32)]) -> OrderId {
        let place = self.place_items(items);
        self.ask(place).unwrap().id
    }

    pub(crate) fn change(&mut self, order_id: OrderId, to: OrderStatus) -> Result<Order, Rejection> {
        self.ask(ChangeOrderStatus { order_id, to }).map(|order| *order)
    }

    pub(crate) fn create_checkout(&mut self, order_id: OrderId, money: Money) -> CreateCheckout {
        CreateCheckout {
            id: CheckoutId::from_uuid(self.uuid()),
            job_id: JobId::from_uuid(self.uuid()),
            merchant_id: MerchantId::default_merchant(),
            idempotency_key: None,
            money,
            email: None,
            order_id: Some(order_id),
            metadata: None,
            time_to_live: CHECKOUT_TTL,
            caller_creates_charge_for: None,
        }
    }

    pub(crate) fn open_checkout(&mut self, order_id: OrderId) -> OpenOrderCheckout {
        OpenOrderCheckout {
            order_id,
            id: CheckoutId::from_uuid(self.uuid()),
            job_id: JobId::from_uuid(self.uuid()),
            email: None,
            time_to_live: CHECKOUT_TTL,
            caller_creates_charge_for: None,
        }
    }

    /// A checkout with its charge, whose code is the checkout's id.
    pub(crate) fn checkout(&mut self, order_id: OrderId, money: Money) -> CheckoutId {
        let create = self.create_checkout(order_id, money);
        let job_id = create.job_id;
        let (CreateCheckoutReply::Created(checkout) | CreateCheckoutReply::Replayed(checkout)) =
            self.ask(create).unwrap();
        self.attach(checkout.id, job_id);
        checkout.id
    }

    pub(crate) fn attach(&mut self, checkout_id: CheckoutId, job_id: JobId) {
        let hosted_url = format!("https://pay.example/{checkout_id}");
        let charge = Charge { code: code(checkout_id), hosted_url };
        self.ask(attach_charge(checkout_id, charge, job_id)).unwrap();
    }

    /// News of a checkout's charge, under an event id of its own.
    pub(crate) fn news(
        &mut self,
        checkout_id: CheckoutId,
        news: ChargeNews,
        payments: &[(&str, Money)],
    ) -> RecordEvent {
        let id = EventId::from_uuid(self.uuid());
        let occurred_at = self.now();
        let payment = |(id, money): &(&str, Money)| ReportedPayment {
            record: TransactionId::from_uuid(self.uuid()),
            provider_transaction_id: (*id).to_owned(),
            amount: Reported::Amount(*money),
            occurred_at,
        };
        let payments = payments.iter().map(payment).collect();
        let asked = Reported::Missing;
        RecordEvent {
            id,
            key: EventKey {
                provider: Provider::Coinbase,
                provider_event_id: ProviderEventId::parse(id.to_string()).unwrap(),
            },
            event_type: "charge:test".to_owned(),
            subject: Some(Subject::Charge(code(checkout_id))),
            raw: Vec::new(),
            report: EventReport::Charge(ChargeReport {
                news,
                asked,
                tolerance: Tolerance::default(),
                payments,
                occurred_at,
            }),
            fingerprint: None,
        }
    }

    /// A checkout's charge is confirmed, all of it paid at once.
    pub(crate) fn confirm(&mut self, checkout_id: CheckoutId, movement: &str, money: Money) -> EventReply {
        let news = self.news(checkout_id, ChargeNews::Confirmed, &[(movement, money)]);
        self.ask(news).unwrap()
    }

    /// A checkout's charge got too little.
    pub(crate) fn underpay(&mut self, checkout_id: CheckoutId, movement: &str, money: Money) -> EventReply {
        let news = self.news(checkout_id, ChargeNews::Held(Reason::Underpaid), &[(movement, money)]);
        self.ask(news).unwrap()
    }

    /// A payment backend's notice, under a key of its own.
    pub(crate) fn notice(&mut self, order_id: OrderId, notice: Notice<'_>) -> RecordEvent {
        let id = EventId::from_uuid(self.uuid());
        let record = TransactionId::from_uuid(self.uuid());
        let parts = [notice.amount, notice.currency, notice.payment_id];
        RecordEvent {
            id,
            key: EventKey {
                provider: Provider::Generic,
                provider_event_id: ProviderEventId::parse(id.to_string()).unwrap(),
            },
            event_type: "payment.test".to_owned(),
            subject: Some(Subject::Order(order_id)),
            raw: Vec::new(),
            report: EventReport::Payment(PaymentNotice {
                outcome: notice.outcome,
                payment_id: notice.payment_id.map(|id| PaymentId::parse(id).unwrap()),
                amount: notice.amount.map(|amount| BareAmount::parse(amount).unwrap()),
                currency: notice.currency.map(|code| code.parse().unwrap()),
                record,
            }),
            fingerprint: Some(Fingerprint::of(&parts)),
        }
    }

    pub(crate) fn tell(&mut self, order_id: OrderId, notice: Notice<'_>) -> EventReply {
        let notice = self.notice(order_id, notice);
        self.ask(notice).unwrap()
    }

    pub(crate) fn product_row(&self, id: ProductId) -> &Product {
        self.books.products().get(id).unwrap()
    }

    /// Available, held and sold.
    pub(crate) fn stock(&self, id: ProductId) -> (u32, u32, u32) {
        counts(self.product_row(id).stock)
    }

    pub(crate) fn hold_row(&self, id: HoldId) -> &Hold {
        self.books.holds().get(id).unwrap()
    }

    pub(crate) fn order_row(&self, id: OrderId) -> &Order {
        self.books.orders().get(id).unwrap()
    }

    pub(crate) fn checkout_row(&self, id: CheckoutId) -> &Checkout {
        self.books.checkouts().get(id).unwrap()
    }

    pub(crate) fn event_row(&self, id: EventId) -> &Event {
        self.books.events().get(id).unwrap()
    }

    /// Status and payment status: `pending/unpaid`.
    pub(crate) fn state(&self, id: OrderId) -> String {
        let order = self.order_row(id);
        format!("{}/{}", order.status, order.payment_status)
    }

    /// What is in the ledger for an order, in minor units.
    pub(crate) fn received_minor(&self, id: OrderId) -> i64 {
        self.books.transactions().iter().filter(|row| row.order_id == Some(id)).map(|row| row.money.minor()).sum()
    }
}

fn decided_on(mut books: Books, command: &Command, now: Timestamp) -> (Reply, Rows) {
    books.mark_stored();
    let reply = command.decide(&mut books, now);
    (reply, Rows::changed(&books))
}

/// Some commands don't look for their own row, which is ours to name: should it be there already, the store's primary
/// key says so.
fn is_guarded_by_the_store_alone(command: &Command, rows: &Rows) -> bool {
    match command {
        Command::PlaceHold(place) => rows.holds.contains_key(&place.id),
        Command::PlaceOrder(place) => !place.is_id_chosen && rows.orders.contains_key(&place.id),
        _ => false,
    }
}

/// The gateway made a charge, under the first attempt at the job that does it.
pub(crate) fn attach_charge(checkout_id: CheckoutId, charge: Charge, job_id: JobId) -> AttachCharge {
    let lease = JobLease { job_id, attempt: 1 };
    AttachCharge { checkout_id, charge, lease, poll_job_id: poll_job_of(job_id), poll_after: POLL_AFTER }
}

/// The id of the job that asks about a charge, by that of the job that makes it.
pub(crate) fn poll_job_of(job_id: JobId) -> JobId {
    JobId::from_uuid(Uuid::from_u128(!job_id.as_uuid().as_u128()))
}

/// The code of a checkout's charge.
pub(crate) fn code(checkout_id: CheckoutId) -> ChargeCode {
    ChargeCode::parse(checkout_id.to_string()).unwrap()
}

/// What a payment backend says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Notice<'a> {
    pub(crate) outcome: PaymentOutcome,
    pub(crate) amount: Option<&'a str>,
    pub(crate) currency: Option<&'a str>,
    pub(crate) payment_id: Option<&'a str>,
}

impl<'a> Notice<'a> {
    pub(crate) const FAILED: Self = Self { outcome: PaymentOutcome::Failed, ..Self::PAID };
    /// Without an amount.
    pub(crate) const PAID: Self =
        Self { outcome: PaymentOutcome::Paid, amount: None, currency: None, payment_id: None };

    pub(crate) const fn paid(amount: &'a str) -> Self {
        Self { amount: Some(amount), ..Self::PAID }
    }

    pub(crate) const fn currency(self, code: &'a str) -> Self {
        Self { currency: Some(code), ..self }
    }

    pub(crate) const fn payment(self, id: &'a str) -> Self {
        Self { payment_id: Some(id), ..self }
    }
}

/// The update that leaves a product as it was offered, to be changed by the test.
pub(crate) fn update(product: &Product) -> UpdateProduct {
    UpdateProduct {
        id: product.id,
        name: product.name.clone(),
        description: product.description.clone(),
        price: BareAmount::parse(&product.price.to_string()).unwrap(),
        currency: None,
        total_stock: product.stock.total(),
    }
}

/// A verdict and its reason, as one word each.
pub(crate) fn verdict(reply: EventReply) -> (Verdict, Option<Reason>) {
    (reply.verdict, reply.reason)
}
