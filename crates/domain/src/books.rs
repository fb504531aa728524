use std::collections::{BTreeSet, HashMap, HashSet};
use std::time::Duration;

use uuid::Uuid;

use crate::audit::{AuditEntry, Audited, Why, changes};
use crate::derived_id::derived_id;
use crate::notify::News;
use crate::{
    Cause, Change, ChargeCode, Checkout, CheckoutId, DecidedRequest, Delivery, DeliveryId, EndpointId, Event, EventId,
    EventKey, Hold, HoldId, HoldStatus, IdempotencyKey, Job, JobId, JobKind, JobStatus, Leftovers, MerchantId, Money,
    NotificationSubject, NotificationType, Once, Order, OrderId, Outbox, Outcome, Payee, Product, ProductId, Purge,
    RequestScope, Shelf, Stock, StockRepair, StockShare, Subject, Task, Timestamp, Transaction, Verdict,
};

/// How many expired holds of a product that is short are taken back at a time.
pub const MAX_HOLDS_TAKEN_BACK: usize = 256;

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
    /// Events by our own id.
    pub events_by_id: Vec<EventId>,
    /// Movements of money by the provider's id.
    pub movements: Vec<String>,
    /// Jobs by id.
    pub jobs: Vec<JobId>,
    /// Jobs by what they do: their kind and subject.
    pub tasks: Vec<(JobKind, Uuid)>,
    /// Products by id.
    pub products: Vec<ProductId>,
    /// Products whose repairs are wanted, too.
    pub stock_repairs: Vec<ProductId>,
    /// How many of a product a command would like to take. Where the stock is short, the product's expired holds are
    /// loaded too, at most [`MAX_HOLDS_TAKEN_BACK`], the oldest first.
    pub wanted_stock: Vec<(ProductId, u32)>,
    /// Holds by id, and their products.
    pub holds: Vec<HoldId>,
    /// Orders by id, and the products of their items.
    pub orders: Vec<OrderId>,
    /// Orders that events name: those that are there, and the events that wait for those that aren't.
    pub event_orders: Vec<OrderId>,
    /// Orders that become known: the events that wait for them, and the checkouts that were made for them with their
    /// transactions.
    pub new_orders: Vec<OrderId>,
    /// Orders whose checkout is wanted too, the one that was opened last.
    pub checkouts_of_orders: Vec<OrderId>,
    /// Requests by their names.
    pub requests: Vec<RequestScope>,
    /// Something may change about checkouts or orders that their merchants want to know: the endpoints of those merchants, and
    /// what waits to be told there.
    pub tells_merchants: bool,
    /// Endpoints by id.
    pub endpoints: Vec<EndpointId>,
    /// Merchants all of whose endpoints are wanted. Nobody else makes one for them meanwhile.
    pub endpoint_owners: Vec<MerchantId>,
    /// Subjects whose open deliveries are all wanted. Nobody else changes those, or the subject, meanwhile.
    pub lanes: Vec<NotificationSubject>,
    /// Deliveries by id.
    pub deliveries: Vec<DeliveryId>,
}

/// Which jobs of a kind are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhichJobs {
    /// Those that are due longest.
    Due,
    /// The one of this subject, due or not, if nobody is at it.
    Of(Uuid),
    /// Those of this queue that are due longest.
    Queue(Uuid),
}

/// A wish for jobs to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClaimJobs {
    /// What kind of work.
    pub kind: JobKind,
    /// Which of them.
    pub which: WhichJobs,
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
    products: Shelf<Product>,
    holds: Shelf<Hold>,
    orders: Shelf<Order>,
    requests: Shelf<DecidedRequest>,
    audit: Shelf<AuditEntry>,
    why: Why,
    stock_repairs: Shelf<StockRepair>,
    by_idempotency_key: HashMap<(MerchantId, IdempotencyKey), CheckoutId>,
    by_charge: HashMap<ChargeCode, CheckoutId>,
    by_order: HashMap<OrderId, BTreeSet<CheckoutId>>,
    by_event_key: HashMap<EventKey, EventId>,
    waiting: HashMap<Subject, Vec<EventId>>,
    movements: HashMap<Payee, Vec<(String, Money)>>,
    redescribed: HashSet<ProductId>,
    active_holds: HashMap<ProductId, BTreeSet<(Timestamp, HoldId)>>,
    by_task: HashMap<(JobKind, Uuid), JobId>,
    outbox: Outbox,
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

    /// The products in the set.
    #[must_use]
    pub const fn products(&self) -> &Shelf<Product> {
        &self.products
    }

    /// Whether more than the stock of an updated product has changed: most often it hasn't, and then the rest of the row
    /// need not be written.
    #[must_use]
    pub fn is_redescribed(&self, id: ProductId) -> bool {
        self.redescribed.contains(&id)
    }

    /// The holds in the set.
    #[must_use]
    pub const fn holds(&self) -> &Shelf<Hold> {
        &self.holds
    }

    /// The orders in the set.
    #[must_use]
    pub const fn orders(&self) -> &Shelf<Order> {
        &self.orders
    }

    /// The requests with names that were decided before.
    #[must_use]
    pub const fn requests(&self) -> &Shelf<DecidedRequest> {
        &self.requests
    }

    /// The audit trail: the entries that the commands up to now have made. Stored ones are never loaded.
    #[must_use]
    pub const fn audit(&self) -> &Shelf<AuditEntry> {
        &self.audit
    }

    /// Puts in a request as it is stored.
    pub fn load_request(&mut self, request: DecidedRequest) {
        self.requests.load(request);
    }

    /// What merchants are told.
    #[must_use]
    pub const fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    /// What merchants are told, for whoever loads it.
    pub const fn outbox_mut(&mut self) -> &mut Outbox {
        &mut self.outbox
    }

    /// The repairs of stock in the set.
    #[must_use]
    pub const fn stock_repairs(&self) -> &Shelf<StockRepair> {
        &self.stock_repairs
    }

    /// Puts in a repair of stock as it is stored.
    pub fn load_stock_repair(&mut self, repair: StockRepair) {
        self.stock_repairs.load(repair);
    }

    /// Puts in a product as it is stored.
    pub fn load_product(&mut self, product: Product) {
        self.products.load(product);
    }

    /// Puts in a hold as it is stored.
    pub fn load_hold(&mut self, hold: Hold) {
        self.index_hold(&hold);
        self.holds.load(hold);
    }

    /// Puts in an order as it is stored.
    pub fn load_order(&mut self, order: Order) {
        self.orders.load(order);
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
        self.index_job(&job);
        self.jobs.load(job);
    }

    /// Whether nothing was changed since the rows were loaded.
    #[must_use]
    pub fn is_unchanged(&self) -> bool {
        self.checkouts.inserted().len() + self.checkouts.updated().len() == 0
            && self.events.inserted().len() + self.events.updated().len() == 0
            && self.transactions.inserted().len() == 0
            && self.jobs.inserted().len() + self.jobs.updated().len() == 0
            && self.products.inserted().len() + self.products.updated().len() == 0
            && self.holds.inserted().len() + self.holds.updated().len() == 0
            && self.orders.inserted().len() + self.orders.updated().len() == 0
            && self.requests.inserted().len() == 0
            && self.outbox.is_unchanged()
            && self.stock_repairs.inserted().len() == 0
    }

    /// Forgets what was new or changed: all of it is stored now. For whoever keeps the books themselves.
    pub fn mark_stored(&mut self) {
        self.checkouts.mark_stored();
        self.events.mark_stored();
        self.transactions.mark_stored();
        self.jobs.mark_stored();
        self.products.mark_stored();
        self.redescribed.clear();
        self.holds.mark_stored();
        self.orders.mark_stored();
        self.requests.mark_stored();
        self.audit.mark_stored();
        self.outbox.mark_stored();
        self.stock_repairs.mark_stored();
    }

    /// Takes jobs to do, those that are due longest, and begins them; answers with them in the order of their ids. This is what every store's own claim must do.
    pub fn claim_jobs(&mut self, claim: &ClaimJobs, now: Timestamp) -> Vec<Job> {
        let is_wanted = |job: &&Job| match claim.which {
            WhichJobs::Due => job.is_claimable(now),
            WhichJobs::Of(subject_id) => {
                job.task.subject_id() == subject_id && (job.status == JobStatus::Ready || job.is_claimable(now))
            }
            WhichJobs::Queue(queue_id) => job.task.queue_id() == Some(queue_id) && job.is_claimable(now),
        };
        let of_kind = self.jobs.iter().filter(|job| job.kind() == claim.kind);
        let mut due: Vec<Job> = of_kind.filter(is_wanted).cloned().collect();
        due.sort_by_key(|job| (job.run_at, job.id));
        due.truncate(claim.limit as usize);
        for job in &mut due {
            *job = job.claimed(claim.lease, now);
            self.jobs.update(job.clone());
        }
        due.sort_by_key(|job| job.id);
        due
    }

    /// Deletes leftovers; answers with how many there were. This is what every store's own purge must do.
    pub fn purge(&mut self, purge: &Purge) -> u32 {
        let (before, limit) = (purge.before, purge.limit);
        let gone = match purge.what {
            Leftovers::EndedHolds => self.holds.purge(before, limit, Hold::left_over_since).len(),
            Leftovers::IdleEvents => {
                let gone = self.events.purge(before, limit, Event::left_over_since);
                for event in &gone {
                    self.by_event_key.remove(&event.key);
                }
                gone.len()
            }
            Leftovers::DoneJobs => {
                let gone = self.jobs.purge(before, limit, Job::left_over_since);
                for job in &gone {
                    self.by_task.remove(&(job.kind(), job.task.subject_id()));
                }
                gone.len()
            }
            Leftovers::DecidedRequests => self.requests.purge(before, limit, DecidedRequest::left_over_since).len(),
            Leftovers::FinishedDeliveries => self.outbox.purge_deliveries(before, limit),
            Leftovers::ToldNotifications => self.outbox.purge_notifications(before, limit),
        };
        u32::try_from(gone).unwrap_or(u32::MAX)
    }

    /// Products of which commands may want more than is available, while holds keep some: their expired holds should be
    /// loaded too. Orders that lost their stock may want it back for late money.
    #[must_use]
    pub fn short_products(&self, keys: &Keys) -> Vec<ProductId> {
        let mut wanted: HashMap<ProductId, u64> = HashMap::new();
        for (id, quantity) in &keys.wanted_stock {
            *wanted.entry(*id).or_default() += u64::from(*quantity);
        }
        for order in self.orders.iter().filter(|order| order.status.stock_share() == StockShare::None) {
            for item in &order.items {
                *wanted.entry(item.product_id).or_default() += u64::from(item.quantity.get());
            }
        }
        let is_short = |(id, wanted): &(ProductId, u64)| {
            let stock = self.products.get(*id).map(|product| product.stock);
            stock.is_some_and(|stock| stock.held() > 0 && *wanted > u64::from(stock.available()))
        };
        let mut short: Vec<ProductId> = wanted.into_iter().filter(is_short).map(|(id, _)| id).collect();
        short.sort_unstable();
        short
    }

    /// Merchants to whom something may be told by commands with these keys: those of the checkouts and orders in the set, and,
    /// where something came before its subject, those of the products. To be asked when all else is loaded.
    #[must_use]
    pub fn merchants_to_tell(&self, keys: &Keys) -> BTreeSet<MerchantId> {
        let is_awaited = |id: &OrderId| self.by_order.get(id).is_some_and(|checkouts| !checkouts.is_empty());
        let came_before =
            self.waiting.values().any(|events| !events.is_empty()) || keys.new_orders.iter().any(is_awaited);
        let mut merchants = BTreeSet::new();
        if keys.tells_merchants || came_before {
            merchants.extend(self.checkouts.iter().map(|checkout| checkout.merchant_id.clone()));
            merchants.extend(self.orders.iter().map(|order| order.merchant_id.clone()));
        }
        if came_before {
            merchants.extend(self.products.iter().map(|product| product.merchant_id.clone()));
        }
        merchants
    }

    /// The checkouts and orders in the set that belong to these merchants, as what may be told of.
    #[must_use]
    pub fn subjects_to_tell(&self, merchants: &BTreeSet<MerchantId>) -> Vec<NotificationSubject> {
        let checkouts = self.checkouts.iter().filter(|row| merchants.contains(&row.merchant_id));
        let orders = self.orders.iter().filter(|row| merchants.contains(&row.merchant_id));
        let checkouts = checkouts.map(|row| NotificationSubject::Checkout(row.id));
        checkouts.chain(orders.map(|row| NotificationSubject::Order(row.id))).collect()
    }

    pub(crate) fn checkout_by_idempotency_key(&self, key: &(MerchantId, IdempotencyKey)) -> Option<&Checkout> {
        self.by_idempotency_key.get(key).and_then(|id| self.checkouts.get(*id))
    }

    pub(crate) fn checkout_by_charge(&self, code: &ChargeCode) -> Option<&Checkout> {
        self.by_charge.get(code).and_then(|id| self.checkouts.get(*id))
    }

    /// The checkouts that were made for an order, the oldest first.
    pub(crate) fn checkouts_for(&self, order_id: OrderId) -> Vec<Checkout> {
        let ids = self.by_order.get(&order_id).into_iter().flatten();
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
        self.by_task.get(&(task.kind(), task.subject_id())).and_then(|id| self.jobs.get(*id))
    }

    pub(crate) fn event_by_key(&self, key: &EventKey) -> Option<&Event> {
        self.by_event_key.get(key).and_then(|id| self.events.get(*id))
    }

    /// The events that wait for a charge or an order, in the order in which they happened.
    pub(crate) fn waiting_for(&self, subject: &Subject) -> Vec<Event> {
        let ids = self.waiting.get(subject).map_or(&[][..], Vec::as_slice);
        let mut events: Vec<Event> = ids.iter().filter_map(|id| self.events.get(*id)).cloned().collect();
        events.retain(|event| event.verdict == Verdict::Waiting);
        let happened = |event: &Event| event.report.occurred_at().unwrap_or(event.received_at);
        events.sort_by_key(|event| (happened(event), event.received_at, event.id));
        events
    }

    /// How much of a movement is in the ledger, if it is there.
    pub(crate) fn movement(&self, payee: Payee, provider_transaction_id: &str) -> Option<Money> {
        let known = self.movements.get(&payee)?;
        known.iter().find(|(id, _)| id == provider_transaction_id).map(|(_, money)| *money)
    }

    /// The active holds of a product whose time is up, as many as are taken back at a time, the oldest first.
    pub(crate) fn expired_holds(&self, product_id: ProductId, now: Timestamp) -> Vec<Hold> {
        let Some(active) = self.active_holds.get(&product_id) else { return Vec::new() };
        let over = active.iter().take_while(|(expires_at, _)| *expires_at <= now).take(MAX_HOLDS_TAKEN_BACK);
        // A row that was loaded again after it had changed is in the index as it is stored.
        let holds = over.filter_map(|(_, id)| self.holds.get(*id));
        holds.filter(|hold| hold.status == HoldStatus::Active).cloned().collect()
    }

    /// Says who wants what is decided next.
    pub(crate) fn set_cause(&mut self, cause: Cause) {
        self.why.cause = cause;
    }

    /// Says by which command the books are changed next.
    pub(crate) fn set_command(&mut self, command: &'static str) {
        self.why.command = command;
        self.why.event_id = None;
    }

    /// Says which event is behind what is changed next; `None` for the command itself.
    pub(crate) fn set_event(&mut self, event_id: Option<EventId>) {
        self.why.event_id = event_id;
    }

    pub(crate) fn keep_outcome(&mut self, once: Once, outcome: Outcome, now: Timestamp) {
        let Once { scope, fingerprint } = once;
        self.requests.insert(DecidedRequest { scope, fingerprint, outcome, decided_at: now });
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

    /// How often a product's stock was repaired.
    pub(crate) fn repairs_of(&self, product_id: ProductId) -> u32 {
        let numbers = self.stock_repairs.iter().filter(|repair| repair.id.product_id == product_id);
        numbers.map(|repair| repair.id.number).max().unwrap_or(0)
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
        self.index_hold(&hold);
        self.holds.insert(hold);
    }

    pub(crate) fn update_hold(&mut self, hold: Hold) {
        let ended_at = hold.ended_at.unwrap_or(hold.created_at);
        self.note(changes(self.holds.get(hold.id), &hold), &hold, ended_at);
        self.index_hold(&hold);
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
        self.index_checkout(&checkout);
        self.checkouts.insert(checkout);
    }

    pub(crate) fn update_checkout(&mut self, checkout: Checkout) {
        self.note(changes(self.checkouts.get(checkout.id), &checkout), &checkout, checkout.updated_at);
        self.tell_of_checkout(&checkout);
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
        self.index_job(&job);
        self.jobs.insert(job);
    }

    pub(crate) fn update_job(&mut self, job: Job) {
        self.jobs.update(job);
    }

    fn index_job(&mut self, job: &Job) {
        self.by_task.insert((job.kind(), job.task.subject_id()), job.id);
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

    /// Asks for what is to be tried now.
    pub(crate) fn deliver(&mut self, due: impl IntoIterator<Item = Delivery>, now: Timestamp) {
        for delivery in due {
            let id = JobId::from_uuid(derived_id(now, 0, &[delivery.id.as_uuid().as_bytes(), b"job"]));
            let task = Task::Notify { delivery_id: delivery.id, endpoint_id: delivery.endpoint_id };
            self.insert_job(Job::new(id, task, now, now));
        }
    }

    fn index_checkout(&mut self, checkout: &Checkout) {
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
        let Some(payee) = transaction.payee() else { return };
        let known = self.movements.entry(payee).or_default();
        known.push((transaction.provider_transaction_id.clone(), transaction.money));
    }

    fn index_hold(&mut self, hold: &Hold) {
        let active = self.active_holds.entry(hold.product_id).or_default();
        let place = (hold.expires_at, hold.id);
        if hold.status == HoldStatus::Active {
            active.insert(place);
        } else {
            active.remove(&place);
        }
    }
}
