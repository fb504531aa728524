use std::fs::{File, OpenOptions};
use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::migration::MigrationSource;
use diesel::prelude::*;
use diesel::sqlite::{Sqlite, SqliteConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::store::OpenError;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");

/// Makes the file if there is none, and brings it up to date. Several processes may start at once: one migrates, the
/// others wait for it.
pub(crate) fn run(path: &Path) -> Result<(), OpenError> {
    let failed = |error: &dyn std::fmt::Display| OpenError::Migrate(error.to_string());
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(OpenError::File)?;
    }
    let lock = lock_file(path)?;
    lock.lock().map_err(OpenError::File)?;
    let mut connection =
        SqliteConnection::establish(&path.to_string_lossy()).map_err(|error| OpenError::Connect(error.to_string()))?;
    connection
        .batch_execute("PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
        .map_err(|error| failed(&error))?;
    let migrated = connection.run_pending_migrations(MIGRATIONS).map_err(|error| failed(&error))?;
    for version in &migrated {
        log::info!(version:%; "migrated the database");
    }
    lock.unlock().map_err(OpenError::File)
}

/// A file beside the database: SQLite's own locks come and go with each migration's transaction.
fn lock_file(path: &Path) -> Result<File, OpenError> {
    let mut name = path.as_os_str().to_owned();
    name.push("-migrating");
    OpenOptions::new().create(true).truncate(false).write(true).open(name).map_err(OpenError::File)
}

/// The newest migration that this program knows.
pub(super) fn newest() -> Option<String> {
    let migrations = MigrationSource::<Sqlite>::migrations(&MIGRATIONS).ok()?;
    migrations.iter().map(|migration| migration.name().version().to_string()).max()
}
