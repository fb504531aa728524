//! A node that notifies, and the merchants that it notifies.

use std::sync::Arc;
use std::time::Duration;

use adapters::SystemIds;
use adapters::notify::{HttpSender, SenderConfig};
use application::{Background, Counters, Health, JobBell, JobRunner, JobWorker, NotifyWorker};
use domain::{
    ChangeOrderStatus, CreateEndpoint, Delivery, DeliveryAttempt, EndpointId, EndpointTerms, EndpointUrl, Job, JobKind,
    MerchantId, OrderId, OrderStatus, ProductId,
};
use ports::{Clock, DeliveryFilter, PageRequest};
use testkit::builders::{create_endpoint, create_product, order_of_items, order_paid, ping};
use testkit::stores::TestStore;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::endpoint::Endpoint;

/// So long an attempt may take here.
pub(crate) const TIMEOUT: Duration = Duration::from_millis(500);

pub(crate) struct House {
    pub(crate) test: TestStore,
    pub(crate) worker: NotifyWorker,
    pub(crate) bell: JobBell,
}

impl House {
    /// A node over a store that rings its bell.
    pub(crate) fn over(test: TestStore, bell: JobBell, timeout: Duration) -> Self {
        let config = SenderConfig { private_addresses: true, timeout, ..SenderConfig::default() };
        let clock: Arc<dyn Clock> = test.clock.clone();
        let worker = NotifyWorker {
            ledger: test.store.ledger.clone(),
            repo: test.store.notifications.clone(),
            jobs: test.store.jobs.clone(),
            sender: Arc::new(HttpSender::new(config, clock.clone()).unwrap()),
            clock,
            ids: Arc::new(SystemIds),
            watch: Arc::new(bell.clone()),
            room: NotifyWorker::usual_room(),
            counters: Counters::default(),
        };
        Self { test, worker, bell }
    }

    pub(crate) fn of(test: TestStore) -> Self {
        Self::over(test, JobBell::default(), TIMEOUT)
    }

    /// Runs jobs, until it is told to stop.
    pub(crate) fn run(&self) -> (watch::Sender<bool>, JoinHandle<()>) {
        let (stop, stopped) = watch::channel(false);
        let runner = JobRunner {
            queue: self.test.store.job_queue.clone(),
            workers: vec![Arc::new(self.worker.clone())],
            background: Background::on(tokio::runtime::Handle::current()),
            bell: self.bell.clone(),
            health: Arc::new(Health::new(self.test.store.health.clone(), self.test.clock.clone())),
            ids: Arc::new(SystemIds),
        };
        (stop, tokio::spawn(runner.run(stopped)))
    }

    /// A merchant of this name wants everything told there.
    pub(crate) async fn merchant(&self, name: &str, endpoint: &Endpoint) -> EndpointId {
        let create = create_endpoint();
        let terms = EndpointTerms { url: EndpointUrl::parse(endpoint.url.clone()).unwrap(), ..create.terms };
        let create = CreateEndpoint { merchant_id: MerchantId::parse(name).unwrap(), terms, ..create };
        self.test.decide(create).await.unwrap().id
    }

    pub(crate) async fn ping(&self, id: EndpointId) -> Delivery {
        *self.test.decide(ping(id)).await.unwrap()
    }

    pub(crate) async fn product(&self) -> ProductId {
        self.test.decide(create_product(1000)).await.unwrap().id
    }

    /// An order of merchant `m-1`, paid and handed over: two notifications.
    pub(crate) async fn sell(&self, product_id: ProductId) -> OrderId {
        let order_id = self.test.decide(order_of_items(&[(product_id, 1)])).await.unwrap().id;
        self.test.decide(order_paid(order_id)).await.unwrap();
        self.test.clock.advance(Duration::from_millis(1));
        self.test.decide(ChangeOrderStatus { order_id, to: OrderStatus::Completed }).await.unwrap();
        order_id
    }

    /// Claims what is due.
    pub(crate) async fn claim(&self) -> Vec<Job> {
        let mut jobs = Vec::new();
        for claim in self.worker.claims(100).await.unwrap() {
            assert_eq!(claim.kind, JobKind::Notify);
            jobs.extend(self.test.store.job_queue.claim(claim).await.unwrap());
        }
        jobs
    }

    /// Does all that is due, until nothing is.
    pub(crate) async fn work(&self) {
        loop {
            let jobs = self.claim().await;
            if jobs.is_empty() {
                return;
            }
            for job in jobs {
                self.worker.perform(&job).await.unwrap();
            }
        }
    }

    pub(crate) async fn deliveries(&self, endpoint_id: EndpointId) -> Vec<Delivery> {
        let filter = DeliveryFilter { endpoint_id: Some(endpoint_id), status: None };
        let page = PageRequest { page: 1, page_size: 100 };
        let mut items = self.test.store.notifications.deliveries(filter, page).await.unwrap().items;
        items.sort_by_key(|row| (row.created_at, row.id));
        items
    }

    /// How the one attempt at a delivery went.
    pub(crate) async fn attempt(&self, delivery: &Delivery) -> DeliveryAttempt {
        let mut attempts = self.test.store.notifications.attempts(delivery.id).await.unwrap();
        assert_eq!(attempts.len(), 1);
        attempts.remove(0)
    }
}

/// Waits for a condition.
pub(crate) async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let wait = async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    assert!(tokio::time::timeout(Duration::from_secs(30), wait).await.is_ok(), "waited in vain for: {what}");
}
