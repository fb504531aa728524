//! Events, and what came of them.

use chrono::{DateTime, Utc};
use diesel::RunQueryDsl;
use diesel::pg::PgConnection;
use diesel::sql_types::{Nullable, Text, Timestamptz, Uuid as SqlUuid};
use domain::{EventAccount, EventId};
use uuid::Uuid;

use super::super::statement::{Column, Statement, StatementText};
use crate::accounts::{
    EventRow, RecordedRow, event_account, last_before, movements_of, note_recorded, note_subjects, waited_for,
};
use crate::stored::ReadError;

struct Events;

impl StatementText for Events {
    const TEXT: &'static str = "SELECT id, provider, provider_event_id, subject, report, verdict, reason, checkout_id, \
            order_id, received_at \
        FROM events WHERE id <= ? ORDER BY id DESC LIMIT ?";
    type Columns = (
        SqlUuid,
        Text,
        Text,
        Nullable<Text>,
        Text,
        Text,
        Nullable<Text>,
        Nullable<SqlUuid>,
        Nullable<SqlUuid>,
        Timestamptz,
    );
}

/// Any provider's: a name that two of them use makes nothing wrong look right, since whom it is for counts too.
struct Recorded;

impl StatementText for Recorded {
    const TEXT: &'static str = "SELECT provider_transaction_id, checkout_id, order_id FROM transactions \
        WHERE provider_transaction_id = ANY (?)";
    type Columns = (Text, Nullable<SqlUuid>, Nullable<SqlUuid>);
}

struct KnownCharges;

impl StatementText for KnownCharges {
    const TEXT: &'static str = "SELECT charge_code FROM checkouts WHERE charge_code = ANY (?)";
    type Columns = Nullable<Text>;
}

struct KnownOrders;

impl StatementText for KnownOrders {
    const TEXT: &'static str = "SELECT id FROM orders WHERE id = ANY (?)";
    type Columns = SqlUuid;
}

pub(super) fn events(
    connection: &mut PgConnection,
    before: Option<EventId>,
    limit: u32,
) -> Result<Vec<EventAccount>, ReadError> {
    let Some(last) = last_before(before.map(EventId::as_uuid)) else { return Ok(Vec::new()) };
    let rows: Vec<EventRow<Uuid, DateTime<Utc>>> =
        Statement::<Events>::new(vec![Column::OneUuid(last), Column::OneBigInt(limit.into())]).load(connection)?;
    let events: Result<Vec<EventAccount>, _> = rows.into_iter().map(event_account).collect();
    let mut events = events?;
    let names = movements_of(&events);
    if !names.is_empty() {
        let recorded: Vec<RecordedRow<Uuid>> =
            Statement::<Recorded>::new(vec![Column::OwnedTexts(names)]).load(connection)?;
        note_recorded(&mut events, recorded);
    }
    let (charges, orders) = waited_for(&events);
    if !charges.is_empty() || !orders.is_empty() {
        let charges: Vec<Option<String>> =
            Statement::<KnownCharges>::new(vec![Column::OwnedTexts(charges)]).load(connection)?;
        let orders: Vec<Uuid> = Statement::<KnownOrders>::new(vec![Column::Uuids(orders)]).load(connection)?;
        note_subjects(&mut events, &charges.into_iter().flatten().collect::<Vec<_>>(), &orders);
    }
    Ok(events)
}
