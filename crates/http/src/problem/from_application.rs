use application::Error;
use ports::{GatewayError, LedgerError, RepoError, UrlRefusal, WebhookError};

use super::from_rejection::from_rejection;
use super::{Problem, ProblemType};
use crate::input::{fault_of, invalid};

impl From<Error> for Problem {
    /// The one place where the core's errors get their status. What an operator should see goes along as the cause.
    fn from(error: Error) -> Self {
        match &error {
            Error::AttemptsUsedUp | Error::LeaseLost => internal(&error),
            Error::NotFound => Self::new(ProblemType::NotFound),
            Error::CheckoutFinished => Self::new(ProblemType::CheckoutFinished),
            Error::Rejected(rejection) => from_rejection(*rejection, &error),
            Error::RejectedBefore(rejection) => from_rejection(*rejection, &error).repeated(),
            Error::Ledger(failure) => from_ledger(*failure, &error),
            Error::Repo(failure) => from_repo(failure, &error),
            Error::Gateway(failure) => from_gateway(failure, &error),
            Error::EndpointUrl(refusal) => from_url(*refusal),
            Error::Webhook(refusal) => from_webhook(refusal, &error),
        }
    }
}

fn from_ledger(failure: LedgerError, error: &Error) -> Problem {
    match failure {
        // Without its cause: the log of an overloaded server shouldn't grow with the load.
        LedgerError::Overloaded => Problem::new(ProblemType::Overloaded),
        LedgerError::Unavailable => Problem::new(ProblemType::Unavailable).with_cause(error.clone()),
        LedgerError::Internal => internal(error),
    }
}

fn from_repo(failure: &RepoError, error: &Error) -> Problem {
    match failure {
        RepoError::Unavailable(_) => Problem::new(ProblemType::Unavailable).with_cause(error.clone()),
        RepoError::Corrupt(_) => internal(error),
    }
}

fn from_gateway(failure: &GatewayError, error: &Error) -> Problem {
    let unavailable = || Problem::new(ProblemType::GatewayUnavailable).with_cause(error.clone());
    match failure {
        GatewayError::NotSimulated => Problem::new(ProblemType::GatewayNotSimulated),
        GatewayError::ChargeNotFound => Problem::new(ProblemType::ChargeNotFound).with_cause(error.clone()),
        GatewayError::RateLimited { retry_after: Some(pause) } => {
            let whole_seconds = pause.as_millis().div_ceil(1000);
            unavailable().with_retry_after_s(u64::try_from(whole_seconds).unwrap_or(u64::MAX).max(1))
        }
        GatewayError::RateLimited { retry_after: None }
        | GatewayError::Unavailable(_)
        | GatewayError::Unauthorized
        | GatewayError::Refused(_)
        | GatewayError::Unreadable(_) => unavailable(),
    }
}

fn from_webhook(refusal: &WebhookError, error: &Error) -> Problem {
    match refusal {
        WebhookError::MissingSignature => Problem::new(ProblemType::MissingSignature),
        WebhookError::WrongSignature => Problem::new(ProblemType::InvalidSignature),
        // Signed by the provider, and not understood: an operator should know.
        WebhookError::Malformed(_) => Problem::new(ProblemType::MalformedWebhook).with_cause(error.clone()),
    }
}

fn from_url(refusal: UrlRefusal) -> Problem {
    let code = match refusal {
        UrlRefusal::NotWeb => "invalid-url",
        UrlRefusal::PrivateAddress => "private-address",
    };
    fault_of("url", invalid(code, refusal.to_string())).into()
}

pub(super) fn internal(error: &Error) -> Problem {
    Problem::new(ProblemType::InternalError).with_cause(error.clone())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use actix_web::ResponseError;
    use domain::Rejection;

    use super::*;

    fn answer(error: impl Into<Error>) -> (u16, &'static str, Option<String>) {
        let problem = Problem::from(error.into());
        let response = problem.error_response();
        let retry = response.headers().get("retry-after").map(|value| value.to_str().unwrap().to_owned());
        (response.status().as_u16(), problem.kind().code(), retry)
    }

    #[test]
    fn every_error_has_its_status_and_code() {
        let limited = |pause| GatewayError::RateLimited { retry_after: Some(Duration::from_millis(pause)) };
        assert_eq!(answer(Error::NotFound), (404, "not-found", None));
        assert_eq!(answer(Rejection::IdempotencyKeyReused), (422, "idempotency-key-reused", None));
        assert_eq!(answer(Error::RejectedBefore(Rejection::OrderExists)), (409, "order-exists", None));
        assert_eq!(answer(Rejection::ChargeTaken), (500, "internal-error", None));
        assert_eq!(answer(LedgerError::Overloaded), (503, "overloaded", Some("1".to_owned())));
        assert_eq!(answer(LedgerError::Unavailable), (503, "unavailable", Some("2".to_owned())));
        assert_eq!(answer(LedgerError::Internal), (500, "internal-error", None));
        assert_eq!(answer(RepoError::Corrupt("checkouts.amount".to_owned())), (500, "internal-error", None));
        assert_eq!(answer(RepoError::Unavailable(String::new())), (503, "unavailable", Some("2".to_owned())));
        assert_eq!(answer(GatewayError::NotSimulated), (409, "gateway-not-simulated", None));
        assert_eq!(answer(GatewayError::Unauthorized), (503, "gateway-unavailable", Some("5".to_owned())));
        assert_eq!(answer(limited(2500)), (503, "gateway-unavailable", Some("3".to_owned())));
        assert_eq!(answer(limited(0)), (503, "gateway-unavailable", Some("1".to_owned())));
        assert_eq!(answer(WebhookError::MissingSignature), (401, "missing-signature", None));
        assert_eq!(answer(WebhookError::WrongSignature), (401, "invalid-signature", None));
        assert_eq!(answer(WebhookError::Malformed(String::new())), (400, "malformed-webhook", None));
        assert_eq!(answer(Error::CheckoutFinished), (409, "checkout-finished", None));
    }

    #[test]
    fn what_the_operator_reads_is_not_in_the_answer() {
        let problem = Problem::from(Error::from(RepoError::Corrupt("checkouts.amount of 42".to_owned())));
        assert!(problem.cause().unwrap().to_string().contains("checkouts.amount"));
        assert!(!String::from_utf8(problem.body()).unwrap().contains("checkouts"));
    }
}
