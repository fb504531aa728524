//! Checkouts, their jobs, and what was told of them.

use std::collections::HashSet;

use diesel::sqlite::SqliteConnection;
use domain::{Books, ChargeCode, Checkout, CheckoutId, JobId, JobKind, Keys, OrderId, Subject};
use uuid::fmt::Simple;

use super::super::rows::{CheckoutRow, EventRow, JobRow, TransactionRow};
use super::super::schema::{checkouts, events, jobs, transactions};
use super::super::statement::Value;
use super::{find, select};
use crate::stored::ReadError;

macro_rules! select_checkouts {
    ($name:ident, $rest:literal) => {
        select!(
            $name,
            checkouts,
            "id, merchant_id, idempotency_key, fingerprint, order_id, status, amount_minor, currency, email, metadata, \
            charge_code, hosted_url, detected_at, completed_at, failure_reason, expires_at, created_at, updated_at, \
            received_minor, counted_minor",
            $rest
        );
    };
}

/// Events without their bodies: nothing is decided by those, and they may be large.
macro_rules! select_event_heads {
    ($name:ident, $rest:literal) => {
        select!(
            $name,
            events,
            "id, provider, provider_event_id, event_type, subject, x'', report, fingerprint, verdict, reason, \
            waiting_for, checkout_id, order_id, order_status, received_at, processed_at",
            $rest
        );
    };
}

macro_rules! select_transactions {
    ($name:ident, $rest:literal) => {
        select!(
            $name,
            transactions,
            "id, checkout_id, order_id, provider, provider_transaction_id, event_type, status, email, amount_minor, \
            currency, occurred_at, recorded_at",
            $rest
        );
    };
}

select_checkouts!(CheckoutsById, "checkouts WHERE id IN (SELECT unhex(value) FROM json_each(?))");
select_checkouts!(
    CheckoutsByIdempotencyKey,
    "checkouts WHERE (merchant_id, idempotency_key) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?))"
);
select_checkouts!(
    CheckoutsByCharge,
    "checkouts WHERE charge_code IN (SELECT value FROM json_each(?)) AND charge_code IS NOT NULL"
);
// No other checkout has brought money, and anybody can ask for any number of them.
select_checkouts!(
    CheckoutsSettledForOrders,
    "checkouts WHERE order_id IN (SELECT unhex(value) FROM json_each(?)) AND order_id IS NOT NULL \
    AND status IN ('COMPLETED', 'UNRESOLVED')"
);
select_event_heads!(
    EventsByKey,
    "events WHERE (provider, provider_event_id) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?))"
);
select_event_heads!(EventsById, "events WHERE id IN (SELECT unhex(value) FROM json_each(?))");
select_event_heads!(
    EventsWaiting,
    "events WHERE waiting_for IN (SELECT value FROM json_each(?)) AND waiting_for IS NOT NULL"
);
select_transactions!(
    TransactionsByMovement,
    "transactions WHERE provider_transaction_id IN (SELECT value FROM json_each(?))"
);
// Where most payments go straight to orders, SQLite would rather read them all than look for checkouts.
select_transactions!(
    TransactionsOfCheckouts,
    "transactions INDEXED BY transactions_of_checkout WHERE checkout_id IN (SELECT unhex(value) FROM json_each(?))"
);
macro_rules! select_jobs {
    ($name:ident, $rest:literal) => {
        select!(
            $name,
            jobs,
            "id, kind, subject_id, status, attempts, run_at, last_error, created_at, updated_at, forgiven_attempts, \
            retried_at, queue_id, checkpoint",
            $rest
        );
    };
}

select_jobs!(JobsById, "jobs WHERE id IN (SELECT unhex(value) FROM json_each(?))");
select_jobs!(JobsByTask, "jobs WHERE (subject_id, kind) IN (SELECT unhex(value ->> 0), value ->> 1 FROM json_each(?))");

pub(super) fn load_checkouts(
    connection: &mut SqliteConnection,
    keys: &Keys,
    books: &mut Books,
) -> Result<(), ReadError> {
    let ids = Value::keys(keys.checkouts.iter().map(|id| id.as_uuid()));
    let codes: Vec<&ChargeCode> = keys.charges.iter().chain(&keys.new_charges).collect();
    let new_orders = Value::keys(keys.new_orders.iter().map(|id| id.as_uuid()));
    let mut found: Vec<Checkout> = find::<CheckoutsById, CheckoutRow, _>(connection, ids)?;
    found.extend(find::<CheckoutsByIdempotencyKey, CheckoutRow, _>(connection, Value::list(&keys.idempotency_keys))?);
    found.extend(find::<CheckoutsByCharge, CheckoutRow, _>(connection, Value::list(&codes))?);
    found.extend(find::<CheckoutsSettledForOrders, CheckoutRow, _>(connection, new_orders)?);
    for checkout in found {
        books.load_checkout(checkout);
    }
    Ok(())
}

/// The checkouts that were opened last for loaded orders.
pub(super) fn load_checkouts_of_orders(
    connection: &mut SqliteConnection,
    keys: &Keys,
    books: &mut Books,
) -> Result<(), ReadError> {
    let opened = keys.checkouts_of_orders.iter().filter_map(|id| books.orders().get(*id)?.checkout_id);
    let ids = Value::keys(opened.map(CheckoutId::as_uuid));
    let found: Vec<Checkout> = find::<CheckoutsById, CheckoutRow, _>(connection, ids)?;
    for checkout in found {
        books.load_checkout(checkout);
    }
    Ok(())
}

/// Events that came before, and those that wait for what this batch may make known.
pub(super) fn load_events(connection: &mut SqliteConnection, keys: &Keys, books: &mut Books) -> Result<(), ReadError> {
    let came: Vec<(&str, &str)> =
        keys.events.iter().map(|key| (key.provider.as_str(), key.provider_event_id.as_str())).collect();
    let mut found = find::<EventsByKey, EventRow, _>(connection, Value::list(&came))?;
    let ids = Value::keys(keys.events_by_id.iter().map(|id| id.as_uuid()));
    found.extend(find::<EventsById, EventRow, _>(connection, ids)?);
    let waited_for = Value::list(&subjects(keys, books));
    found.extend(find::<EventsWaiting, EventRow, _>(connection, waited_for)?);
    for event in found {
        books.load_event(event);
    }
    Ok(())
}

/// What events may wait for, as it is stored: what nobody knows, and what becomes known.
fn subjects(keys: &Keys, books: &Books) -> Vec<String> {
    let known: HashSet<&ChargeCode> = books.checkouts().iter().filter_map(|row| row.charge_code.as_ref()).collect();
    let charges = keys.charges.iter().filter(|code| !known.contains(code)).chain(&keys.new_charges);
    let orders = keys.event_orders.iter().filter(|id| books.orders().get(**id).is_none()).chain(&keys.new_orders);
    let charges = charges.map(|code| Subject::Charge(code.clone()));
    charges.chain(orders.map(|id| Subject::Order(*id))).map(|subject| subject.to_string()).collect()
}

/// Movements that are named, and those of the checkouts that were settled before their order came.
pub(super) fn load_transactions(
    connection: &mut SqliteConnection,
    keys: &Keys,
    books: &mut Books,
) -> Result<(), ReadError> {
    let new_orders: HashSet<OrderId> = keys.new_orders.iter().copied().collect();
    let waited = books.checkouts().iter().filter(|row| row.order_id.is_some_and(|id| new_orders.contains(&id)));
    let waited = Value::keys(waited.map(|row| row.id.as_uuid()));
    let mut found = find::<TransactionsByMovement, TransactionRow, _>(connection, Value::list(&keys.movements))?;
    found.extend(find::<TransactionsOfCheckouts, TransactionRow, _>(connection, waited)?);
    for transaction in found {
        books.load_transaction(transaction);
    }
    Ok(())
}

pub(super) fn load_jobs(connection: &mut SqliteConnection, keys: &Keys, books: &mut Books) -> Result<(), ReadError> {
    let ids = Value::keys(keys.jobs.iter().copied().map(JobId::as_uuid));
    let mut found = find::<JobsById, JobRow, _>(connection, ids)?;
    let tasks: Vec<(Simple, JobKind)> =
        keys.tasks.iter().map(|(kind, subject_id)| (subject_id.simple(), *kind)).collect();
    found.extend(find::<JobsByTask, JobRow, _>(connection, Value::list(&tasks))?);
    for job in found {
        books.load_job(job);
    }
    Ok(())
}
