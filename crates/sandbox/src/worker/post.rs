//! One delivery: making the request, sending it, and recording how it went.

use std::time::Instant;

use actix_web::http::header::CONTENT_TYPE;
use diesel::SqliteConnection;
use reqwest::redirect::Policy;
use reqwest::{Client, Response};

use super::backoff;
use crate::announce::Scene;
use crate::clock::Timestamp;
use crate::error::{Error, Problem};
use crate::event::{self, Event};
use crate::faults::BodyFault;
use crate::limits::{DELIVERY_TIMEOUT, RECEIVER_ANSWER_BYTES_MAX};
use crate::sandbox::Sandbox;
use crate::storage::outbox::{self, Attempt, DELIVERED, Delivery, FAILED};
use crate::storage::resources;
use crate::{random, secret};

pub(crate) const SIGNATURE_HEADER: &str = "X-CC-Webhook-Signature";
pub(crate) const CONTENT: &str = "application/json";

/// Sends bodies to merchants.
pub(crate) struct Postman {
    plain: Client,
    /// `None` on a machine without CA certificates, which can post to plain HTTP as well as any other.
    encrypted: Option<Client>,
}

/// A request that is ready to be sent, and what is noted of it.
struct Letter {
    attempt: Attempt,
    body: String,
    begun_at: Timestamp,
}

impl Postman {
    pub(crate) fn new() -> Result<Self, Error> {
        // An error only says that the process has a provider already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = || {
            let client = Client::builder().timeout(DELIVERY_TIMEOUT).redirect(Policy::none()).no_proxy();
            client.user_agent("sandbox-webhooks")
        };
        let encrypted = client().build().inspect_err(|error| {
            log::warn!("sandbox: webhooks can't go to https: {error:?}; are CA certificates installed?");
        });
        Ok(Self { plain: client().tls_certs_only([]).build()?, encrypted: encrypted.ok() })
    }

    /// The receiver's status, or in a word why there is none.
    async fn post(&self, url: &str, signature: &str, body: String) -> Result<u16, &'static str> {
        let is_encrypted = url.get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https:"));
        let client = if is_encrypted { self.encrypted.as_ref().ok_or("no-certificates")? } else { &self.plain };
        let request = client.post(url).header(CONTENT_TYPE.as_str(), CONTENT).header(SIGNATURE_HEADER, signature);
        let answer = request.body(body).send().await.map_err(|error| kind(&error))?;
        let status = answer.status().as_u16();
        drain(answer).await;
        Ok(status)
    }
}

fn kind(error: &reqwest::Error) -> &'static str {
    if error.is_timeout() {
        "timeout"
    } else if error.is_connect() {
        "connect"
    } else {
        "connection-lost"
    }
}

/// A connection is used again only if its answer was read to the end.
async fn drain(mut answer: Response) {
    let mut read = 0;
    while let Ok(Some(chunk)) = answer.chunk().await {
        read += chunk.len();
        if read > RECEIVER_ANSWER_BYTES_MAX {
            break;
        }
    }
}

/// Makes one attempt at a delivery and records how it went. Only the recording can fail here.
pub(super) async fn deliver(sandbox: &Sandbox, seq: i64) -> Result<(), Problem> {
    let scene = sandbox.scene();
    let letter = {
        let scene = scene.clone();
        sandbox.storage().read(move |connection| write(connection, &scene, seq)).await?
    };
    let Some(Letter { mut attempt, body, begun_at }) = letter else {
        return sandbox.storage().write(move |connection| outbox::give_up(connection, seq)).await;
    };
    let clock = Instant::now();
    let outcome = sandbox.postman().post(&attempt.url, &attempt.signature, body).await;
    let was_taken = outcome.is_ok_and(|status| (200..300).contains(&status));
    attempt.duration_ms = i64::try_from(clock.elapsed().as_millis()).unwrap_or(i64::MAX);
    attempt.status_code = outcome.ok().map(i32::from);
    attempt.failure = outcome.err().map(str::to_owned);
    let next = if was_taken {
        None
    } else {
        let tried = attempt.number;
        backoff::next(scene.config.retry, begun_at, tried, scene.clock.now())
    };
    let state = if was_taken { DELIVERED } else { FAILED };
    note(&attempt, was_taken, next);
    sandbox.storage().write(move |connection| outbox::record(connection, &attempt, state, next)).await
}

/// `None`: there is nothing to send any more.
fn write(connection: &mut SqliteConnection, scene: &Scene, seq: i64) -> Result<Option<Letter>, Problem> {
    let Some(delivery) = outbox::find(connection, seq)? else { return Ok(None) };
    let (Some(due_ms), Some(merchant)) = (delivery.next_attempt_at_ms, scene.directory.merchant(delivery.merchant_id))
    else {
        return Ok(None);
    };
    let number = delivery.attempts.saturating_add(1);
    let fault = scene.faults.of_attempt(&delivery.dice, number);
    let stale = match fault {
        Some(BodyFault::StaleBody) => resources::event_before(connection, delivery.lane, delivery.event_seq)?,
        Some(BodyFault::WrongSecret | BodyFault::OldSecret) | None => None,
    };
    // The first event of a charge has nothing to be stale with.
    let fault = fault.filter(|fault| *fault != BodyFault::StaleBody || stale.is_some());
    let mut attempt = Attempt {
        delivery_seq: seq,
        number,
        started_at_ms: scene.clock.now().0,
        duration_ms: 0,
        status_code: None,
        failure: None,
        fault: fault.map(|fault| fault.name().to_owned()),
        url: delivery.url.clone(),
        envelope_id: random::uuid()?.to_string(),
        scheduled_for_ms: due_ms,
        body_event_seq: stale.map_or(delivery.event_seq, |stale| stale.seq),
        signature: String::new(),
    };
    let Some(body) = body_of(connection, &delivery, &attempt)? else {
        log::error!("sandbox: the event of delivery {seq} is gone");
        return Ok(None);
    };
    let secret = match fault {
        Some(BodyFault::WrongSecret) => format!("not {}", merchant.webhook_secret),
        Some(BodyFault::OldSecret) => merchant.previous_webhook_secret.clone(),
        Some(BodyFault::StaleBody) | None => merchant.webhook_secret.clone(),
    };
    attempt.signature = secret::signature(&secret, body.as_bytes());
    Ok(Some(Letter { attempt, body, begun_at: Timestamp(delivery.begun_at_ms) }))
}

/// The body of an attempt, byte for byte. `None`: its event isn't kept any more.
pub(crate) fn body_of(
    connection: &mut SqliteConnection,
    delivery: &Delivery,
    attempt: &Attempt,
) -> Result<Option<String>, Problem> {
    let Some(event) = outbox::event_body(connection, delivery.event_seq)? else { return Ok(None) };
    let event = if attempt.body_event_seq == delivery.event_seq {
        event
    } else {
        let Some(earlier) = outbox::event_body(connection, attempt.body_event_seq)? else { return Ok(None) };
        let event = parse(delivery.event_seq, &event)?;
        event.with_data_of(parse(attempt.body_event_seq, &earlier)?).0.to_string()
    };
    let id = attempt.envelope_id.parse().unwrap_or_default();
    Ok(Some(event::envelope(id, attempt.number, Timestamp(attempt.scheduled_for_ms), &event)))
}

fn parse(row: i64, event: &str) -> Result<Event, Problem> {
    serde_json::from_str(event).map_err(|source| Problem::Document { table: "resources", row, source })
}

fn note(attempt: &Attempt, was_taken: bool, next: Option<Timestamp>) {
    let Attempt { delivery_seq, number, status_code, failure, duration_ms, .. } = attempt;
    if was_taken {
        log::debug!("sandbox: delivery {delivery_seq} arrived at attempt {number} in {duration_ms} ms");
    } else if next.is_some() {
        log::info!("sandbox: delivery {delivery_seq} not taken at attempt {number}: {status_code:?} {failure:?}");
    } else {
        log::warn!("sandbox: delivery {delivery_seq} given up after attempt {number}: {status_code:?} {failure:?}");
    }
}
