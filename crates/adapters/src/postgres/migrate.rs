use diesel::connection::SimpleConnection;
use diesel::migration::MigrationSource;
use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::schema::secrets;
use crate::store::OpenError;
use crate::system::random_key;

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
    make_hold_token_key(&mut connection).map_err(|error| failed(&error))?;
    connection.batch_execute(&format!("SELECT pg_advisory_unlock({ADVISORY_LOCK})")).map_err(|error| failed(&error))
}

/// The row that the key of the tokens of holds is kept in.
const HOLD_TOKEN_KEY: &str = "hold-token-key";

/// Makes the key once; later runs, and other nodes, leave it alone.
fn make_hold_token_key(connection: &mut PgConnection) -> QueryResult<()> {
    diesel::insert_into(secrets::table)
        .values((secrets::name.eq(HOLD_TOKEN_KEY), secrets::value.eq(random_key().to_vec())))
        .on_conflict_do_nothing()
        .execute(connection)
        .map(drop)
}

/// The key that was made at the first start.
pub(super) fn hold_token_key(url: &str) -> Result<[u8; 32], OpenError> {
    let mut connection = PgConnection::establish(url).map_err(|error| OpenError::Connect(error.to_string()))?;
    let found = secrets::table.find(HOLD_TOKEN_KEY).select(secrets::value).first::<Vec<u8>>(&mut connection);
    let key = found.map_err(|error| OpenError::NotMigrated(error.to_string()))?;
    key.try_into().map_err(|_| OpenError::NotMigrated("the key of the holds' tokens isn't 32 bytes long".to_owned()))
}

/// The newest migration that this program knows.
pub(super) fn newest() -> Option<String> {
    let migrations = MigrationSource::<Pg>::migrations(&MIGRATIONS).ok()?;
    migrations.iter().map(|migration| migration.name().version().to_string()).max()
}
