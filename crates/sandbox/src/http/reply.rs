//! Errors as Coinbase's clients expect them.

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::RETRY_AFTER;
use actix_web::{HttpRequest, HttpResponse, Responder, ResponseError};
use serde_json::json;

use crate::error::{Kind, Problem, Refusal};

impl Kind {
    fn wire(self) -> (StatusCode, &'static str) {
        match self {
            Self::InvalidRequest => (StatusCode::BAD_REQUEST, "invalid_request"),
            Self::ParamRequired => (StatusCode::BAD_REQUEST, "param_required"),
            Self::Validation => (StatusCode::BAD_REQUEST, "validation_error"),
            Self::Authentication => (StatusCode::UNAUTHORIZED, "authentication_error"),
            Self::NotFound => (StatusCode::NOT_FOUND, "not_found"),
            Self::RateLimited => (StatusCode::TOO_MANY_REQUESTS, "rate_limit_exceeded"),
            Self::CrossSite => (StatusCode::FORBIDDEN, "forbidden"),
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "internal_server_error"),
        }
    }
}

impl ResponseError for Refusal {
    fn status_code(&self) -> StatusCode {
        self.kind.wire().0
    }

    fn error_response(&self) -> HttpResponse<BoxBody> {
        let (status, kind) = self.kind.wire();
        let mut response = HttpResponse::build(status);
        if let Some(seconds) = self.retry_after_s {
            response.insert_header((RETRY_AFTER, seconds));
        }
        response.json(json!({ "error": { "type": kind, "message": self.message } }))
    }
}

impl Responder for Refusal {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse<BoxBody> {
        self.error_response()
    }
}

impl From<Problem> for Refusal {
    /// What isn't the client's doing is logged here, and the client learns nothing of it.
    fn from(problem: Problem) -> Self {
        match problem {
            Problem::Refused(refusal) => refusal,
            other => {
                log::error!("sandbox: {other:?}");
                Self::internal()
            }
        }
    }
}
