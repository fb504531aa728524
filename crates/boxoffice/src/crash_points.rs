//! Named places at which a debug build can be told to die, for tests of what survives it. The core knows nothing of them:
//! they are in what stands around its ports.

use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use adapters::Store;
use anyhow::{Context, Result, bail};
use async_trait::async_trait;
use domain::{Charge, ChargeCode, ClaimJobs, Command, EndpointUrl, Instruction, Job, JobKind, Provider, Reply};
use ports::{
    ChargeRequest, ChargeSearch, ChargeState, Dispatch, GatewayError, JobQueue, Ledger, LedgerError,
    NotificationSender, PaymentGateway, Searched, Sent, SimulatedOutcome, Simulation, UrlRefusal,
};

/// The environment variable that names the place, and after a colon the how manieth time that it is come to.
const VARIABLE: &str = "BOXOFFICE_CRASH_AT";

/// Where to die.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// An event is stored; whoever sent it has no answer.
    EventStored,
    /// A hold is stored; the buyer has no answer.
    HoldStored,
    /// An order is stored; the buyer has no answer.
    OrderStored,
    /// A checkout is stored; whoever asked has no answer, and nobody has asked for its charge.
    CheckoutStored,
    /// The gateway has made a charge, and nobody knows its code.
    ChargeMade,
    /// A charge is stored.
    ChargeStored,
    /// A merchant was told something, and nobody knows that it was.
    DeliverySent,
    /// Questions about charges are claimed, and nothing is asked.
    PollClaimed,
}

impl FromStr for Place {
    type Err = anyhow::Error;

    fn from_str(name: &str) -> Result<Self> {
        Ok(match name {
            "event-stored" => Self::EventStored,
            "hold-stored" => Self::HoldStored,
            "order-stored" => Self::OrderStored,
            "checkout-stored" => Self::CheckoutStored,
            "charge-made" => Self::ChargeMade,
            "charge-stored" => Self::ChargeStored,
            "delivery-sent" => Self::DeliverySent,
            "poll-claimed" => Self::PollClaimed,
            _ => bail!("{VARIABLE}: there is no place {name:?}"),
        })
    }
}

impl Place {
    /// Whether this command's commit leads there.
    const fn is_after(self, command: &Command) -> bool {
        match self {
            Self::EventStored => matches!(command, Command::RecordEvent(_)),
            Self::HoldStored => matches!(command, Command::PlaceHold(_)),
            Self::OrderStored => matches!(command, Command::PlaceOrder(_)),
            Self::CheckoutStored => matches!(command, Command::CreateCheckout(_) | Command::OpenOrderCheckout(_)),
            Self::ChargeStored => matches!(command, Command::AttachCharge(_)),
            Self::ChargeMade | Self::DeliverySent | Self::PollClaimed => false,
        }
    }
}

/// When to die.
pub(crate) struct CrashPoint {
    place: Place,
    visits_left: AtomicU32,
}

impl CrashPoint {
    /// What the environment asks for.
    pub(crate) fn asked_for() -> Result<Option<Arc<Self>>> {
        let Ok(text) = std::env::var(VARIABLE) else { return Ok(None) };
        let (name, visits) = text.split_once(':').unwrap_or((&text, "1"));
        let visits = visits.parse().with_context(|| format!("{VARIABLE}: {visits:?} is not a number"))?;
        Ok(Some(Arc::new(Self { place: name.parse()?, visits_left: AtomicU32::new(visits) })))
    }

    /// The same store, which dies when its time has come.
    pub(crate) fn around_store(self: &Arc<Self>, mut store: Store) -> Store {
        store.ledger = Arc::new(MortalLedger { inner: store.ledger, point: Arc::clone(self) });
        store.job_queue = Arc::new(MortalQueue { inner: store.job_queue, point: Arc::clone(self) });
        store
    }

    /// The same gateway, likewise.
    pub(crate) fn around_gateway(self: &Arc<Self>, inner: Arc<dyn PaymentGateway>) -> Arc<dyn PaymentGateway> {
        Arc::new(MortalGateway { inner, point: Arc::clone(self) })
    }

    /// The same sender, likewise.
    pub(crate) fn around_sender(self: &Arc<Self>, inner: Arc<dyn NotificationSender>) -> Arc<dyn NotificationSender> {
        Arc::new(MortalSender { inner, point: Arc::clone(self) })
    }

    fn come_to(&self, place: Place) {
        if self.place == place && self.visits_left.fetch_sub(1, Ordering::SeqCst) == 1 {
            die();
        }
    }
}

/// SIGKILL: nothing is flushed, nothing is said, nothing is unwound.
fn die() {
    let killed = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
    log::error!(killed:?; "still alive");
    std::process::abort();
}

struct MortalLedger {
    inner: Arc<dyn Ledger>,
    point: Arc<CrashPoint>,
}

#[async_trait]
impl Ledger for MortalLedger {
    async fn execute(&self, instruction: Instruction) -> Result<Reply, LedgerError> {
        let leads_there = self.point.place.is_after(&instruction.command);
        let reply = self.inner.execute(instruction).await?;
        if leads_there {
            self.point.come_to(self.point.place);
        }
        Ok(reply)
    }
}

struct MortalQueue {
    inner: Arc<dyn JobQueue>,
    point: Arc<CrashPoint>,
}

#[async_trait]
impl JobQueue for MortalQueue {
    async fn claim(&self, claim: ClaimJobs) -> Result<Vec<Job>, LedgerError> {
        let jobs = self.inner.claim(claim).await?;
        if jobs.iter().any(|job| job.kind() == JobKind::PollCharge) {
            self.point.come_to(Place::PollClaimed);
        }
        Ok(jobs)
    }
}

struct MortalGateway {
    inner: Arc<dyn PaymentGateway>,
    point: Arc<CrashPoint>,
}

#[async_trait]
impl PaymentGateway for MortalGateway {
    fn provider(&self) -> Provider {
        self.inner.provider()
    }

    fn is_simulated(&self) -> bool {
        self.inner.is_simulated()
    }

    async fn create_charge(&self, request: ChargeRequest) -> Result<Charge, GatewayError> {
        let charge = self.inner.create_charge(request).await?;
        self.point.come_to(Place::ChargeMade);
        Ok(charge)
    }

    async fn find_charge(&self, search: ChargeSearch) -> Result<Searched, GatewayError> {
        self.inner.find_charge(search).await
    }

    async fn charge(&self, code: &ChargeCode) -> Result<Option<ChargeState>, GatewayError> {
        self.inner.charge(code).await
    }

    async fn cancel_charge(&self, code: &ChargeCode) -> Result<(), GatewayError> {
        self.inner.cancel_charge(code).await
    }

    async fn simulate(&self, code: &ChargeCode, outcome: SimulatedOutcome) -> Result<Simulation, GatewayError> {
        self.inner.simulate(code, outcome).await
    }
}

struct MortalSender {
    inner: Arc<dyn NotificationSender>,
    point: Arc<CrashPoint>,
}

#[async_trait]
impl NotificationSender for MortalSender {
    fn check(&self, url: &EndpointUrl) -> Result<EndpointUrl, UrlRefusal> {
        self.inner.check(url)
    }

    async fn send(&self, dispatch: &Dispatch) -> Sent {
        let sent = self.inner.send(dispatch).await;
        self.point.come_to(Place::DeliverySent);
        sent
    }
}
