use diesel::connection::SimpleConnection;
use diesel::migration::MigrationSource;
use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::store::OpenError;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");

/// Any number that nobody else locks in this database: "box" and "office" as letters of the alphabet, in bytes.
const ADVISORY_LOCK: i64 = 0x0002_0f18_0f06_0609;

/// Brings the database up to date. Several nodes may start at once: one migrates, the others wait for it.
pub(crate) fn run(url: &str) -> Result<(), OpenError> {
    let mut connection = PgConnection::establish(url).map_err(|error| OpenError::Connect(error.to_string()))?;
    let failed = |error: &dyn std::fmt::Display| OpenError::Migrate(error.to_string());
    connection.batch_execute(&format!("SELECT pg_advisory_lock({ADVISORY_LOCK})")).map_err(|error| failed(&error))?;
    let migrated = connection.run_pending_migrations(MIGRATIONS).map_err(|error| failed(&error))?;
    for version in &migrated {
        log::info!(version:%; "migrated the database");
    }
    connection.batch_execute(&format!("SELECT pg_advisory_unlock({ADVISORY_LOCK})")).map_err(|error| failed(&error))
}

/// The newest migration that this program knows.
pub(super) fn newest() -> Option<String> {
    let migrations = MigrationSource::<Pg>::migrations(&MIGRATIONS).ok()?;
    migrations.iter().map(|migration| migration.name().version().to_string()).max()
}
