//! The accounts that books give of themselves: what every store's own must be.

use super::{
    CheckoutAccount, EventAccount, HoldAccount, HoldOfOrder, Issue, JobOfCheckout, Movement, OrderAccount,
    SettledCheckout, StockCount, TransactionAccount,
};
use crate::{
    Books, Checkout, CheckoutId, CheckoutStatus, Event, EventId, Hold, HoldId, HoldStatus, Order, OrderId, Payee,
    Product, ProductId, Record, Shelf, StockShare, Subject, Timestamp, Transaction, TransactionId, Verdict,
};

/// The rows after `after` by id, at most `limit`.
fn page<R: Record>(shelf: &Shelf<R>, after: Option<R::Id>, limit: u32) -> Vec<&R>
where
    R::Id: Ord,
{
    let mut rows: Vec<&R> = shelf.iter().filter(|row| after.is_none_or(|after| row.id() > after)).collect();
    rows.sort_by_key(|row| row.id());
    rows.truncate(limit as usize);
    rows
}

/// The rows before `before` by id, the last first, at most `limit`.
fn page_back<R: Record>(shelf: &Shelf<R>, before: Option<R::Id>, limit: u32) -> Vec<&R>
where
    R::Id: Ord,
{
    let mut rows: Vec<&R> = shelf.iter().filter(|row| before.is_none_or(|before| row.id() < before)).collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.id()));
    rows.truncate(limit as usize);
    rows
}

impl Movement {
    fn of(row: &Transaction) -> Self {
        Self { id: row.id, checkout_id: row.checkout_id, order_id: row.order_id, status: row.status, money: row.money }
    }
}

impl Books {
    /// Everything that is wrong with books that have all rows, at `now`.
    #[must_use]
    pub fn issues(&self, now: Timestamp) -> Vec<Issue> {
        let all = u32::MAX;
        let stock = self.stock_counts(None, all).into_iter().flat_map(|count| count.issues());
        let holds = self.hold_accounts(None, all).into_iter().filter_map(|account| account.issue(now));
        let orders = self.order_accounts(None, all).into_iter().flat_map(|account| account.issues(now));
        let transactions = self.transaction_accounts(None, all).into_iter().flat_map(|account| account.issues());
        let checkouts = self.checkout_accounts(None, all).into_iter().flat_map(|account| account.issues(now));
        let events = self.event_accounts(None, all).into_iter().filter_map(|account| account.issue(now));
        stock.chain(holds).chain(orders).chain(transactions).chain(checkouts).chain(events).collect()
    }

    /// The counts of the products after `after`, at most `limit`.
    #[must_use]
    pub fn stock_counts(&self, after: Option<ProductId>, limit: u32) -> Vec<StockCount> {
        page(self.products(), after, limit).into_iter().map(|product| self.stock_count(product)).collect()
    }

    fn stock_count(&self, product: &Product) -> StockCount {
        let in_orders = |share: StockShare| -> i64 {
            let orders = self.orders().iter().filter(|order| order.status.stock_share() == share);
            let items = orders.flat_map(|order| &order.items).filter(|item| item.product_id == product.id);
            items.map(|item| i64::from(item.quantity.get())).sum()
        };
        let is_active = |row: &&Hold| row.status == HoldStatus::Active && row.product_id == product.id;
        let active = self.holds().iter().filter(is_active);
        StockCount {
            product_id: product.id,
            total: product.stock.total().into(),
            held: product.stock.held().into(),
            sold: product.stock.sold().into(),
            in_active_holds: active.map(|row| i64::from(row.quantity.get())).sum(),
            in_pending_orders: in_orders(StockShare::Held),
            in_sold_orders: in_orders(StockShare::Sold),
            repairs: self.repairs_of(product.id),
        }
    }

    /// The accounts of the holds after `after`, at most `limit`.
    #[must_use]
    pub fn hold_accounts(&self, after: Option<HoldId>, limit: u32) -> Vec<HoldAccount> {
        page(self.holds(), after, limit).into_iter().map(|hold| self.hold_account(hold)).collect()
    }

    fn hold_account(&self, hold: &Hold) -> HoldAccount {
        let order = hold.order_id.and_then(|id| self.orders().get(id));
        HoldAccount {
            id: hold.id,
            status: hold.status,
            order_id: hold.order_id,
            expires_at: hold.expires_at,
            has_order: order.is_some_and(|order| order.hold_id == Some(hold.id)),
        }
    }

    /// The accounts of the orders after `after`, at most `limit`.
    #[must_use]
    pub fn order_accounts(&self, after: Option<OrderId>, limit: u32) -> Vec<OrderAccount> {
        page(self.orders(), after, limit).into_iter().map(|order| self.order_account(order)).collect()
    }

    fn order_account(&self, order: &Order) -> OrderAccount {
        let hold = order.hold_id.and_then(|id| self.holds().get(id));
        OrderAccount {
            id: order.id,
            status: order.status,
            payment_status: order.payment_status,
            total: order.total,
            received_minor: order.received_minor,
            items_minor: order.items.iter().map(|item| item.line_total.minor()).sum(),
            hold: hold.map(|hold| HoldOfOrder { id: hold.id, status: hold.status, order_id: hold.order_id }),
            expires_at: order.expires_at,
            updated_at: order.updated_at,
            movements: self.movements_where(|row| row.order_id == Some(order.id)),
            settled: self.settled_for(order.id),
        }
    }

    fn movements_where(&self, is_wanted: impl Fn(&Transaction) -> bool) -> Vec<Movement> {
        let mut found: Vec<Movement> =
            self.transactions().iter().filter(|row| is_wanted(row)).map(Movement::of).collect();
        found.sort_by_key(|movement| movement.id);
        found
    }

    fn settled_for(&self, order_id: OrderId) -> Vec<SettledCheckout> {
        let is_settled = |row: &&Checkout| {
            let brought = match row.status {
                CheckoutStatus::Completed | CheckoutStatus::Unresolved => true,
                CheckoutStatus::Pending
                | CheckoutStatus::Failed
                | CheckoutStatus::Expired
                | CheckoutStatus::Canceled => false,
            };
            brought && row.order_id == Some(order_id)
        };
        let settled = self.checkouts().iter().filter(is_settled);
        let mut settled: Vec<SettledCheckout> = settled.map(SettledCheckout::of).collect();
        settled.sort_by_key(|checkout| checkout.id);
        settled
    }

    /// The accounts of the transactions after `after`, at most `limit`.
    #[must_use]
    pub fn transaction_accounts(&self, after: Option<TransactionId>, limit: u32) -> Vec<TransactionAccount> {
        page(self.transactions(), after, limit).into_iter().map(|row| self.transaction_account(row)).collect()
    }

    fn transaction_account(&self, row: &Transaction) -> TransactionAccount {
        let checkout = row.checkout_id.and_then(|id| self.checkouts().get(id));
        let order = row.order_id.and_then(|id| self.orders().get(id));
        let is_same = |other: &Transaction| {
            other.provider == row.provider && other.provider_transaction_id == row.provider_transaction_id
        };
        TransactionAccount {
            movement: Movement::of(row),
            order_of_checkout: checkout.and_then(|checkout| checkout.order_id),
            order_currency: order.map(|order| order.total.currency()),
            is_shared: self.transactions().iter().any(|other| other.id != row.id && is_same(other)),
        }
    }

    /// The accounts of the checkouts before `before`, the latest first, at most `limit`.
    #[must_use]
    pub fn checkout_accounts(&self, before: Option<CheckoutId>, limit: u32) -> Vec<CheckoutAccount> {
        page_back(self.checkouts(), before, limit).into_iter().map(|row| self.checkout_account(row)).collect()
    }

    fn checkout_account(&self, checkout: &Checkout) -> CheckoutAccount {
        let order = checkout.order_id.and_then(|id| self.orders().get(id));
        let jobs = self.jobs().iter().filter(|job| job.task.checkout_id() == Some(checkout.id));
        let mut jobs: Vec<JobOfCheckout> =
            jobs.map(|job| JobOfCheckout { kind: job.kind(), status: job.status }).collect();
        jobs.sort_by_key(|job| job.kind);
        CheckoutAccount {
            id: checkout.id,
            status: checkout.status,
            failure_reason: checkout.failure_reason,
            money: checkout.money,
            received_minor: checkout.received_minor,
            order_id: checkout.order_id,
            order_payment: order.map(|order| order.payment_status),
            charge_code: checkout.charge_code.clone(),
            detected_at: checkout.detected_at,
            completed_at: checkout.completed_at,
            expires_at: checkout.expires_at,
            created_at: checkout.created_at,
            updated_at: checkout.updated_at,
            movements: self.movements_where(|row| row.checkout_id == Some(checkout.id)),
            jobs,
        }
    }

    /// The accounts of the events before `before`, the latest first, at most `limit`.
    #[must_use]
    pub fn event_accounts(&self, before: Option<EventId>, limit: u32) -> Vec<EventAccount> {
        page_back(self.events(), before, limit).into_iter().map(|row| self.event_account(row)).collect()
    }

    fn event_account(&self, event: &Event) -> EventAccount {
        let is_subject_there = match event.waiting_for() {
            Some(Subject::Charge(code)) => self.checkout_by_charge(code).is_some(),
            Some(Subject::Order(id)) => self.orders().get(*id).is_some(),
            None => false,
        };
        let payee = event.payee();
        let mut recorded = event.report.movements(&event.key);
        recorded.retain(|movement| payee.is_some_and(|payee| self.movement(payee, movement).is_some()));
        let has_unnamed = match (&event.subject, payee) {
            (Some(Subject::Charge(code)), Some(payee)) => self.movement(payee, code.as_str()).is_some(),
            (Some(Subject::Charge(_) | Subject::Order(_)) | None, _) => false,
        };
        EventAccount {
            has_unnamed,
            id: event.id,
            key: event.key.clone(),
            subject: event.subject.clone(),
            report: event.report.clone(),
            verdict: event.verdict,
            reason: event.reason,
            checkout_id: event.checkout_id,
            order_id: event.order_id,
            received_at: event.received_at,
            is_subject_there: is_subject_there && event.verdict == Verdict::Waiting,
            recorded,
        }
    }
}

impl SettledCheckout {
    fn of(row: &Checkout) -> Self {
        Self { id: row.id, status: row.status, failure_reason: row.failure_reason, money: row.money }
    }
}

impl Event {
    /// Whom money that it told of went to.
    fn payee(&self) -> Option<Payee> {
        self.checkout_id.map(Payee::Checkout).or(self.order_id.map(Payee::Order))
    }
}
