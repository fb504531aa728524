//! What the databases refuse, whatever the program does.
#![expect(clippy::unwrap_used, clippy::panic, reason = "these are tests")]

use std::sync::Arc;

use adapters::{DatabaseUrl, StoreParts, SystemClock, SystemIds};
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, QueryResult, SqliteConnection};
use ports::execute;
use testkit::builders::{create_product, order_of_hold, order_of_items, order_paid, place_hold};
use testkit::databases::FreshDatabase;

/// Each breaks one rule, in words that both databases understand.
const FORBIDDEN: [&str; 14] = [
    "UPDATE products SET sold_stock = total_stock + 1",
    "UPDATE products SET total_stock = held_stock + sold_stock - 1",
    "UPDATE products SET held_stock = total_stock - sold_stock + 1",
    "UPDATE products SET held_stock = -1",
    "UPDATE products SET total_stock = 1000000001",
    "UPDATE products SET price_minor = 0",
    "UPDATE holds SET quantity = 0",
    "UPDATE holds SET status = 'converted', order_id = NULL",
    "UPDATE holds SET ended_at = created_at, order_id = NULL, status = 'active'",
    "UPDATE orders SET status = 'lost'",
    "UPDATE orders SET payment_status = 'lost'",
    "UPDATE orders SET hold_id = (SELECT hold_id FROM orders WHERE hold_id IS NOT NULL)",
    "UPDATE order_items SET quantity = 0",
    "UPDATE transactions SET order_id = NULL, checkout_id = NULL",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_refuses_what_would_oversell_or_make_no_sense() {
    refuses(&FreshDatabase::postgres().unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_refuses_what_would_oversell_or_make_no_sense() {
    refuses(&FreshDatabase::sqlite().unwrap()).await;
}

async fn refuses(database: &FreshDatabase) {
    let url = database.url().unwrap();
    adapters::migrate(&url).unwrap();
    let store = adapters::open(&url, &StoreParts::new(Arc::new(SystemClock), Arc::new(SystemIds))).unwrap();
    let ledger = &*store.ledger;
    let product = create_product(5);
    let (held, converted) = (place_hold(product.id, 1), place_hold(product.id, 1));
    let (direct, from_hold) = (order_of_items(&[(product.id, 1)]), order_of_hold(converted.id));
    execute(ledger, product).await.unwrap().unwrap();
    execute(ledger, held).await.unwrap().unwrap();
    execute(ledger, converted).await.unwrap().unwrap();
    execute(ledger, direct.clone()).await.unwrap().unwrap();
    execute(ledger, from_hold).await.unwrap().unwrap();
    execute(ledger, order_paid(direct.id)).await.unwrap().unwrap();
    for statement in FORBIDDEN {
        assert!(execute_sql(&url, statement).is_err(), "{statement}");
    }
    execute_sql(&url, "UPDATE products SET sold_stock = total_stock - held_stock").unwrap();
    store.stop().await;
}

fn execute_sql(url: &DatabaseUrl, statement: &str) -> QueryResult<()> {
    match url {
        DatabaseUrl::Postgres(url) => PgConnection::establish(url).unwrap().batch_execute(statement),
        DatabaseUrl::Sqlite(path) => {
            let mut connection = SqliteConnection::establish(&path.to_string_lossy()).unwrap();
            connection.batch_execute("PRAGMA busy_timeout = 5000").unwrap();
            connection.batch_execute(statement)
        }
        DatabaseUrl::SqliteTemporary => panic!("nobody else can open that"),
    }
}
