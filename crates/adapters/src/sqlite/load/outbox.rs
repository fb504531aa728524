//! Endpoints, and what is on its way to them.

use std::collections::BTreeSet;

use diesel::sqlite::SqliteConnection;
use domain::{Books, Delivery, DeliveryId, EndpointId, Keys, NotificationSubject, WebhookEndpoint};
use uuid::Uuid;

use super::super::rows::{DeliveryRow, EndpointRow};
use super::super::schema::{deliveries, webhook_endpoints};
use super::super::statement::Value;
use super::{find, select};
use crate::stored::ReadError;

macro_rules! select_endpoints {
    ($name:ident, $rest:literal) => {
        select!(
            $name,
            webhook_endpoints,
            "id, merchant_id, url, event_types, description, is_asymmetric, seed, previous_seed, previous_seed_until, \
            status, disabled_reason, disabled_at, failing_since, created_at, updated_at",
            $rest
        );
    };
}

macro_rules! select_deliveries {
    ($name:ident, $rest:literal) => {
        select!(
            $name,
            deliveries,
            "id, notification_id, endpoint_id, event_type, subject_id, place, status, attempts, next_attempt_at, \
            failure, redelivered_as, created_at, finished_at",
            $rest
        );
    };
}

select_endpoints!(EndpointsById, "webhook_endpoints WHERE id IN (SELECT unhex(value) FROM json_each(?))");
select_endpoints!(
    EndpointsOfMerchants,
    "webhook_endpoints WHERE merchant_id IN (SELECT value FROM json_each(?)) AND status <> 'deleted'"
);
select_deliveries!(DeliveriesById, "deliveries WHERE id IN (SELECT unhex(value) FROM json_each(?))");
select_deliveries!(
    OpenDeliveries,
    "deliveries INDEXED BY deliveries_open_of_subject \
    WHERE subject_id IN (SELECT unhex(value) FROM json_each(?)) AND finished_at IS NULL"
);

/// To be called when all else is loaded: it depends on whose rows those are.
pub(super) fn load_outbox(connection: &mut SqliteConnection, keys: &Keys, books: &mut Books) -> Result<(), ReadError> {
    let told = books.merchants_to_tell(keys);
    let merchants: BTreeSet<&str> = told.iter().chain(&keys.endpoint_owners).map(domain::MerchantId::as_str).collect();
    let merchants = Value::list(&merchants.into_iter().collect::<Vec<_>>());
    let named = Value::keys(keys.endpoints.iter().copied().map(EndpointId::as_uuid));
    let of_merchants: Vec<WebhookEndpoint> = find::<EndpointsOfMerchants, EndpointRow, _>(connection, merchants)?;
    let mut subjects: Vec<Uuid> = keys.lanes.iter().map(|subject| subject.as_uuid()).collect();
    if !of_merchants.is_empty() {
        subjects.extend(books.subjects_to_tell(&told).into_iter().map(NotificationSubject::as_uuid));
    }
    let by_id: Vec<WebhookEndpoint> = find::<EndpointsById, EndpointRow, _>(connection, named)?;
    for endpoint in of_merchants.into_iter().chain(by_id) {
        books.outbox_mut().load_endpoint(endpoint);
    }
    let mut found: Vec<Delivery> = find::<OpenDeliveries, DeliveryRow, _>(connection, Value::keys(subjects))?;
    let named = Value::keys(keys.deliveries.iter().copied().map(DeliveryId::as_uuid));
    found.extend(find::<DeliveriesById, DeliveryRow, _>(connection, named)?);
    for delivery in found {
        books.outbox_mut().load_delivery(delivery);
    }
    Ok(())
}
