use std::fs::{File, OpenOptions};
use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::migration::MigrationSource;
use diesel::prelude::*;
use diesel::sqlite::{Sqlite, SqliteConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::schema::secrets;
use crate::store::OpenError;
use crate::system::random_key;

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
    make_hold_token_key(&mut connection).map_err(|error| failed(&error))?;
    lock.unlock().map_err(OpenError::File)
}

/// The row that the key of the tokens of holds is kept in.
const HOLD_TOKEN_KEY: &str = "hold-token-key";

/// Makes the key once; later starts leave it alone.
fn make_hold_token_key(connection: &mut SqliteConnection) -> QueryResult<()> {
    diesel::insert_or_ignore_into(secrets::table)
        .values((secrets::name.eq(HOLD_TOKEN_KEY), secrets::value.eq(random_key().to_vec())))
        .execute(connection)
        .map(drop)
}

/// The key that was made at the first start.
pub(super) fn hold_token_key(path: &Path) -> Result<[u8; 32], OpenError> {
    // Connecting would make the file.
    if !path.exists() {
        return Err(OpenError::NotMigrated(format!("there is no file {}", path.display())));
    }
    let mut connection =
        SqliteConnection::establish(&path.to_string_lossy()).map_err(|error| OpenError::Connect(error.to_string()))?;
    connection.batch_execute("PRAGMA busy_timeout = 5000").map_err(|error| OpenError::Connect(error.to_string()))?;
    let found = secrets::table.find(HOLD_TOKEN_KEY).select(secrets::value).first::<Vec<u8>>(&mut connection);
    let key = found.map_err(|error| OpenError::NotMigrated(error.to_string()))?;
    key.try_into().map_err(|_| OpenError::NotMigrated("the key of the holds' tokens isn't 32 bytes long".to_owned()))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Eq, QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::Text)]
        text: String,
    }

    fn rows(connection: &mut SqliteConnection, expression: &str, table: &str) -> Vec<String> {
        let query = format!("SELECT {expression} AS text FROM {table} ORDER BY id");
        let rows: Vec<Row> = diesel::sql_query(query).load(connection).unwrap();
        rows.into_iter().map(|row| row.text).collect()
    }

    /// Two checkouts, each with a movement and an event, as the first version stored them.
    const OLD_ROWS: &str = "
        INSERT INTO checkouts (id, merchant_id, fingerprint, status, amount_minor, currency, completed_at, expires_at,
            created_at, updated_at)
        VALUES (x'01', 'm', zeroblob(32), 'COMPLETED', 2999, 'USD', 5, 9, 1, 5),
            (x'02', 'm', zeroblob(32), 'PENDING', 2999, 'USD', NULL, 9, 1, 1);
        INSERT INTO transactions VALUES
            (x'11', x'01', x'aa', 'coinbase', 'tx-1', 'charge:confirmed', 'COMPLETED', 'a@b.co', 2999, 'USD', 4, 5),
            (x'12', x'01', NULL, 'coinbase', 'tx-2', 'charge:confirmed', 'UNRESOLVED', NULL, 1, 'USD', 4, 5);
        INSERT INTO events VALUES
            (x'21', 'coinbase', 'e-1', 'charge:confirmed', 'C1', x'7b7d', '{}', 'applied', NULL, NULL, x'01', 4, 5),
            (x'22', 'coinbase', 'e-2', 'charge:confirmed', 'C2', x'7b7d', '{}', 'waiting', NULL, 'C2', NULL, 4, NULL);";

    const TRANSACTION: &str = "concat_ws('|', hex(id), hex(checkout_id), hex(order_id), provider, \
        provider_transaction_id, event_type, status, email, amount_minor, currency, occurred_at, recorded_at)";
    const EVENT: &str = "concat_ws('|', hex(id), provider, provider_event_id, event_type, subject, hex(raw), report, \
        verdict, reason, waiting_for, hex(checkout_id), received_at, processed_at)";

    #[test]
    fn rows_of_the_first_version_survive_the_later_migrations() {
        let mut connection = SqliteConnection::establish(":memory:").unwrap();
        connection.run_next_migration(MIGRATIONS).unwrap();
        connection.batch_execute(OLD_ROWS).unwrap();
        let before = [rows(&mut connection, TRANSACTION, "transactions"), rows(&mut connection, EVENT, "events")];
        connection.run_pending_migrations(MIGRATIONS).unwrap();
        let after = [rows(&mut connection, TRANSACTION, "transactions"), rows(&mut connection, EVENT, "events")];
        assert_eq!(before, after);
        assert_eq!(before.map(|rows| rows.len()), [2, 2]);
        for forbidden in [
            "UPDATE transactions SET checkout_id = x'03'",
            "UPDATE transactions SET provider_transaction_id = 'tx-1'",
            "UPDATE transactions SET checkout_id = NULL, order_id = NULL",
            "UPDATE events SET fingerprint = x'00'",
        ] {
            assert!(connection.batch_execute(forbidden).is_err(), "{forbidden}");
        }
        connection.batch_execute("UPDATE transactions SET checkout_id = NULL WHERE order_id IS NOT NULL").unwrap();
    }

    #[test]
    fn the_key_of_the_tokens_is_made_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("boxoffice.db");
        assert!(matches!(hold_token_key(&path), Err(OpenError::NotMigrated(_))));
        run(&path).unwrap();
        let key = hold_token_key(&path).unwrap();
        run(&path).unwrap();
        assert_eq!(hold_token_key(&path).unwrap(), key);
        assert_ne!(key, [0; 32]);
    }
}
