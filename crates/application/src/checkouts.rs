use std::sync::Arc;
use std::time::Duration;

use domain::{
    ChargeCode, Checkout, CheckoutId, CheckoutStatus, ClaimJobs, CreateCheckout, CreateCheckoutReply, Decide, Email,
    Fingerprint, IdempotencyKey, JobId, JobKind, JobLease, Made, MerchantId, Money, OpenOrderCheckout, OrderId,
    WhichJobs,
};
use ports::{
    ChargeStage, CheckoutFilter, CheckoutRepo, GatewayError, IdSource, JobQueue, Ledger, LedgerError, Page,
    PageRequest, SimulatedOutcome, Simulation,
};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

use crate::caller::Settled;
use crate::room::Place;
use crate::{Answer, Background, Caller, Charges, Error, Webhooks};

/// How long a checkout can be paid: as long as a Coinbase charge.
const TIME_TO_LIVE: Duration = Duration::from_secs(60 * 60);
/// How long a request waits for the gateway.
const GATEWAY_WAIT: Duration = Duration::from_secs(5);
/// For how long a request keeps the job of its checkout to itself; longer than a gateway call can take.
pub(crate) const CHARGE_LEASE: Duration = Duration::from_secs(30);
/// How often a request that waits for somebody else's charge looks again.
const CHARGE_POLL: Duration = Duration::from_millis(50);

/// The answer of the ledger, once it is there.
type Stored = oneshot::Receiver<Result<Settled<CreateCheckoutReply>, Error>>;

/// What a merchant asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCheckout {
    /// Who asks.
    pub merchant_id: MerchantId,
    /// Names the request.
    pub idempotency_key: Option<IdempotencyKey>,
    /// How much.
    pub money: Money,
    /// The buyer's address.
    pub email: Option<Email>,
    /// The order that it pays.
    pub order_id: Option<OrderId>,
    /// A JSON object, as text, always written the same way.
    pub metadata: Option<String>,
}

/// Requests for payment.
#[derive(Clone)]
pub struct Checkouts {
    /// Where they are stored.
    pub ledger: Arc<dyn Ledger>,
    /// Where they are read.
    pub repo: Arc<dyn CheckoutRepo>,
    /// Who gets them their charges.
    pub charges: Charges,
    /// The jobs that create charges.
    pub jobs: Arc<dyn JobQueue>,
    /// Where charges are made.
    pub background: Background,
    /// Records the events of a gateway that sends no webhooks.
    pub webhooks: Webhooks,
    /// New ids.
    pub ids: Arc<dyn IdSource>,
}

impl Checkouts {
    /// Stores a checkout; its charge follows. Doesn't wait for the gateway.
    ///
    /// If this node has a hand free, it sees to the charge itself, under the job's first lease; otherwise the job waits
    /// for whoever claims it.
    pub async fn create(&self, caller: &Caller, new: NewCheckout) -> Result<Answer<CreateCheckoutReply>, Error> {
        if let Some(place) = self.background.gateway_room().place_now() {
            let command = self.command(new, Some(CHARGE_LEASE));
            let (stored, _charging) = self.store_and_charge(caller, command, Some(place));
            return self.answer(stored.await.unwrap_or(Err(LedgerError::Unavailable.into()))?).await;
        }
        let command = self.command(new, None);
        let asked = command.fingerprint();
        self.answer(caller.make(&*self.ledger, command, asked).await?).await
    }

    /// Stores a checkout, then waits a few seconds for its charge. Without it the checkout stands all the same, and a
    /// job goes on trying.
    pub async fn create_with_charge(&self, caller: &Caller, new: NewCheckout) -> Result<Answer<Checkout>, Error> {
        let answer = self.with_charge(caller, self.command(new, Some(CHARGE_LEASE))).await?;
        Ok(answer.map(|reply| match reply {
            CreateCheckoutReply::Created(checkout) | CreateCheckoutReply::Replayed(checkout) => *checkout,
        }))
    }

    /// The open checkout of an order, or a new one for its total, whose charge is waited for likewise.
    pub(crate) async fn open_for_order(
        &self,
        caller: &Caller,
        order_id: OrderId,
        email: Option<Email>,
    ) -> Result<Answer<CreateCheckoutReply>, Error> {
        let command = OpenOrderCheckout {
            order_id,
            id: CheckoutId::from_uuid(self.ids.uuid_v7()),
            job_id: JobId::from_uuid(self.ids.uuid_v7()),
            email,
            time_to_live: TIME_TO_LIVE,
            caller_creates_charge_for: Some(CHARGE_LEASE),
        };
        self.with_charge(caller, command).await
    }

    async fn with_charge(
        &self,
        caller: &Caller,
        command: impl OpensCheckout,
    ) -> Result<Answer<CreateCheckoutReply>, Error> {
        let (stored, charging) = self.store_and_charge(caller, command, None);
        match stored.await.unwrap_or(Err(LedgerError::Unavailable.into()))? {
            Settled::Now(CreateCheckoutReply::Created(checkout)) => {
                let with_charge = in_time(charging).await.map(Box::new);
                Ok(Answer::first(CreateCheckoutReply::Created(with_charge.unwrap_or(checkout))))
            }
            settled @ (Settled::Now(CreateCheckoutReply::Replayed(_)) | Settled::Before(_)) => {
                self.answer(settled).await
            }
        }
    }

    /// What was made before is shown as it is now.
    async fn answer(&self, settled: Settled<CreateCheckoutReply>) -> Result<Answer<CreateCheckoutReply>, Error> {
        match settled {
            Settled::Now(reply) => Ok(Answer::first(reply)),
            Settled::Before(Made::Checkout(id)) => {
                Ok(Answer::repeated(CreateCheckoutReply::Created(Box::new(self.get(id).await?))))
            }
            Settled::Before(Made::FoundCheckout(id)) => {
                Ok(Answer::repeated(CreateCheckoutReply::Replayed(Box::new(self.get(id).await?))))
            }
            Settled::Before(_) => Err(LedgerError::Internal.into()),
        }
    }

    /// Stores a checkout and has its charge made, in a task of its own: whether or not anybody still waits, a lease that
    /// was taken must be used, and what the gateway made must be stored.
    fn store_and_charge(
        &self,
        caller: &Caller,
        command: impl OpensCheckout,
        place: Option<Place>,
    ) -> (Stored, JoinHandle<Option<Checkout>>) {
        let lease = JobLease { job_id: command.job_id(), attempt: 1 };
        let (ledger, charges, caller) = (Arc::clone(&self.ledger), self.charges.clone(), caller.clone());
        let (tell, stored) = oneshot::channel();
        let asked = command.fingerprint();
        let charging = self.background.spawn(async move {
            let settled = caller.make(&*ledger, command, asked).await;
            let created = match &settled {
                Ok(Settled::Now(CreateCheckoutReply::Created(checkout))) => Some((**checkout).clone()),
                Ok(Settled::Now(CreateCheckoutReply::Replayed(_)) | Settled::Before(_)) | Err(_) => None,
            };
            drop(tell.send(settled));
            let with_charge = charges.create(created?, lease, None).await.ok();
            drop(place);
            with_charge
        });
        (stored, charging)
    }

    /// The checkout.
    pub async fn get(&self, id: CheckoutId) -> Result<Checkout, Error> {
        self.repo.checkout(id).await?.ok_or(Error::NotFound)
    }

    /// A page of checkouts.
    pub async fn list(&self, filter: CheckoutFilter, page: PageRequest) -> Result<Page<Checkout>, Error> {
        Ok(self.repo.checkouts(filter, page).await?)
    }

    /// Plays the buyer of a simulated gateway. Answers with the checkout, which is still PENDING: its webhook follows.
    pub async fn pay(&self, id: CheckoutId, outcome: SimulatedOutcome) -> Result<Checkout, Error> {
        if !self.charges.gateway.is_simulated() {
            return Err(GatewayError::NotSimulated.into());
        }
        let (checkout, code) = loop_until_charged(self, id).await?;
        match self.charges.gateway.simulate(&code, outcome).await {
            Ok(Simulation::SendsWebhooks) => Ok(checkout),
            Ok(Simulation::Events(events)) => {
                self.webhooks.record_later(events);
                Ok(checkout)
            }
            // The charge is finished already and its webhook is on the way, was here just now, or never comes.
            Err(GatewayError::Refused(_)) => {
                self.record_end(&code).await?;
                self.unfinished(id).await
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Finds out how a charge has ended that can't be paid, if it has, and records it.
    async fn record_end(&self, code: &ChargeCode) -> Result<(), Error> {
        let state = self.charges.gateway.charge(code).await?.ok_or(GatewayError::ChargeNotFound)?;
        if let Some(news) = state.news {
            self.webhooks.record(news).await?;
        }
        match state.stage {
            ChargeStage::Open | ChargeStage::Paying => Ok(()),
            ChargeStage::Ended | ChargeStage::Over => Err(Error::CheckoutFinished),
        }
    }

    async fn unfinished(&self, id: CheckoutId) -> Result<Checkout, Error> {
        let checkout = self.get(id).await?;
        match checkout.status {
            CheckoutStatus::Pending => Ok(checkout),
            CheckoutStatus::Completed
            | CheckoutStatus::Failed
            | CheckoutStatus::Expired
            | CheckoutStatus::Canceled
            | CheckoutStatus::Unresolved => Err(Error::CheckoutFinished),
        }
    }

    fn command(&self, new: NewCheckout, caller_creates_charge_for: Option<Duration>) -> CreateCheckout {
        CreateCheckout {
            id: CheckoutId::from_uuid(self.ids.uuid_v7()),
            job_id: JobId::from_uuid(self.ids.uuid_v7()),
            merchant_id: new.merchant_id,
            idempotency_key: new.idempotency_key,
            money: new.money,
            email: new.email,
            order_id: new.order_id,
            metadata: new.metadata,
            time_to_live: TIME_TO_LIVE,
            caller_creates_charge_for,
        }
    }
}

/// A command that may make a checkout, and the job of its charge with it.
trait OpensCheckout: Decide<Reply = CreateCheckoutReply> + Send + 'static {
    fn job_id(&self) -> JobId;

    /// Tells another request.
    fn fingerprint(&self) -> Fingerprint;
}

impl OpensCheckout for CreateCheckout {
    fn job_id(&self) -> JobId {
        self.job_id
    }

    fn fingerprint(&self) -> Fingerprint {
        self.request_fingerprint()
    }
}

impl OpensCheckout for OpenOrderCheckout {
    fn job_id(&self) -> JobId {
        self.job_id
    }

    fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&[self.email.as_ref().map(Email::as_str)])
    }
}

/// What the charge made of a checkout, if it was there in time.
async fn in_time(charging: JoinHandle<Option<Checkout>>) -> Option<Checkout> {
    timeout(GATEWAY_WAIT, charging).await.ok()?.ok()?
}

/// Waits until an unfinished checkout has its charge, and makes it if nobody else is at it.
async fn loop_until_charged(checkouts: &Checkouts, id: CheckoutId) -> Result<(Checkout, ChargeCode), Error> {
    let deadline = Instant::now() + GATEWAY_WAIT;
    loop {
        let checkout = checkouts.unfinished(id).await?;
        if let Some(code) = checkout.charge_code.clone() {
            return Ok((checkout, code));
        }
        let claim = ClaimJobs {
            kind: JobKind::CreateCharge,
            which: WhichJobs::Of(id.as_uuid()),
            limit: 1,
            lease: CHARGE_LEASE,
        };
        if let Some(job) = checkouts.jobs.claim(claim).await?.first() {
            let (charges, lease, checkpoint) = (checkouts.charges.clone(), job.lease(), job.checkpoint.clone());
            let charging =
                checkouts.background.spawn(async move { charges.create(checkout, lease, checkpoint).await.ok() });
            if in_time(charging).await.is_some() {
                continue;
            }
            return Err(GatewayError::Unavailable("it made no charge in time".to_owned()).into());
        }
        if Instant::now() >= deadline {
            return Err(GatewayError::Unavailable("the charge is not there yet".to_owned()).into());
        }
        sleep(CHARGE_POLL).await;
    }
}
