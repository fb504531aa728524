//! A hundred thousand leftovers are deleted in small batches, while a sale goes on.
#![expect(clippy::unwrap_used, reason = "these are tests")]

use std::time::Duration;

use domain::{Leftovers, Purge, Rejection};
use ports::{Clock, execute};
use testkit::builders::{create_product, place_hold};
use testkit::stores::TestStore;

const MANY: u32 = 100_000;
const BATCH: u32 = 500;

const MANY_HOLDS_ON_POSTGRES: &str =
    "INSERT INTO holds (id, product_id, quantity, status, expires_at, created_at, ended_at)
    SELECT gen_random_uuid(), gen_random_uuid(), 1, 'expired', '2020-01-01', '2020-01-01', '2020-01-01'
    FROM generate_series(1, 100000)";

const MANY_HOLDS_ON_SQLITE: &str =
    "INSERT INTO holds (id, product_id, quantity, status, expires_at, created_at, ended_at)
    WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 100000)
    SELECT randomblob(16), randomblob(16), 1, 'expired', 1, 1, 1 FROM n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_deletes_a_hundred_thousand_in_small_batches_while_a_sale_goes_on() {
    deletes_many(&TestStore::postgres(), MANY_HOLDS_ON_POSTGRES).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_deletes_a_hundred_thousand_in_small_batches_while_a_sale_goes_on() {
    deletes_many(&TestStore::sqlite(), MANY_HOLDS_ON_SQLITE).await;
}

async fn deletes_many(test: &TestStore, many_holds: &str) {
    let product = create_product(1_000_000);
    test.decide(product.clone()).await.unwrap();
    test.execute_sql(many_holds);
    let purge = Purge { what: Leftovers::EndedHolds, before: test.clock.now() - Duration::from_secs(1), limit: BATCH };
    let purging = async {
        let mut batches = 0;
        let mut gone = 0;
        loop {
            let rows = test.store.purger.purge(purge).await.unwrap();
            assert!(rows <= BATCH);
            (batches, gone) = (batches + 1, gone + rows);
            if rows < BATCH {
                return (batches, gone);
            }
        }
    };
    tokio::pin!(purging);
    let mut held = Vec::new();
    let ((batches, gone), held) = loop {
        let place = place_hold(product.id, 1);
        tokio::select! {
            done = &mut purging => break (done, held),
            placed = execute(&*test.store.ledger, place) => held.push(placed.unwrap().unwrap().id),
        }
    };
    assert_eq!((batches, gone), (MANY / BATCH + 1, MANY));
    assert!(!held.is_empty(), "nothing was sold meanwhile");
    for id in &held {
        assert!(test.store.holds.hold(*id).await.unwrap().is_some());
    }
    let count = test.store.audit.stock_counts(None, 1).await.unwrap().remove(0);
    assert_eq!(count.held, count.in_active_holds);
    assert_eq!(test.decide(place_hold(product.id, 1_000_000)).await.map(drop), Err(Rejection::InsufficientStock));
}
