//! Deletes leftovers: a few at a time, each kind by an index of its own, and nothing that somebody has locked.

use diesel::QueryResult;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use domain::{Leftovers, Purge};

use super::statement::{Column, Statement, StatementText};

/// Defines a purge: of which table, and the leftovers in the words of their index. They are locked where they are, and so are still
/// there when they are deleted: no other index is asked for them, which the planner would choose by what it believes of the table.
macro_rules! purge {
    ($name:ident, $table:literal, $left_over:literal, $since:literal) => {
        struct $name;

        impl StatementText for $name {
            const TEXT: &'static str = concat!(
                "DELETE FROM ",
                $table,
                " WHERE ctid = ANY (ARRAY (SELECT ctid",
                " FROM ",
                $table,
                " WHERE ",
                $left_over,
                $since,
                " < ? ORDER BY ",
                $since,
                " LIMIT ? FOR UPDATE SKIP LOCKED))"
            );
            type Columns = ();
        }
    };
}

purge!(EndedHolds, "holds", "ended_at IS NOT NULL AND order_id IS NULL AND ", "ended_at");
purge!(
    IdleEvents,
    "events",
    "(verdict || '') IN ('stale', 'rejected', 'dead') AND ((report::jsonb ->> 'outcome') = 'failed' OR \
    ((report::jsonb ->> 'news') IN ('created', 'pending', 'expired', 'canceled', 'unknown') \
    AND (report::jsonb -> 'payments') = '[]'::jsonb)) AND ",
    "processed_at"
);
purge!(DoneJobs, "jobs", "status NOT IN ('ready', 'running', 'dead') AND ", "updated_at");
purge!(DecidedRequests, "decided_requests", "", "decided_at");
// Their attempts go with them.
purge!(FinishedDeliveries, "deliveries", "finished_at IS NOT NULL AND ", "finished_at");
purge!(
    ToldNotifications,
    "notifications",
    "NOT EXISTS (SELECT 1 FROM deliveries AS d WHERE d.notification_id = notifications.id) AND ",
    "created_at"
);

/// Answers with how many there were.
pub(super) fn purge(connection: &mut PgConnection, purge: &Purge) -> QueryResult<u32> {
    let wish = vec![Column::OneTime(purge.before.as_datetime()), Column::OneBigInt(purge.limit.into())];
    let gone = match purge.what {
        Leftovers::EndedHolds => Statement::<EndedHolds>::new(wish).execute(connection),
        Leftovers::IdleEvents => Statement::<IdleEvents>::new(wish).execute(connection),
        Leftovers::DoneJobs => Statement::<DoneJobs>::new(wish).execute(connection),
        Leftovers::DecidedRequests => Statement::<DecidedRequests>::new(wish).execute(connection),
        Leftovers::FinishedDeliveries => Statement::<FinishedDeliveries>::new(wish).execute(connection),
        Leftovers::ToldNotifications => Statement::<ToldNotifications>::new(wish).execute(connection),
    }?;
    Ok(u32::try_from(gone).unwrap_or(u32::MAX))
}
