//! Checkouts, their jobs, and what was told of them.

use std::collections::HashSet;

use diesel::pg::PgConnection;
use diesel::prelude::*;
use domain::{Books, ChargeCode, Checkout, Fingerprint, IdempotencyKey, Keys, MerchantId, OrderId};
use uuid::Uuid;

use super::super::rows::{CheckoutRow, EventRow, JobRow, TransactionRow};
use super::super::schema::{checkouts, events, jobs, orders, transactions};
use super::super::statement::{Column, Statement, StatementText};
use super::outbox::checkouts_of_lanes;
use crate::stored::ReadError;

/// Events without their bodies: nothing is decided by those, and they may be large.
macro_rules! event_heads {
    () => {
        "SELECT id, provider, provider_event_id, event_type, subject, ''::bytea, report, fingerprint, verdict, reason, \
        waiting_for, checkout_id, order_id, order_status, received_at, processed_at FROM events WHERE "
    };
}

pub(super) type EventColumns = diesel::dsl::SqlTypeOf<<events::table as diesel::Table>::AllColumns>;

struct FindEvents;

impl StatementText for FindEvents {
    // OFFSET 0 keeps the planner from going through all events with the keys at hand, which is what it likes best as long
    // as there are few.
    const TEXT: &'static str = concat!(
        "SELECT e.* FROM unnest(?, ?) AS k (provider, provider_event_id) CROSS JOIN LATERAL (",
        event_heads!(),
        "provider = k.provider AND provider_event_id = k.provider_event_id OFFSET 0) AS e"
    );
    type Columns = EventColumns;
}

struct FindEventsById;

impl StatementText for FindEventsById {
    const TEXT: &'static str =
        concat!("SELECT e.* FROM unnest(?) AS k (id) CROSS JOIN LATERAL (", event_heads!(), "id = k.id OFFSET 0) AS e");
    type Columns = EventColumns;
}

pub(super) struct LockWaitingEvents;

impl StatementText for LockWaitingEvents {
    // As texts, ids have the same order, but not the primary key's, by which the planner would go through all events
    // rather than sort what it finds.
    const TEXT: &'static str = concat!(event_heads!(), "waiting_for = ANY (?) ORDER BY id::text FOR NO KEY UPDATE");
    type Columns = EventColumns;
}

/// Events that came before. They aren't locked: of most, all that is asked is whether they are there. The few that are decided
/// anew may get another verdict from another node meanwhile; then the guard of their UPDATE sees to it that they are loaded
/// again.
pub(super) fn load_events(connection: &mut PgConnection, keys: &Keys, books: &mut Books) -> Result<(), ReadError> {
    let mut rows: Vec<EventRow> = Vec::new();
    if !keys.events.is_empty() {
        let keys = vec![
            Column::Texts(keys.events.iter().map(|key| key.provider.as_str()).collect()),
            Column::Texts(keys.events.iter().map(|key| key.provider_event_id.as_str()).collect()),
        ];
        rows = Statement::<FindEvents>::new(keys).load(connection)?;
    }
    if !keys.events_by_id.is_empty() {
        let ids = Column::Uuids(keys.events_by_id.iter().map(|id| id.as_uuid()).collect());
        rows.extend(Statement::<FindEventsById>::new(vec![ids]).load::<EventRow>(connection)?);
    }
    for row in rows {
        books.load_event(row.try_into()?);
    }
    Ok(())
}

pub(super) fn load_checkouts(connection: &mut PgConnection, keys: &Keys, books: &mut Books) -> Result<(), ReadError> {
    let mut ids: Vec<Uuid> = keys.checkouts.iter().map(|id| id.as_uuid()).collect();
    if !keys.idempotency_keys.is_empty() {
        let digests = keys.idempotency_keys.iter().map(|(merchant, key)| idempotency_digest(merchant, key));
        let found = checkouts::table.filter(checkouts::idempotency_digest.eq_any(digests)).select(checkouts::id);
        ids.extend(found.load::<Uuid>(connection)?);
    }
    if !keys.checkouts_of_orders.is_empty() {
        let of_orders = keys.checkouts_of_orders.iter().map(|id| id.as_uuid());
        let found = orders::table.filter(orders::id.eq_any(of_orders)).select(orders::checkout_id);
        ids.extend(found.load::<Option<Uuid>>(connection)?.into_iter().flatten());
    }
    ids.extend(ids_of_charges(connection, keys.charges.iter().chain(&keys.new_charges))?);
    ids.extend(checkouts_of_lanes(keys));
    lock_checkouts(connection, ids, books)
}

pub(super) fn ids_of_charges<'a>(
    connection: &mut PgConnection,
    codes: impl Iterator<Item = &'a ChargeCode>,
) -> Result<Vec<Uuid>, ReadError> {
    let codes: Vec<&str> = codes.map(ChargeCode::as_str).collect();
    if codes.is_empty() {
        return Ok(Vec::new());
    }
    Ok(checkouts::table.filter(checkouts::charge_code.eq_any(codes)).select(checkouts::id).load(connection)?)
}

pub(super) fn lock_checkouts(
    connection: &mut PgConnection,
    mut ids: Vec<Uuid>,
    books: &mut Books,
) -> Result<(), ReadError> {
    if ids.is_empty() {
        return Ok(());
    }
    ids.sort_unstable();
    ids.dedup();
    let rows: Vec<CheckoutRow> = checkouts::table
        .filter(checkouts::id.eq_any(ids))
        .order(checkouts::id)
        .for_no_key_update()
        .select(CheckoutRow::as_select())
        .load(connection)?;
    for row in rows {
        books.load_checkout(row.try_into()?);
    }
    Ok(())
}

struct FindTasks;

impl StatementText for FindTasks {
    const TEXT: &'static str = "SELECT j.id FROM unnest(?, ?) AS k (kind, subject_id) CROSS JOIN LATERAL (\
        SELECT id FROM jobs WHERE subject_id = k.subject_id AND kind = k.kind OFFSET 0) AS j";
    type Columns = diesel::sql_types::Uuid;
}

pub(super) fn load_jobs(connection: &mut PgConnection, keys: &Keys, books: &mut Books) -> Result<(), ReadError> {
    let mut ids: Vec<Uuid> = keys.jobs.iter().map(|id| id.as_uuid()).collect();
    if !keys.tasks.is_empty() {
        let wanted = vec![
            Column::Texts(keys.tasks.iter().map(|(kind, _)| kind.as_str()).collect()),
            Column::Uuids(keys.tasks.iter().map(|(_, subject_id)| *subject_id).collect()),
        ];
        ids.extend(Statement::<FindTasks>::new(wanted).load::<Uuid>(connection)?);
    }
    if ids.is_empty() {
        return Ok(());
    }
    let rows: Vec<JobRow> = jobs::table
        .filter(jobs::id.eq_any(ids))
        .order(jobs::id)
        .for_no_key_update()
        .select(JobRow::as_select())
        .load(connection)?;
    for row in rows {
        books.load_job(row.try_into()?);
    }
    Ok(())
}

/// The movements that events name, and those through checkouts that were settled before their order was there.
pub(super) fn load_movements(connection: &mut PgConnection, keys: &Keys, books: &mut Books) -> Result<(), ReadError> {
    let mut rows: Vec<TransactionRow> = Vec::new();
    if !keys.movements.is_empty() {
        let named = transactions::provider_transaction_id.eq_any(&keys.movements);
        rows = transactions::table.filter(named).select(TransactionRow::as_select()).load(connection)?;
    }
    let new_orders: HashSet<OrderId> = keys.new_orders.iter().copied().collect();
    let is_new = |checkout: &&Checkout| checkout.order_id.is_some_and(|id| new_orders.contains(&id));
    let settled: Vec<Uuid> = books.checkouts().iter().filter(is_new).map(|checkout| checkout.id.as_uuid()).collect();
    if !settled.is_empty() {
        let through = transactions::checkout_id.eq_any(settled);
        let found = transactions::table.filter(through).select(TransactionRow::as_select());
        rows.extend(found.load::<TransactionRow>(connection)?);
    }
    for row in rows {
        books.load_transaction(row.try_into()?);
    }
    Ok(())
}

/// What a merchant's key is looked up by. Should two ever share one, the second is refused by the unique index: rows
/// are told apart by merchant and key themselves.
pub(in crate::postgres) fn idempotency_digest(merchant: &MerchantId, key: &IdempotencyKey) -> Uuid {
    let digest = Fingerprint::of(&[Some(merchant.as_str()), Some(key.as_str())]);
    let [half, _] = digest.as_bytes().as_chunks::<16>().0 else { return Uuid::nil() };
    Uuid::from_bytes(*half)
}
