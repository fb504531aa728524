use actix_web::http::StatusCode;

/// Seconds after which an overloaded server has worked off its queue.
const RETRY_OVERLOADED_S: u64 = 1;
/// Seconds in which a database fails over or a connection is made anew.
const RETRY_UNAVAILABLE_S: u64 = 2;
/// Seconds to leave a payment gateway in trouble alone, if it doesn't say itself.
const RETRY_GATEWAY_S: u64 = 5;

/// Declares the types of problems: all there is to know of each in one row.
macro_rules! problem_types {
    ($($(#[$doc:meta])* $name:ident = $status:ident, $code:literal, $title:literal, $detail:literal, $retry:expr;)+) => {
        /// What can be wrong, as clients tell it apart.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ProblemType {
            $($(#[$doc])* $name),+
        }

        impl ProblemType {
            /// Every one of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The HTTP status it is answered with.
            #[must_use]
            pub const fn status(self) -> StatusCode {
                match self {
                    $(Self::$name => StatusCode::$status),+
                }
            }

            /// What programs tell it by; the last part of the `type` URI.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$name => $code),+
                }
            }

            /// What people tell it by; the same for every occurrence.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self {
                    $(Self::$name => $title),+
                }
            }

            /// The explanation where the occurrence itself adds nothing.
            pub(super) const fn usual_detail(self) -> &'static str {
                match self {
                    $(Self::$name => $detail),+
                }
            }

            /// When to come again, where that helps at all.
            pub(super) const fn usual_retry_after_s(self) -> Option<u64> {
                match self {
                    $(Self::$name => $retry),+
                }
            }
        }
    };
}

problem_types! {
    /// The body did not arrive whole.
    IncompleteBody = BAD_REQUEST, "incomplete-body", "Incomplete body",
        "The body ended early or its transfer coding is broken.", None;
    /// The body is no JSON text.
    MalformedJson = BAD_REQUEST, "malformed-json", "Malformed JSON", "The body is not well-formed JSON.", None;
    /// An authentic webhook that can't be read.
    MalformedWebhook = BAD_REQUEST, "malformed-webhook", "Malformed webhook",
        "The signature is right, but the body is not an event of this provider.", None;
    /// A webhook without a signature.
    MissingSignature = UNAUTHORIZED, "missing-signature", "Missing signature",
        "The webhook carries no signature.", None;
    /// A webhook that nobody who knows our secret has signed.
    InvalidSignature = UNAUTHORIZED, "invalid-signature", "Invalid signature",
        "The signature is not of this body under a valid secret.", None;
    /// The `Host` header names another server.
    ForeignHost = FORBIDDEN, "foreign-host", "Foreign host",
        "The Host header names none of this server's own names.", None;
    /// The page that sends this isn't one of ours.
    ForeignOrigin = FORBIDDEN, "foreign-origin", "Foreign origin",
        "Pages of this origin may not change anything here.", None;
    /// Somebody else's hold, as far as the request shows.
    WrongHoldToken = FORBIDDEN, "wrong-hold-token", "Wrong hold token",
        "The token of the hold is missing or is not this hold's.", None;
    /// No such thing.
    NotFound = NOT_FOUND, "not-found", "Not found", "There is nothing here.", None;
    /// The path exists, but not for this method.
    MethodNotAllowed = METHOD_NOT_ALLOWED, "method-not-allowed", "Method not allowed",
        "This path does not take this method; the Allow header lists those it takes.", None;
    /// The body took too long to arrive.
    RequestTimeout = REQUEST_TIMEOUT, "request-timeout", "Request timeout", "The body took too long to arrive.", None;
    /// The checkout waits for money no longer.
    CheckoutFinished = CONFLICT, "checkout-finished", "Checkout finished",
        "The checkout is finished and can no longer be paid.", None;
    /// The gateway has no charge of that code.
    ChargeNotFound = CONFLICT, "charge-not-found", "Charge not found",
        "The payment gateway does not know the charge of this checkout.", None;
    /// The gateway moves real money.
    GatewayNotSimulated = CONFLICT, "gateway-not-simulated", "Gateway not simulated",
        "Payments can only be simulated with a simulated payment gateway.", None;
    /// A total below what is spoken for.
    StockInUse = CONFLICT, "stock-in-use", "Stock in use",
        "More of the product is held and sold than there would be.", None;
    /// A product that buyers still have a claim to.
    ProductInUse = CONFLICT, "product-in-use", "Product in use",
        "Active holds or pending orders keep some of the product.", None;
    /// A request of the same name hasn't been answered yet.
    IdempotencyKeyInUse = CONFLICT, "idempotency-key-in-use", "Idempotency key in use",
        "A request with this Idempotency-Key is still under way; ask again when it is answered.", None;
    /// Sold out, or nearly.
    InsufficientStock = CONFLICT, "insufficient-stock", "Insufficient stock",
        "There is not so much left. Nothing was taken.", None;
    /// The hold's time is up.
    HoldExpired = CONFLICT, "hold-expired", "Hold expired", "The time of the hold is up.", None;
    /// The hold was given up.
    HoldReleased = CONFLICT, "hold-released", "Hold released", "The hold was given up.", None;
    /// The hold has ended, in whatever way.
    HoldNotActive = CONFLICT, "hold-not-active", "Hold not active", "The hold is no longer active.", None;
    /// The hold is an order already.
    HoldAlreadyUsed = CONFLICT, "hold-already-used", "Hold already used",
        "The hold became an order before; order_id names it.", None;
    /// The client's id for an order is in use.
    OrderExists = CONFLICT, "order-exists", "Order exists", "There is an order with this order_id.", None;
    /// The order doesn't wait for money.
    OrderNotPending = CONFLICT, "order-not-pending", "Order not pending",
        "The order is no longer waiting for money.", None;
    /// The state machine says no.
    InvalidTransition = CONFLICT, "invalid-transition", "Invalid transition",
        "The order can't become that from where it stands.", None;
    /// As many endpoints as a merchant can have.
    TooManyEndpoints = CONFLICT, "too-many-endpoints", "Too many endpoints",
        "The merchant has as many webhook endpoints as there can be.", None;
    /// Nothing is sent there.
    EndpointDisabled = CONFLICT, "endpoint-disabled", "Endpoint disabled",
        "The webhook endpoint is disabled. Enable it first.", None;
    /// Another delivery goes first.
    DeliveryWaits = CONFLICT, "delivery-waits", "Delivery waits",
        "Another delivery about the same thing goes first.", None;
    /// The body is longer than is read.
    BodyTooLarge = PAYLOAD_TOO_LARGE, "body-too-large", "Body too large", "The body is too large.", None;
    /// The body isn't JSON, or is compressed.
    UnsupportedMediaType = UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", "Unsupported media type",
        "The body must be application/json in UTF-8.", None;
    /// Well-formed, but fields are at fault.
    ValidationFailed = UNPROCESSABLE_ENTITY, "validation-failed", "Invalid request",
        "One or more fields are at fault.", None;
    /// The key was used for another request.
    IdempotencyKeyReused = UNPROCESSABLE_ENTITY, "idempotency-key-reused", "Idempotency key reused",
        "The idempotency key was used for another request before.", None;
    /// A bug, or a broken row.
    InternalError = INTERNAL_SERVER_ERROR, "internal-error", "Internal error",
        "Something went wrong here. The log has it under this request's id.", None;
    /// More to do than can be done soon.
    Overloaded = SERVICE_UNAVAILABLE, "overloaded", "Overloaded",
        "There is more to do than can be done soon. Nothing was changed.", Some(RETRY_OVERLOADED_S);
    /// The database is away.
    Unavailable = SERVICE_UNAVAILABLE, "unavailable", "Unavailable",
        "The database can't be reached at the moment.", Some(RETRY_UNAVAILABLE_S);
    /// It took longer than anybody should wait.
    TimedOut = SERVICE_UNAVAILABLE, "timed-out", "Timed out",
        "This took too long and was given up; it may have been done all the same.", Some(RETRY_UNAVAILABLE_S);
    /// The payment gateway didn't do it.
    GatewayUnavailable = SERVICE_UNAVAILABLE, "gateway-unavailable", "Payment gateway unavailable",
        "The payment gateway can't do this at the moment.", Some(RETRY_GATEWAY_S);
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn codes_are_kebab_case_and_no_two_types_share_one() {
        let codes: HashSet<&str> = ProblemType::ALL.iter().map(|kind| kind.code()).collect();
        assert_eq!(codes.len(), ProblemType::ALL.len());
        assert!(codes.iter().all(|code| code.bytes().all(|byte| byte == b'-' || byte.is_ascii_lowercase())));
    }

    #[test]
    fn every_503_says_when_to_come_again() {
        for kind in ProblemType::ALL {
            let is_503 = kind.status() == StatusCode::SERVICE_UNAVAILABLE;
            assert_eq!(kind.usual_retry_after_s().is_some(), is_503, "{kind:?}");
        }
    }
}
