use actix_web::HttpResponse;
use actix_web::dev::ServiceRequest;
use actix_web::http::Method;
use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, HeaderMap, HeaderValue,
    ORIGIN, VARY,
};

const METHODS: &str = "GET, HEAD, POST, PUT, DELETE";
const REQUEST_HEADERS: &str =
    "Authorization, Cache-Control, Content-Type, Idempotency-Key, If-None-Match, X-Hold-Token, X-Request-Id";
const RESPONSE_HEADERS: &str = "ETag, Idempotent-Replayed, Location, Retry-After, X-Request-Id";
/// For how many seconds a browser need not ask again.
const MAX_AGE_S: &str = "600";

/// Lets the pages of listed origins read our answers (Fetch standard, section 3.2). Credentials that a browser adds by
/// itself are never allowed: callers bring theirs in a header.
pub(super) struct Cors {
    origins: Vec<String>,
}

impl Cors {
    pub(super) fn new(origins: &[String]) -> Self {
        Self { origins: origins.to_vec() }
    }

    /// The origin of the page that asks, if it is listed.
    pub(super) fn listed_origin<'a>(&self, headers: &'a HeaderMap) -> Option<&'a HeaderValue> {
        if self.origins.is_empty() {
            return None;
        }
        let mut told = headers.get_all(ORIGIN);
        let (Some(origin), None) = (told.next(), told.next()) else { return None };
        let is_listed = self.origins.iter().any(|listed| listed.as_bytes().eq_ignore_ascii_case(origin.as_bytes()));
        is_listed.then_some(origin)
    }

    /// Tells the browser that its page may read this answer. Where some may and some may not, caches have to know.
    pub(super) fn add_headers(&self, headers: &mut HeaderMap, listed_origin: Option<HeaderValue>) {
        if self.origins.is_empty() {
            return;
        }
        headers.append(VARY, HeaderValue::from_static("Origin"));
        if let Some(origin) = listed_origin {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(RESPONSE_HEADERS));
        }
    }
}

/// Whether a browser asks what its page may send.
pub(super) fn is_preflight(request: &ServiceRequest) -> bool {
    *request.method() == Method::OPTIONS && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

pub(super) fn answer_preflight() -> HttpResponse {
    HttpResponse::NoContent()
        .insert_header((ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(METHODS)))
        .insert_header((ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(REQUEST_HEADERS)))
        .insert_header((ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(MAX_AGE_S)))
        .finish()
}
