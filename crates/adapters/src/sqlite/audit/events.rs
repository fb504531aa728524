//! Events, and what came of them.

use diesel::RunQueryDsl;
use diesel::sql_types::{BigInt, Binary, Nullable, Text};
use diesel::sqlite::SqliteConnection;
use domain::{EventAccount, EventId};

use super::super::key::Key;
use super::super::statement::{Statement, StatementText, Value};
use crate::accounts::{
    EventRow, RecordedRow, event_account, last_before, movements_of, note_recorded, note_subjects, waited_for,
};
use crate::stored::ReadError;

struct Events;

impl StatementText for Events {
    const TEXT: &'static str = "SELECT id, provider, provider_event_id, subject, report, verdict, reason, checkout_id, \
            order_id, received_at \
        FROM events WHERE id <= ? ORDER BY id DESC LIMIT ?";
    type Columns =
        (Binary, Text, Text, Nullable<Text>, Text, Text, Nullable<Text>, Nullable<Binary>, Nullable<Binary>, BigInt);
}

/// Any provider's: a name that two of them use makes nothing wrong look right, since whom it is for counts too.
struct Recorded;

impl StatementText for Recorded {
    const TEXT: &'static str = "SELECT provider_transaction_id, checkout_id, order_id \
        FROM transactions INDEXED BY transactions_movement \
        WHERE provider_transaction_id IN (SELECT value FROM json_each(?))";
    type Columns = (Text, Nullable<Binary>, Nullable<Binary>);
}

struct KnownCharges;

impl StatementText for KnownCharges {
    const TEXT: &'static str = "SELECT charge_code FROM checkouts \
        WHERE charge_code IN (SELECT value FROM json_each(?)) AND charge_code IS NOT NULL";
    type Columns = Nullable<Text>;
}

struct KnownOrders;

impl StatementText for KnownOrders {
    const TEXT: &'static str = "SELECT id FROM orders WHERE id IN (SELECT unhex(value) FROM json_each(?))";
    type Columns = Binary;
}

pub(super) fn events(
    connection: &mut SqliteConnection,
    before: Option<EventId>,
    limit: u32,
) -> Result<Vec<EventAccount>, ReadError> {
    let Some(last) = last_before(before.map(EventId::as_uuid)) else { return Ok(Vec::new()) };
    let rows: Vec<EventRow<Key, i64>> =
        Statement::<Events, _>::new([Value::key(last), Value::BigInt(limit.into())]).load(connection)?;
    let events: Result<Vec<EventAccount>, _> = rows.into_iter().map(event_account).collect();
    let mut events = events?;
    if let Some(names) = Value::list(&movements_of(&events)) {
        let recorded: Vec<RecordedRow<Key>> = Statement::<Recorded, _>::new([names]).load(connection)?;
        note_recorded(&mut events, recorded);
    }
    let (charges, orders) = waited_for(&events);
    let charges: Vec<Option<String>> = match Value::list(&charges) {
        Some(charges) => Statement::<KnownCharges, _>::new([charges]).load(connection)?,
        None => Vec::new(),
    };
    let orders: Vec<Key> = match Value::keys(orders) {
        Some(orders) => Statement::<KnownOrders, _>::new([orders]).load(connection)?,
        None => Vec::new(),
    };
    let orders: Vec<_> = orders.into_iter().map(|key| key.0).collect();
    note_subjects(&mut events, &charges.into_iter().flatten().collect::<Vec<_>>(), &orders);
    Ok(events)
}
