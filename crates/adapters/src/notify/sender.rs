use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use domain::{Attempted, EndpointUrl};
use ports::{Clock, Dispatch, NotificationSender, Sent, UrlRefusal};
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Response, StatusCode};
use thiserror::Error;
use tokio::time::{timeout, timeout_at};
use url::{Host, Url};

use super::addresses::is_public;
use super::answer::{read, reason};
use super::keys::Message;
use super::resolver::PublicNames;
use crate::retry_after::retry_after;

/// Shorter than the keep-alive of common servers, so that a message is rarely sent into a connection that is just closing.
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(4);
/// Connections to one server that are kept for the next message.
const POOL_IDLE_MAX: usize = 2;

/// How notifications are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SenderConfig {
    /// Whether endpoints may have private addresses: for development, and where merchants are trusted.
    pub private_addresses: bool,
    /// How long to wait for a connection, TLS included.
    pub connect_timeout: Duration,
    /// How long an attempt may take in all.
    pub timeout: Duration,
}

impl Default for SenderConfig {
    fn default() -> Self {
        Self { private_addresses: false, connect_timeout: Duration::from_secs(5), timeout: Duration::from_secs(15) }
    }
}

/// Why nothing can be sent at all.
#[derive(Debug, Error)]
pub enum SenderError {
    /// The HTTP client can't be made.
    #[error("could not set up the sender of notifications: {0}")]
    Client(String),
}

/// Sends notifications by HTTP: no redirects, no proxies, no private addresses, and no more patience than is good.
pub struct HttpSender {
    http: reqwest::Client,
    config: SenderConfig,
    clock: Arc<dyn Clock>,
}

impl fmt::Debug for HttpSender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpSender").field("config", &self.config).finish_non_exhaustive()
    }
}

impl HttpSender {
    /// With a client of its own.
    pub fn new(config: SenderConfig, clock: Arc<dyn Clock>) -> Result<Self, SenderError> {
        // Whoever was first has chosen the same: the workspace has no other provider. reqwest panics without one.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = builder(config).build().or_else(|error| {
            // A system without CA certificates can still send over HTTP; over HTTPS, each attempt will say what is wrong.
            log::warn!(error:% = reason(error); "notifications can't be sent by HTTPS: are CA certificates installed?");
            builder(config).tls_certs_only([]).build()
        });
        let http = http.map_err(|error| SenderError::Client(reason(error)))?;
        Ok(Self { http, config, clock })
    }

    /// The URL, if anything may be sent there. A name is looked at when it is resolved.
    fn allowed(&self, text: &str) -> Result<Url, UrlRefusal> {
        let url = Url::parse(text).map_err(|_| UrlRefusal::NotWeb)?;
        let is_web = matches!(url.scheme(), "http" | "https") && url.has_host();
        let is_bare = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        if !is_web || !is_bare {
            return Err(UrlRefusal::NotWeb);
        }
        let is_private = match url.host() {
            Some(Host::Domain(name)) => {
                let name = name.trim_end_matches('.');
                name == "localhost" || name.ends_with(".localhost")
            }
            Some(Host::Ipv4(address)) => !is_public(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => !is_public(IpAddr::V6(address)),
            None => true,
        };
        if is_private && !self.config.private_addresses {
            return Err(UrlRefusal::PrivateAddress);
        }
        Ok(url)
    }

    async fn post(&self, dispatch: &Dispatch, unix_s: i64) -> Result<Response, String> {
        let Dispatch { notification, endpoint, .. } = dispatch;
        let url = self.allowed(endpoint.url.as_str()).map_err(|refusal| format!("the URL {refusal}"))?;
        let id = notification.id.to_string();
        let message = Message { id: &id, unix_s, body: &notification.body };
        let signatures = message.signatures(&endpoint.seeds(self.clock.now()), endpoint.is_asymmetric);
        let request = self
            .http
            .post(url)
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .header("webhook-id", &id)
            .header("webhook-timestamp", unix_s)
            .header("webhook-signature", signatures)
            .body(notification.body.clone());
        request.send().await.map_err(reason)
    }
}

fn builder(config: SenderConfig) -> reqwest::ClientBuilder {
    let builder = reqwest::Client::builder()
        .user_agent(concat!("boxoffice/", env!("CARGO_PKG_VERSION"), " (webhooks)"))
        .redirect(Policy::none())
        .referer(false)
        .no_proxy()
        .connect_timeout(config.connect_timeout)
        .pool_idle_timeout(POOL_IDLE_TIMEOUT)
        .pool_max_idle_per_host(POOL_IDLE_MAX);
    if config.private_addresses { builder } else { builder.dns_resolver(PublicNames) }
}

#[async_trait]
impl NotificationSender for HttpSender {
    fn check(&self, url: &EndpointUrl) -> Result<EndpointUrl, UrlRefusal> {
        EndpointUrl::parse(self.allowed(url.as_str())?).map_err(|_| UrlRefusal::NotWeb)
    }

    async fn send(&self, dispatch: &Dispatch) -> Sent {
        let (started_at, began) = (self.clock.now(), Instant::now());
        let deadline = tokio::time::Instant::now() + self.config.timeout;
        let answered =
            timeout(self.config.timeout, self.post(dispatch, started_at.unix_us().div_euclid(1_000_000))).await;
        let (mut status_code, mut error, mut answer, mut pause) = (None, None, None, None);
        match answered {
            Ok(Ok(mut response)) => {
                let status = response.status();
                status_code = Some(status.as_u16());
                let may_ask = matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE);
                pause = retry_after(response.headers(), Some(started_at)).filter(|_| may_ask);
                // What was taken is taken, however long its body goes on.
                answer = timeout_at(deadline, read(&mut response)).await.ok().filter(|text| !text.is_empty());
            }
            Ok(Err(why)) => error = Some(why),
            Err(_) => error = Some("the endpoint took too long to answer".to_owned()),
        }
        let duration_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        Sent { attempted: Attempted { started_at, duration_ms, status_code, error, answer }, retry_after: pause }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemClock;

    fn sender(private_addresses: bool) -> HttpSender {
        HttpSender::new(SenderConfig { private_addresses, ..SenderConfig::default() }, Arc::new(SystemClock)).unwrap()
    }

    fn check(sender: &HttpSender, url: &str) -> Result<String, UrlRefusal> {
        sender.check(&EndpointUrl::parse(url).unwrap()).map(String::from)
    }

    #[test]
    fn private_addresses_are_refused_however_they_are_written() {
        for url in [
            "http://127.0.0.1/",
            "http://127.1/",
            "http://2130706433/",
            "http://0x7f000001/",
            "http://0177.0.0.1/",
            "http://0/",
            "http://169.254.169.254/latest/meta-data",
            "http://[::1]:8080/",
            "http://[::ffff:10.0.0.1]/",
            "http://[::ffff:a00:1]/",
            "http://[64:ff9b::a00:1]/",
            "http://10.0.0.1:5432/",
            "http://localhost/",
            "http://LOCALHOST./",
            "http://a.localhost/",
            "http://\u{ff11}27.0.0.1/",
            "http://127\u{3002}0\u{3002}0\u{3002}1/",
        ] {
            assert_eq!(check(&sender(false), url), Err(UrlRefusal::PrivateAddress), "{url}");
            assert!(check(&sender(true), url).is_ok(), "{url}");
        }
    }

    #[test]
    fn what_is_no_url_of_a_web_server_is_refused() {
        for url in [
            "ftp://shop.example/",
            "file:///etc/passwd",
            "shop.example/hook",
            "https://user:secret@shop.example/",
            "https://user@shop.example/",
            "https://shop.example/#top",
            "https://",
            "javascript:alert(1)",
            "http://[::1",
        ] {
            assert_eq!(check(&sender(true), url), Err(UrlRefusal::NotWeb), "{url}");
        }
        let usual = check(&sender(false), "HTTPS://Shop.Example:443/a/../hook?x=1").unwrap();
        assert_eq!(usual, "https://shop.example/hook?x=1");
    }
}
