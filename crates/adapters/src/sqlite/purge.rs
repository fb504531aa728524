//! Deletes leftovers: a few at a time, each kind by an index of its own.

use diesel::QueryResult;
use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use domain::{Leftovers, Purge};

use super::statement::{Statement, StatementText, Value};

/// Defines a purge: of which table, by which key, by which index, and the leftovers in the words of that.
macro_rules! purge {
    ($name:ident, $table:literal, $key:literal, $index:literal, $left_over:literal, $since:literal) => {
        struct $name;

        impl StatementText for $name {
            const TEXT: &'static str = concat!(
                "DELETE FROM ",
                $table,
                " WHERE ",
                $key,
                " IN (SELECT ",
                $key,
                " FROM ",
                $table,
                " INDEXED BY ",
                $index,
                " WHERE ",
                $left_over,
                $since,
                " < ? ORDER BY ",
                $since,
                " LIMIT ?)"
            );
            type Columns = ();
        }
    };
}

purge!(EndedHolds, "holds", "id", "holds_ended_by_age", "ended_at IS NOT NULL AND order_id IS NULL AND ", "ended_at");
purge!(
    IdleEvents,
    "events",
    "id",
    "events_idle_by_age",
    "(verdict || '') IN ('stale', 'rejected', 'dead') AND ((report ->> 'outcome') = 'failed' OR \
    ((report ->> 'news') IN ('created', 'pending', 'expired', 'canceled', 'unknown') \
    AND json_array_length(report, '$.payments') = 0)) AND ",
    "processed_at"
);
purge!(DoneJobs, "jobs", "id", "jobs_done_by_age", "status NOT IN ('ready', 'running', 'dead') AND ", "updated_at");
purge!(DecidedRequests, "decided_requests", "scope", "decided_requests_by_age", "", "decided_at");
// Their attempts go with them.
purge!(FinishedDeliveries, "deliveries", "id", "deliveries_finished", "finished_at IS NOT NULL AND ", "finished_at");
purge!(
    ToldNotifications,
    "notifications",
    "id",
    "notifications_by_age",
    "NOT EXISTS (SELECT 1 FROM deliveries AS d WHERE d.notification_id = notifications.id) AND ",
    "created_at"
);

/// Answers with how many there were.
pub(super) fn purge(connection: &mut SqliteConnection, purge: &Purge) -> QueryResult<u32> {
    let wish = [Value::BigInt(purge.before.unix_us()), Value::BigInt(purge.limit.into())];
    let gone = match purge.what {
        Leftovers::EndedHolds => Statement::<EndedHolds, _>::new(wish).execute(connection),
        Leftovers::IdleEvents => Statement::<IdleEvents, _>::new(wish).execute(connection),
        Leftovers::DoneJobs => Statement::<DoneJobs, _>::new(wish).execute(connection),
        Leftovers::DecidedRequests => Statement::<DecidedRequests, _>::new(wish).execute(connection),
        Leftovers::FinishedDeliveries => Statement::<FinishedDeliveries, _>::new(wish).execute(connection),
        Leftovers::ToldNotifications => Statement::<ToldNotifications, _>::new(wish).execute(connection),
    }?;
    Ok(u32::try_from(gone).unwrap_or(u32::MAX))
}
