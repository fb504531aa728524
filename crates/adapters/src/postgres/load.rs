//! Loads and locks what a batch needs, with a constant number of statements, following references forwards.

use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types;
use domain::{Books, ChargeCode, Fingerprint, IdempotencyKey, Keys, MerchantId};
use uuid::Uuid;

use super::rows::{CheckoutRow, EventRow, JobRow, TransactionRow};
use super::schema::{checkouts, events, jobs, transactions};
use super::statement::{Column, Statement, StatementText};
use crate::stored::ReadError;

/// Events without their bodies: nothing is decided by those, and they may be large.
macro_rules! event_heads {
    ($rest:literal) => {
        concat!(
            "SELECT e.id, e.provider, e.provider_event_id, e.event_type, e.subject, ''::bytea, e.report, e.verdict, \
            e.reason, e.waiting_for, e.checkout_id, e.received_at, e.processed_at FROM ",
            $rest
        )
    };
}

struct FindEvents;

impl StatementText for FindEvents {
    const TEXT: &'static str = event_heads!(
        "unnest(?, ?) AS k (provider, provider_event_id) \
        JOIN events AS e ON e.provider = k.provider AND e.provider_event_id = k.provider_event_id"
    );
    type Columns = diesel::dsl::SqlTypeOf<<events::table as diesel::Table>::AllColumns>;
}

struct LockWaitingEvents;

impl StatementText for LockWaitingEvents {
    const TEXT: &'static str =
        event_heads!("events AS e WHERE e.waiting_for = ANY (?) ORDER BY e.id FOR NO KEY UPDATE");
    type Columns = diesel::dsl::SqlTypeOf<<events::table as diesel::Table>::AllColumns>;
}

struct LockSubjects;

impl StatementText for LockSubjects {
    const TEXT: &'static str = "SELECT count(pg_advisory_xact_lock(k)) FROM unnest(?) AS k";
    type Columns = sql_types::BigInt;
}

/// Row locks come first, in one order of tables and by id within each; then the locks on charges that nobody knows
/// yet. All of them come before any insert.
pub(super) fn load(connection: &mut PgConnection, keys: &Keys) -> Result<Books, ReadError> {
    let mut books = Books::default();
    load_events(connection, keys, &mut books)?;
    load_checkouts(connection, keys, &mut books)?;
    load_jobs(connection, keys, &mut books)?;
    load_subjects(connection, keys, &mut books)?;
    load_movements(connection, keys, &mut books)?;
    Ok(books)
}

/// Events that came before. They aren't locked: all that is asked of them is whether they are there.
fn load_events(connection: &mut PgConnection, keys: &Keys, books: &mut Books) -> Result<(), ReadError> {
    if keys.events.is_empty() {
        return Ok(());
    }
    let rows: Vec<EventRow> = Statement::<FindEvents>::new(vec![
        Column::Texts(keys.events.iter().map(|key| key.provider.as_str()).collect()),
        Column::Texts(keys.events.iter().map(|key| key.provider_event_id.as_str()).collect()),
    ])
    .load(connection)?;
    for row in rows {
        books.load_event(row.try_into()?);
    }
    Ok(())
}

fn load_checkouts(connection: &mut PgConnection, keys: &Keys, books: &mut Books) -> Result<(), ReadError> {
    let mut ids: Vec<Uuid> = keys.checkouts.iter().map(|id| id.as_uuid()).collect();
    if !keys.idempotency_keys.is_empty() {
        let digests = keys.idempotency_keys.iter().map(|(merchant, key)| idempotency_digest(merchant, key));
        let found = checkouts::table.filter(checkouts::idempotency_digest.eq_any(digests)).select(checkouts::id);
        ids.extend(found.load::<Uuid>(connection)?);
    }
    ids.extend(ids_of_charges(connection, keys.charges.iter().chain(&keys.new_charges))?);
    lock_checkouts(connection, ids, books)
}

fn ids_of_charges<'a>(
    connection: &mut PgConnection,
    codes: impl Iterator<Item = &'a ChargeCode>,
) -> Result<Vec<Uuid>, ReadError> {
    let codes: Vec<&str> = codes.map(ChargeCode::as_str).collect();
    if codes.is_empty() {
        return Ok(Vec::new());
    }
    Ok(checkouts::table.filter(checkouts::charge_code.eq_any(codes)).select(checkouts::id).load(connection)?)
}

fn lock_checkouts(connection: &mut PgConnection, mut ids: Vec<Uuid>, books: &mut Books) -> Result<(), ReadError> {
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

fn load_jobs(connection: &mut PgConnection, keys: &Keys, books: &mut Books) -> Result<(), ReadError> {
    if keys.jobs.is_empty() {
        return Ok(());
    }
    let rows: Vec<JobRow> = jobs::table
        .filter(jobs::id.eq_any(keys.jobs.iter().map(|id| id.as_uuid())))
        .order(jobs::id)
        .for_no_key_update()
        .select(JobRow::as_select())
        .load(connection)?;
    for row in rows {
        books.load_job(row.try_into()?);
    }
    Ok(())
}

/// An event for a charge that nobody knows, and the command that makes the charge known, may be decided on two nodes
/// at once, and neither would see the other's row. Both take a lock on the charge's code, and look again under it.
fn load_subjects(connection: &mut PgConnection, keys: &Keys, books: &mut Books) -> Result<(), ReadError> {
    let known: Vec<&ChargeCode> = books.checkouts().iter().filter_map(|row| row.charge_code.as_ref()).collect();
    let unknown: Vec<&ChargeCode> = keys.charges.iter().filter(|code| !known.contains(code)).collect();
    let mut subjects: Vec<&str> = unknown.iter().copied().chain(&keys.new_charges).map(ChargeCode::as_str).collect();
    if subjects.is_empty() {
        return Ok(());
    }
    subjects.sort_unstable();
    subjects.dedup();
    let mut locks: Vec<i64> = subjects.iter().map(|subject| advisory_key(subject)).collect();
    locks.sort_unstable();
    let _: i64 = Statement::<LockSubjects>::new(vec![Column::BigInts(locks)]).get_result(connection)?;
    // A checkout that has appeared meanwhile is locked out of turn. Should that ever deadlock with a node that does the
    // same, PostgreSQL ends one of them, and it runs again.
    let appeared = ids_of_charges(connection, unknown.into_iter())?;
    lock_checkouts(connection, appeared, books)?;
    let rows: Vec<EventRow> = Statement::<LockWaitingEvents>::new(vec![Column::Texts(subjects)]).load(connection)?;
    for row in rows {
        books.load_event(row.try_into()?);
    }
    Ok(())
}

fn load_movements(connection: &mut PgConnection, keys: &Keys, books: &mut Books) -> Result<(), ReadError> {
    if keys.movements.is_empty() {
        return Ok(());
    }
    let rows: Vec<TransactionRow> = transactions::table
        .filter(transactions::provider_transaction_id.eq_any(&keys.movements))
        .select(TransactionRow::as_select())
        .load(connection)?;
    for row in rows {
        books.load_transaction(row.try_into()?);
    }
    Ok(())
}

/// What a merchant's key is looked up by. Should two ever share one, the second is refused by the unique index: rows
/// are told apart by merchant and key themselves.
pub(super) fn idempotency_digest(merchant: &MerchantId, key: &IdempotencyKey) -> Uuid {
    let digest = Fingerprint::of(&[Some(merchant.as_str()), Some(key.as_str())]);
    let [half, _] = digest.as_bytes().as_chunks::<16>().0 else { return Uuid::nil() };
    Uuid::from_bytes(*half)
}

/// The first 64 bits of a digest. Two charges that share one merely wait for each other.
fn advisory_key(subject: &str) -> i64 {
    use sha2::{Digest, Sha256};
    let digest: [u8; 32] = Sha256::digest(subject.as_bytes()).into();
    digest[..8].iter().fold(0, |key, byte| key << 8 | i64::from(*byte))
}
