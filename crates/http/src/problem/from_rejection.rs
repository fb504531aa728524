use application::Error;
use domain::Rejection;

use super::from_application::internal;
use super::{Problem, ProblemType};
use crate::input::{fault_of, invalid, invalid_amount};

/// What a client is told when the books say no.
pub(super) fn from_rejection(rejection: Rejection, error: &Error) -> Problem {
    match rejection {
        Rejection::CheckoutNotFound
        | Rejection::ProductNotFound
        | Rejection::HoldNotFound
        | Rejection::EventNotFound
        | Rejection::EndpointNotFound
        | Rejection::DeliveryNotFound
        | Rejection::OrderNotFound => Problem::new(ProblemType::NotFound),
        Rejection::IdempotencyKeyReused => Problem::new(ProblemType::IdempotencyKeyReused),
        Rejection::InvalidPrice(reason) => fault_of("price", invalid_amount(reason)).into(),
        Rejection::StockInUse => Problem::new(ProblemType::StockInUse),
        Rejection::ProductInUse => Problem::new(ProblemType::ProductInUse),
        Rejection::InsufficientStock => Problem::new(ProblemType::InsufficientStock),
        Rejection::WrongHoldToken => Problem::new(ProblemType::WrongHoldToken),
        Rejection::HoldExpired => Problem::new(ProblemType::HoldExpired),
        Rejection::HoldReleased => Problem::new(ProblemType::HoldReleased),
        Rejection::HoldAlreadyUsed { order_id } => Problem::new(ProblemType::HoldAlreadyUsed).with_order_id(order_id),
        Rejection::HoldNotActive => Problem::new(ProblemType::HoldNotActive),
        Rejection::OrderExists => Problem::new(ProblemType::OrderExists),
        Rejection::NoItems => at_fault("items", "required", "must have at least one item"),
        Rejection::ProductTwice => at_fault("items", "product-twice", "must not name a product twice"),
        Rejection::MixedCurrencies => at_fault("items", "mixed-currencies", "must all have prices in one currency"),
        Rejection::MixedMerchants => at_fault("items", "mixed-merchants", "must all be of one merchant"),
        Rejection::TotalTooLarge => at_fault("items", "too-large", "cost more together than can be asked for"),
        Rejection::OrderNotPending => Problem::new(ProblemType::OrderNotPending),
        Rejection::AmountNotOrders => at_fault("amount", "amount-mismatch", "is not what the order costs"),
        Rejection::InvalidTransition { from, to } => Problem::new(ProblemType::InvalidTransition)
            .with_detail(format!("The order is {from}, and from there it can't become {to}.")),
        Rejection::TooManyEndpoints => Problem::new(ProblemType::TooManyEndpoints),
        Rejection::EndpointDisabled => Problem::new(ProblemType::EndpointDisabled),
        Rejection::DeliveryWaits => Problem::new(ProblemType::DeliveryWaits),
        Rejection::JobNotRetryable { status } => Problem::new(ProblemType::InvalidTransition)
            .with_detail(format!("The job is {status}, and only one that is ready or dead can be retried.")),
        // All of them come of our own doing, never of a request: the gateway gave one charge to two checkouts, a job
        // that a commit stored is gone, or a product's stock is less than what is to be taken out of it.
        Rejection::ChargeTaken | Rejection::JobNotFound | Rejection::StockBroken => internal(error),
    }
}

fn at_fault(field: &'static str, code: &'static str, message: &'static str) -> Problem {
    fault_of(field, invalid(code, message)).into()
}

#[cfg(test)]
mod tests {
    use domain::{AmountError, OrderId, OrderStatus};
    use serde_json::{Value, json};

    use super::*;

    fn body(rejection: Rejection) -> Value {
        serde_json::from_slice(&Problem::from(Error::from(rejection)).body()).unwrap()
    }

    #[test]
    fn every_conflict_has_a_code_of_its_own() {
        let order_id = OrderId::from_uuid(uuid::Uuid::from_u128(7));
        for (rejection, status, code) in [
            (Rejection::ProductNotFound, 404, "not-found"),
            (Rejection::HoldNotFound, 404, "not-found"),
            (Rejection::OrderNotFound, 404, "not-found"),
            (Rejection::CheckoutNotFound, 404, "not-found"),
            (Rejection::WrongHoldToken, 403, "wrong-hold-token"),
            (Rejection::StockInUse, 409, "stock-in-use"),
            (Rejection::ProductInUse, 409, "product-in-use"),
            (Rejection::InsufficientStock, 409, "insufficient-stock"),
            (Rejection::HoldExpired, 409, "hold-expired"),
            (Rejection::HoldReleased, 409, "hold-released"),
            (Rejection::HoldNotActive, 409, "hold-not-active"),
            (Rejection::HoldAlreadyUsed { order_id }, 409, "hold-already-used"),
            (Rejection::OrderExists, 409, "order-exists"),
            (Rejection::OrderNotPending, 409, "order-not-pending"),
            (Rejection::EndpointNotFound, 404, "not-found"),
            (Rejection::DeliveryNotFound, 404, "not-found"),
            (Rejection::TooManyEndpoints, 409, "too-many-endpoints"),
            (Rejection::EndpointDisabled, 409, "endpoint-disabled"),
            (Rejection::DeliveryWaits, 409, "delivery-waits"),
            (Rejection::ChargeTaken, 500, "internal-error"),
            (Rejection::JobNotFound, 500, "internal-error"),
            (Rejection::StockBroken, 500, "internal-error"),
        ] {
            let body = body(rejection);
            assert_eq!((&body["status"], &body["code"]), (&json!(status), &json!(code)), "{rejection:?}");
            assert_eq!(body.get("errors"), None, "{rejection:?}");
            let named = matches!(rejection, Rejection::HoldAlreadyUsed { .. }).then(|| json!(order_id));
            assert_eq!(body.get("order_id"), named.as_ref(), "{rejection:?}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_request_names_its_field() {
        for (rejection, field, code) in [
            (Rejection::NoItems, "items", "required"),
            (Rejection::ProductTwice, "items", "product-twice"),
            (Rejection::MixedCurrencies, "items", "mixed-currencies"),
            (Rejection::MixedMerchants, "items", "mixed-merchants"),
            (Rejection::TotalTooLarge, "items", "too-large"),
            (Rejection::AmountNotOrders, "amount", "amount-mismatch"),
            (Rejection::InvalidPrice(AmountError::TooPrecise), "price", "too-precise"),
        ] {
            let body = body(rejection);
            assert_eq!((&body["status"], &body["code"]), (&json!(422), &json!("validation-failed")), "{rejection:?}");
            assert_eq!(body["errors"].as_array().map(Vec::len), Some(1), "{rejection:?}");
            assert_eq!((&body["errors"][0]["field"], &body["errors"][0]["code"]), (&json!(field), &json!(code)));
        }
    }

    #[test]
    fn an_invalid_transition_says_from_where_to_where() {
        let body = body(Rejection::InvalidTransition { from: OrderStatus::Expired, to: OrderStatus::Completed });
        assert_eq!((&body["status"], &body["code"]), (&json!(409), &json!("invalid-transition")));
        assert_eq!(body["detail"], "The order is expired, and from there it can't become completed.");
    }
}
