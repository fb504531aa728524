//! What nobody knows yet.

use std::collections::HashSet;

use diesel::dsl::sql;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types;
use domain::{Books, ChargeCode, Keys, OrderId, Subject};
use uuid::Uuid;

use super::super::rows::EventRow;
use super::super::schema::checkouts;
use super::super::statement::{Column, Statement, StatementText};
use super::money::{LockWaitingEvents, ids_of_charges, lock_checkouts};
use super::stock::{lock_orders, lock_products, orders_to_settle};
use crate::stored::ReadError;

struct LockSubjects;

impl StatementText for LockSubjects {
    const TEXT: &'static str = "SELECT count(pg_advisory_xact_lock(k)) FROM unnest(?) AS k";
    type Columns = sql_types::BigInt;
}

/// An event for a charge or an order that nobody knows, and the command that makes it known, may be decided on two
/// nodes at once, and neither would see the other's row. Both take a lock on its name, and look again under it.
pub(super) fn load_subjects(connection: &mut PgConnection, keys: &Keys, books: &mut Books) -> Result<(), ReadError> {
    let known: HashSet<&ChargeCode> = books.checkouts().iter().filter_map(|row| row.charge_code.as_ref()).collect();
    let charges: Vec<&ChargeCode> = keys.charges.iter().filter(|code| !known.contains(code)).collect();
    // An order that a checkout pays, too: its money goes on to the order, or waits in the checkout until the order comes.
    let paid = orders_to_settle(keys, books);
    let named_orders = keys.event_orders.iter().chain(&keys.new_orders).copied().chain(paid);
    let orders: Vec<OrderId> = named_orders.filter(|id| books.orders().get(*id).is_none()).collect();
    let named_charges = charges.iter().copied().chain(&keys.new_charges).map(|code| Subject::Charge(code.clone()));
    let subjects = lock_names(connection, named_charges.chain(orders.iter().copied().map(Subject::Order)))?;
    if subjects.is_empty() {
        return Ok(());
    }
    // What has appeared since it was looked for is locked out of turn, with all that it leads to. Should that ever
    // deadlock with a node that does the same, PostgreSQL ends one of them, and it runs again.
    let mut appeared = ids_of_charges(connection, charges.iter().copied())?;
    appeared.extend(settled_for_orders(connection, &keys.new_orders)?);
    lock_checkouts(connection, appeared, books)?;
    load_orders_with_products(connection, &orders, books)?;
    let subjects = subjects.iter().map(String::as_str).collect();
    let rows: Vec<EventRow> = Statement::<LockWaitingEvents>::new(vec![Column::Texts(subjects)]).load(connection)?;
    let are_waiting = !rows.is_empty();
    for row in rows {
        books.load_event(row.try_into()?);
    }
    let paid = if are_waiting {
        // A charge that is attached after its payment came.
        books.checkouts().iter().filter_map(|checkout| checkout.order_id).collect()
    } else {
        orders_to_settle(keys, books)
    };
    load_paid_orders(connection, paid, &orders, books)
}

/// Locks names, in one order; answers with them as they are stored.
fn lock_names(
    connection: &mut PgConnection,
    subjects: impl Iterator<Item = Subject>,
) -> Result<Vec<String>, ReadError> {
    lock_texts(connection, subjects.map(|subject| subject.to_string()).collect())
}

/// Locks texts that stand for something, in one order; answers with them, each once.
pub(super) fn lock_texts(connection: &mut PgConnection, mut names: Vec<String>) -> Result<Vec<String>, ReadError> {
    names.sort_unstable();
    names.dedup();
    if !names.is_empty() {
        let mut locks: Vec<i64> = names.iter().map(|name| advisory_key(name)).collect();
        locks.sort_unstable();
        let _: i64 = Statement::<LockSubjects>::new(vec![Column::BigInts(locks)]).get_result(connection)?;
    }
    Ok(names)
}

/// Orders that turn out to be paid by now. Those that nobody knows and whose names aren't locked yet are looked for again
/// under that lock, like all others.
fn load_paid_orders(
    connection: &mut PgConnection,
    paid: Vec<OrderId>,
    locked: &[OrderId],
    books: &mut Books,
) -> Result<(), ReadError> {
    let is_missing = |id: &OrderId| books.orders().get(*id).is_none() && !locked.contains(id);
    let missing: Vec<OrderId> = paid.into_iter().filter(is_missing).collect();
    if missing.is_empty() {
        return Ok(());
    }
    load_orders_with_products(connection, &missing, books)?;
    let is_unknown = |id: &OrderId| books.orders().get(*id).is_none();
    let unknown: Vec<OrderId> = missing.into_iter().filter(is_unknown).collect();
    lock_names(connection, unknown.iter().copied().map(Subject::Order))?;
    load_orders_with_products(connection, &unknown, books)
}

fn load_orders_with_products(
    connection: &mut PgConnection,
    ids: &[OrderId],
    books: &mut Books,
) -> Result<(), ReadError> {
    lock_orders(connection, ids.iter().map(|id| id.as_uuid()).collect(), books)?;
    let items = ids.iter().filter_map(|id| books.orders().get(*id)).flat_map(|order| &order.items);
    let products = items.map(|item| item.product_id).filter(|id| books.products().get(*id).is_none());
    let products = products.map(domain::ProductId::as_uuid).collect();
    lock_products(connection, products, books)
}

/// Checkouts that were made for an order, and settled, before it was there.
fn settled_for_orders(connection: &mut PgConnection, orders: &[OrderId]) -> Result<Vec<Uuid>, ReadError> {
    if orders.is_empty() {
        return Ok(Vec::new());
    }
    // In the words of the index.
    let settled_for = sql::<sql_types::Nullable<sql_types::Uuid>>(
        "CASE WHEN checkouts.status IN ('COMPLETED', 'UNRESOLVED') THEN checkouts.order_id END",
    );
    let of_orders = settled_for.eq_any(orders.iter().map(|id| Some(id.as_uuid())));
    let found = checkouts::table.filter(of_orders).select(checkouts::id);
    Ok(found.load(connection)?)
}

/// The first 64 bits of a digest. Two subjects that share one merely wait for each other.
fn advisory_key(subject: &str) -> i64 {
    use sha2::{Digest, Sha256};
    let digest: [u8; 32] = Sha256::digest(subject.as_bytes()).into();
    digest[..8].iter().fold(0, |key, byte| key << 8 | i64::from(*byte))
}
