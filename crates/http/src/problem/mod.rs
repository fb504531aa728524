//! What clients are told when something is wrong: problem details after RFC 9457.

mod from_application;
mod from_rejection;
mod kind;

use std::borrow::Cow;
use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, ResponseError};
use domain::OrderId;
use serde::Serialize;

pub use kind::ProblemType;

use crate::idempotency::IDEMPOTENT_REPLAYED;

/// One field that is at fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// Its name, in lower case with underscores, with the path to it: `items[0].quantity`.
    pub field: String,
    /// Kebab-case, for programs.
    pub code: Cow<'static, str>,
    /// For people.
    pub message: Cow<'static, str>,
}

/// An answer that says what is wrong. All of it is fit for clients, except the cause.
#[derive(Debug)]
pub struct Problem(Box<Parts>);

#[derive(Debug)]
struct Parts {
    kind: ProblemType,
    detail: Cow<'static, str>,
    errors: Vec<FieldError>,
    order_id: Option<OrderId>,
    retry_after_s: Option<u64>,
    allow: Option<HeaderValue>,
    cause: Option<application::Error>,
    is_repeated: bool,
}

/// The members of RFC 9457, section 3.1, and our own three.
#[derive(Serialize)]
struct Details<'a> {
    r#type: String,
    title: &'a str,
    status: u16,
    detail: &'a str,
    code: &'a str,
    #[serde(skip_serializing_if = "<[FieldError]>::is_empty")]
    errors: &'a [FieldError],
    #[serde(skip_serializing_if = "Option::is_none")]
    order_id: Option<OrderId>,
}

impl Problem {
    /// A problem of a type, explained as that type usually is.
    #[must_use]
    pub fn new(kind: ProblemType) -> Self {
        let (detail, retry_after_s) = (Cow::Borrowed(kind.usual_detail()), kind.usual_retry_after_s());
        let errors = Vec::new();
        Self(Box::new(Parts {
            kind,
            detail,
            errors,
            order_id: None,
            retry_after_s,
            allow: None,
            cause: None,
            is_repeated: false,
        }))
    }

    /// A 422 that names every field at fault.
    #[must_use]
    pub fn invalid_fields(mut errors: Vec<FieldError>) -> Self {
        errors.sort_by(|a, b| a.field.cmp(&b.field));
        let mut problem = Self::new(ProblemType::ValidationFailed);
        problem.0.errors = errors;
        problem
    }

    /// Explains this very case, in words fit for clients.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.0.detail = detail.into();
        self
    }

    /// Of which type it is.
    #[must_use]
    pub fn kind(&self) -> ProblemType {
        self.0.kind
    }

    /// What lies behind it, for the log and nobody else.
    #[must_use]
    pub fn cause(&self) -> Option<&application::Error> {
        self.0.cause.as_ref()
    }

    pub(crate) fn with_cause(mut self, cause: application::Error) -> Self {
        self.0.cause = Some(cause);
        self
    }

    /// Names the order that is in the way.
    pub(crate) fn with_order_id(mut self, order_id: OrderId) -> Self {
        self.0.order_id = Some(order_id);
        self
    }

    pub(crate) fn with_retry_after_s(mut self, seconds: u64) -> Self {
        self.0.retry_after_s = Some(seconds);
        self
    }

    /// Says that the same request was answered so before.
    pub(crate) fn repeated(mut self) -> Self {
        self.0.is_repeated = true;
        self
    }

    pub(crate) fn with_allow(mut self, methods: Option<HeaderValue>) -> Self {
        self.0.allow = methods;
        self
    }

    fn body(&self) -> Vec<u8> {
        let kind = self.0.kind;
        let details = Details {
            r#type: format!("/problems/{}", kind.code()),
            title: kind.title(),
            status: kind.status().as_u16(),
            detail: &self.0.detail,
            code: kind.code(),
            errors: &self.0.errors,
            order_id: self.0.order_id,
        };
        // Texts and numbers under fixed names: there is nothing in it that JSON can't say.
        serde_json::to_vec(&details).unwrap_or_default()
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.kind.code(), self.0.detail)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.0.kind.status()
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        response.insert_header((CONTENT_TYPE, HeaderValue::from_static("application/problem+json")));
        if let Some(seconds) = self.0.retry_after_s {
            response.insert_header((RETRY_AFTER, HeaderValue::from(seconds)));
        }
        if let Some(methods) = &self.0.allow {
            response.insert_header((ALLOW, methods.clone()));
        }
        if self.status_code() == StatusCode::UNAUTHORIZED {
            // RFC 9110, section 15.5.2, wants a challenge. Browsers open no dialogue for a scheme they don't know.
            response.insert_header((WWW_AUTHENTICATE, HeaderValue::from_static("HMAC")));
        }
        if self.0.is_repeated {
            response.insert_header((IDEMPOTENT_REPLAYED, HeaderValue::from_static("true")));
        }
        response.body(self.body())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_has_the_members_of_rfc_9457_and_the_fields_at_fault_in_order() {
        let error = |field: &str| FieldError {
            field: field.to_owned(),
            code: "required".into(),
            message: "is required".into(),
        };
        let problem = Problem::invalid_fields(vec![error("email"), error("amount")]);
        let body: serde_json::Value = serde_json::from_slice(&problem.body()).unwrap();
        assert_eq!(
            body,
            serde_json::json!({
                "type": "/problems/validation-failed",
                "title": "Invalid request",
                "status": 422,
                "detail": "One or more fields are at fault.",
                "code": "validation-failed",
                "errors": [
                    {"field": "amount", "code": "required", "message": "is required"},
                    {"field": "email", "code": "required", "message": "is required"},
                ],
            })
        );
    }
}
