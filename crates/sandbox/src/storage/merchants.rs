//! Merchants and their endpoints.

use diesel::prelude::*;

use super::outbox;
use super::schema::{deliveries, endpoints, merchants, resources, totals};
use crate::clock::Timestamp;
use crate::error::{Problem, Refusal};
use crate::limits::{ENDPOINTS_MAX, MERCHANTS_MAX};
use crate::merchant::{CONFIGURED_MERCHANT, Directory, Endpoint, Merchant};

/// What a new merchant is called, and its key and secrets.
pub(crate) struct NewMerchant {
    pub(crate) name: String,
    pub(crate) api_key: String,
    pub(crate) webhook_secret: String,
    pub(crate) previous_webhook_secret: String,
}

type EndpointRow = (i64, i64, String, bool, i64);

fn endpoint((id, merchant_id, url, is_configured, created_at_ms): EndpointRow) -> Endpoint {
    Endpoint { id, merchant_id, url, is_configured, created_at: Timestamp(created_at_ms) }
}

pub(crate) fn directory(connection: &mut SqliteConnection) -> Result<Directory, Problem> {
    let rows: Vec<(i64, String, String, String, String, i64)> =
        merchants::table.order(merchants::id).load(connection)?;
    let mut all = Vec::with_capacity(rows.len());
    for (id, name, api_key, webhook_secret, previous_webhook_secret, created_at_ms) in rows {
        let (endpoints, created_at) = (endpoints_of(connection, id)?, Timestamp(created_at_ms));
        all.push(Merchant { id, name, api_key, webhook_secret, previous_webhook_secret, created_at, endpoints });
    }
    Ok(Directory::of(all))
}

pub(crate) fn endpoints_of(connection: &mut SqliteConnection, merchant_id: i64) -> Result<Vec<Endpoint>, Problem> {
    let of_merchant = endpoints::table.filter(endpoints::merchant_id.eq(merchant_id)).order(endpoints::id);
    Ok(of_merchant.load::<EndpointRow>(connection)?.into_iter().map(endpoint).collect())
}

/// Writes the merchant of the configuration into its row.
pub(crate) fn configure(
    connection: &mut SqliteConnection,
    merchant: NewMerchant,
    url: Option<&str>,
    now: Timestamp,
) -> Result<(), Problem> {
    let taken = merchants::table
        .filter(merchants::api_key.eq(&merchant.api_key))
        .filter(merchants::id.ne(CONFIGURED_MERCHANT))
        .count();
    if taken.get_result::<i64>(connection)? > 0 {
        return Err(Refusal::invalid("another merchant of this sandbox has the configured API key already").into());
    }
    let row = merchants::table.find(CONFIGURED_MERCHANT);
    let began_ms: i64 = row.select(merchants::created_at_ms).first(connection)?;
    let values = (columns(merchant), merchants::created_at_ms.eq(if began_ms == 0 { now.0 } else { began_ms }));
    diesel::update(row).set(values).execute(connection)?;
    configure_endpoint(connection, url, now)
}

/// What is under way to the configured endpoint goes to where it is now.
fn configure_endpoint(connection: &mut SqliteConnection, url: Option<&str>, now: Timestamp) -> Result<(), Problem> {
    let configured = endpoints::table.filter(endpoints::is_configured);
    let id: Option<i64> = configured.select(endpoints::id).first(connection).optional()?;
    match (id, url) {
        (Some(id), Some(url)) => {
            diesel::update(endpoints::table.find(id)).set(endpoints::url.eq(url)).execute(connection)?;
            let waiting = deliveries::table
                .filter(deliveries::endpoint_id.eq(id))
                .filter(deliveries::next_attempt_at_ms.is_not_null());
            diesel::update(waiting).set(deliveries::url.eq(url)).execute(connection)?;
        }
        (Some(id), None) => remove_endpoint(connection, id)?,
        (None, Some(url)) => {
            insert_endpoint(connection, CONFIGURED_MERCHANT, url, true, now)?;
        }
        (None, None) => {}
    }
    Ok(())
}

type Columns = (
    diesel::dsl::Eq<merchants::name, String>,
    diesel::dsl::Eq<merchants::api_key, String>,
    diesel::dsl::Eq<merchants::webhook_secret, String>,
    diesel::dsl::Eq<merchants::previous_webhook_secret, String>,
);

fn columns(merchant: NewMerchant) -> Columns {
    (
        merchants::name.eq(merchant.name),
        merchants::api_key.eq(merchant.api_key),
        merchants::webhook_secret.eq(merchant.webhook_secret),
        merchants::previous_webhook_secret.eq(merchant.previous_webhook_secret),
    )
}

pub(crate) fn insert(connection: &mut SqliteConnection, merchant: NewMerchant, now: Timestamp) -> Result<i64, Problem> {
    let count: i64 = merchants::table.count().get_result(connection)?;
    if usize::try_from(count).is_ok_and(|count| count >= MERCHANTS_MAX) {
        return Err(Refusal::invalid(format!("There are {MERCHANTS_MAX} merchants already")).into());
    }
    let taken = merchants::table.filter(merchants::api_key.eq(&merchant.api_key)).count();
    if taken.get_result::<i64>(connection)? > 0 {
        return Err(Refusal::invalid("Another merchant has this API key").into());
    }
    let values = (columns(merchant), merchants::created_at_ms.eq(now.0));
    Ok(diesel::insert_into(merchants::table).values(values).returning(merchants::id).get_result(connection)?)
}

/// The secret so far becomes the one before.
pub(crate) fn rotate(connection: &mut SqliteConnection, id: i64, webhook_secret: String) -> Result<(), Problem> {
    let values = (
        merchants::previous_webhook_secret.eq(merchants::webhook_secret),
        merchants::webhook_secret.eq(webhook_secret),
    );
    match diesel::update(merchants::table.find(id)).set(values).execute(connection)? {
        1 => Ok(()),
        _ => Err(Refusal::not_found().into()),
    }
}

pub(crate) fn add_endpoint(
    connection: &mut SqliteConnection,
    merchant_id: i64,
    url: &str,
    now: Timestamp,
) -> Result<Endpoint, Problem> {
    let exists: i64 = merchants::table.find(merchant_id).count().get_result(connection)?;
    if exists == 0 {
        return Err(Refusal::not_found().into());
    }
    let others = endpoints_of(connection, merchant_id)?;
    if others.len() >= ENDPOINTS_MAX {
        return Err(Refusal::invalid(format!("A merchant has at most {ENDPOINTS_MAX} endpoints")).into());
    }
    if others.iter().any(|other| other.url == url) {
        return Err(Refusal::invalid("This merchant has this endpoint already").into());
    }
    insert_endpoint(connection, merchant_id, url, false, now)
}

fn insert_endpoint(
    connection: &mut SqliteConnection,
    merchant_id: i64,
    url: &str,
    is_configured: bool,
    now: Timestamp,
) -> Result<Endpoint, Problem> {
    let row = (
        endpoints::merchant_id.eq(merchant_id),
        endpoints::url.eq(url),
        endpoints::is_configured.eq(is_configured),
        endpoints::created_at_ms.eq(now.0),
    );
    let row: EndpointRow =
        diesel::insert_into(endpoints::table).values(row).returning(endpoints::all_columns).get_result(connection)?;
    Ok(endpoint(row))
}

/// Takes an endpoint away that somebody added; nothing more is sent to it.
pub(crate) fn delete_endpoint(connection: &mut SqliteConnection, id: i64) -> Result<Endpoint, Problem> {
    let row: Option<EndpointRow> = endpoints::table.find(id).first(connection).optional()?;
    let gone = row.map(endpoint).ok_or_else(Refusal::not_found)?;
    if gone.is_configured {
        return Err(Refusal::invalid("This endpoint comes from the configuration and stays").into());
    }
    remove_endpoint(connection, id)?;
    Ok(gone)
}

fn remove_endpoint(connection: &mut SqliteConnection, id: i64) -> Result<(), Problem> {
    outbox::abandon(connection, id)?;
    diesel::delete(endpoints::table.find(id)).execute(connection)?;
    Ok(())
}

/// Leaves only what the configuration gives.
pub(crate) fn clear(connection: &mut SqliteConnection) -> Result<(), Problem> {
    outbox::clear(connection)?;
    diesel::delete(resources::table).execute(connection)?;
    diesel::delete(totals::table).execute(connection)?;
    diesel::delete(endpoints::table.filter(endpoints::is_configured.eq(false))).execute(connection)?;
    diesel::delete(merchants::table.filter(merchants::id.ne(CONFIGURED_MERCHANT))).execute(connection)?;
    // The dice of the faults know merchants by their numbers: after a reset the same calls must meet the same faults.
    diesel::sql_query("DELETE FROM sqlite_sequence WHERE name = 'merchants'").execute(connection)?;
    Ok(())
}
