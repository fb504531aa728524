use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error as DieselError};
use diesel::sql_types;
use domain::{Books, ClaimJobs, Job, Keys, Purge, Timestamp, WhichJobs};
use ports::Clock;
use uuid::Uuid;

use super::flush::{self, Mark};
use super::rows::JobRow;
use super::statement::{Column, Statement, StatementText};
use super::{load, purge};
use crate::engine::{Backend, Session, StoreError};
use crate::stored::ReadError;

/// All that the writer looks for, it finds by an index; a plan made while the tables were small must not stay a scan
/// when they are large. A transaction that is left open by a dead node must not keep its locks. What is looked for again under a lock
/// must be seen as it is by then.
const WRITER_SETTINGS: &str = "SET synchronous_commit = on; \
    SET default_transaction_isolation = 'read committed'; SET enable_seqscan = off; \
    SET enable_hashjoin = off; SET enable_mergejoin = off; SET plan_cache_mode = force_generic_plan; SET jit = off; \
    SET idle_in_transaction_session_timeout = '10s'; SET statement_timeout = '30s'; SET lock_timeout = '2s'";

/// How long the mark of a writer that has gone is kept.
const MARKS_KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Opens writing connections to a PostgreSQL database.
pub(super) struct PostgresBackend {
    pub(super) url: String,
    /// Names this writer's row of marks; the same for every connection that it opens.
    pub(super) writer_id: Uuid,
    pub(super) clock: Arc<dyn ports::Clock>,
    /// Whether somebody waits for what it writes, so that a round trip saved is worth an open transaction.
    pub(super) begins_ahead: bool,
}

impl Backend for PostgresBackend {
    fn connect(&mut self) -> Result<Box<dyn Session>, StoreError> {
        let mut connection =
            PgConnection::establish(&self.url).map_err(|error| StoreError::Refused(error.to_string()))?;
        connection.batch_execute(WRITER_SETTINGS).map_err(store_error)?;
        connection.batch_execute(PREPARE_MARK).map_err(store_error)?;
        let now = self.clock.now();
        Statement::<ForgetMarks>::new(vec![Column::OneTime((now - MARKS_KEPT).as_datetime())])
            .execute(&mut connection)
            .map_err(store_error)?;
        let mut session = PostgresSession {
            connection,
            writer_id: self.writer_id,
            begins_ahead: self.begins_ahead,
            unsent_mark: None,
        };
        if session.last_mark()?.is_none() {
            session.begin()?;
            session.mark(Uuid::nil(), now)?;
            session.commit()?;
        }
        Ok(Box::new(session))
    }
}

struct PostgresSession {
    connection: PgConnection,
    writer_id: Uuid,
    begins_ahead: bool,
    /// What the next commit takes along.
    unsent_mark: Option<(Uuid, Timestamp)>,
}

/// Made at connecting, so that the row is there to be waited for, and anew if somebody tidied it away.
const PREPARE_MARK: &str = "PREPARE leave_mark (uuid, uuid, bigint) AS \
    INSERT INTO writers AS w (id, batch_id, updated_at) \
    VALUES ($1, $2, 'epoch'::timestamptz + $3 * interval '1 microsecond') \
    ON CONFLICT (id) DO UPDATE SET batch_id = excluded.batch_id, updated_at = excluded.updated_at";

/// Writers that have long been gone.
struct ForgetMarks;

impl StatementText for ForgetMarks {
    const TEXT: &'static str = "DELETE FROM writers WHERE updated_at < ?";
    type Columns = ();
}

/// Waits for the row: a commit that is still under way on a lost connection holds it.
struct ReadMark;

impl StatementText for ReadMark {
    const TEXT: &'static str = "SELECT batch_id FROM writers WHERE id = ? FOR UPDATE";
    type Columns = sql_types::Uuid;
}

type JobColumns = diesel::dsl::SqlTypeOf<<super::schema::jobs::table as diesel::Table>::AllColumns>;

/// Defines a claim: what it is given, and which jobs it takes, those that are due longest. What others are just claiming is passed
/// over. `(SELECT … FROM wish)` is one value, which the planner can look up in an index.
macro_rules! claim {
    ($name:ident, $given:literal, $taken:literal) => {
        struct $name;

        impl StatementText for $name {
            const TEXT: &'static str = concat!(
                "WITH wish AS (SELECT ? AS now, ? AS lease_end, ? AS room",
                $given,
                "), taken AS (SELECT id FROM jobs WHERE ",
                $taken,
                " ORDER BY run_at, id LIMIT (SELECT room FROM wish) FOR UPDATE SKIP LOCKED) \
                UPDATE jobs AS j SET status = 'running', attempts = j.attempts + 1, run_at = wish.lease_end, \
                    updated_at = wish.now \
                FROM taken, wish WHERE j.id = taken.id \
                RETURNING j.id, j.kind, j.subject_id, j.status, j.attempts, j.run_at, j.last_error, j.created_at, \
                    j.updated_at, j.forgiven_attempts, j.retried_at, j.queue_id, j.checkpoint"
            );
            type Columns = JobColumns;
        }
    };
}

// Each in the words of its index, which no other admits.
claim!(ClaimDue, "", "status IN ('ready', 'running') AND run_at <= (SELECT now FROM wish) AND kind = ?");
claim!(
    ClaimOf,
    ", ? AS subject_id",
    "subject_id = (SELECT subject_id FROM wish) \
    AND status NOT IN ('done', 'dead') AND (status <> 'running' OR run_at <= (SELECT now FROM wish)) AND kind = ?"
);
claim!(
    ClaimQueue,
    ", ? AS queue_id",
    "queue_id IS NOT NULL AND status NOT IN ('done', 'dead') AND queue_id = (SELECT queue_id FROM wish) \
    AND run_at <= (SELECT now FROM wish) AND kind = ?"
);

impl PostgresSession {
    fn last_mark(&mut self) -> Result<Option<Uuid>, StoreError> {
        let read = Statement::<ReadMark>::new(vec![Column::OneUuid(self.writer_id)]);
        read.get_result(&mut self.connection).optional().map_err(store_error)
    }

    fn claim_rows(&mut self, claim: &ClaimJobs, now: DateTime<Utc>, end: DateTime<Utc>) -> QueryResult<Vec<JobRow>> {
        let room = i64::from(claim.limit);
        let kind = Column::OneText(claim.kind.as_str());
        let wish = |id: Option<Uuid>| {
            let given = [Column::OneTime(now), Column::OneTime(end), Column::OneBigInt(room)].into_iter();
            given.chain(id.map(Column::OneUuid)).chain([kind]).collect()
        };
        match claim.which {
            WhichJobs::Due => Statement::<ClaimDue>::new(wish(None)).load(&mut self.connection),
            WhichJobs::Of(id) => Statement::<ClaimOf>::new(wish(Some(id))).load(&mut self.connection),
            WhichJobs::Queue(id) => Statement::<ClaimQueue>::new(wish(Some(id))).load(&mut self.connection),
        }
    }
}

impl Session for PostgresSession {
    fn begin(&mut self) -> Result<(), StoreError> {
        self.unsent_mark = None;
        self.connection.batch_execute("BEGIN").map_err(store_error)
    }

    /// An open transaction that has done nothing has no snapshot and no lock: it is in nobody's way.
    fn begin_ahead(&mut self) -> Result<bool, StoreError> {
        if self.begins_ahead {
            self.begin()?;
        }
        Ok(self.begins_ahead)
    }

    fn load(&mut self, keys: &Keys, clock: &dyn Clock) -> Result<Books, StoreError> {
        load::load(&mut self.connection, keys, clock).map_err(read_error)
    }

    fn flush(&mut self, books: &Books) -> Result<(), StoreError> {
        let mark = self.unsent_mark.take().map(|(batch_id, now)| Mark { writer_id: self.writer_id, batch_id, now });
        flush::flush(&mut self.connection, books, mark.as_ref()).map_err(store_error)
    }

    fn claim(&mut self, claim: &ClaimJobs, now: Timestamp) -> Result<Vec<Job>, StoreError> {
        let rows = self.claim_rows(claim, now.as_datetime(), (now + claim.lease).as_datetime()).map_err(store_error)?;
        let jobs: Result<Vec<Job>, _> = rows.into_iter().map(Job::try_from).collect();
        let mut jobs = jobs.map_err(|row| StoreError::Refused(row.to_string()))?;
        jobs.sort_by_key(|job| job.id);
        Ok(jobs)
    }

    fn purge(&mut self, purge: &Purge) -> Result<u32, StoreError> {
        purge::purge(&mut self.connection, purge).map_err(store_error)
    }

    fn mark(&mut self, batch_id: Uuid, now: Timestamp) -> Result<(), StoreError> {
        self.unsent_mark = Some((batch_id, now));
        Ok(())
    }

    /// A mark that no flush took along goes with the commit: one round trip.
    fn commit(&mut self) -> Result<(), StoreError> {
        let Some((batch_id, now)) = self.unsent_mark.take() else {
            return self.connection.batch_execute("COMMIT").map_err(store_error);
        };
        // Ids and a number only: nothing in the text is anybody's to choose.
        let (writer_id, unix_us) = (self.writer_id, now.unix_us());
        let mark_and_commit = format!("EXECUTE leave_mark ('{writer_id}', '{batch_id}', {unix_us}); COMMIT");
        self.connection.batch_execute(&mark_and_commit).map_err(store_error)
    }

    fn rollback(&mut self) -> Result<(), StoreError> {
        self.connection.batch_execute("ROLLBACK").map_err(store_error)
    }

    fn has_committed(&mut self, batch_id: Uuid) -> Result<bool, StoreError> {
        Ok(self.last_mark()? == Some(batch_id))
    }
}

fn read_error(error: ReadError) -> StoreError {
    match error {
        ReadError::Database(error) => store_error(error),
        ReadError::Impossible(row) => StoreError::Refused(row.to_string()),
    }
}

/// Whether the connection is still of use isn't asked here: the engine finds out by rolling back.
#[expect(clippy::needless_pass_by_value, reason = "it stands in map_err")]
fn store_error(error: DieselError) -> StoreError {
    let text = error.to_string();
    match error {
        DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation | DatabaseErrorKind::SerializationFailure, _) => {
            StoreError::Conflict(text)
        }
        // Diesel has no kind for deadlocks, lock time-outs or a full disk, and their texts depend on the server's
        // language. The engine runs what was refused again, too, and notices when everything is.
        _ => StoreError::Refused(text),
    }
}
