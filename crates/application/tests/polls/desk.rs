//! Whoever asks, over the memory and a clock that is turned by hand.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use adapters::SystemIds;
use application::{Pace, Polls, Rest, Webhooks};
use async_trait::async_trait;
use domain::{
    Charge, ChargeCode, ChargeNews, CheckoutStatus, ClaimJobs, CreateCheckout, Job, JobKind, JobStatus, Provider,
    WhichJobs,
};
use ports::{
    ChargeRequest, ChargeSearch, ChargeStage, ChargeState, Clock, GatewayError, IncomingEvent, PaymentGateway,
    Searched, SimulatedOutcome, Simulation, WebhookDecoder, WebhookError,
};
use testkit::builders::{attach_charge, charge_code, create_checkout, paid_event, poll_job_of, usd};
use testkit::clock::CountingIds;
use testkit::stores::TestStore;
use tokio::sync::watch;

pub(crate) const FIRST: Duration = Duration::from_secs(60);

/// What the gateway says of every charge.
pub(crate) type Word = Result<Option<(ChargeStage, Option<ChargeNews>)>, GatewayError>;

pub(crate) const NOTHING_YET: Word = Ok(Some((ChargeStage::Open, None)));

/// A gateway that says the same of each charge until it is told otherwise.
pub(crate) struct Oracle {
    pub(crate) word: Mutex<Word>,
    /// Whether questions get stuck; making charges never does.
    pub(crate) hanging: watch::Sender<bool>,
    pub(crate) asked: AtomicUsize,
    pub(crate) being_asked: AtomicUsize,
    /// What it says to the next questions for a charge that it may have made.
    pub(crate) searched: Mutex<Vec<Result<Searched, GatewayError>>>,
    /// How long each of those takes.
    pub(crate) search_takes: Mutex<Duration>,
    /// Where each of those was to look.
    pub(crate) searched_from: Mutex<Vec<Option<String>>>,
    /// Whether charges can't be made.
    pub(crate) makes_none: AtomicBool,
}

#[async_trait]
impl PaymentGateway for Oracle {
    fn provider(&self) -> Provider {
        Provider::Coinbase
    }

    fn is_simulated(&self) -> bool {
        false
    }

    async fn create_charge(&self, _: ChargeRequest) -> Result<Charge, GatewayError> {
        if self.makes_none.load(Ordering::SeqCst) {
            return Err(GatewayError::Unavailable("it makes none".to_owned()));
        }
        let code = charge_code();
        Ok(Charge { hosted_url: format!("https://pay.example/{code}"), code })
    }

    async fn find_charge(&self, search: ChargeSearch) -> Result<Searched, GatewayError> {
        self.searched_from.lock().unwrap().push(search.checkpoint);
        let pause = *self.search_takes.lock().unwrap();
        tokio::time::sleep(pause).await;
        self.searched.lock().unwrap().remove(0)
    }

    async fn charge(&self, code: &ChargeCode) -> Result<Option<ChargeState>, GatewayError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.being_asked.fetch_add(1, Ordering::SeqCst);
        let _ = self.hanging.subscribe().wait_for(|hanging| !hanging).await;
        self.being_asked.fetch_sub(1, Ordering::SeqCst);
        let word = self.word.lock().unwrap().clone()?;
        let charge = Charge { code: code.clone(), hosted_url: format!("https://pay.example/{code}") };
        Ok(word.map(|(stage, news)| ChargeState { charge, stage, news: news.map(|news| told(code, news)) }))
    }

    async fn cancel_charge(&self, _: &ChargeCode) -> Result<(), GatewayError> {
        Ok(())
    }

    async fn simulate(&self, _: &ChargeCode, _: SimulatedOutcome) -> Result<Simulation, GatewayError> {
        Err(GatewayError::NotSimulated)
    }
}

/// The news of a charge over 29.99 USD, paid in full where it was paid, under a key of its state.
fn told(code: &ChargeCode, news: ChargeNews) -> IncomingEvent {
    let event = paid_event(code, news, usd("29.99"), usd("29.99"));
    let key = domain::EventKey {
        provider: Provider::Coinbase,
        provider_event_id: domain::ProviderEventId::parse(format!("poll:{code}:{news:?}")).unwrap(),
    };
    let (event_type, subject) = ("charge:polled".to_owned(), event.subject);
    IncomingEvent { key, event_type, subject, raw: event.raw, report: event.report }
}

struct NoWebhooks;

impl WebhookDecoder for NoWebhooks {
    fn decode(&self, _: &dyn Fn(&str) -> Option<String>, _: &[u8]) -> Result<IncomingEvent, WebhookError> {
        Err(WebhookError::MissingSignature)
    }
}

pub(crate) struct Desk {
    pub(crate) test: TestStore,
    pub(crate) oracle: Arc<Oracle>,
    pub(crate) polls: Polls,
}

impl Desk {
    pub(crate) fn open(word: Word) -> Self {
        let test = TestStore::memory();
        let oracle = Arc::new(Oracle {
            word: Mutex::new(word),
            hanging: watch::Sender::new(false),
            asked: AtomicUsize::new(0),
            being_asked: AtomicUsize::new(0),
            searched: Mutex::default(),
            search_takes: Mutex::default(),
            searched_from: Mutex::default(),
            makes_none: AtomicBool::new(false),
        });
        let ledger = test.store.ledger.clone();
        let webhooks = Webhooks { ledger: ledger.clone(), decoder: Arc::new(NoWebhooks), ids: Arc::new(SystemIds) };
        let polls = Polls {
            ledger,
            checkouts: test.store.checkouts.clone(),
            gateway: oracle.clone(),
            webhooks,
            clock: test.clock.clone(),
            ids: Arc::new(CountingIds::default()),
            orders: test.store.orders.clone(),
            shortest_pause: FIRST,
            rest: Rest::default(),
            pace: Pace::unlimited(),
        };
        Self { test, oracle, polls }
    }

    pub(crate) fn says(&self, word: Word) {
        *self.oracle.word.lock().unwrap() = word;
    }

    pub(crate) fn asked(&self) -> usize {
        self.oracle.asked.load(Ordering::SeqCst)
    }

    /// A checkout whose charge was made just now.
    pub(crate) async fn charged(&self) -> CreateCheckout {
        let create = create_checkout();
        self.test.decide(create.clone()).await.unwrap();
        self.test.decide(attach_charge(&create, &charge_code())).await.unwrap();
        create
    }

    pub(crate) async fn job(&self, create: &CreateCheckout) -> Job {
        self.test.store.jobs.job(poll_job_of(create.job_id)).await.unwrap().unwrap()
    }

    pub(crate) async fn status(&self, create: &CreateCheckout) -> CheckoutStatus {
        self.test.store.checkouts.checkout(create.id).await.unwrap().unwrap().status
    }

    /// Turns the clock to the moment in which the checkout is due, and asks; answers with the pause after that.
    pub(crate) async fn ask_when_due(&self, create: &CreateCheckout) -> Option<Duration> {
        let due = self.job(create).await;
        assert_eq!(due.status, JobStatus::Ready);
        self.test.clock.set(due.run_at.max(self.test.clock.now()));
        let wish =
            ClaimJobs { kind: JobKind::PollCharge, which: WhichJobs::Due, limit: 1, lease: Duration::from_secs(30) };
        let [job] = &self.test.store.job_queue.claim(wish).await.unwrap()[..] else { panic!("it isn't due") };
        drop(self.polls.poll(job).await);
        let after = self.job(create).await;
        (after.status == JobStatus::Ready).then(|| after.run_at.since(self.test.clock.now()))
    }
}
