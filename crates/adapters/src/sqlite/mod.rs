//! SQLite: one node on one file, with nothing to set up.

mod audit;
mod flush;
mod key;
mod load;
mod migrate;
mod outbox_reads;
mod purge;
mod reads;
mod rows;
mod schema;
mod session;
mod statement;
mod trail;

use std::path::Path;
use std::sync::Arc;

use diesel::connection::SimpleConnection;
use diesel::r2d2::{CustomizeConnection, Error as PoolError};
use diesel::sqlite::SqliteConnection;

use self::reads::SqliteReads;
use self::session::SqliteBackend;
use crate::engine::{Backend, Engine};
use crate::readers::Readers;
use crate::store::{OpenError, Store, StoreParts};

pub(crate) use self::migrate::run as migrate;

/// Readers go on while the writer commits, and can't write themselves.
#[derive(Debug)]
struct ReadSettings;

impl CustomizeConnection<SqliteConnection, PoolError> for ReadSettings {
    fn on_acquire(&self, connection: &mut SqliteConnection) -> Result<(), PoolError> {
        let settings = "PRAGMA busy_timeout = 5000; PRAGMA query_only = ON; PRAGMA cache_size = -2000";
        connection.batch_execute(settings).map_err(PoolError::QueryError)
    }
}

pub(crate) fn open(path: &Path, parts: &StoreParts) -> Result<Store, OpenError> {
    let hold_token_key = migrate::hold_token_key(path)?;
    let (clock, writer_id) = (Arc::clone(&parts.clock), parts.ids.uuid_v7());
    let backend: Box<dyn Backend> = Box::new(SqliteBackend { path: path.to_owned(), writer_id, clock });
    let readers = Readers::start(&path.to_string_lossy(), parts.options.readers, Box::new(ReadSettings));
    let reads = Arc::new(SqliteReads { readers: readers.map_err(OpenError::Threads)? });
    let engine = Engine::start(backend, parts.engine()).map_err(OpenError::Threads)?;
    Ok(Store::over(engine, reads, hold_token_key))
}
