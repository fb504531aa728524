//! What a store does before commands are decided, in its simplest form: it loads the rows that their keys name and those
//! that they lead to, and no others.

use std::collections::BTreeSet;

use domain::{
    Books, CheckoutId, Command, HoldStatus, Keys, MAX_HOLDS_TAKEN_BACK, OrderId, ProductId, Subject, Timestamp,
};

use crate::rows::Rows;

/// Books with nothing in them but what a command's keys ask for.
pub(crate) fn load(rows: &Rows, command: &Command, now: Timestamp) -> Books {
    let mut keys = Keys::default();
    command.keys(&mut keys);
    let mut books = Books::default();
    load_checkouts_and_orders(rows, &keys, &mut books);
    load_events(rows, &keys, &mut books);
    load_stock(rows, &keys, now, &mut books);
    let is_new = |id: OrderId| keys.new_orders.contains(&id);
    for row in rows.transactions.values() {
        let is_earlier = row.checkout_id.is_some() && row.order_id.is_some_and(is_new);
        if is_earlier || keys.movements.contains(&row.provider_transaction_id) {
            books.load_transaction(row.clone());
        }
    }
    for row in keys.jobs.iter().filter_map(|id| rows.jobs.get(id)) {
        books.load_job(row.clone());
    }
    load_outbox(rows, &keys, &mut books);
    books
}

fn load_checkouts_and_orders(rows: &Rows, keys: &Keys, books: &mut Books) {
    let opened = keys.checkouts_of_orders.iter().filter_map(|id| rows.orders.get(id)?.checkout_id);
    let named: BTreeSet<CheckoutId> = keys.checkouts.iter().copied().chain(opened).collect();
    for row in rows.checkouts.values() {
        let key = row.idempotency_key.clone().map(|key| (row.merchant_id.clone(), key));
        let is_named = named.contains(&row.id)
            || key.is_some_and(|key| keys.idempotency_keys.contains(&key))
            || row
                .charge_code
                .as_ref()
                .is_some_and(|code| keys.charges.contains(code) || keys.new_charges.contains(code))
            || row.order_id.is_some_and(|id| keys.new_orders.contains(&id));
        if is_named {
            books.load_checkout(row.clone());
        }
    }
    let named = keys.orders.iter().chain(&keys.event_orders).chain(&keys.new_orders).chain(&keys.checkouts_of_orders);
    let paid: Vec<OrderId> = books.checkouts().iter().filter_map(|checkout| checkout.order_id).collect();
    for row in named.chain(&paid).filter_map(|id| rows.orders.get(id)) {
        books.load_order(row.clone());
    }
}

fn load_events(rows: &Rows, keys: &Keys, books: &mut Books) {
    for row in rows.events.values() {
        let is_awaited = match row.waiting_for() {
            None => false,
            Some(Subject::Charge(code)) => keys.charges.contains(code) || keys.new_charges.contains(code),
            Some(Subject::Order(id)) => keys.event_orders.contains(id) || keys.new_orders.contains(id),
        };
        if is_awaited || keys.events.contains(&row.key) || keys.events_by_id.contains(&row.id) {
            books.load_event(row.clone());
        }
    }
}

fn load_stock(rows: &Rows, keys: &Keys, now: Timestamp, books: &mut Books) {
    for row in keys.holds.iter().filter_map(|id| rows.holds.get(id)) {
        books.load_hold(row.clone());
    }
    let held: Vec<ProductId> = books.holds().iter().map(|hold| hold.product_id).collect();
    let items = books.orders().iter().flat_map(|order| order.items.iter().map(|item| item.product_id));
    let products: BTreeSet<ProductId> = keys.products.iter().copied().chain(held).chain(items).collect();
    for row in products.iter().filter_map(|id| rows.products.get(id)) {
        books.load_product(row.clone());
    }
    for id in books.short_products(keys) {
        let is_over =
            |hold: &&domain::Hold| hold.product_id == id && hold.status == HoldStatus::Active && hold.is_over(now);
        let mut over: Vec<_> = rows.holds.values().filter(is_over).collect();
        over.sort_by_key(|hold| (hold.expires_at, hold.id));
        for row in over.into_iter().take(MAX_HOLDS_TAKEN_BACK) {
            books.load_hold(row.clone());
        }
    }
}

/// Endpoints of whoever may be told something, and what is on its way about it.
fn load_outbox(rows: &Rows, keys: &Keys, books: &mut Books) {
    let told = books.merchants_to_tell(keys);
    let subjects: BTreeSet<_> = books.subjects_to_tell(&told).into_iter().chain(keys.lanes.iter().copied()).collect();
    for row in rows.endpoints.values() {
        let is_wanted = told.contains(&row.merchant_id) || keys.endpoint_owners.contains(&row.merchant_id);
        if keys.endpoints.contains(&row.id) || (is_wanted && row.exists()) {
            books.outbox_mut().load_endpoint(row.clone());
        }
    }
    for row in rows.deliveries.values() {
        if keys.deliveries.contains(&row.id) || (row.is_open() && subjects.contains(&row.subject)) {
            books.outbox_mut().load_delivery(row.clone());
        }
    }
}
