//! Endpoints, and what is on its way to them.

use std::collections::BTreeSet;

use diesel::dsl::sql;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use domain::{Books, EndpointId, Keys, NotificationSubject, OrderId};
use uuid::Uuid;

use super::super::outbox_rows::{DeliveryRow, EndpointRow};
use super::super::schema::{deliveries, orders, webhook_endpoints};
use super::stock::named_orders;
use super::subjects::lock_texts;
use crate::stored::ReadError;

/// The checkouts whose lanes are wanted: they are locked with the others.
pub(super) fn checkouts_of_lanes(keys: &Keys) -> impl Iterator<Item = Uuid> {
    keys.lanes.iter().filter_map(|subject| match subject {
        NotificationSubject::Checkout(id) => Some(id.as_uuid()),
        NotificationSubject::Order(_) | NotificationSubject::Endpoint(_) => None,
    })
}

/// Locks the orders whose lanes are wanted, and does not load them: their products must not be locked for it.
pub(super) fn lock_orders_of_lanes(connection: &mut PgConnection, keys: &Keys, books: &Books) -> Result<(), ReadError> {
    let of_lanes = keys.lanes.iter().filter_map(|subject| match subject {
        NotificationSubject::Order(id) => Some(*id),
        NotificationSubject::Checkout(_) | NotificationSubject::Endpoint(_) => None,
    });
    let named: BTreeSet<OrderId> = named_orders(keys, books).collect();
    let mut ids: Vec<Uuid> = of_lanes.filter(|id| !named.contains(id)).map(OrderId::as_uuid).collect();
    if ids.is_empty() {
        return Ok(());
    }
    ids.sort_unstable();
    ids.dedup();
    let locked = orders::table.filter(orders::id.eq_any(ids)).order(orders::id).for_no_key_update();
    locked.select(orders::id).load::<Uuid>(connection)?;
    Ok(())
}

/// The endpoints that are named. Those of other merchants' sales are only looked at, so that no sale waits for another.
pub(super) fn lock_endpoints(connection: &mut PgConnection, keys: &Keys, books: &mut Books) -> Result<(), ReadError> {
    if keys.endpoints.is_empty() {
        return Ok(());
    }
    let mut ids: Vec<Uuid> = keys.endpoints.iter().copied().map(EndpointId::as_uuid).collect();
    ids.sort_unstable();
    ids.dedup();
    let rows: Vec<EndpointRow> = webhook_endpoints::table
        .filter(webhook_endpoints::id.eq_any(ids))
        .order(webhook_endpoints::id)
        .for_no_key_update()
        .select(EndpointRow::as_select())
        .load(connection)?;
    for row in rows {
        books.outbox_mut().load_endpoint(row.try_into()?);
    }
    Ok(())
}

/// What is known of the merchants who may be told something, and of whoever is asked about. A lane is looked at under the lock
/// of its subject: whoever held that before has committed what it put there.
pub(super) fn load_outbox(connection: &mut PgConnection, keys: &Keys, books: &mut Books) -> Result<(), ReadError> {
    let owners = keys.endpoint_owners.iter().map(|merchant_id| format!("endpoints of {merchant_id}"));
    lock_texts(connection, owners.collect())?;
    let told = books.merchants_to_tell(keys);
    let merchants: BTreeSet<&str> = told.iter().chain(&keys.endpoint_owners).map(domain::MerchantId::as_str).collect();
    let mut subjects: BTreeSet<Uuid> = keys.lanes.iter().map(|subject| subject.as_uuid()).collect();
    if !merchants.is_empty() {
        let rows: Vec<EndpointRow> = webhook_endpoints::table
            .filter(webhook_endpoints::merchant_id.eq_any(merchants))
            // In the words of the index.
            .filter(sql::<Bool>("webhook_endpoints.status <> 'deleted'"))
            .select(EndpointRow::as_select())
            .load(connection)?;
        if !rows.is_empty() {
            subjects.extend(books.subjects_to_tell(&told).into_iter().map(NotificationSubject::as_uuid));
        }
        for row in rows {
            books.outbox_mut().load_endpoint(row.try_into()?);
        }
    }
    load_deliveries(connection, keys, &subjects, books)
}

fn load_deliveries(
    connection: &mut PgConnection,
    keys: &Keys,
    subjects: &BTreeSet<Uuid>,
    books: &mut Books,
) -> Result<(), ReadError> {
    let mut rows: Vec<DeliveryRow> = Vec::new();
    if !subjects.is_empty() {
        rows = deliveries::table
            .filter(deliveries::subject_id.eq_any(subjects))
            .filter(deliveries::finished_at.is_null())
            .select(DeliveryRow::as_select())
            .load(connection)?;
    }
    if !keys.deliveries.is_empty() {
        let named = deliveries::id.eq_any(keys.deliveries.iter().map(|id| id.as_uuid()));
        let found = deliveries::table.filter(named).select(DeliveryRow::as_select());
        rows.extend(found.load::<DeliveryRow>(connection)?);
    }
    for row in rows {
        books.outbox_mut().load_delivery(row.try_into()?);
    }
    Ok(())
}
