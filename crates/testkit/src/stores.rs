//! The three stores, each fresh and with a clock turned by hand.

use std::sync::Arc;

use adapters::{DatabaseUrl, Store, StoreParts, SystemIds};
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, SqliteConnection};
use domain::{Decide, Rejection};
use ports::execute;

use crate::clock::ManualClock;
use crate::databases::FreshDatabase;

/// A store, and what a test does with it.
pub struct TestStore {
    // First, so that its connections close before the database goes.
    /// The store.
    pub store: Store,
    /// Its clock.
    pub clock: Arc<ManualClock>,
    database: Option<FreshDatabase>,
}

impl TestStore {
    /// On a fresh PostgreSQL database.
    pub fn postgres() -> Self {
        Self::over(FreshDatabase::postgres())
    }

    /// In a fresh SQLite file.
    pub fn sqlite() -> Self {
        Self::over(FreshDatabase::sqlite())
    }

    /// In memory.
    pub fn memory() -> Self {
        let clock = Arc::new(ManualClock::default());
        Self { store: adapters::memory(clock.clone()), clock, database: None }
    }

    fn over(database: anyhow::Result<FreshDatabase>) -> Self {
        let opened = database.and_then(|database| {
            let url = database.url()?;
            adapters::migrate(&url)?;
            let clock = Arc::new(ManualClock::default());
            let store = adapters::open(&url, &StoreParts::new(clock.clone(), Arc::new(SystemIds)))?;
            Ok(Self { store, clock, database: Some(database) })
        });
        opened.unwrap_or_else(|error| panic!("{error:#}"))
    }

    /// One more node on the same database.
    pub fn second_node(&self) -> Store {
        let Some(database) = &self.database else { return self.store.clone() };
        let opened = database
            .url()
            .and_then(|url| Ok(adapters::open(&url, &StoreParts::new(self.clock.clone(), Arc::new(SystemIds)))?));
        opened.unwrap_or_else(|error| panic!("{error:#}"))
    }

    /// What `DATABASE_URL` would be. The memory has none.
    pub fn database_url(&self) -> Option<String> {
        self.database.as_ref().map(FreshDatabase::url_text)
    }

    /// Lets go of the store, which should have been stopped, and keeps its database.
    pub fn close(self) -> Option<FreshDatabase> {
        self.database
    }

    /// Changes rows as another version of the program would have. The memory knows no other version.
    pub fn execute_sql(&self, sql: &str) {
        match self.database.as_ref().map(|database| database.url().unwrap()) {
            Some(DatabaseUrl::Postgres(url)) => {
                PgConnection::establish(&url).unwrap().batch_execute(sql).unwrap();
            }
            Some(DatabaseUrl::Sqlite(path)) => {
                let mut connection = SqliteConnection::establish(&path.to_string_lossy()).unwrap();
                connection.batch_execute(&format!("PRAGMA busy_timeout = 5000; {sql}")).unwrap();
            }
            Some(DatabaseUrl::SqliteTemporary) | None => {}
        }
    }

    /// Decides a command, which the store must be able to do.
    pub async fn decide<C: Decide + Send>(&self, command: C) -> Result<C::Reply, Rejection> {
        match execute(&*self.store.ledger, command).await {
            Ok(reply) => reply,
            Err(error) => panic!("the store failed: {error}"),
        }
    }
}
