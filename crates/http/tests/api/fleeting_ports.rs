use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use async_trait::async_trait;
use domain::{
    Attempted, Charge, ChargeCode, ChargeNews, ChargeReport, CheckoutId, EndpointUrl, EventKey, EventReport, Provider,
    ProviderEventId, Reported, ReportedPayment, SigningSeed, Subject, TransactionId,
};
use ports::{
    ChargeRequest, ChargeSearch, ChargeStage, ChargeState, Dispatch, EndpointKeys, GatewayError, IdSource,
    IncomingEvent, NotificationSender, PaymentGateway, Searched, Sent, SignatureVerifier, SimulatedOutcome, Simulation,
    UrlRefusal, WebhookDecoder, WebhookError,
};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::store::NOW;

/// Counts up, so that later rows have greater ids.
#[derive(Default)]
pub(crate) struct CountingIds(AtomicU64);

impl IdSource for CountingIds {
    fn uuid_v7(&self) -> Uuid {
        let count = self.0.fetch_add(1, Ordering::Relaxed);
        Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 | u128::from(count))
    }

    fn jitter_permille(&self) -> u16 {
        0
    }
}

/// A gateway that does as it is told.
#[derive(Default)]
pub(crate) struct Gateway {
    pub(crate) is_real: AtomicBool,
    pub(crate) failure: Mutex<Option<GatewayError>>,
    pub(crate) played: Mutex<Vec<SimulatedOutcome>>,
    /// What it says of any charge, if it knows it: how far it has come, and the news.
    pub(crate) told: Mutex<Option<(ChargeStage, Option<&'static str>)>>,
    /// Whether charges can't be paid any more.
    pub(crate) is_late: AtomicBool,
}

impl Gateway {
    fn check(&self) -> Result<(), GatewayError> {
        self.failure.lock().unwrap().clone().map_or(Ok(()), Err)
    }
}

/// The code that the charge of a checkout gets.
pub(crate) fn code_of(checkout_id: CheckoutId) -> ChargeCode {
    let digits = checkout_id.as_uuid().simple().to_string();
    ChargeCode::parse(digits[24..].to_uppercase()).unwrap()
}

#[async_trait]
impl PaymentGateway for Gateway {
    fn provider(&self) -> Provider {
        Provider::Fake
    }

    fn is_simulated(&self) -> bool {
        !self.is_real.load(Ordering::Relaxed)
    }

    async fn create_charge(&self, request: ChargeRequest) -> Result<Charge, GatewayError> {
        self.check()?;
        let code = code_of(request.checkout_id);
        Ok(Charge { hosted_url: format!("http://pay.test/{code}"), code })
    }

    async fn find_charge(&self, _: ChargeSearch) -> Result<Searched, GatewayError> {
        self.check().map(|()| Searched::Nothing)
    }

    async fn charge(&self, code: &ChargeCode) -> Result<Option<ChargeState>, GatewayError> {
        self.check()?;
        let charge = Charge { hosted_url: format!("http://pay.test/{code}"), code: code.clone() };
        let told = *self.told.lock().unwrap();
        Ok(told.map(|(stage, words)| {
            let news = words.map(|words| read(format!("poll-{words} {code} {words}").as_bytes()).unwrap());
            ChargeState { charge, stage, news }
        }))
    }

    async fn cancel_charge(&self, _: &ChargeCode) -> Result<(), GatewayError> {
        self.check()
    }

    async fn simulate(&self, _: &ChargeCode, outcome: SimulatedOutcome) -> Result<Simulation, GatewayError> {
        self.check()?;
        if self.is_late.load(Ordering::Relaxed) {
            return Err(GatewayError::Refused("the charge is finished".to_owned()));
        }
        self.played.lock().unwrap().push(outcome);
        Ok(Simulation::SendsWebhooks)
    }
}

/// Reads webhooks of the form `<event id> <charge code> confirmed`, signed `X-Signature: good`.
pub(crate) struct Decoder;

impl WebhookDecoder for Decoder {
    fn decode(&self, header: &dyn Fn(&str) -> Option<String>, body: &[u8]) -> Result<IncomingEvent, WebhookError> {
        match header("x-signature").as_deref() {
            None => return Err(WebhookError::MissingSignature),
            Some("good") => {}
            Some(_) => return Err(WebhookError::WrongSignature),
        }
        read(body)
    }
}

/// Three words: what the event is called, the charge's code, and what happened.
fn read(body: &[u8]) -> Result<IncomingEvent, WebhookError> {
    let malformed = || WebhookError::Malformed("three words are needed".to_owned());
    let text = str::from_utf8(body).map_err(|_| malformed())?;
    let [id, code, news] = text.split(' ').collect::<Vec<_>>()[..] else { return Err(malformed()) };
    let payment = ReportedPayment {
        record: TransactionId::from_uuid(Uuid::from_u128(u128::from(text.len() as u64))),
        provider_transaction_id: format!("0x{id}"),
        amount: Reported::Missing,
        occurred_at: NOW,
    };
    Ok(IncomingEvent {
        key: EventKey { provider: Provider::Fake, provider_event_id: ProviderEventId::parse(id).unwrap() },
        event_type: "charge:confirmed".to_owned(),
        subject: ChargeCode::parse(code).ok().map(Subject::Charge),
        raw: body.to_vec(),
        report: EventReport::Charge(ChargeReport {
            news: match news {
                "confirmed" => ChargeNews::Confirmed,
                "pending" => ChargeNews::Pending,
                "expired" => ChargeNews::Expired,
                _ => ChargeNews::Unknown,
            },
            asked: Reported::Missing,
            tolerance: domain::Tolerance::default(),
            payments: vec![payment],
            occurred_at: NOW,
        }),
    })
}

/// Both are valid: the secret is being changed.
pub(crate) const SECRETS: [&str; 2] = ["the new secret", "the old secret"];

/// The signature of a notice: the SHA-256 of the secret and the body, in hex.
pub(crate) fn sign(secret: &str, body: &[u8]) -> String {
    let digest = Sha256::new().chain_update(secret).chain_update(body).finalize();
    digest
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}

/// Knows the signatures of notices.
pub(crate) struct Verifier;

impl SignatureVerifier for Verifier {
    fn verify(&self, signature: Option<&str>, body: &[u8]) -> Result<(), WebhookError> {
        let signature = signature.ok_or(WebhookError::MissingSignature)?;
        let is_right = SECRETS.iter().any(|secret| sign(secret, body) == signature);
        if is_right { Ok(()) } else { Err(WebhookError::WrongSignature) }
    }
}

/// Keys that tell from which seed they come: seeds count up.
#[derive(Default)]
pub(crate) struct CountingKeys(std::sync::atomic::AtomicU8);

impl EndpointKeys for CountingKeys {
    fn new_seed(&self) -> SigningSeed {
        SigningSeed::from_bytes([self.0.fetch_add(1, Ordering::Relaxed) + 1; 32])
    }

    fn secret(&self, seed: &SigningSeed) -> String {
        format!("whsec_{}", seed.as_bytes()[0])
    }

    fn public_key(&self, seed: &SigningSeed) -> String {
        format!("whpk_{}", seed.as_bytes()[0])
    }
}

/// A sender that knows one private address, and sends nothing.
pub(crate) struct Post;

#[async_trait]
impl NotificationSender for Post {
    fn check(&self, url: &EndpointUrl) -> Result<EndpointUrl, UrlRefusal> {
        match url.as_str() {
            text if text.starts_with("http://10.") => Err(UrlRefusal::PrivateAddress),
            text if text.starts_with("http") => Ok(url.clone()),
            _ => Err(UrlRefusal::NotWeb),
        }
    }

    async fn send(&self, dispatch: &Dispatch) -> Sent {
        let started_at = dispatch.delivery.created_at;
        let attempted = Attempted { started_at, duration_ms: 0, status_code: Some(204), error: None, answer: None };
        Sent { attempted, retry_after: None }
    }
}
