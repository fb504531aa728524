//! The `SQLite` file: one thread writes, a few connections read.

mod document;
pub(crate) mod merchants;
pub(crate) mod outbox;
pub(crate) mod resources;
pub(crate) mod retention;
mod schema;
pub(crate) mod settings;
mod writer;

use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::r2d2::{ConnectionManager, CustomizeConnection, Pool};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::error::{Error, Problem};
use crate::limits::{BUSY_TIMEOUT, READERS};
use writer::Writer;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!();

#[derive(Clone)]
pub(crate) struct Storage {
    writer: Writer,
    readers: Pool<ConnectionManager<SqliteConnection>>,
}

/// An open database whose writer doesn't run yet.
pub(crate) struct Opened {
    path: String,
    readers: Pool<ConnectionManager<SqliteConnection>>,
}

impl Opened {
    /// From now on the connection belongs to the thread that writes.
    pub(crate) fn start(self, connection: SqliteConnection) -> Result<Storage, Error> {
        let path = self.path;
        Ok(Storage { writer: Writer::start(connection, Box::new(move || connect(&path)))?, readers: self.readers })
    }
}

impl Storage {
    /// Opens the file, and brings its tables up to date.
    pub(crate) fn open(path: &Path) -> Result<(Opened, SqliteConnection), Error> {
        let path = path.to_string_lossy();
        let mut connection = connect(&path)?;
        connection.run_pending_migrations(MIGRATIONS).map_err(Error::Migration)?;
        let readers = Pool::builder()
            .max_size(READERS)
            .test_on_check_out(false)
            .connection_timeout(BUSY_TIMEOUT)
            .connection_customizer(Box::new(Reader))
            .build(ConnectionManager::new(path.as_ref()))?;
        Ok((Opened { path: path.into_owned(), readers }, connection))
    }

    /// Runs `work` in a transaction and returns once that is on the disk. If `work` fails, it leaves no trace.
    pub(crate) async fn write<T, F>(&self, work: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: FnOnce(&mut SqliteConnection) -> Result<T, Problem> + Send + 'static,
    {
        self.writer.write(work).await
    }

    /// Runs `work` on a connection that sees everything committed before, in one consistent state.
    pub(crate) async fn read<T, F>(&self, work: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: FnOnce(&mut SqliteConnection) -> Result<T, Problem> + Send + 'static,
    {
        let readers = self.readers.clone();
        let reading = tokio::task::spawn_blocking(move || {
            let connection: &mut SqliteConnection = &mut *readers.get()?;
            connection.transaction(work)
        });
        reading.await.unwrap_or(Err(Problem::NotCommitted))
    }
}

#[derive(Debug)]
struct Reader;

impl CustomizeConnection<SqliteConnection, diesel::r2d2::Error> for Reader {
    fn on_acquire(&self, connection: &mut SqliteConnection) -> Result<(), diesel::r2d2::Error> {
        let settings = set_up(connection).and_then(|()| connection.batch_execute("PRAGMA query_only = ON;"));
        settings.map_err(diesel::r2d2::Error::QueryError)
    }
}

/// A connection that writes.
fn connect(path: &str) -> Result<SqliteConnection, Error> {
    let mut connection = SqliteConnection::establish(path)?;
    set_up(&mut connection)?;
    // FULL: what was acknowledged survives a power cut, not only the death of the process.
    connection.batch_execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")?;
    Ok(connection)
}

fn set_up(connection: &mut SqliteConnection) -> QueryResult<()> {
    connection.batch_execute(&format!("PRAGMA busy_timeout = {};", BUSY_TIMEOUT.as_millis()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_write_that_panics_takes_only_its_batch_with_it() {
        let directory = tempfile::tempdir().unwrap();
        let (opened, connection) = Storage::open(&directory.path().join("sandbox.db")).unwrap();
        let storage = opened.start(connection).unwrap();
        let store = |name: &'static str| storage.write(move |connection| settings::store(connection, name, &name));
        store("before").await.unwrap();
        let fatal = storage.write::<(), _>(|connection| {
            settings::store(connection, "never", &"never")?;
            panic!("on purpose");
        });
        assert!(matches!(fatal.await, Err(Problem::NotCommitted)));
        store("after").await.unwrap();
        let stored = |name| storage.read(move |connection| settings::load::<String>(connection, name));
        assert_eq!(stored("before").await.unwrap().as_deref(), Some("before"));
        assert_eq!(stored("never").await.unwrap(), None);
        assert_eq!(stored("after").await.unwrap().as_deref(), Some("after"));
    }
}
