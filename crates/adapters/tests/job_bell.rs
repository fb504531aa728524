//! Whoever does jobs is told at once of those that this node stores.
#![expect(clippy::unwrap_used, reason = "these are tests")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use adapters::{StoreParts, SystemIds};
use domain::{ClaimJobs, FailJob, JobKind, RetryJob, WhichJobs};
use ports::{JobWatch, execute};
use testkit::builders::{create_checkout, create_product};
use testkit::clock::ManualClock;
use testkit::databases::FreshDatabase;

#[derive(Default)]
struct Bell(AtomicUsize);

impl JobWatch for Bell {
    fn jobs_due(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_tells_of_jobs_that_are_due_and_of_no_others() {
    tells_of_due_jobs(&FreshDatabase::sqlite().unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_tells_of_jobs_that_are_due_and_of_no_others() {
    tells_of_due_jobs(&FreshDatabase::postgres().unwrap()).await;
}

async fn tells_of_due_jobs(database: &FreshDatabase) {
    let url = database.url().unwrap();
    adapters::migrate(&url).unwrap();
    let bell = Arc::new(Bell::default());
    let parts = StoreParts::new(Arc::new(ManualClock::default()), Arc::new(SystemIds));
    let store = adapters::open(&url, &StoreParts { jobs: bell.clone(), ..parts }).unwrap();
    let rung = || bell.0.swap(0, Ordering::SeqCst);

    execute(&*store.ledger, create_product(1)).await.unwrap().unwrap();
    let lease = Duration::from_secs(30);
    let kept = domain::CreateCheckout { caller_creates_charge_for: Some(lease), ..create_checkout() };
    execute(&*store.ledger, kept).await.unwrap().unwrap();
    assert_eq!(rung(), 0, "nothing that anybody else may do");
    let create = create_checkout();
    execute(&*store.ledger, create.clone()).await.unwrap().unwrap();
    assert_eq!(rung(), 1);
    let claim = ClaimJobs { kind: JobKind::CreateCharge, which: WhichJobs::Due, limit: 1, lease };
    let job = store.job_queue.claim(claim).await.unwrap().remove(0);
    let fail =
        FailJob { lease: job.lease(), error: "no".to_owned(), jitter_permille: 1000, not_before: None, give_up: false };
    execute(&*store.ledger, fail).await.unwrap().unwrap();
    assert_eq!(rung(), 0, "it waits for its time");
    execute(&*store.ledger, RetryJob { id: create.job_id }).await.unwrap().unwrap();
    assert_eq!(rung(), 1);
    store.stop().await;
}
