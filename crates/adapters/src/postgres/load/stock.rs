//! Orders, holds, and the products that they are of.

use std::collections::HashSet;

use diesel::pg::PgConnection;
use diesel::prelude::*;
use domain::{Books, ChargeCode, Checkout, Keys, MAX_HOLDS_TAKEN_BACK, Order, OrderId};
use ports::Clock;
use uuid::Uuid;

use super::super::rows::{HoldRow, OrderItemRow, OrderRow, ProductRow, fill};
use super::super::schema::{holds, order_items, orders, products};
use super::super::statement::{Column, Statement, StatementText};
use super::money::lock_checkouts;
use crate::stored::ReadError;

/// Holds that end at this moment are passed over: whoever ends them gives their stock back. So nothing waits here for a
/// lock out of turn.
struct LockExpiredHolds;

impl StatementText for LockExpiredHolds {
    const TEXT: &'static str = "SELECT h.* FROM unnest(?) AS p (id) CROSS JOIN LATERAL ( \
            SELECT id, product_id, quantity, status, order_id, expires_at, created_at, ended_at FROM holds \
            WHERE product_id = p.id AND status = 'active' AND expires_at <= ? \
            ORDER BY expires_at, id LIMIT ? FOR NO KEY UPDATE SKIP LOCKED) AS h";
    type Columns = diesel::dsl::SqlTypeOf<<holds::table as diesel::Table>::AllColumns>;
}

/// The orders that are named, those that the loaded checkouts pay, and the checkouts that were opened for them.
pub(super) fn load_orders(connection: &mut PgConnection, keys: &Keys, books: &mut Books) -> Result<(), ReadError> {
    let ids: Vec<Uuid> = named_orders(keys, books).map(domain::OrderId::as_uuid).collect();
    lock_orders(connection, ids, books)?;
    // Another node may have opened a checkout meanwhile. Should locking it out of turn ever deadlock, PostgreSQL ends one
    // of the two, and it runs again.
    let opened = keys.checkouts_of_orders.iter().filter_map(|id| books.orders().get(*id)?.checkout_id);
    let appeared = opened.filter(|id| books.checkouts().get(*id).is_none()).map(domain::CheckoutId::as_uuid).collect();
    lock_checkouts(connection, appeared, books)
}

/// The orders that are named, and those that the loaded checkouts pay.
pub(super) fn named_orders(keys: &Keys, books: &Books) -> impl Iterator<Item = OrderId> {
    let named = keys.orders.iter().chain(&keys.event_orders).chain(&keys.new_orders).chain(&keys.checkouts_of_orders);
    named.copied().chain(orders_to_settle(keys, books))
}

/// The orders that the checkouts of the named charges pay: events may move their stock. Other checkouts are changed without
/// their orders, and nobody who buys should wait for that.
pub(super) fn orders_to_settle(keys: &Keys, books: &Books) -> Vec<OrderId> {
    let charges: HashSet<&ChargeCode> = keys.charges.iter().collect();
    let is_named = |checkout: &&Checkout| checkout.charge_code.as_ref().is_some_and(|code| charges.contains(code));
    books.checkouts().iter().filter(is_named).filter_map(|checkout| checkout.order_id).collect()
}

pub(super) fn lock_orders(
    connection: &mut PgConnection,
    mut ids: Vec<Uuid>,
    books: &mut Books,
) -> Result<(), ReadError> {
    if ids.is_empty() {
        return Ok(());
    }
    ids.sort_unstable();
    ids.dedup();
    let rows: Vec<OrderRow> = orders::table
        .filter(orders::id.eq_any(ids))
        .order(orders::id)
        .for_no_key_update()
        .select(OrderRow::as_select())
        .load(connection)?;
    let found: Result<Vec<Order>, _> = rows.into_iter().map(Order::try_from).collect();
    let mut found = found?;
    if found.is_empty() {
        return Ok(());
    }
    let items: Vec<OrderItemRow> = order_items::table
        .filter(order_items::order_id.eq_any(found.iter().map(|order| order.id.as_uuid())))
        .order((order_items::order_id, order_items::position))
        .select(OrderItemRow::as_select())
        .load(connection)?;
    fill(&mut found, items)?;
    for order in found {
        books.load_order(order);
    }
    Ok(())
}

pub(super) fn load_holds(connection: &mut PgConnection, keys: &Keys, books: &mut Books) -> Result<(), ReadError> {
    if keys.holds.is_empty() {
        return Ok(());
    }
    let rows: Vec<HoldRow> = holds::table
        .filter(holds::id.eq_any(keys.holds.iter().map(|id| id.as_uuid())))
        .order(holds::id)
        .for_no_key_update()
        .select(HoldRow::as_select())
        .load(connection)?;
    for row in rows {
        books.load_hold(row.try_into()?);
    }
    Ok(())
}

/// The products that are named, and those of the loaded holds and orders.
pub(super) fn load_products(connection: &mut PgConnection, keys: &Keys, books: &mut Books) -> Result<(), ReadError> {
    let held = books.holds().iter().map(|hold| hold.product_id);
    let ordered = books.orders().iter().flat_map(|order| order.items.iter().map(|item| item.product_id));
    let ids = keys.products.iter().copied().chain(held).chain(ordered).map(domain::ProductId::as_uuid).collect();
    lock_products(connection, ids, books)
}

pub(super) fn lock_products(
    connection: &mut PgConnection,
    mut ids: Vec<Uuid>,
    books: &mut Books,
) -> Result<(), ReadError> {
    if ids.is_empty() {
        return Ok(());
    }
    ids.sort_unstable();
    ids.dedup();
    let rows: Vec<ProductRow> = products::table
        .filter(products::id.eq_any(ids))
        .order(products::id)
        .for_no_key_update()
        .select(ProductRow::as_select())
        .load(connection)?;
    for row in rows {
        books.load_product(row.try_into()?);
    }
    Ok(())
}

/// What could be taken back of products that are short.
pub(super) fn load_expired_holds(
    connection: &mut PgConnection,
    keys: &Keys,
    books: &mut Books,
    clock: &dyn Clock,
) -> Result<(), ReadError> {
    let short = books.short_products(keys);
    if short.is_empty() {
        return Ok(());
    }
    let rows: Vec<HoldRow> = Statement::<LockExpiredHolds>::new(vec![
        Column::Uuids(short.iter().map(|id| id.as_uuid()).collect()),
        Column::OneTime(clock.now().as_datetime()),
        Column::OneBigInt(i64::try_from(MAX_HOLDS_TAKEN_BACK).unwrap_or(i64::MAX)),
    ])
    .load(connection)?;
    for row in rows {
        books.load_hold(row.try_into()?);
    }
    Ok(())
}
