use std::collections::HashMap;
use std::time::Duration;

use crate::{
    ChargeCode, Checkout, CheckoutId, Event, EventId, EventKey, IdempotencyKey, Job, JobId, MerchantId, Shelf,
    Timestamp, Transaction, Verdict,
};

/// The rows that commands need, by id or by a natural key. The loader follows references from there by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keys {
    /// Checkouts by id.
    pub checkouts: Vec<CheckoutId>,
    /// Checkouts by the merchant's key.
    pub idempotency_keys: Vec<(MerchantId, IdempotencyKey)>,
    /// Checkouts by the charge that an event names.
    pub charges: Vec<ChargeCode>,
    /// Charges that become known: the checkout that has one already, and the events that wait for it.
    pub new_charges: Vec<ChargeCode>,
    /// Events by the provider's id.
    pub events: Vec<EventKey>,
    /// Movements of money by the provider's id.
    pub movements: Vec<String>,
    /// Jobs by id.
    pub jobs: Vec<JobId>,
}

/// A wish for jobs to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClaimJobs {
    /// Only this checkout's job, due or not, if nobody is at it; otherwise whatever is due.
    pub only: Option<CheckoutId>,
    /// At most so many.
    pub limit: u32,
    /// For how long they are this caller's.
    pub lease: Duration,
}

/// A working set of rows, and the one place where money and status change.
///
/// Adapters load what [`Keys`] ask for and flush what changed; only commands change anything.
#[derive(Clone, Debug, Default)]
pub struct Books {
    checkouts: Shelf<Checkout>,
    events: Shelf<Event>,
    transactions: Shelf<Transaction>,
    jobs: Shelf<Job>,
    by_idempotency_key: HashMap<(MerchantId, IdempotencyKey), CheckoutId>,
    by_charge: HashMap<ChargeCode, CheckoutId>,
    by_event_key: HashMap<EventKey, EventId>,
    waiting: HashMap<ChargeCode, Vec<EventId>>,
    movements: HashMap<CheckoutId, Vec<String>>,
}

impl Books {
    /// The checkouts in the set.
    #[must_use]
    pub const fn checkouts(&self) -> &Shelf<Checkout> {
        &self.checkouts
    }

    /// The events in the set.
    #[must_use]
    pub const fn events(&self) -> &Shelf<Event> {
        &self.events
    }

    /// The transactions in the set.
    #[must_use]
    pub const fn transactions(&self) -> &Shelf<Transaction> {
        &self.transactions
    }

    /// The jobs in the set.
    #[must_use]
    pub const fn jobs(&self) -> &Shelf<Job> {
        &self.jobs
    }

    /// Puts in a checkout as it is stored.
    pub fn load_checkout(&mut self, checkout: Checkout) {
        self.index_checkout(&checkout);
        self.checkouts.load(checkout);
    }

    /// Puts in an event as it is stored.
    pub fn load_event(&mut self, event: Event) {
        self.index_event(&event);
        self.events.load(event);
    }

    /// Puts in a transaction as it is stored.
    pub fn load_transaction(&mut self, transaction: Transaction) {
        self.index_transaction(&transaction);
        self.transactions.load(transaction);
    }

    /// Puts in a job as it is stored.
    pub fn load_job(&mut self, job: Job) {
        self.jobs.load(job);
    }

    /// Whether nothing was changed since the rows were loaded.
    #[must_use]
    pub fn is_unchanged(&self) -> bool {
        self.checkouts.inserted().len() + self.checkouts.updated().len() == 0
            && self.events.inserted().len() + self.events.updated().len() == 0
            && self.transactions.inserted().len() == 0
            && self.jobs.inserted().len() + self.jobs.updated().len() == 0
    }

    /// Forgets what was new or changed: all of it is stored now. For whoever keeps the books themselves.
    pub fn mark_stored(&mut self) {
        self.checkouts.mark_stored();
        self.events.mark_stored();
        self.transactions.mark_stored();
        self.jobs.mark_stored();
    }

    /// Takes jobs to do, those that are due longest, and begins them; answers with them in the order of their ids. This is what every store's own claim must do.
    pub fn claim_jobs(&mut self, claim: &ClaimJobs, now: Timestamp) -> Vec<Job> {
        let mut due: Vec<Job> = match claim.only {
            None => self.jobs.iter().filter(|job| job.is_claimable(now)).cloned().collect(),
            Some(checkout_id) => {
                let is_free = |job: &&Job| job.status == crate::JobStatus::Ready || job.is_claimable(now);
                self.jobs.iter().filter(|job| job.checkout_id == checkout_id).filter(is_free).cloned().collect()
            }
        };
        due.sort_by_key(|job| (job.run_at, job.id));
        due.truncate(claim.limit as usize);
        for job in &mut due {
            *job = job.claimed(claim.lease, now);
            self.jobs.update(job.clone());
        }
        due.sort_by_key(|job| job.id);
        due
    }

    pub(crate) fn checkout_by_idempotency_key(&self, key: &(MerchantId, IdempotencyKey)) -> Option<&Checkout> {
        self.by_idempotency_key.get(key).and_then(|id| self.checkouts.get(*id))
    }

    pub(crate) fn checkout_by_charge(&self, code: &ChargeCode) -> Option<&Checkout> {
        self.by_charge.get(code).and_then(|id| self.checkouts.get(*id))
    }

    pub(crate) fn event_by_key(&self, key: &EventKey) -> Option<&Event> {
        self.by_event_key.get(key).and_then(|id| self.events.get(*id))
    }

    /// The events that wait for a charge, in the order in which they happened.
    pub(crate) fn waiting_for(&self, code: &ChargeCode) -> Vec<Event> {
        let ids = self.waiting.get(code).map_or(&[][..], Vec::as_slice);
        let mut events: Vec<Event> = ids.iter().filter_map(|id| self.events.get(*id)).cloned().collect();
        events.retain(|event| event.verdict == Verdict::Waiting);
        events.sort_by_key(|event| (event.report.occurred_at, event.received_at, event.id));
        events
    }

    pub(crate) fn has_movement(&self, checkout_id: CheckoutId, provider_transaction_id: &str) -> bool {
        let known = self.movements.get(&checkout_id);
        known.is_some_and(|ids| ids.iter().any(|id| id == provider_transaction_id))
    }

    pub(crate) fn insert_checkout(&mut self, checkout: Checkout) {
        self.index_checkout(&checkout);
        self.checkouts.insert(checkout);
    }

    pub(crate) fn update_checkout(&mut self, checkout: Checkout) {
        self.index_checkout(&checkout);
        self.checkouts.update(checkout);
    }

    pub(crate) fn insert_event(&mut self, event: Event) {
        self.index_event(&event);
        self.events.insert(event);
    }

    pub(crate) fn update_event(&mut self, event: Event) {
        if let (false, Some(subject)) = (event.verdict == Verdict::Waiting, &event.subject)
            && let Some(waiting) = self.waiting.get_mut(subject)
        {
            waiting.retain(|id| *id != event.id);
        }
        self.events.update(event);
    }

    pub(crate) fn insert_transaction(&mut self, transaction: Transaction) {
        self.index_transaction(&transaction);
        self.transactions.insert(transaction);
    }

    pub(crate) fn insert_job(&mut self, job: Job) {
        self.jobs.insert(job);
    }

    pub(crate) fn update_job(&mut self, job: Job) {
        self.jobs.update(job);
    }

    fn index_checkout(&mut self, checkout: &Checkout) {
        if let Some(key) = &checkout.idempotency_key {
            self.by_idempotency_key.insert((checkout.merchant_id.clone(), key.clone()), checkout.id);
        }
        if let Some(code) = &checkout.charge_code {
            self.by_charge.insert(code.clone(), checkout.id);
        }
    }

    fn index_event(&mut self, event: &Event) {
        self.by_event_key.insert(event.key.clone(), event.id);
        if let Some(subject) = event.waiting_for() {
            let waiting = self.waiting.entry(subject.clone()).or_default();
            if !waiting.contains(&event.id) {
                waiting.push(event.id);
            }
        }
    }

    fn index_transaction(&mut self, transaction: &Transaction) {
        let known = self.movements.entry(transaction.checkout_id).or_default();
        known.push(transaction.provider_transaction_id.clone());
    }
}
