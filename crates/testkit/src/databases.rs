//! A fresh database for each test.

use std::path::Path;

use adapters::{DatabaseUrl, SystemIds};
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection};
use ports::IdSource;

use crate::postgres;

/// An empty database, removed when this is dropped.
#[derive(Debug)]
pub enum FreshDatabase {
    /// On the tests' PostgreSQL.
    Postgres {
        /// Of the server's maintenance database.
        server_url: String,
        /// Of this one.
        name: String,
        /// Of this one.
        url: String,
    },
    /// In a folder of its own.
    Sqlite {
        /// Where the file is.
        folder: tempfile::TempDir,
    },
}

impl FreshDatabase {
    /// Makes one on PostgreSQL. Fails with what to install, if there is none.
    pub fn postgres() -> anyhow::Result<Self> {
        Self::postgres_on(postgres::server()?)
    }

    /// Makes one on a server of the test's own, which it may stop and start.
    pub fn postgres_on(server: &postgres::Server) -> anyhow::Result<Self> {
        let name = format!("test_{}", SystemIds.uuid_v7().simple());
        let mut connection = PgConnection::establish(server.url())?;
        connection.batch_execute(&format!("CREATE DATABASE {name}"))?;
        Ok(Self::Postgres { server_url: server.url().to_owned(), url: server.url_of(&name), name })
    }

    /// Makes one in a file.
    pub fn sqlite() -> anyhow::Result<Self> {
        Ok(Self::Sqlite { folder: tempfile::tempdir()? })
    }

    /// What `DATABASE_URL` would be.
    pub fn url_text(&self) -> String {
        match self {
            Self::Postgres { url, .. } => url.clone(),
            Self::Sqlite { folder } => format!("sqlite:{}", folder.path().join("boxoffice.db").display()),
        }
    }

    /// The same, parsed.
    pub fn url(&self) -> anyhow::Result<DatabaseUrl> {
        Ok(self.url_text().parse()?)
    }
}

impl Drop for FreshDatabase {
    fn drop(&mut self) {
        if let Self::Postgres { server_url, name, .. } = self
            && let Ok(mut connection) = PgConnection::establish(server_url)
        {
            // A server that the test has stopped takes its databases with it.
            drop(connection.batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)")));
        }
    }
}

/// Whether a SQLite file that nobody uses is as it should be: its pages, its indexes and its references.
pub fn check_sqlite(file: &Path) -> anyhow::Result<()> {
    let mut connection = SqliteConnection::establish(&file.to_string_lossy())?;
    let sound: Vec<Line> =
        diesel::sql_query("SELECT integrity_check AS line FROM pragma_integrity_check").load(&mut connection)?;
    let sound: Vec<&str> = sound.iter().map(|line| line.line.as_str()).collect();
    anyhow::ensure!(sound == ["ok"], "{sound:?}");
    let broken = "SELECT concat_ws(' ', \"table\", rowid, parent) AS line FROM pragma_foreign_key_check";
    let broken: Vec<Line> = diesel::sql_query(broken).load(&mut connection)?;
    anyhow::ensure!(broken.is_empty(), "rows that lead nowhere: {}", broken[0].line);
    Ok(())
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = diesel::sql_types::Text)]
    line: String,
}

/// What a query on PostgreSQL finds, each row as one text, which the query calls `line`.
pub fn lines(url: &str, query: &str) -> anyhow::Result<Vec<String>> {
    let found: Vec<Line> = diesel::sql_query(query).load(&mut PgConnection::establish(url)?)?;
    Ok(found.into_iter().map(|line| line.line).collect())
}
