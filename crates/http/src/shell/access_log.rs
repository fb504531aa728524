use std::net::SocketAddr;
use std::time::Instant;

use actix_web::body::BodySize;
use actix_web::dev::ServiceRequest;
use actix_web::http::header::HeaderValue;
use actix_web::http::{Method, StatusCode, Uri};
use log::Level;
use log::kv::Value;

const TARGET: &str = "access";

/// What the access log says of one request. Never the query, which may hold an e-mail address.
pub(super) struct AccessLine {
    method: Method,
    uri: Uri,
    peer: Option<SocketAddr>,
    started_at: Instant,
}

impl AccessLine {
    /// Remembers a request, if anybody wants the log.
    pub(super) fn begin(request: &ServiceRequest) -> Option<Self> {
        log::log_enabled!(target: TARGET, Level::Info).then(|| Self {
            method: request.method().clone(),
            uri: request.uri().clone(),
            peer: request.peer_addr(),
            started_at: Instant::now(),
        })
    }

    /// Writes the line.
    pub(super) fn end(self, status: StatusCode, size: BodySize, request_id: &HeaderValue) {
        let bytes = match size {
            BodySize::None => Some(0),
            BodySize::Sized(bytes) => Some(bytes),
            BodySize::Stream => None,
        };
        log::info!(
            target: TARGET,
            method = self.method.as_str(),
            path = self.uri.path(),
            status = status.as_u16(),
            duration_us = u64::try_from(self.started_at.elapsed().as_micros()).unwrap_or(u64::MAX),
            bytes,
            request_id = request_id.to_str().unwrap_or_default(),
            peer = self.peer.as_ref().map(Value::from_display);
            "request"
        );
    }
}
