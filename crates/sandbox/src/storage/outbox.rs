//! Events that wait to be delivered, and the log of the attempts.

use diesel::prelude::*;
use uuid::Uuid;

use super::schema::{deliveries, events};
use crate::clock::Timestamp;
use crate::error::Problem;
use crate::event::Kind;
use crate::limits::PURGE_BATCH;

/// An event to be stored.
pub(crate) struct NewEvent<'event> {
    pub(crate) id: Uuid,
    pub(crate) charge_seq: i64,
    pub(crate) charge_code: &'event str,
    pub(crate) kind: Kind,
    pub(crate) body: String,
    pub(crate) created_at: Timestamp,
    /// `None`: it isn't sent.
    pub(crate) send_at: Option<Timestamp>,
}

/// An event that is due.
#[derive(Clone, Debug, Queryable)]
pub(crate) struct Due {
    pub(crate) seq: i64,
    pub(crate) id: String,
    pub(crate) charge_seq: i64,
    pub(crate) charge_code: String,
    pub(crate) kind: String,
    pub(crate) body: String,
    pub(crate) created_at_ms: i64,
    pub(crate) attempts: i32,
    pub(crate) next_attempt_at_ms: Option<i64>,
}

/// One attempt to deliver an event.
#[derive(Clone, Debug, Insertable, Queryable, Selectable)]
#[diesel(table_name = deliveries)]
pub(crate) struct Delivery {
    pub(crate) event_id: String,
    pub(crate) charge_code: String,
    pub(crate) kind: String,
    pub(crate) attempt: i32,
    pub(crate) started_at_ms: i64,
    pub(crate) duration_ms: i64,
    pub(crate) status_code: Option<i32>,
    pub(crate) failure: Option<String>,
    pub(crate) next_attempt_at_ms: Option<i64>,
}

pub(crate) fn insert(connection: &mut SqliteConnection, event: NewEvent<'_>) -> Result<(), Problem> {
    let row = (
        events::id.eq(event.id.to_string()),
        events::charge_seq.eq(event.charge_seq),
        events::charge_code.eq(event.charge_code),
        events::kind.eq(event.kind.name()),
        events::body.eq(event.body),
        events::created_at_ms.eq(event.created_at.0),
        events::next_attempt_at_ms.eq(event.send_at.map(|at| at.0)),
    );
    diesel::insert_into(events::table).values(row).execute(connection)?;
    Ok(())
}

/// Events whose time has come, the longest waiting first, but none of the charges in `busy`.
pub(crate) fn due(
    connection: &mut SqliteConnection,
    now: Timestamp,
    busy: &[i64],
    limit: i64,
) -> Result<Vec<Due>, Problem> {
    let due = events::table
        .filter(events::next_attempt_at_ms.le(now.0))
        .filter(events::charge_seq.ne_all(busy))
        .order((events::next_attempt_at_ms, events::seq))
        .limit(limit);
    Ok(due.load(connection)?)
}

/// When the next event is due, leaving out the charges in `busy`.
pub(crate) fn next_due(connection: &mut SqliteConnection, busy: &[i64]) -> Result<Option<Timestamp>, Problem> {
    let next: Option<Option<i64>> = events::table
        .filter(events::next_attempt_at_ms.is_not_null())
        .filter(events::charge_seq.ne_all(busy))
        .order((events::next_attempt_at_ms, events::seq))
        .select(events::next_attempt_at_ms)
        .first(connection)
        .optional()?;
    Ok(next.flatten().map(Timestamp))
}

/// Notes an attempt. Its event is finished if the attempt names no next one.
pub(crate) fn record(connection: &mut SqliteConnection, event_seq: i64, delivery: &Delivery) -> Result<(), Problem> {
    // The guard makes a second record of the same attempt visible.
    let event = events::table.find(event_seq).filter(events::attempts.eq(delivery.attempt - 1));
    let row = (events::attempts.eq(delivery.attempt), events::next_attempt_at_ms.eq(delivery.next_attempt_at_ms));
    if diesel::update(event).set(row).execute(connection)? != 1 {
        return Err(Problem::RowGone);
    }
    diesel::insert_into(deliveries::table).values(delivery).execute(connection)?;
    Ok(())
}

/// The newest attempts, newest first.
pub(crate) fn newest(connection: &mut SqliteConnection, limit: i64) -> Result<Vec<Delivery>, Problem> {
    let newest = deliveries::table.order(deliveries::seq.desc()).limit(limit).select(Delivery::as_select());
    Ok(newest.load(connection)?)
}

/// Removes a batch of finished events and attempts, the oldest first, beyond the newest `keep` of each.
pub(crate) fn purge(connection: &mut SqliteConnection, keep: i64) -> Result<(), Problem> {
    let finished = || events::table.filter(events::next_attempt_at_ms.is_null()).select(events::seq);
    let newest_to_go: Option<i64> = finished().order(events::seq.desc()).offset(keep).first(connection).optional()?;
    if let Some(newest_to_go) = newest_to_go {
        let batch: Vec<i64> =
            finished().filter(events::seq.le(newest_to_go)).order(events::seq).limit(PURGE_BATCH).load(connection)?;
        diesel::delete(events::table.filter(events::seq.eq_any(batch))).execute(connection)?;
    }
    let newest: Option<i64> = deliveries::table.select(diesel::dsl::max(deliveries::seq)).first(connection)?;
    if let Some(newest) = newest {
        let batch: Vec<i64> = deliveries::table
            .filter(deliveries::seq.le(newest.saturating_sub(keep)))
            .order(deliveries::seq)
            .limit(PURGE_BATCH)
            .select(deliveries::seq)
            .load(connection)?;
        diesel::delete(deliveries::table.filter(deliveries::seq.eq_any(batch))).execute(connection)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::Storage;

    fn event(id: u128, send_at: Option<Timestamp>) -> NewEvent<'static> {
        let created_at = Timestamp(0);
        let (body, id) = (String::new(), Uuid::from_u128(id));
        NewEvent { id, charge_seq: 1, charge_code: "A", kind: Kind::Created, body, created_at, send_at }
    }

    #[tokio::test]
    async fn only_the_newest_finished_events_are_kept_and_waiting_ones_always() {
        let directory = tempfile::tempdir().unwrap();
        let storage = Storage::open(&directory.path().join("sandbox.db")).unwrap();
        let kept = storage.write(|connection| {
            insert(connection, event(0, Some(Timestamp(0))))?;
            for id in 1..=20 {
                insert(connection, event(id, None))?;
            }
            purge(connection, 5)?;
            Ok(events::table.select(events::seq).order(events::seq).load::<i64>(connection)?)
        });
        assert_eq!(kept.await.unwrap(), [1, 17, 18, 19, 20, 21]);
    }

    #[tokio::test]
    async fn an_attempt_is_recorded_once() {
        let directory = tempfile::tempdir().unwrap();
        let storage = Storage::open(&directory.path().join("sandbox.db")).unwrap();
        let attempt = Delivery {
            event_id: Uuid::nil().to_string(),
            charge_code: "A".to_owned(),
            kind: "charge:created".to_owned(),
            attempt: 1,
            started_at_ms: 0,
            duration_ms: 3,
            status_code: Some(200),
            failure: None,
            next_attempt_at_ms: None,
        };
        storage.write(|connection| insert(connection, event(0, Some(Timestamp(0))))).await.unwrap();
        for is_first in [true, false] {
            let attempt = attempt.clone();
            let recorded = storage.write(move |connection| record(connection, 1, &attempt)).await;
            assert_eq!(recorded.is_ok(), is_first);
        }
        assert_eq!(storage.read(|connection| newest(connection, 10)).await.unwrap().len(), 1);
    }
}
