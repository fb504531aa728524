//! One delivery of one event.

use std::time::Instant;

use actix_web::http::header::CONTENT_TYPE;
use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use url::Url;

use super::backoff;
use crate::clock::Timestamp;
use crate::config::Config;
use crate::error::{Error, Problem};
use crate::limits::{DELIVERY_TIMEOUT, RECEIVER_ANSWER_BYTES_MAX};
use crate::sandbox::Sandbox;
use crate::storage::outbox::{self, Delivery, Due};
use crate::{event, random, secret};

const SIGNATURE_HEADER: &str = "X-CC-Webhook-Signature";

/// Sends signed bodies to the merchant.
pub(crate) struct Postman {
    client: Client,
    secret: String,
    url: Option<Url>,
}

impl Postman {
    pub(crate) fn new(config: &Config) -> Result<Self, Error> {
        // An error only says that the process has a provider already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut client = Client::builder()
            .timeout(DELIVERY_TIMEOUT)
            .redirect(Policy::none())
            .no_proxy()
            .user_agent("sandbox-webhooks");
        if config.webhook_url.as_ref().is_none_or(|url| url.scheme() != "https") {
            // A machine without CA certificates can post to plain HTTP, or to nobody, as well as any other.
            client = client.tls_certs_only([]);
        }
        Ok(Self { client: client.build()?, secret: config.webhook_secret.clone(), url: config.webhook_url.clone() })
    }

    /// Without a receiver nothing is sent, not even what an earlier run left behind.
    pub(crate) fn has_receiver(&self) -> bool {
        self.url.is_some()
    }

    /// The receiver's status, or in a word why there is none.
    async fn post(&self, body: String) -> Result<u16, &'static str> {
        let url = self.url.clone().ok_or("no-url")?;
        let request = self
            .client
            .post(url)
            .header(CONTENT_TYPE.as_str(), "application/json")
            .header(SIGNATURE_HEADER, secret::signature(&self.secret, body.as_bytes()))
            .body(body);
        let answer = request.send().await.map_err(|error| kind(&error))?;
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

/// Delivers an event once and records how it went. Only the recording can fail here.
pub(super) async fn deliver(sandbox: &Sandbox, due: Due) -> Result<(), Problem> {
    let attempt = due.attempts.saturating_add(1);
    let body = body(&due, attempt)?;
    let (started_at, clock) = (Timestamp::now(), Instant::now());
    let outcome = sandbox.postman().post(body).await;
    let taken = outcome.is_ok_and(|status| (200..300).contains(&status));
    let retry = || backoff::next(sandbox.config().retry, Timestamp(due.created_at_ms), attempt, Timestamp::now());
    let next = if taken { None } else { retry() };
    let delivery = Delivery {
        event_id: due.id,
        charge_code: due.charge_code,
        kind: due.kind,
        attempt,
        started_at_ms: started_at.0,
        duration_ms: i64::try_from(clock.elapsed().as_millis()).unwrap_or(i64::MAX),
        status_code: outcome.ok().map(i32::from),
        failure: outcome.err().map(str::to_owned),
        next_attempt_at_ms: next.map(|next| next.0),
    };
    note(&delivery, taken);
    sandbox.storage().write(move |connection| outbox::record(connection, due.seq, &delivery)).await
}

fn body(due: &Due, attempt: i32) -> Result<String, Problem> {
    let event = serde_json::from_str(&due.body);
    let event = event.map_err(|source| Problem::Document { table: "events", row: due.seq, source })?;
    let scheduled_for = Timestamp(due.next_attempt_at_ms.unwrap_or(due.created_at_ms));
    Ok(event::envelope(random::uuid()?, attempt, scheduled_for, event))
}

fn note(delivery: &Delivery, taken: bool) {
    let Delivery { event_id, kind, attempt, status_code, failure, duration_ms, .. } = delivery;
    if taken {
        log::debug!("sandbox: {kind} {event_id} delivered at attempt {attempt} in {duration_ms} ms");
    } else if delivery.next_attempt_at_ms.is_some() {
        log::info!("sandbox: {kind} {event_id} not taken at attempt {attempt}: {status_code:?} {failure:?}");
    } else {
        log::warn!("sandbox: {kind} {event_id} given up after attempt {attempt}: {status_code:?} {failure:?}");
    }
}
