//! How much is kept: old deliveries and events make room, a batch at a time.

use diesel::prelude::*;

use super::outbox::{DELIVERED, DROPPED, FAILED, WAITING};
use super::resources::{Document, Scope, total};
use super::schema::{attempts, deliveries, resources};
use crate::error::Problem;
use crate::event::Event;
use crate::limits::{DELIVERIES_MAX, EVENTS_KEPT, PURGE_BATCH};

/// Removes a batch of finished deliveries with their attempts, the oldest first, beyond the newest `keep`, and of waiting
/// ones beyond [`DELIVERIES_MAX`]; then events that nobody waits for, beyond the newest [`EVENTS_KEPT`].
pub(crate) fn purge(connection: &mut SqliteConnection, keep: i64) -> Result<(), Problem> {
    let newest: Option<i64> = deliveries::table.select(diesel::dsl::max(deliveries::seq)).first(connection)?;
    let newest = newest.unwrap_or(0);
    let kept = [(DELIVERED, keep), (FAILED, keep), (DROPPED, keep), (WAITING, keep.max(DELIVERIES_MAX))];
    for (state, kept) in kept {
        // One state at a time: that is how the index is sorted.
        let batch: Vec<i64> = deliveries::table
            .filter(deliveries::state.eq(state))
            .filter(deliveries::seq.le(newest.saturating_sub(kept)))
            .order(deliveries::seq)
            .limit(PURGE_BATCH)
            .select(deliveries::seq)
            .load(connection)?;
        diesel::delete(attempts::table.filter(attempts::delivery_seq.eq_any(&batch))).execute(connection)?;
        diesel::delete(deliveries::table.filter(deliveries::seq.eq_any(&batch))).execute(connection)?;
    }
    purge_events(connection)
}

fn purge_events(connection: &mut SqliteConnection) -> Result<(), Problem> {
    let excess = total::<Event>(connection, Scope::Everybody)?.saturating_sub(EVENTS_KEPT);
    if excess <= 0 {
        return Ok(());
    }
    let oldest: Vec<i64> = resources::table
        .filter(resources::kind.eq(Event::KIND))
        .order(resources::seq)
        .limit(excess.min(PURGE_BATCH))
        .select(resources::seq)
        .load(connection)?;
    let wanted: Vec<i64> = deliveries::table
        .filter(deliveries::event_seq.eq_any(&oldest))
        .filter(deliveries::next_attempt_at_ms.is_not_null())
        .select(deliveries::event_seq)
        .load(connection)?;
    let unwanted: Vec<i64> = oldest.into_iter().filter(|seq| !wanted.contains(seq)).collect();
    diesel::delete(resources::table.filter(resources::seq.eq_any(unwanted))).execute(connection)?;
    Ok(())
}
