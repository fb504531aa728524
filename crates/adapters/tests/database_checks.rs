//! What the databases refuse, whatever the program does.
#![expect(clippy::unwrap_used, clippy::panic, reason = "these are tests")]

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use adapters::{DatabaseUrl, StoreParts, SystemClock, SystemIds};
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, QueryResult, SqliteConnection};
use domain::{ChargeNews, ClaimJobs, CompleteJob, JobKind, JobReply, Reason, WhichJobs};
use ports::{Clock, execute};
use testkit::builders::{
    attach_charge, charge_code, create_checkout, create_product, event, order_of_hold, order_of_items, order_paid,
    place_hold,
};
use testkit::databases::FreshDatabase;
use testkit::stores::TestStore;
use uuid::Variant;

/// Each breaks one rule, in words that both databases understand.
const FORBIDDEN: [&str; 16] = [
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
    "UPDATE orders SET counted_minor = -1",
    "UPDATE orders SET refunded_minor = received_minor + 1",
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

/// What the migration does for checkouts that were stored before there were such jobs, on the table as it is by now.
fn jobs_for_earlier_checkouts(migration: &str) -> String {
    let (_, insert) = migration.split_once("INSERT INTO jobs").unwrap();
    format!("INSERT INTO jobs{}", insert.replacen("checkout_id", "subject_id", 1))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_checkout_from_before_is_asked_about_on_postgres() {
    let migration = include_str!("../../../migrations/postgres/2026-11-22-000000_poll_jobs/up.sql");
    asks_about_earlier_checkouts(&TestStore::postgres(), &jobs_for_earlier_checkouts(migration)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_checkout_from_before_is_asked_about_on_sqlite() {
    let migration = include_str!("../../../migrations/sqlite/2026-11-22-000000_poll_jobs/up.sql");
    asks_about_earlier_checkouts(&TestStore::sqlite(), &jobs_for_earlier_checkouts(migration)).await;
}

async fn asks_about_earlier_checkouts(test: &TestStore, migration: &str) {
    let (pending, held, paid, bare) = (create_checkout(), create_checkout(), create_checkout(), create_checkout());
    for create in [&pending, &held, &paid, &bare] {
        test.decide(create.clone()).await.unwrap();
    }
    for (create, news) in
        [(&pending, ChargeNews::Pending), (&held, ChargeNews::Held(Reason::Underpaid)), (&paid, ChargeNews::Confirmed)]
    {
        let code = charge_code();
        test.decide(attach_charge(create, &code)).await.unwrap();
        test.decide(event(&code, news)).await.unwrap();
    }
    test.execute_sql("DELETE FROM jobs WHERE kind = 'poll_charge'");
    test.execute_sql(migration);
    // The migration goes by the database's clock.
    test.clock.set(SystemClock.now() + Duration::from_secs(5));
    let wish =
        ClaimJobs { kind: JobKind::PollCharge, which: WhichJobs::Due, limit: 10, lease: Duration::from_secs(30) };
    let jobs = test.store.job_queue.claim(wish).await.unwrap();
    let asked: BTreeSet<_> = jobs.iter().filter_map(|job| job.task.checkout_id()).collect();
    assert_eq!(asked, BTreeSet::from([pending.id, held.id]));
    for job in jobs {
        assert_eq!((job.id.as_uuid().get_version_num(), job.attempts), (4, 1));
        assert_eq!(job.id.as_uuid().get_variant(), Variant::RFC4122);
        assert_eq!(test.decide(CompleteJob { lease: job.lease() }).await, Ok(JobReply::Done));
    }
}
