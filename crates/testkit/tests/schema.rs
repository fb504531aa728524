//! The schemas in `docs/schema` are those that the migrations make.

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, SqliteConnection};
use testkit::databases::FreshDatabase;
use testkit::schema;

const POSTGRES: &str = include_str!("../../../docs/schema/postgres.sql");
const SQLITE: &str = include_str!("../../../docs/schema/sqlite.sql");

#[test]
fn the_written_schema_of_postgres_is_what_the_migrations_make() {
    let made = schema::postgres().unwrap();
    assert!(made == POSTGRES, "docs/schema/postgres.sql is out of date: run make schema. It should be:\n{made}");
}

#[test]
fn the_written_schema_of_sqlite_is_what_the_migrations_make() {
    let made = schema::sqlite().unwrap();
    assert!(made == SQLITE, "docs/schema/sqlite.sql is out of date: run make schema. It should be:\n{made}");
}

#[test]
fn the_written_schema_of_postgres_makes_itself_again() {
    let database = FreshDatabase::postgres().unwrap();
    let mut connection = PgConnection::establish(&database.url_text()).unwrap();
    connection.batch_execute(POSTGRES).unwrap();
    assert_eq!(schema::postgres_of(&mut connection).unwrap(), POSTGRES);
}

#[test]
fn the_written_schema_of_sqlite_makes_itself_again() {
    let mut connection = SqliteConnection::establish(":memory:").unwrap();
    connection.batch_execute(SQLITE).unwrap();
    assert_eq!(schema::sqlite_of(&mut connection).unwrap(), SQLITE);
}

#[test]
fn what_the_dump_of_postgres_cannot_show_is_an_error() {
    let database = FreshDatabase::postgres().unwrap();
    let mut connection = PgConnection::establish(&database.url_text()).unwrap();
    connection.batch_execute("CREATE VIEW unexpected AS SELECT 1").unwrap();
    assert!(schema::postgres_of(&mut connection).unwrap_err().to_string().contains("unexpected"));
}
