//! Changes of rows, what the audit trail says of them, and what merchants are told.

use super::Books;
use crate::audit::{Audited, changes};
use crate::derived_id::derived_id;
use crate::notify::News;
use crate::{
    Change, Checkout, DecidedRequest, Delivery, Event, Hold, Job, JobId, NotificationType, Once, Order, Outcome,
    Product, ProductId, Stock, StockRepair, Task, Timestamp, Transaction, Verdict,
};

impl Books {
    pub(crate) fn keep_outcome(&mut self, once: Once, outcome: Outcome, now: Timestamp) {
        let Once { scope, fingerprint } = once;
        self.requests.insert(DecidedRequest { scope, fingerprint, outcome, decided_at: now });
    }

    /// Puts a product's stock right. Stock isn't in the audit trail otherwise, since holds and orders tell of it; this they don't.
    pub(crate) fn repair_stock(&mut self, repair: StockRepair) {
        let StockRepair { id, before, after, repaired_at } = repair;
        self.set_stock(id.product_id, after, repaired_at);
        let counts = [("held_stock", before.held(), after.held()), ("sold_stock", before.sold(), after.sold())];
        let differing = counts.into_iter().filter(|(_, from, to)| from != to).map(|(field, from, to)| Change {
            field: field.to_owned(),
            from: Some(from.to_string()),
            to: Some(to.to_string()),
        });
        let differing = differing.collect();
        if let Some(product) = self.products.get(id.product_id).cloned() {
            self.note(differing, &product, repaired_at);
        }
        self.stock_repairs.insert(repair);
    }

    pub(crate) fn insert_product(&mut self, product: Product) {
        self.note(changes(None, &product), &product, product.created_at);
        self.products.insert(product);
    }

    /// Changes what a product is, beside its stock.
    pub(crate) fn update_product(&mut self, product: Product) {
        self.redescribed.insert(product.id);
        self.note(changes(self.products.get(product.id), &product), &product, product.updated_at);
        self.products.update(product);
    }

    pub(crate) fn set_stock(&mut self, product_id: ProductId, stock: Stock, now: Timestamp) {
        self.products.change(product_id, |product| {
            product.stock = stock;
            product.updated_at = now;
        });
    }

    /// The row of a new hold is the record of its making: no entry beside it, on the path that a sale depends on.
    pub(crate) fn insert_hold(&mut self, hold: Hold) {
        self.index.hold(&hold);
        self.holds.insert(hold);
    }

    pub(crate) fn update_hold(&mut self, hold: Hold) {
        let ended_at = hold.ended_at.unwrap_or(hold.created_at);
        self.note(changes(self.holds.get(hold.id), &hold), &hold, ended_at);
        self.index.hold(&hold);
        self.holds.update(hold);
    }

    pub(crate) fn insert_order(&mut self, order: Order) {
        self.note(changes(None, &order), &order, order.created_at);
        self.orders.insert(order);
    }

    pub(crate) fn update_order(&mut self, order: Order) {
        self.note(changes(self.orders.get(order.id), &order), &order, order.updated_at);
        self.tell_of_order(&order);
        self.orders.update(order);
    }

    pub(crate) fn insert_checkout(&mut self, checkout: Checkout) {
        self.note(changes(None, &checkout), &checkout, checkout.created_at);
        self.index.checkout(&checkout);
        self.checkouts.insert(checkout);
    }

    pub(crate) fn update_checkout(&mut self, checkout: Checkout) {
        self.note(changes(self.checkouts.get(checkout.id), &checkout), &checkout, checkout.updated_at);
        self.tell_of_checkout(&checkout);
        self.index.checkout(&checkout);
        self.checkouts.update(checkout);
    }

    pub(crate) fn insert_event(&mut self, event: Event) {
        self.index.event(&event);
        self.events.insert(event);
    }

    pub(crate) fn update_event(&mut self, event: Event) {
        if let (false, Some(subject)) = (event.verdict == Verdict::Waiting, &event.subject)
            && let Some(waiting) = self.index.waiting.get_mut(subject)
        {
            waiting.retain(|id| *id != event.id);
        }
        self.events.update(event);
    }

    pub(crate) fn insert_transaction(&mut self, transaction: Transaction) {
        self.index.transaction(&transaction);
        self.transactions.insert(transaction);
    }

    pub(crate) fn insert_job(&mut self, job: Job) {
        self.index.job(&job);
        self.jobs.insert(job);
    }

    pub(crate) fn update_job(&mut self, job: Job) {
        self.jobs.update(job);
    }

    /// Asks for what is to be tried now.
    pub(crate) fn deliver(&mut self, due: impl IntoIterator<Item = Delivery>, now: Timestamp) {
        for delivery in due {
            let id = JobId::from_uuid(derived_id(now, 0, &[delivery.id.as_uuid().as_bytes(), b"job"]));
            let task = Task::Notify { delivery_id: delivery.id, endpoint_id: delivery.endpoint_id };
            self.insert_job(Job::new(id, task, now, now));
        }
    }

    /// Writes down what changes of a row's state.
    fn note<R: Audited>(&mut self, changes: Vec<Change>, row: &R, at: Timestamp) {
        if changes.is_empty() {
            return;
        }
        // Far more than the entries that one batch can make, and then only the order of its last ones is left to chance.
        let mut place = u16::try_from(self.audit.inserted().len()).unwrap_or(u16::MAX);
        let mut id = self.why.entry_id(row.subject_id(), &changes, place, at);
        // A row may go back and forth within a moment: where a clock stands still, and books are kept for good.
        while self.audit.get(id).is_some() {
            place = place.wrapping_add(1);
            id = self.why.entry_id(row.subject_id(), &changes, place, at);
        }
        self.audit.insert(self.why.entry(id, R::SUBJECT, row.subject_id(), changes, at));
    }

    /// What merchants are told comes of the rows, whichever command changes them: old against new, in the same commit.
    fn tell_of_order(&mut self, after: &Order) {
        let Some(before) = self.orders.get(after.id) else { return };
        let was = format!("{} {}", before.status, before.payment_status);
        for kind in NotificationType::of_order(before, after) {
            self.tell(kind, &News::Order(after), &was, after.updated_at);
        }
    }

    fn tell_of_checkout(&mut self, after: &Checkout) {
        let Some(before) = self.checkouts.get(after.id).filter(|before| before.status != after.status) else { return };
        let was = before.status.as_str();
        if let Some(kind) = NotificationType::of_checkout(after.status) {
            self.tell(kind, &News::Checkout(after), was, after.updated_at);
        }
    }

    fn tell(&mut self, kind: NotificationType, news: &News<'_>, was: &str, now: Timestamp) {
        let due = self.outbox.tell(kind, news, was, now);
        self.deliver(due, now);
    }
}
