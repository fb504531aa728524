//! More than the database can take: what doesn't fit is turned away at once, and what was accepted is done.

use std::sync::Arc;
use std::time::Duration;

use adapters::{EngineOptions, StoreOptions, StoreParts, SystemIds};
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use domain::{CreateProduct, Currency, HoldId, MerchantId, Money, PlaceHold, ProductId, ProductName, Quantity, Stock};
use ports::{IdSource, LedgerError, execute};
use testkit::clock::ManualClock;
use testkit::databases::FreshDatabase;

const QUEUE: usize = 64;
const CROWD: usize = 10 * QUEUE;

/// Somebody else's lock on the product is what a database that can't keep up looks like.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_does_not_fit_is_turned_away_at_once_and_what_was_accepted_is_done() {
    let database = FreshDatabase::postgres().unwrap();
    let url = database.url().unwrap();
    adapters::migrate(&url).unwrap();
    let engine = EngineOptions { queue_limit: QUEUE, batch_limit: 16 };
    let parts = StoreParts::new(Arc::new(ManualClock::default()), Arc::new(SystemIds));
    let options = StoreOptions { engine, ..parts.options };
    let store = adapters::open(&url, &StoreParts { options, ..parts }).unwrap();
    let product_id = ProductId::from_uuid(SystemIds.uuid_v7());
    let create = CreateProduct {
        id: product_id,
        merchant_id: MerchantId::default_merchant(),
        name: ProductName::parse("Seat").unwrap(),
        description: None,
        price: Money::parse("75", Currency::USD).unwrap(),
        stock: Stock::new(1_000_000).unwrap(),
    };
    execute(&*store.ledger, create).await.unwrap().unwrap();
    let next_hold = || PlaceHold {
        id: HoldId::from_uuid(SystemIds.uuid_v7()),
        product_id,
        quantity: Quantity::try_from(1).unwrap(),
        time_to_live: Duration::from_secs(120),
    };

    let mut somebody = PgConnection::establish(&database.url_text()).unwrap();
    somebody.batch_execute("BEGIN; SELECT 1 FROM products FOR UPDATE").unwrap();
    let (told, mut outcomes) = tokio::sync::mpsc::unbounded_channel();
    for _ in 0..CROWD {
        let (ledger, command, told) = (store.ledger.clone(), next_hold(), told.clone());
        tokio::spawn(async move { told.send(execute(&*ledger, command).await).unwrap() });
    }
    drop(told);
    // While the lock is there nobody is served: whoever has an answer was turned away, at most one batch and one queue
    // of them wasn't.
    for _ in 0..CROWD - QUEUE - 16 {
        assert_eq!(outcomes.recv().await.unwrap(), Err(LedgerError::Overloaded));
    }
    somebody.batch_execute("COMMIT").unwrap();
    let mut placed = 0;
    while let Some(outcome) = outcomes.recv().await {
        match outcome {
            Ok(hold) => {
                hold.unwrap();
                placed += 1;
            }
            Err(error) => assert_eq!(error, LedgerError::Overloaded),
        }
    }
    assert!(placed >= QUEUE, "all that was queued is done: {placed}");
    execute(&*store.ledger, next_hold()).await.unwrap().unwrap();
    let stored = store.products.product(product_id).await.unwrap().unwrap();
    assert_eq!(usize::try_from(stored.stock.held()).unwrap(), placed + 1, "and nothing else");
}
