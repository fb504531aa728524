//! Nothing that a sale depends on reads a table from end to end on PostgreSQL, however many rows it has: neither with the
//! plans that were made while the tables were empty, nor with those made when the planner knows how many there are.
#![expect(clippy::unwrap_used, reason = "these are tests")]

#[path = "../../domain/tests/sale/plan.rs"]
mod plan;
#[path = "../../domain/tests/sale/steps.rs"]
mod steps;

use std::time::Duration;

use adapters::Store;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use domain::{
    ClaimJobs, Command, CustomerId, DeliveryId, DeliveryStatus, Email, EndpointId, JobKind, JobStatus, Leftovers,
    MerchantId, OrderStatus, Provider, Purge, Timestamp, Verdict, WhichJobs,
};
use ports::{
    AuditTrailFilter, CheckoutFilter, DeliveryFilter, EndpointFilter, EventFilter, JobFilter, OrderFilter, PageRequest,
    ProductFilter, TransactionFilter,
};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use testkit::stores::TestStore;
use uuid::Uuid;

/// A million holds, and as much of the rest as a sale of that size leaves behind. Foreign keys look up what they refer to,
/// which isn't what is counted here.
const MANY_ROWS: &str = "
    SET session_replication_role = replica;
    INSERT INTO products (id, merchant_id, name, price_minor, currency, total_stock, held_stock, sold_stock, created_at, updated_at)
        SELECT gen_random_uuid(), 'default', 'Seat', 100, 'USD', 100, 0, 0, now(), now() FROM generate_series(1, 10000);
    INSERT INTO holds (id, product_id, quantity, status, expires_at, created_at, ended_at)
        SELECT gen_random_uuid(), gen_random_uuid(), 1, 'expired', now(), now(), now() FROM generate_series(1, 1000000);
    INSERT INTO orders (id, merchant_id, customer_is_number, total_minor, currency, status, payment_status, expires_at,
            created_at, updated_at)
        SELECT ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'default', false, 100, 'USD', 'completed',
            'paid', now(), now(), now()
        FROM generate_series(1, 200000) AS n;
    INSERT INTO order_items (order_id, position, product_id, quantity, price_minor)
        SELECT ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 0, gen_random_uuid(), 1, 100
        FROM generate_series(1, 200000) AS n;
    INSERT INTO checkouts (id, merchant_id, fingerprint, status, amount_minor, currency, completed_at, expires_at, created_at,
            updated_at)
        SELECT gen_random_uuid(), 'm', decode(repeat('00', 32), 'hex'), 'COMPLETED', 100, 'USD', now(), now(), now(), now()
        FROM generate_series(1, 200000);
    INSERT INTO events (id, provider, provider_event_id, event_type, raw, report, verdict, received_at, processed_at)
        SELECT gen_random_uuid(), 'coinbase', 'many-' || n, 'charge:test', '',
            '{\"outcome\":\"failed\",\"record\":\"00000000-0000-0000-0000-000000000000\"}', 'applied', now(), now()
        FROM generate_series(1, 200000) AS n;
    INSERT INTO jobs (id, kind, subject_id, status, attempts, run_at, created_at, updated_at)
        SELECT gen_random_uuid(), 'create_charge', gen_random_uuid(), 'done', 1, now(), now(), now()
        FROM generate_series(1, 200000);
    INSERT INTO audit_trail (id, subject, subject_id, changes, actor, command, at)
        SELECT gen_random_uuid(), 'order', gen_random_uuid(), '[]', 'system', 'PlaceOrder', now()
        FROM generate_series(1, 200000);
    INSERT INTO decided_requests (scope, fingerprint, outcome, decided_at)
        SELECT sha256(n::text::bytea), decode(repeat('00', 32), 'hex'), '{\"rejected\":\"insufficient_stock\"}', now()
        FROM generate_series(1, 200000) AS n;
    INSERT INTO jobs (id, kind, subject_id, queue_id, status, attempts, run_at, created_at, updated_at)
        SELECT gen_random_uuid(), 'notify', gen_random_uuid(), '00000000-0000-7000-8000-00000000000e', 'ready', 0,
            '2020-01-01', now(), now()
        FROM generate_series(1, 200000);
    INSERT INTO webhook_endpoints (id, merchant_id, url, is_asymmetric, seed, status, created_at, updated_at)
        SELECT gen_random_uuid(), 'm-' || n, 'https://shop.example/', false, decode(repeat('00', 32), 'hex'), 'enabled',
            now(), now()
        FROM generate_series(1, 200000) AS n;
    INSERT INTO notifications (id, merchant_id, event_type, subject_id, body, created_at)
        SELECT gen_random_uuid(), 'm', 'order.paid', gen_random_uuid(), '{}', now() FROM generate_series(1, 200000);
    INSERT INTO deliveries (id, notification_id, endpoint_id, event_type, subject_id, place, status, attempts, failure,
            created_at, finished_at)
        SELECT gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'order.paid', gen_random_uuid(), 1,
            CASE n % 2 WHEN 0 THEN 'failed' ELSE 'delivered' END, 1, CASE n % 2 WHEN 0 THEN 'attempts-used-up' END, now(),
            now()
        FROM generate_series(1, 200000) AS n";

/// A queue in which nothing is due, beside one in which very much is.
const QUIET_QUEUE: Uuid = Uuid::from_u128(0xf);

#[derive(Debug, PartialEq, Eq, QueryableByName)]
struct Read {
    #[diesel(sql_type = Text)]
    relname: String,
    #[diesel(sql_type = BigInt)]
    tuples: i64,
}

/// Counting stops at ten thousand rows, a few times here. Going through any of the large tables once is more than this.
const FEW: i64 = 150_000;

/// The tables and indexes of which too much was read, by anybody, since they were made: all of a table, or all of an index
/// that fits the question badly.
fn excesses(connection: &mut PgConnection) -> Vec<Read> {
    diesel::sql_query(format!(
        "SELECT relname::text, seq_tup_read AS tuples FROM pg_stat_user_tables \
        WHERE seq_tup_read > 0 AND relname NOT IN ('writers', 'secrets', '__diesel_schema_migrations') \
        UNION ALL \
        SELECT indexrelname::text, idx_tup_read FROM pg_stat_user_indexes WHERE idx_tup_read > {FEW}"
    ))
    .load(connection)
    .unwrap()
}

#[derive(QueryableByName)]
struct Connections {
    #[diesel(sql_type = BigInt)]
    open: i64,
}

/// Counts are complete once the sessions that made them have ended.
async fn until_alone(connection: &mut PgConnection) {
    let others = "SELECT count(*) AS open FROM pg_stat_activity WHERE datname = current_database() \
        AND backend_type = 'client backend' AND pid <> pg_backend_pid()";
    while diesel::sql_query(others).get_result::<Connections>(connection).unwrap().open > 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn ask(test_store: &TestStore, commands: &[(Timestamp, Command)]) {
    for (now, command) in commands {
        test_store.clock.set(*now);
        // What is asked twice may be refused.
        drop(test_store.store.ledger.execute(command.clone().into()).await);
    }
    for &what in Leftovers::ALL {
        let before = commands[0].0;
        test_store.store.purger.purge(Purge { what, before, limit: 5 }).await.unwrap();
    }
    for &kind in JobKind::ALL {
        let claim = ClaimJobs { kind, which: WhichJobs::Due, limit: 5, lease: Duration::from_secs(30) };
        test_store.store.job_queue.claim(claim).await.unwrap();
        let claim = ClaimJobs { which: WhichJobs::Queue(QUIET_QUEUE), ..claim };
        assert_eq!(test_store.store.job_queue.claim(claim).await, Ok(vec![]));
        let claim = ClaimJobs { which: WhichJobs::Of(QUIET_QUEUE), ..claim };
        assert_eq!(test_store.store.job_queue.claim(claim).await, Ok(vec![]));
    }
}

async fn read(store: &Store, now: Timestamp) {
    let page = PageRequest { page: 1, page_size: 20 };
    for in_stock in [None, Some(true)] {
        store.products.products(ProductFilter { in_stock }, page).await.unwrap();
    }
    store.holds.expired_holds(now, 100).await.unwrap();
    store.orders.expired_orders(now, 100).await.unwrap();
    let customer_id = Some(CustomerId::from_number(42));
    let narrowed = OrderFilter { status: Some(OrderStatus::Pending), customer_id: None };
    for filter in [OrderFilter::default(), narrowed, OrderFilter { status: None, customer_id }] {
        store.orders.orders(filter, page).await.unwrap();
    }
    let merchant_id = Some(MerchantId::default_merchant());
    let email = Some(Email::parse("buyer@example.com".to_owned()).unwrap());
    for filter in [
        CheckoutFilter::default(),
        CheckoutFilter { merchant_id, ..CheckoutFilter::default() },
        CheckoutFilter { email, ..CheckoutFilter::default() },
    ] {
        store.checkouts.checkouts(filter, page).await.unwrap();
    }
    store.checkouts.overdue_checkouts(now, 100).await.unwrap();
    store.transactions.transactions(TransactionFilter::default(), page).await.unwrap();
    for verdict in [None, Some(Verdict::Rejected), Some(Verdict::Waiting)] {
        for provider in [None, Some(Provider::Generic), Some(Provider::Fake)] {
            store.events.events(EventFilter { verdict, provider }, page).await.unwrap();
        }
    }
    for status in std::iter::once(None).chain(JobStatus::ALL.iter().copied().map(Some)) {
        for kind in [None, Some(JobKind::CreateCharge), Some(JobKind::Purge)] {
            store.jobs.jobs(JobFilter { status, kind }, page).await.unwrap();
        }
    }
    for subject_id in [None, Some(uuid::Uuid::nil())] {
        store.audit_trail.audit_trail(AuditTrailFilter { subject_id }, page).await.unwrap();
    }
    assert_eq!(store.jobs.job_of(JobKind::Notify, QUIET_QUEUE).await, Ok(None));
    store.jobs.queues_with_due(JobKind::Notify, now, 10).await.unwrap();
    let nobody = EndpointId::from_uuid(uuid::Uuid::nil());
    let merchant_id = Some(MerchantId::default_merchant());
    for filter in [EndpointFilter::default(), EndpointFilter { merchant_id }] {
        store.notifications.endpoints(filter, page).await.unwrap();
    }
    for status in [None, Some(DeliveryStatus::Failed), Some(DeliveryStatus::Pending)] {
        for endpoint_id in [None, Some(nobody)] {
            store.notifications.deliveries(DeliveryFilter { endpoint_id, status }, page).await.unwrap();
        }
    }
    store.notifications.missed(nobody, now, 10).await.unwrap();
    store.notifications.attempts(DeliveryId::from_uuid(uuid::Uuid::nil())).await.unwrap();
    store.notifications.dispatch(DeliveryId::from_uuid(uuid::Uuid::nil())).await.unwrap();
    store.audit.stock_counts(None, 10).await.unwrap();
    store.audit.hold_accounts(None, 100, now).await.unwrap();
    store.audit.order_accounts(None, 100).await.unwrap();
    store.audit.transaction_accounts(None, 100).await.unwrap();
    store.audit.checkout_accounts(None, 100).await.unwrap();
    store.audit.event_accounts(None, 100).await.unwrap();
    store.audit.events_waiting_since(now, 10).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_command_and_no_list_reads_a_table_of_a_million_rows_from_end_to_end() {
    let test_store = TestStore::postgres();
    let mut counter = PgConnection::establish(&test_store.database_url().unwrap()).unwrap();
    // An empty table that was looked at is thought to stay empty.
    test_store.execute_sql("VACUUM ANALYZE");
    let plan = plan::plans(450).new_tree(&mut TestRunner::deterministic()).unwrap().current();
    let (first, rest) = plan.split_at(plan.len() / 3);
    let (second, third) = rest.split_at(rest.len() / 2);
    ask(&test_store, first).await;
    read(&test_store.store, second[0].0).await;
    test_store.execute_sql(MANY_ROWS);
    ask(&test_store, second).await;
    read(&test_store.store, third[0].0).await;
    test_store.execute_sql("ANALYZE");
    let node = test_store.second_node();
    for (now, command) in third {
        test_store.clock.set(*now);
        drop(node.ledger.execute(command.clone().into()).await);
    }
    read(&node, third[0].0).await;
    node.stop().await;
    drop(node);
    test_store.store.stop().await;
    let _database = test_store.close();
    until_alone(&mut counter).await;
    assert_eq!(excesses(&mut counter), []);
}
