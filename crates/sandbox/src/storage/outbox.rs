//! Deliveries: events on their way to endpoints, and the log of the attempts.

use diesel::prelude::*;

use super::schema::{attempts, deliveries, endpoints, resources};
use crate::clock::Timestamp;
use crate::error::Problem;
use crate::limits::ATTEMPTS_KEPT;

pub(crate) const WAITING: &str = "waiting";
pub(crate) const DELIVERED: &str = "delivered";
pub(crate) const FAILED: &str = "failed";
pub(crate) const DROPPED: &str = "dropped";

/// A delivery to be stored.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = deliveries)]
pub(crate) struct NewDelivery {
    pub(crate) merchant_id: i64,
    pub(crate) endpoint_id: i64,
    pub(crate) url: String,
    pub(crate) event_seq: i64,
    pub(crate) event_id: String,
    pub(crate) event_type: String,
    pub(crate) charge_code: Option<String>,
    pub(crate) lane: i64,
    pub(crate) dice: String,
    pub(crate) faults: Option<String>,
    pub(crate) is_held: bool,
    pub(crate) state: &'static str,
    pub(crate) created_at_ms: i64,
    pub(crate) begun_at_ms: i64,
    pub(crate) next_attempt_at_ms: Option<i64>,
}

/// A delivery as it is stored.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = deliveries)]
pub(crate) struct Delivery {
    pub(crate) seq: i64,
    pub(crate) merchant_id: i64,
    pub(crate) endpoint_id: i64,
    pub(crate) url: String,
    pub(crate) event_seq: i64,
    pub(crate) event_id: String,
    pub(crate) event_type: String,
    pub(crate) charge_code: Option<String>,
    pub(crate) lane: i64,
    pub(crate) dice: String,
    pub(crate) faults: Option<String>,
    pub(crate) state: String,
    pub(crate) attempts: i32,
    pub(crate) status_code: Option<i32>,
    pub(crate) failure: Option<String>,
    pub(crate) duration_ms: Option<i64>,
    pub(crate) created_at_ms: i64,
    pub(crate) begun_at_ms: i64,
    pub(crate) last_attempt_at_ms: Option<i64>,
    pub(crate) next_attempt_at_ms: Option<i64>,
}

/// A delivery whose time has come, as far as it is needed to decide whether it is sent now.
#[derive(Clone, Copy, Debug, Queryable)]
pub(crate) struct Due {
    pub(crate) seq: i64,
    pub(crate) lane: i64,
}

/// One request that was sent.
#[derive(Clone, Debug, Insertable, Queryable, Selectable)]
#[diesel(table_name = attempts)]
pub(crate) struct Attempt {
    pub(crate) delivery_seq: i64,
    pub(crate) number: i32,
    pub(crate) started_at_ms: i64,
    pub(crate) duration_ms: i64,
    pub(crate) status_code: Option<i32>,
    pub(crate) failure: Option<String>,
    pub(crate) fault: Option<String>,
    pub(crate) url: String,
    pub(crate) envelope_id: String,
    pub(crate) scheduled_for_ms: i64,
    pub(crate) body_event_seq: i64,
    pub(crate) signature: String,
}

/// Which deliveries are listed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    pub(crate) limit: i64,
    pub(crate) before: Option<i64>,
    pub(crate) charge_code: Option<String>,
    pub(crate) state: Option<String>,
}

pub(crate) fn insert(connection: &mut SqliteConnection, delivery: NewDelivery) -> Result<i64, Problem> {
    let insert = diesel::insert_into(deliveries::table).values(delivery);
    Ok(insert.returning(deliveries::seq).get_result(connection)?)
}

/// When the last delivery of a lane that hasn't been tried yet is to be sent. The next one isn't sent earlier.
pub(crate) fn lane_free_at(
    connection: &mut SqliteConnection,
    lane: i64,
    endpoint_id: i64,
) -> Result<Option<Timestamp>, Problem> {
    let last: Option<Option<i64>> = deliveries::table
        .filter(deliveries::endpoint_id.eq(endpoint_id))
        .filter(deliveries::lane.eq(lane))
        .filter(deliveries::next_attempt_at_ms.is_not_null())
        .filter(deliveries::attempts.eq(0))
        .filter(deliveries::is_held.eq(false))
        .select(deliveries::next_attempt_at_ms)
        .order(deliveries::next_attempt_at_ms.desc())
        .first(connection)
        .optional()?;
    Ok(last.flatten().map(Timestamp))
}

/// Deliveries to this endpoint whose time has come, the longest waiting first.
pub(crate) fn due(
    connection: &mut SqliteConnection,
    endpoint_id: i64,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<Due>, Problem> {
    let due = deliveries::table
        .filter(deliveries::endpoint_id.eq(endpoint_id))
        .filter(deliveries::next_attempt_at_ms.le(now.0))
        .order((deliveries::next_attempt_at_ms, deliveries::seq))
        .limit(limit)
        .select((deliveries::seq, deliveries::lane));
    Ok(due.load(connection)?)
}

/// When the next delivery to this endpoint is due that isn't yet.
pub(crate) fn next_due(
    connection: &mut SqliteConnection,
    endpoint_id: i64,
    after: Timestamp,
) -> Result<Option<Timestamp>, Problem> {
    let next: Option<Option<i64>> = deliveries::table
        .filter(deliveries::endpoint_id.eq(endpoint_id))
        .filter(deliveries::next_attempt_at_ms.gt(after.0))
        .order((deliveries::next_attempt_at_ms, deliveries::seq))
        .select(deliveries::next_attempt_at_ms)
        .first(connection)
        .optional()?;
    Ok(next.flatten().map(Timestamp))
}

pub(crate) fn find(connection: &mut SqliteConnection, seq: i64) -> Result<Option<Delivery>, Problem> {
    Ok(deliveries::table.find(seq).select(Delivery::as_select()).first(connection).optional()?)
}

/// The event's document, as it is sent.
pub(crate) fn event_body(connection: &mut SqliteConnection, event_seq: i64) -> Result<Option<String>, Problem> {
    Ok(resources::table.find(event_seq).select(resources::document).first(connection).optional()?)
}

/// Notes an attempt and what comes after it. `next`: when it is tried again; `state`: how it stands otherwise.
pub(crate) fn record(
    connection: &mut SqliteConnection,
    attempt: &Attempt,
    state: &'static str,
    next: Option<Timestamp>,
) -> Result<(), Problem> {
    let delivery = deliveries::table.find(attempt.delivery_seq);
    let lane: Option<(i64, i64)> =
        delivery.select((deliveries::lane, deliveries::endpoint_id)).first(connection).optional()?;
    // Purged, or gone with all the rest, while it was under way: nobody asks for it any more.
    let Some(lane) = lane else { return Ok(()) };
    // To an endpoint that was removed meanwhile nothing is sent again: it would wait for ever.
    let next = if is_endpoint(connection, lane.1)? { next } else { None };
    // The guard makes a second record of the same attempt visible.
    let unrecorded = delivery.filter(deliveries::attempts.eq(attempt.number - 1));
    let row = (
        deliveries::attempts.eq(attempt.number),
        deliveries::is_held.eq(false),
        deliveries::state.eq(if next.is_some() { WAITING } else { state }),
        deliveries::status_code.eq(attempt.status_code),
        deliveries::failure.eq(attempt.failure.as_deref()),
        deliveries::duration_ms.eq(attempt.duration_ms),
        deliveries::last_attempt_at_ms.eq(attempt.started_at_ms),
        deliveries::next_attempt_at_ms.eq(next.map(|next| next.0)),
    );
    if diesel::update(unrecorded).set(row).execute(connection)? != 1 {
        return Err(Problem::RowGone);
    }
    diesel::insert_into(attempts::table).values(attempt).execute(connection)?;
    let old = attempts::table
        .filter(attempts::delivery_seq.eq(attempt.delivery_seq))
        .filter(attempts::number.le(attempt.number.saturating_sub(ATTEMPTS_KEPT)));
    diesel::delete(old).execute(connection)?;
    release_held(connection, lane, attempt)
}

fn is_endpoint(connection: &mut SqliteConnection, id: i64) -> Result<bool, Problem> {
    let found: i64 = endpoints::table.find(id).count().get_result(connection)?;
    Ok(found > 0)
}

/// What was held back for a later one to overtake has been overtaken.
fn release_held(
    connection: &mut SqliteConnection,
    (lane, endpoint_id): (i64, i64),
    attempt: &Attempt,
) -> Result<(), Problem> {
    let held = deliveries::table
        .filter(deliveries::lane.eq(lane))
        .filter(deliveries::endpoint_id.eq(endpoint_id))
        .filter(deliveries::next_attempt_at_ms.is_not_null())
        .filter(deliveries::is_held)
        .filter(deliveries::seq.lt(attempt.delivery_seq));
    // Not its end: by a clock that stands, that never comes.
    let row = (deliveries::is_held.eq(false), deliveries::next_attempt_at_ms.eq(Some(attempt.started_at_ms)));
    diesel::update(held).set(row).execute(connection)?;
    Ok(())
}

/// Sends a delivery again, whatever became of it.
pub(crate) fn begin_again(connection: &mut SqliteConnection, seq: i64, now: Timestamp) -> Result<(), Problem> {
    let row = (
        deliveries::state.eq(WAITING),
        deliveries::is_held.eq(false),
        deliveries::begun_at_ms.eq(now.0),
        deliveries::next_attempt_at_ms.eq(Some(now.0)),
    );
    diesel::update(deliveries::table.find(seq)).set(row).execute(connection)?;
    Ok(())
}

/// There is nothing left that could be sent.
pub(crate) fn give_up(connection: &mut SqliteConnection, seq: i64) -> Result<(), Problem> {
    let waiting = deliveries::table.find(seq).filter(deliveries::next_attempt_at_ms.is_not_null());
    let row = (
        deliveries::state.eq(FAILED),
        deliveries::is_held.eq(false),
        deliveries::failure.eq("event-gone"),
        deliveries::next_attempt_at_ms.eq(None::<i64>),
    );
    diesel::update(waiting).set(row).execute(connection)?;
    Ok(())
}

/// Nothing more is sent to this endpoint.
pub(crate) fn abandon(connection: &mut SqliteConnection, endpoint_id: i64) -> Result<(), Problem> {
    let waiting = deliveries::table
        .filter(deliveries::endpoint_id.eq(endpoint_id))
        .filter(deliveries::next_attempt_at_ms.is_not_null());
    let row = (
        deliveries::state.eq(FAILED),
        deliveries::is_held.eq(false),
        deliveries::failure.eq("endpoint-removed"),
        deliveries::next_attempt_at_ms.eq(None::<i64>),
    );
    diesel::update(waiting).set(row).execute(connection)?;
    Ok(())
}

pub(crate) fn list(connection: &mut SqliteConnection, filter: &Filter) -> Result<Vec<Delivery>, Problem> {
    let mut rows = deliveries::table.select(Delivery::as_select()).into_boxed();
    if let Some(before) = filter.before {
        rows = rows.filter(deliveries::seq.lt(before));
    }
    if let Some(code) = &filter.charge_code {
        rows = rows.filter(deliveries::charge_code.eq(code));
    }
    if let Some(state) = &filter.state {
        rows = rows.filter(deliveries::state.eq(state));
    }
    Ok(rows.order(deliveries::seq.desc()).limit(filter.limit).load(connection)?)
}

/// The attempts of a delivery, oldest first.
pub(crate) fn attempts_of(connection: &mut SqliteConnection, delivery_seq: i64) -> Result<Vec<Attempt>, Problem> {
    let of_delivery = attempts::table.filter(attempts::delivery_seq.eq(delivery_seq)).order(attempts::number);
    Ok(of_delivery.select(Attempt::as_select()).load(connection)?)
}

pub(crate) fn waiting(connection: &mut SqliteConnection) -> Result<i64, Problem> {
    Ok(deliveries::table.filter(deliveries::state.eq(WAITING)).count().get_result(connection)?)
}

pub(crate) fn clear(connection: &mut SqliteConnection) -> Result<(), Problem> {
    diesel::delete(attempts::table).execute(connection)?;
    diesel::delete(deliveries::table).execute(connection)?;
    Ok(())
}

#[cfg(test)]
mod tests;
