use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use ports::{GatewayError, IdSource};
use reqwest::header::{ACCEPT, HeaderMap, HeaderName, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::Value;
use url::Url;

use super::answer::{Answer, printable, retry_after};
use super::config::{Config, ConfigError};

/// The version of the API that is spoken.
const API_VERSION: &str = "2018-03-22";

/// The largest answer that is read. A page of 100 charges with all their exchange rates is some 600 KiB.
const ANSWER_MAX_BYTES: usize = 4 * 1024 * 1024;

/// How often a call is tried that can do no harm when it is repeated.
const TRIES_MAX: u32 = 3;

/// The longest pause before the first repetition; it doubles with each. The shortest is half of it.
const PAUSE: Duration = Duration::from_millis(200);

/// The longest pause that the other side may ask for without the call being given up. Longer ones are for the caller.
const ASKED_PAUSE_MAX: Duration = Duration::from_secs(2);

/// Shorter than the keep-alive of common servers, so that a call is rarely sent into a connection that is just
/// closing: what isn't safe to repeat would be lost.
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(4);

/// Speaks HTTP with the other side, and knows when a call may be repeated.
pub(super) struct Client {
    http: reqwest::Client,
    base: Url,
    call_timeout: Duration,
    ids: Arc<dyn IdSource>,
}

/// Why there is no answer.
enum Failure {
    /// The request never left this machine.
    NotSent(String),
    /// The request may have been received.
    Broken(String),
    /// The answer has no end.
    TooLarge,
}

impl Client {
    pub(super) fn new(config: &Config, ids: Arc<dyn IdSource>) -> Result<Self, ConfigError> {
        let http = build(config)?;
        let mut base = config.api_url.clone();
        base.set_query(None);
        base.set_fragment(None);
        Ok(Self { http, base, call_timeout: config.timeouts.call, ids })
    }

    /// The address of something in the API. Each part is one step of the path, whatever characters it has.
    pub(super) fn url(&self, path: &[&str]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        url
    }

    pub(super) async fn get(&self, url: Url) -> Result<Answer, GatewayError> {
        self.call(Method::GET, url, None).await
    }

    pub(super) async fn post(&self, url: Url, body: &Value) -> Result<Answer, GatewayError> {
        self.call(Method::POST, url, Some(body)).await
    }

    async fn call(&self, method: Method, url: Url, body: Option<&Value>) -> Result<Answer, GatewayError> {
        tokio::time::timeout(self.call_timeout, self.tries(&method, &url, body))
            .await
            .unwrap_or_else(|_| Err(GatewayError::Unavailable("it took too long to answer".to_owned())))
    }

    async fn tries(&self, method: &Method, url: &Url, body: Option<&Value>) -> Result<Answer, GatewayError> {
        let mut tried = 0;
        loop {
            let request = self.http.request(method.clone(), url.clone());
            let outcome = attempt(match body {
                Some(body) => request.json(body),
                None => request,
            })
            .await;
            tried += 1;
            let asked_pause = asked_pause(&outcome);
            if tried == TRIES_MAX || !(asked_pause.is_some() || may_repeat(method, &outcome)) {
                return outcome.map_err(GatewayError::from);
            }
            tokio::time::sleep(self.pause_after(tried).max(asked_pause.unwrap_or_default())).await;
        }
    }

    /// Spread out, so that nodes that failed together don't come back together.
    fn pause_after(&self, tried: u32) -> Duration {
        let permille = 500 + u32::from(self.ids.jitter_permille().min(1000)) / 2;
        PAUSE * (1 << (tried - 1)) * permille / 1000
    }
}

/// Whether trying again can't do twice what was asked once.
fn may_repeat(method: &Method, outcome: &Result<Answer, Failure>) -> bool {
    match outcome {
        Ok(answer) => method.is_safe() && answer.status.is_server_error(),
        Err(Failure::NotSent(_)) => true,
        Err(Failure::Broken(_)) => method.is_safe(),
        Err(Failure::TooLarge) => false,
    }
}

/// The pause after which the other side will take what it has just turned away unread, if that is worth waiting for.
fn asked_pause(outcome: &Result<Answer, Failure>) -> Option<Duration> {
    let answer = outcome.as_ref().ok()?;
    let pause = answer.retry_after.filter(|_| answer.status == StatusCode::TOO_MANY_REQUESTS)?;
    (pause <= ASKED_PAUSE_MAX).then_some(pause)
}

async fn attempt(request: RequestBuilder) -> Result<Answer, Failure> {
    let mut response = request.send().await?;
    let status = response.status();
    let retry_after = retry_after(response.headers());
    let body = read(&mut response).await?;
    Ok(Answer { status, retry_after, body })
}

async fn read(response: &mut Response) -> Result<Vec<u8>, Failure> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > ANSWER_MAX_BYTES {
            return Err(Failure::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn build(config: &Config) -> Result<reqwest::Client, ConfigError> {
    // Whoever was first has chosen the same: the workspace has no other provider. reqwest panics without one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder()
        .default_headers(headers(&config.api_key)?)
        .user_agent(concat!("boxoffice/", env!("CARGO_PKG_VERSION")))
        .redirect(Policy::none())
        .referer(false)
        .connect_timeout(config.timeouts.connect)
        .pool_idle_timeout(POOL_IDLE_TIMEOUT);
    if config.api_url.scheme() == "http" {
        // Without this, a system that has no CA certificates couldn't even talk to the sandbox next door.
        builder = builder.tls_certs_only([]);
    }
    if config.is_loopback() {
        builder = builder.no_proxy();
    }
    builder.build().map_err(|error| ConfigError::Client(chain(&error)))
}

fn headers(api_key: &str) -> Result<HeaderMap, ConfigError> {
    let mut key = HeaderValue::from_str(api_key).map_err(|_| ConfigError::UnusableKey)?;
    key.set_sensitive(true);
    Ok(HeaderMap::from_iter([
        (ACCEPT, HeaderValue::from_static("application/json")),
        (HeaderName::from_static("x-cc-api-key"), key),
        (HeaderName::from_static("x-cc-version"), HeaderValue::from_static(API_VERSION)),
    ]))
}

/// An error with its causes, as the outermost alone says only that something failed.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    printable(&text)
}

impl From<reqwest::Error> for Failure {
    fn from(error: reqwest::Error) -> Self {
        let error = error.without_url();
        if error.is_connect() || error.is_builder() {
            Self::NotSent(chain(&error))
        } else {
            Self::Broken(chain(&error))
        }
    }
}

impl From<Failure> for GatewayError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::NotSent(why) | Failure::Broken(why) => Self::Unavailable(why),
            Failure::TooLarge => Self::Unreadable("the answer is too large".to_owned()),
        }
    }
}
