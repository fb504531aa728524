use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error as DieselError};
use diesel::sql_types;
use diesel::sqlite::SqliteConnection;
use domain::{Books, ClaimJobs, Job, Keys, Purge, Timestamp, WhichJobs};
use ports::Clock;
use uuid::Uuid;

use super::key::Key;
use super::rows::JobRow;
use super::statement::{Statement, StatementText, Value, statement};
use super::{flush, load, purge};
use crate::engine::{Backend, Session, StoreError};
use crate::stored::ReadError;

/// FULL makes every commit reach the disk before it is answered; WAL lets readers go on meanwhile.
const WRITER_SETTINGS: &str = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
    PRAGMA foreign_keys = ON; PRAGMA cache_size = -8000; PRAGMA temp_store = MEMORY; \
    PRAGMA journal_size_limit = 67108864";

/// How long the mark of a writer that has gone is kept.
const MARKS_KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Opens writing connections to a SQLite file.
pub(super) struct SqliteBackend {
    pub(super) path: PathBuf,
    /// Names this writer's row of marks; the same for every connection that it opens.
    pub(super) writer_id: Uuid,
    pub(super) clock: Arc<dyn Clock>,
}

impl Backend for SqliteBackend {
    fn connect(&mut self) -> Result<Box<dyn Session>, StoreError> {
        let path = self.path.to_string_lossy();
        let mut connection =
            SqliteConnection::establish(&path).map_err(|error| StoreError::Refused(error.to_string()))?;
        connection.batch_execute(WRITER_SETTINGS).map_err(store_error)?;
        let now = self.clock.now();
        Statement::<ForgetMarks, _>::new([Value::BigInt((now - MARKS_KEPT).unix_us())])
            .execute(&mut connection)
            .map_err(store_error)?;
        let mut session = SqliteSession { connection, writer_id: self.writer_id };
        if session.last_mark()?.is_none() {
            session.mark(Uuid::nil(), now)?;
        }
        Ok(Box::new(session))
    }
}

struct SqliteSession {
    connection: SqliteConnection,
    writer_id: Uuid,
}

statement! {
    /// Made at connecting, and anew if somebody tidied it away.
    LeaveMark, "INSERT INTO writers (id, batch_id, updated_at) VALUES (?, ?, ?) \
    ON CONFLICT (id) DO UPDATE SET batch_id = excluded.batch_id, updated_at = excluded.updated_at"
}

statement! {
    /// Writers that have long been gone.
    ForgetMarks, "DELETE FROM writers WHERE updated_at < ?"
}

struct ReadMark;

impl StatementText for ReadMark {
    const TEXT: &'static str = "SELECT batch_id FROM writers WHERE id = ?";
    type Columns = sql_types::Binary;
}

type JobColumns = diesel::dsl::SqlTypeOf<<super::schema::jobs::table as diesel::Table>::AllColumns>;

/// Defines a claim: which jobs it takes, those that are due longest.
macro_rules! claim {
    ($name:ident, $taken:literal) => {
        struct $name;

        impl StatementText for $name {
            const TEXT: &'static str = concat!(
                "UPDATE jobs SET status = 'running', attempts = attempts + 1, updated_at = ?, run_at = ? \
                WHERE id IN (SELECT id FROM jobs WHERE ",
                $taken,
                " ORDER BY run_at, id LIMIT ?) \
                RETURNING id, kind, subject_id, status, attempts, run_at, last_error, created_at, updated_at, \
                    forgiven_attempts, retried_at, queue_id, checkpoint"
            );
            type Columns = JobColumns;
        }
    };
}

// Each in the words of its index, which no other admits.
claim!(ClaimDue, "status IN ('ready', 'running') AND run_at <= ? AND kind = ?");
claim!(
    ClaimOf,
    "status NOT IN ('done', 'dead') AND (status <> 'running' OR run_at <= ?) AND kind = ? AND subject_id = ?"
);
claim!(
    ClaimQueue,
    "queue_id IS NOT NULL AND status NOT IN ('done', 'dead') AND run_at <= ? AND kind = ? AND queue_id = ?"
);

impl SqliteSession {
    fn last_mark(&mut self) -> Result<Option<Key>, StoreError> {
        let read = Statement::<ReadMark, _>::new([Value::key(self.writer_id)]);
        read.get_result(&mut self.connection).optional().map_err(store_error)
    }
}

impl Session for SqliteSession {
    fn begin(&mut self) -> Result<(), StoreError> {
        self.connection.batch_execute("BEGIN IMMEDIATE").map_err(store_error)
    }

    /// Whoever has begun to write keeps other processes from it.
    fn begin_ahead(&mut self) -> Result<bool, StoreError> {
        Ok(false)
    }

    fn load(&mut self, keys: &Keys, clock: &dyn Clock) -> Result<Books, StoreError> {
        load::load(&mut self.connection, keys, clock.now()).map_err(|error| match error {
            ReadError::Database(error) => store_error(error),
            ReadError::Impossible(row) => StoreError::Refused(row.to_string()),
        })
    }

    fn flush(&mut self, books: &Books) -> Result<(), StoreError> {
        flush::flush(&mut self.connection, books).map_err(store_error)
    }

    fn claim(&mut self, claim: &ClaimJobs, now: Timestamp) -> Result<Vec<Job>, StoreError> {
        let kind = Value::Text(claim.kind.as_str());
        let now_us = || Value::BigInt(now.unix_us());
        let lease_end_us = Value::BigInt((now + claim.lease).unix_us());
        let room = Value::BigInt(claim.limit.into());
        let connection = &mut self.connection;
        let rows: Vec<JobRow> = match claim.which {
            WhichJobs::Due => {
                Statement::<ClaimDue, _>::new([now_us(), lease_end_us, now_us(), kind, room]).load(connection)
            }
            WhichJobs::Of(id) => {
                let wish = [now_us(), lease_end_us, now_us(), kind, Value::key(id), room];
                Statement::<ClaimOf, _>::new(wish).load(connection)
            }
            WhichJobs::Queue(id) => {
                let wish = [now_us(), lease_end_us, now_us(), kind, Value::key(id), room];
                Statement::<ClaimQueue, _>::new(wish).load(connection)
            }
        }
        .map_err(store_error)?;
        let jobs: Result<Vec<Job>, _> = rows.into_iter().map(Job::try_from).collect();
        let mut jobs = jobs.map_err(|row| StoreError::Refused(row.to_string()))?;
        jobs.sort_by_key(|job| job.id);
        Ok(jobs)
    }

    fn purge(&mut self, purge: &Purge) -> Result<u32, StoreError> {
        purge::purge(&mut self.connection, purge).map_err(store_error)
    }

    fn mark(&mut self, batch_id: Uuid, now: Timestamp) -> Result<(), StoreError> {
        let mark = [Value::key(self.writer_id), Value::key(batch_id), Value::BigInt(now.unix_us())];
        Statement::<LeaveMark, _>::new(mark).execute(&mut self.connection).map_err(store_error)?;
        Ok(())
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        self.connection.batch_execute("COMMIT").map_err(store_error)
    }

    fn rollback(&mut self) -> Result<(), StoreError> {
        match self.connection.batch_execute("ROLLBACK") {
            Ok(()) => Ok(()),
            // SQLite has rolled back by itself: after a full disk, for one.
            Err(error) if error.to_string().contains("no transaction is active") => Ok(()),
            Err(error) => Err(store_error(error)),
        }
    }

    fn has_committed(&mut self, batch_id: Uuid) -> Result<bool, StoreError> {
        Ok(self.last_mark()? == Some(Key(batch_id)))
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it stands in map_err")]
fn store_error(error: DieselError) -> StoreError {
    // SQLite's texts are fixed in its source (`sqlite3ErrStr`); Diesel has no kinds for these.
    const NO_ROOM: [&str; 4] = ["disk is full", "disk I/O error", "database is locked", "readonly database"];
    let text = error.to_string();
    match error {
        DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _) => StoreError::Conflict(text),
        _ if NO_ROOM.iter().any(|sign| text.contains(sign)) => StoreError::Exhausted(text),
        _ => StoreError::Refused(text),
    }
}
