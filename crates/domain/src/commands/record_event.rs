use super::change_order::products_of;
use super::stock::change_stock;
use crate::{
    Books, Case, ChargeNews, Checkout, CheckoutId, Event, EventId, EventKey, EventReport, Fingerprint, Keys,
    MAX_WAITING_PER_SUBJECT, Order, OrderId, OrderStatus, Payee, Provider, Reason, Rejection, Stock, StockShare,
    Subject, Timestamp, Verdict, settle,
};

/// An authenticated webhook came. It is stored whatever it says, once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordEvent {
    /// The id that the event gets here.
    pub id: EventId,
    /// What the sender calls it.
    pub key: EventKey,
    /// The sender's word for what happened.
    pub event_type: String,
    /// What it is about.
    pub subject: Option<Subject>,
    /// The body, byte for byte.
    pub raw: Vec<u8>,
    /// What the body says.
    pub report: EventReport,
    /// Tells another request under the same key, where the sender chooses the keys.
    pub fingerprint: Option<Fingerprint>,
}

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventReply {
    /// What became of it.
    pub verdict: Verdict,
    /// Why, where the verdict alone doesn't tell.
    pub reason: Option<Reason>,
    /// The checkout that it was measured against.
    pub checkout_id: Option<CheckoutId>,
    /// The order that it was measured against.
    pub order_id: Option<OrderId>,
    /// Where that order stood afterwards.
    pub order_status: Option<OrderStatus>,
}

impl EventReply {
    pub(super) fn of(event: &Event) -> Self {
        Self {
            verdict: event.verdict,
            reason: event.reason,
            checkout_id: event.checkout_id,
            order_id: event.order_id,
            order_status: event.order_status,
        }
    }
}

impl RecordEvent {
    pub(super) fn keys(&self, keys: &mut Keys) {
        keys.events.push(self.key.clone());
        keys.tells_merchants = true;
        keys_of_subject(self.subject.as_ref(), keys);
        keys.movements.extend(self.report.movements(&self.key));
    }

    pub(super) fn decide(&self, books: &mut Books, now: Timestamp) -> Result<EventReply, Rejection> {
        if let Some(earlier) = books.event_by_key(&self.key) {
            return self.repeat(earlier);
        }
        let (verdict, reason) = self.verdict_on_arrival(books);
        let event = self.event(verdict, reason, now);
        books.insert_event(event.clone());
        Ok(match verdict {
            Verdict::Waiting => apply(books, event, false, now),
            Verdict::Applied | Verdict::Duplicate | Verdict::Stale | Verdict::Rejected | Verdict::Dead => {
                EventReply::of(&event)
            }
        })
    }

    /// The answer to an event that is there already. Providers are told that it is; whoever chooses the keys gets the
    /// first answer again, if it is the same request.
    fn repeat(&self, earlier: &Event) -> Result<EventReply, Rejection> {
        let reply = EventReply::of(earlier);
        if earlier.id == self.id {
            return Ok(reply);
        }
        match self.key.provider {
            Provider::Coinbase | Provider::Fake => Ok(EventReply { verdict: Verdict::Duplicate, ..reply }),
            Provider::Generic if self.fingerprint == earlier.fingerprint => Ok(reply),
            Provider::Generic => Err(Rejection::IdempotencyKeyReused),
        }
    }

    /// Waiting, unless nothing could ever come of it. What waits for something that is there is applied at once.
    fn verdict_on_arrival(&self, books: &Books) -> (Verdict, Option<Reason>) {
        let is_unknown = matches!(&self.report, EventReport::Charge(report) if report.news == ChargeNews::Unknown);
        match &self.subject {
            _ if is_unknown => (Verdict::Rejected, Some(Reason::UnknownEventType)),
            None => (Verdict::Rejected, Some(Reason::MissingSubject)),
            Some(subject) if books.waiting_for(subject).len() >= MAX_WAITING_PER_SUBJECT => {
                (Verdict::Dead, Some(Reason::TooManyWaiting))
            }
            Some(_) => (Verdict::Waiting, None),
        }
    }

    fn event(&self, verdict: Verdict, reason: Option<Reason>, now: Timestamp) -> Event {
        Event {
            id: self.id,
            key: self.key.clone(),
            event_type: self.event_type.clone(),
            subject: self.subject.clone(),
            raw: self.raw.clone(),
            report: self.report.clone(),
            fingerprint: self.fingerprint,
            verdict,
            reason,
            checkout_id: None,
            order_id: None,
            order_status: None,
            received_at: now,
            processed_at: (verdict != Verdict::Waiting).then_some(now),
        }
    }
}

/// What an event is about, and all that it leads to.
pub(super) fn keys_of_subject(subject: Option<&Subject>, keys: &mut Keys) {
    match subject {
        Some(Subject::Charge(code)) => {
            keys.charges.push(code.clone());
            // What was told without naming a payment is in the ledger under the charge's own code.
            keys.movements.push(code.to_string());
        }
        Some(Subject::Order(id)) => keys.event_orders.push(*id),
        None => {}
    }
}

/// Settles what an event in the books is about, if that is known, and gives the event its verdict.
pub(super) fn apply(books: &mut Books, event: Event, has_waited: bool, now: Timestamp) -> EventReply {
    let checkout = match &event.subject {
        Some(Subject::Charge(code)) => books.checkout_by_charge(code).cloned(),
        Some(Subject::Order(_)) | None => None,
    };
    let order_id = match &event.subject {
        Some(Subject::Order(id)) => Some(*id),
        Some(Subject::Charge(_)) | None => checkout.as_ref().and_then(|checkout| checkout.order_id),
    };
    let order = order_id.and_then(|id| books.orders().get(id)).cloned();
    let Some(payee) = payee(checkout.as_ref(), order.as_ref()) else { return EventReply::of(&event) };
    if let Some(order) = &order {
        take_expired_holds_back(books, order, now);
    }
    let case = Case {
        checkout: checkout.as_ref(),
        order: order.as_ref(),
        products: order.as_ref().map(|order| products_of(books, order)).unwrap_or_default(),
        event: &event,
        has_waited,
    };
    let settlement = settle(&case, |movement| books.movement(payee, movement), now);
    let order_status = settlement.order.as_ref().or(order.as_ref()).map(|order| order.status);
    books.set_event(Some(event.id));
    for product in settlement.products {
        books.set_stock(product.id, product.stock, now);
    }
    if let Some(order) = settlement.order {
        books.update_order(order);
    }
    if let Some(checkout) = settlement.checkout {
        books.update_checkout(checkout);
    }
    for transaction in settlement.transactions {
        books.insert_transaction(transaction);
    }
    let settled = Event {
        verdict: settlement.verdict,
        reason: settlement.reason,
        checkout_id: checkout.map(|checkout| checkout.id),
        order_id: order.map(|order| order.id),
        order_status,
        processed_at: Some(now),
        ..event
    };
    let reply = EventReply::of(&settled);
    books.update_event(settled);
    books.set_event(None);
    reply
}

fn payee(checkout: Option<&Checkout>, order: Option<&Order>) -> Option<Payee> {
    checkout.map(|checkout| Payee::Checkout(checkout.id)).or(order.map(|order| Payee::Order(order.id)))
}

/// An order that lost its stock may get it back for late money, and expired holds are not in its way.
fn take_expired_holds_back(books: &mut Books, order: &Order, now: Timestamp) {
    if order.status.stock_share() != StockShare::None {
        return;
    }
    for item in &order.items {
        let Some(product) = books.products().get(item.product_id) else { continue };
        let is_enough = |stock: Stock| (stock.available() >= item.quantity.get()).then_some(stock);
        if is_enough(product.stock).is_none()
            && let Some(change) = change_stock(books, product, now, is_enough)
        {
            change.make(books, now);
        }
    }
}
