//! A plan makes steps commands with ids and times of their own. Nothing here looks at any books, so that a plan can be
//! played on whatever decides commands.

use std::time::Duration;

use domain::{
    AttachCharge, BareAmount, ChangeOrderStatus, Charge, ChargeCode, ChargeNews, ChargeReport, CheckoutId, Command,
    CreateCheckout, CreateEndpoint, CreateProduct, Currency, DeleteProduct, EndpointId, EndpointTerms, EndpointUrl,
    EventId, EventKey, EventReport, ExpireCheckout, ExpireEvent, ExpireHold, ExpireOrder, Fingerprint, HoldId,
    IdempotencyKey, JobId, JobLease, LONGEST_WAIT, MerchantId, Money, OpenOrderCheckout, OrderId, OrderSource,
    PaymentId, PaymentNotice, PaymentOutcome, PlaceHold, PlaceOrder, ProductId, ProductName, Provider, ProviderEventId,
    Quantity, RecordEvent, ReleaseHold, ReplayEvent, Reported, ReportedPayment, RetryJob, SigningSeed, Stock, Subject,
    Timestamp, Tolerance, TransactionId, UpdateProduct,
};
use proptest::collection::vec;
use proptest::strategy::Strategy;
use uuid::Uuid;

use crate::steps::{Step, step};

const HOLD_TTL: Duration = Duration::from_secs(60);
const ORDER_TTL: Duration = Duration::from_secs(120);
const CHECKOUT_TTL: Duration = Duration::from_secs(100);
/// How many of each product there are: few, so that they are often short.
const STOCK: [u32; 3] = [6, 4, 3];
/// What one of each costs, in minor units. Most who buy buy two.
const PRICE_MINOR: i64 = 500;

/// A plan of so many steps: what is asked when, in order.
pub(crate) fn plans(steps: usize) -> impl Strategy<Value = Vec<(Timestamp, Command)>> {
    vec(step(), steps).prop_map(|steps| plan(&steps))
}

/// Makes steps commands. The first commands have the merchant told of everything, and offer the products.
pub(crate) fn plan(steps: &[Step]) -> Vec<(Timestamp, Command)> {
    let mut planner = Planner::default();
    // Two orders that are known by their ids before they are placed.
    planner.orders = vec![planner.order_id(), planner.order_id()];
    let endpoint = planner.create_endpoint();
    planner.ask(endpoint);
    for (place, total) in STOCK.into_iter().enumerate() {
        let create = planner.create_product(place, total);
        planner.ask(create);
    }
    for step in steps {
        planner.take(step);
    }
    planner.commands
}

#[derive(Default)]
struct Planner {
    seconds: i64,
    next: u128,
    products: Vec<ProductId>,
    holds: Vec<HoldId>,
    orders: Vec<OrderId>,
    checkouts: Vec<(CheckoutId, JobId)>,
    replays: Vec<ReplayEvent>,
    commands: Vec<(Timestamp, Command)>,
}

/// One of the things, by its age; the youngest if none is as old.
fn pick<T: Copy>(things: &[T], age: usize) -> Option<T> {
    things.iter().rev().nth(age).or(things.last()).copied()
}

fn currency(euros: bool) -> Currency {
    if euros { "EUR".parse().unwrap() } else { Currency::USD }
}

fn quantity(number: u32) -> Quantity {
    Quantity::try_from(u64::from(number)).unwrap()
}

fn code(checkout_id: CheckoutId) -> ChargeCode {
    ChargeCode::parse(checkout_id.to_string()).unwrap()
}

impl Planner {
    fn ask(&mut self, command: impl Into<Command>) {
        let command = command.into();
        if let Command::RecordEvent(event) = &command {
            let (subject, movements) = (event.subject.clone(), event.report.movements(&event.key));
            self.replays.push(ReplayEvent { id: event.id, subject, movements });
        }
        self.commands.push((self.now(), command));
    }

    fn replay(&self, age: usize) -> Option<&ReplayEvent> {
        self.replays.iter().rev().nth(age)
    }

    fn now(&self) -> Timestamp {
        // Commits follow each other: no two commands are decided in one moment.
        let asked = i64::try_from(self.commands.len()).unwrap();
        Timestamp::from_unix_us(self.seconds * 1_000_000 + asked)
    }

    fn uuid(&mut self) -> Uuid {
        self.next += 1;
        Uuid::from_u128(self.next)
    }

    fn create_endpoint(&mut self) -> CreateEndpoint {
        CreateEndpoint {
            id: EndpointId::from_uuid(self.uuid()),
            merchant_id: MerchantId::default_merchant(),
            terms: EndpointTerms {
                url: EndpointUrl::parse("https://shop.example/hook").unwrap(),
                event_types: None,
                description: None,
                is_asymmetric: false,
            },
            seed: SigningSeed::from_bytes([7; 32]),
        }
    }

    fn order_id(&mut self) -> OrderId {
        OrderId::from_uuid(self.uuid())
    }

    /// Takes a step; one that names something where there is nothing yet is left out.
    fn take(&mut self, step: &Step) {
        if let Some(command) = self.stock_command(step).or_else(|| self.money_command(step)) {
            self.ask(command);
        }
    }

    fn stock_command(&mut self, step: &Step) -> Option<Command> {
        Some(match step {
            Step::Wait { seconds } => {
                self.seconds += seconds;
                return None;
            }
            Step::Update { product, total, price_minor } => UpdateProduct {
                id: self.products[*product],
                name: ProductName::parse("Seat").unwrap(),
                description: None,
                price: BareAmount::parse(&money(*price_minor, false).to_string()).unwrap(),
                currency: None,
                total_stock: *total,
            }
            .into(),
            Step::Delete { product } => DeleteProduct { id: self.products[*product] }.into(),
            Step::Hold { product, quantity: number } => {
                let (id, product_id) = (HoldId::from_uuid(self.uuid()), self.products[*product]);
                self.holds.push(id);
                PlaceHold { id, product_id, quantity: quantity(*number), time_to_live: HOLD_TTL }.into()
            }
            Step::Release { hold, token } => ReleaseHold { hold_id: pick(&self.holds, *hold)?, token: *token }.into(),
            Step::ExpireHold { hold } => ExpireHold { hold_id: pick(&self.holds, *hold)? }.into(),
            Step::OrderHold { hold, token } => {
                let source = OrderSource::Hold { hold_id: pick(&self.holds, *hold)?, token: *token };
                self.place_order(None, source).into()
            }
            Step::OrderItems { items, foretold } => {
                let items = items.iter().map(|(place, number)| (self.products[*place], quantity(*number))).collect();
                let id = foretold.and_then(|place| pick(&self.orders, place));
                self.place_order(id, OrderSource::Items(items)).into()
            }
            Step::Change { order, to } => ChangeOrderStatus { order_id: pick(&self.orders, *order)?, to: *to }.into(),
            Step::ExpireOrder { order } => ExpireOrder { order_id: pick(&self.orders, *order)? }.into(),
            _ => return None,
        })
    }

    fn money_command(&mut self, step: &Step) -> Option<Command> {
        Some(match step {
            Step::Open { order, attach } => {
                let order_id = pick(&self.orders, *order)?;
                let (id, job_id) = self.checkout_ids();
                self.ask(OpenOrderCheckout {
                    order_id,
                    id,
                    job_id,
                    email: None,
                    time_to_live: CHECKOUT_TTL,
                    caller_creates_charge_for: None,
                });
                attach.then(|| attach_charge(id, job_id, id))?.into()
            }
            Step::Create { order, asked_minor, key, euros, attach } => {
                let order_id = pick(&self.orders, *order)?;
                let create = self.create_checkout(order_id, money(asked_minor.unwrap_or(1000), *euros), *key);
                let (id, job_id) = (create.id, create.job_id);
                self.ask(create);
                attach.then(|| attach_charge(id, job_id, id))?.into()
            }
            Step::Attach { checkout, mistaken } => {
                let (checkout_id, job_id) = pick(&self.checkouts, *checkout)?;
                let owner = if *mistaken { pick(&self.checkouts, *checkout + 1)?.0 } else { checkout_id };
                attach_charge(checkout_id, job_id, owner).into()
            }
            Step::ExpireCheckout { checkout } => {
                ExpireCheckout { checkout_id: pick(&self.checkouts, *checkout)?.0 }.into()
            }
            Step::News { checkout, news, payments } => {
                let (checkout_id, _) = pick(&self.checkouts, *checkout)?;
                self.news(checkout_id, *news, payments).into()
            }
            Step::Notice { order, outcome, amount_minor, euros, payment } => {
                let order_id = pick(&self.orders, *order)?;
                self.notice(order_id, *outcome, *amount_minor, *euros, *payment).into()
            }
            Step::Replay { event } => self.replay(*event)?.clone().into(),
            Step::ExpireEvent { event } => {
                self.seconds += i64::try_from(LONGEST_WAIT.as_secs()).unwrap();
                ExpireEvent { id: self.replay(*event)?.id }.into()
            }
            Step::Retry { checkout } => RetryJob { id: pick(&self.checkouts, *checkout)?.1 }.into(),
            Step::Again { command, event_is_new } => {
                let (_, command) = self.commands.iter().rev().nth(*command)?.clone();
                match command {
                    Command::RecordEvent(event) if *event_is_new => {
                        RecordEvent { id: EventId::from_uuid(self.uuid()), ..event }.into()
                    }
                    // An id of ours is used for one try only, and nobody hears of it unless that succeeds.
                    Command::PlaceOrder(place) if !place.is_id_chosen => return None,
                    command => command,
                }
            }
            _ => return None,
        })
    }

    /// The first two products are one merchant's, the third is another's in another currency.
    fn create_product(&mut self, place: usize, total: u32) -> CreateProduct {
        let id = ProductId::from_uuid(self.uuid());
        self.products.push(id);
        let is_third = place == 2;
        CreateProduct {
            id,
            merchant_id: MerchantId::parse(if is_third { "another" } else { "default" }).unwrap(),
            name: ProductName::parse("Ticket").unwrap(),
            description: None,
            price: money(PRICE_MINOR, is_third),
            stock: Stock::new(total).unwrap(),
        }
    }

    fn place_order(&mut self, chosen: Option<OrderId>, source: OrderSource) -> PlaceOrder {
        let id = chosen.unwrap_or_else(|| self.order_id());
        if chosen.is_none() {
            self.orders.push(id);
        }
        let (customer_id, email) = (None, None);
        PlaceOrder { id, is_id_chosen: chosen.is_some(), source, customer_id, email, time_to_live: ORDER_TTL }
    }

    fn checkout_ids(&mut self) -> (CheckoutId, JobId) {
        let ids = (CheckoutId::from_uuid(self.uuid()), JobId::from_uuid(self.uuid()));
        self.checkouts.push(ids);
        ids
    }

    fn create_checkout(&mut self, order_id: OrderId, money: Money, key: Option<u8>) -> CreateCheckout {
        let (id, job_id) = self.checkout_ids();
        CreateCheckout {
            id,
            job_id,
            merchant_id: MerchantId::default_merchant(),
            idempotency_key: key.map(|key| IdempotencyKey::parse(format!("key-{key}")).unwrap()),
            money,
            email: None,
            order_id: Some(order_id),
            metadata: None,
            time_to_live: CHECKOUT_TTL,
            caller_creates_charge_for: None,
        }
    }

    fn news(&mut self, checkout_id: CheckoutId, news: ChargeNews, payments: &[(u8, i64)]) -> RecordEvent {
        let id = EventId::from_uuid(self.uuid());
        let occurred_at = self.now();
        let is_money = matches!(news, ChargeNews::Confirmed | ChargeNews::Resolved | ChargeNews::Held(_));
        let mut told: Vec<ReportedPayment> = Vec::new();
        for (movement, minor) in payments.iter().filter(|_| is_money) {
            // The first has no name: it is called after its charge, and tells no amount.
            let is_unnamed = *movement == 0;
            let provider_transaction_id =
                if is_unnamed { code(checkout_id).to_string() } else { format!("tx-{movement}-{minor}") };
            if told.iter().all(|payment| payment.provider_transaction_id != provider_transaction_id) {
                let record = TransactionId::from_uuid(self.uuid());
                let amount = if is_unnamed { Reported::Missing } else { Reported::Amount(money(*minor, false)) };
                told.push(ReportedPayment { record, provider_transaction_id, amount, occurred_at });
            }
        }
        RecordEvent {
            id,
            key: key(Provider::Coinbase, id),
            event_type: "charge:test".to_owned(),
            subject: Some(Subject::Charge(code(checkout_id))),
            raw: Vec::new(),
            report: EventReport::Charge(ChargeReport {
                news,
                asked: Reported::Missing,
                tolerance: Tolerance::default(),
                payments: told,
                occurred_at,
            }),
            fingerprint: None,
        }
    }

    fn notice(
        &mut self,
        order_id: OrderId,
        outcome: PaymentOutcome,
        amount_minor: Option<i64>,
        euros: bool,
        payment: Option<u8>,
    ) -> RecordEvent {
        let id = EventId::from_uuid(self.uuid());
        let amount = amount_minor.map(|minor| money(minor, euros).to_string());
        RecordEvent {
            id,
            key: key(Provider::Generic, id),
            event_type: "payment.test".to_owned(),
            subject: Some(Subject::Order(order_id)),
            raw: Vec::new(),
            fingerprint: Some(Fingerprint::of(&[Some(&order_id.to_string()), amount.as_deref()])),
            report: EventReport::Payment(PaymentNotice {
                outcome,
                payment_id: payment.map(|payment| PaymentId::parse(format!("pay-{payment}")).unwrap()),
                amount: amount.map(|amount| BareAmount::parse(&amount).unwrap()),
                currency: euros.then(|| currency(true)),
                record: TransactionId::from_uuid(self.uuid()),
            }),
        }
    }
}

/// A charge of a checkout, with the code that another's charge should have, by mistake, or its own.
fn attach_charge(checkout_id: CheckoutId, job_id: JobId, owner: CheckoutId) -> AttachCharge {
    let charge = Charge { code: code(owner), hosted_url: format!("https://pay.example/{owner}") };
    let poll_job_id = JobId::from_uuid(Uuid::from_u128(!job_id.as_uuid().as_u128()));
    let lease = JobLease { job_id, attempt: 1 };
    AttachCharge { checkout_id, charge, lease, poll_job_id, poll_after: Duration::from_secs(60) }
}

fn key(provider: Provider, id: EventId) -> EventKey {
    EventKey { provider, provider_event_id: ProviderEventId::parse(id.to_string()).unwrap() }
}

fn money(minor: i64, euros: bool) -> Money {
    Money::from_minor(minor, currency(euros)).unwrap()
}
