//! What is found by other things than ids.

use std::collections::{BTreeSet, HashMap};

use uuid::Uuid;

use super::{Books, MAX_HOLDS_TAKEN_BACK};
use crate::{
    ChargeCode, Checkout, CheckoutId, Event, EventId, EventKey, Hold, HoldId, HoldStatus, IdempotencyKey, Job, JobId,
    JobKind, MerchantId, Money, OrderId, Payee, ProductId, Subject, Task, Timestamp, Transaction, Verdict,
};

/// Where rows are, by what they are asked for.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    pub(super) by_idempotency_key: HashMap<(MerchantId, IdempotencyKey), CheckoutId>,
    pub(super) by_charge: HashMap<ChargeCode, CheckoutId>,
    pub(super) by_order: HashMap<OrderId, BTreeSet<CheckoutId>>,
    pub(super) by_event_key: HashMap<EventKey, EventId>,
    pub(super) waiting: HashMap<Subject, Vec<EventId>>,
    pub(super) movements: HashMap<Payee, Vec<(String, Money)>>,
    pub(super) active_holds: HashMap<ProductId, BTreeSet<(Timestamp, HoldId)>>,
    pub(super) by_task: HashMap<(JobKind, Uuid), JobId>,
}

impl Index {
    pub(super) fn checkout(&mut self, checkout: &Checkout) {
        if let Some(key) = &checkout.idempotency_key {
            self.by_idempotency_key.insert((checkout.merchant_id.clone(), key.clone()), checkout.id);
        }
        if let Some(code) = &checkout.charge_code {
            self.by_charge.insert(code.clone(), checkout.id);
        }
        if let Some(order_id) = checkout.order_id {
            self.by_order.entry(order_id).or_default().insert(checkout.id);
        }
    }

    pub(super) fn event(&mut self, event: &Event) {
        self.by_event_key.insert(event.key.clone(), event.id);
        if let Some(subject) = event.waiting_for() {
            let waiting = self.waiting.entry(subject.clone()).or_default();
            if !waiting.contains(&event.id) {
                waiting.push(event.id);
            }
        }
    }

    pub(super) fn transaction(&mut self, transaction: &Transaction) {
        let Some(payee) = transaction.payee() else { return };
        let known = self.movements.entry(payee).or_default();
        known.push((transaction.provider_transaction_id.clone(), transaction.money));
    }

    pub(super) fn hold(&mut self, hold: &Hold) {
        let active = self.active_holds.entry(hold.product_id).or_default();
        let place = (hold.expires_at, hold.id);
        if hold.status == HoldStatus::Active {
            active.insert(place);
        } else {
            active.remove(&place);
        }
    }

    pub(super) fn job(&mut self, job: &Job) {
        self.by_task.insert((job.kind(), job.task.subject_id()), job.id);
    }
}

impl Books {
    pub(crate) fn checkout_by_idempotency_key(&self, key: &(MerchantId, IdempotencyKey)) -> Option<&Checkout> {
        self.index.by_idempotency_key.get(key).and_then(|id| self.checkouts.get(*id))
    }

    pub(crate) fn checkout_by_charge(&self, code: &ChargeCode) -> Option<&Checkout> {
        self.index.by_charge.get(code).and_then(|id| self.checkouts.get(*id))
    }

    /// The checkouts that were made for an order, the oldest first.
    pub(crate) fn checkouts_for(&self, order_id: OrderId) -> Vec<Checkout> {
        let ids = self.index.by_order.get(&order_id).into_iter().flatten();
        let mut checkouts: Vec<Checkout> = ids.filter_map(|id| self.checkouts.get(*id)).cloned().collect();
        checkouts.sort_by_key(|checkout| (checkout.created_at, checkout.id));
        checkouts
    }

    /// The movements of money through a checkout, in the order in which they took place.
    pub(crate) fn movements_of(&self, checkout_id: CheckoutId) -> Vec<&Transaction> {
        let is_of = |row: &&Transaction| row.checkout_id == Some(checkout_id);
        let mut movements: Vec<&Transaction> = self.transactions.iter().filter(is_of).collect();
        movements.sort_by_key(|row| (row.occurred_at, row.id));
        movements
    }

    pub(crate) fn job_of(&self, task: Task) -> Option<&Job> {
        self.index.by_task.get(&(task.kind(), task.subject_id())).and_then(|id| self.jobs.get(*id))
    }

    pub(crate) fn event_by_key(&self, key: &EventKey) -> Option<&Event> {
        self.index.by_event_key.get(key).and_then(|id| self.events.get(*id))
    }

    /// The events that wait for a charge or an order, in the order in which they happened.
    pub(crate) fn waiting_for(&self, subject: &Subject) -> Vec<Event> {
        let ids = self.index.waiting.get(subject).map_or(&[][..], Vec::as_slice);
        let mut events: Vec<Event> = ids.iter().filter_map(|id| self.events.get(*id)).cloned().collect();
        events.retain(|event| event.verdict == Verdict::Waiting);
        let happened = |event: &Event| event.report.occurred_at().unwrap_or(event.received_at);
        events.sort_by_key(|event| (happened(event), event.received_at, event.id));
        events
    }

    /// How much of a movement is in the ledger, if it is there.
    pub(crate) fn movement(&self, payee: Payee, provider_transaction_id: &str) -> Option<Money> {
        let known = self.index.movements.get(&payee)?;
        known.iter().find(|(id, _)| id == provider_transaction_id).map(|(_, money)| *money)
    }

    /// The active holds of a product whose time is up, as many as are taken back at a time, the oldest first.
    pub(crate) fn expired_holds(&self, product_id: ProductId, now: Timestamp) -> Vec<Hold> {
        let Some(active) = self.index.active_holds.get(&product_id) else { return Vec::new() };
        let over = active.iter().take_while(|(expires_at, _)| *expires_at <= now).take(MAX_HOLDS_TAKEN_BACK);
        // A row that was loaded again after it had changed is in the index as it is stored.
        let holds = over.filter_map(|(_, id)| self.holds.get(*id));
        holds.filter(|hold| hold.status == HoldStatus::Active).cloned().collect()
    }

    /// How often a product's stock was repaired.
    pub(crate) fn repairs_of(&self, product_id: ProductId) -> u32 {
        let numbers = self.stock_repairs.iter().filter(|repair| repair.id.product_id == product_id);
        numbers.map(|repair| repair.id.number).max().unwrap_or(0)
    }
}
