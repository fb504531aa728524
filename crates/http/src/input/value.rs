use std::borrow::Cow;
use std::str::FromStr;

use domain::{
    CheckoutId, CheckoutStatus, Currency, CustomerId, DeliveryStatus, Description, Email, EndpointDescription,
    EndpointId, EndpointUrl, IdempotencyKey, JobKind, JobStatus, MerchantId, NotificationType, OrderId, OrderStatus,
    PaymentOutcome, ProductName, Provider, TextError, Timestamp, TransactionStatus, Verdict,
};
use ports::SimulatedOutcome;
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::Error as ValueError;
use uuid::Uuid;
use validator::{ValidateEmail, ValidationError, ValidationErrors};

use super::{Field, fault_of};

/// What a field's text can stand for.
pub(crate) trait FieldValue: Sized {
    /// Reads it by the domain's own rule; the error has the code and message for the client.
    fn read(text: &str) -> Result<Self, ValidationError>;
}

/// A fault with its code for programs and its message for people.
pub(crate) fn invalid(code: &'static str, message: impl Into<Cow<'static, str>>) -> ValidationError {
    ValidationError::new(code).with_message(message.into())
}

/// The rule of a field that stands for a `T`, as `#[validate(custom(…))]` takes it.
pub(crate) fn readable<T>(field: &impl Field<T>) -> Result<(), ValidationError> {
    field.read().map(drop)
}

/// The value of a field, if the field is there.
pub(crate) fn optional<T>(name: &'static str, field: Option<&impl Field<T>>) -> Result<Option<T>, ValidationErrors> {
    field.map(Field::read).transpose().map_err(|error| fault_of(name, error))
}

/// The value of a field that must be there.
pub(crate) fn required<T>(name: &'static str, field: Option<&impl Field<T>>) -> Result<T, ValidationErrors> {
    optional(name, field)?.ok_or_else(|| fault_of(name, ValidationError::new("required")))
}

/// The fault of a text that breaks a rule of its kind.
pub(super) fn invalid_text(error: TextError) -> ValidationError {
    let code = match error {
        TextError::Empty => "empty",
        TextError::TooLong(_) => "too-long",
        TextError::ControlCharacter => "control-character",
    };
    invalid(code, error.to_string())
}

impl FieldValue for MerchantId {
    fn read(text: &str) -> Result<Self, ValidationError> {
        Self::parse(text).map_err(invalid_text)
    }
}

impl FieldValue for IdempotencyKey {
    fn read(text: &str) -> Result<Self, ValidationError> {
        Self::parse(text).map_err(invalid_text)
    }
}

impl FieldValue for ProductName {
    fn read(text: &str) -> Result<Self, ValidationError> {
        Self::parse(text).map_err(invalid_text)
    }
}

impl FieldValue for Description {
    fn read(text: &str) -> Result<Self, ValidationError> {
        Self::parse(text).map_err(invalid_text)
    }
}

impl FieldValue for CustomerId {
    fn read(text: &str) -> Result<Self, ValidationError> {
        Self::parse(text).map_err(invalid_text)
    }
}

impl FieldValue for Email {
    /// The stricter of two rules in each respect: the domain's, and what browsers take in a form (`validator` has it).
    fn read(text: &str) -> Result<Self, ValidationError> {
        let email = Self::parse(text).map_err(|error| invalid("invalid-email", error.to_string()))?;
        if text.validate_email() { Ok(email) } else { Err(invalid("invalid-email", domain::InvalidEmail.to_string())) }
    }
}

impl FieldValue for Currency {
    fn read(text: &str) -> Result<Self, ValidationError> {
        text.parse().map_err(|error: domain::UnknownCurrency| invalid("unknown-currency", error.to_string()))
    }
}

impl FieldValue for CheckoutId {
    fn read(text: &str) -> Result<Self, ValidationError> {
        read_uuid(text)
    }
}

impl FieldValue for Uuid {
    fn read(text: &str) -> Result<Self, ValidationError> {
        Self::try_parse(text).map_err(|_| invalid_uuid())
    }
}

impl FieldValue for OrderId {
    fn read(text: &str) -> Result<Self, ValidationError> {
        read_uuid(text)
    }
}

impl FieldValue for CheckoutStatus {
    fn read(text: &str) -> Result<Self, ValidationError> {
        read_word(text, Self::ALL.iter().map(|word| word.as_str()))
    }
}

impl FieldValue for TransactionStatus {
    fn read(text: &str) -> Result<Self, ValidationError> {
        read_word(text, Self::ALL.iter().map(|word| word.as_str()))
    }
}

impl FieldValue for Verdict {
    fn read(text: &str) -> Result<Self, ValidationError> {
        read_word(text, Self::ALL.iter().map(|word| word.as_str()))
    }
}

impl FieldValue for JobStatus {
    fn read(text: &str) -> Result<Self, ValidationError> {
        read_word(text, Self::ALL.iter().map(|word| word.as_str()))
    }
}

impl FieldValue for JobKind {
    fn read(text: &str) -> Result<Self, ValidationError> {
        read_word(text, Self::ALL.iter().map(|word| word.as_str()))
    }
}

impl FieldValue for DeliveryStatus {
    fn read(text: &str) -> Result<Self, ValidationError> {
        read_word(text, Self::ALL.iter().map(|word| word.as_str()))
    }
}

impl FieldValue for NotificationType {
    /// What nobody needs to ask for isn't among them: a test comes to where it is asked for.
    fn read(text: &str) -> Result<Self, ValidationError> {
        let known = || Self::ALL.iter().filter(|kind| **kind != Self::TestPing).map(|word| word.as_str());
        match read_word(text, known())? {
            Self::TestPing => Err(unknown_word(known())),
            kind => Ok(kind),
        }
    }
}

impl FieldValue for EndpointId {
    fn read(text: &str) -> Result<Self, ValidationError> {
        read_uuid(text)
    }
}

impl FieldValue for EndpointUrl {
    fn read(text: &str) -> Result<Self, ValidationError> {
        Self::parse(text).map_err(invalid_text)
    }
}

impl FieldValue for EndpointDescription {
    fn read(text: &str) -> Result<Self, ValidationError> {
        Self::parse(text).map_err(invalid_text)
    }
}

impl FieldValue for Timestamp {
    fn read(text: &str) -> Result<Self, ValidationError> {
        let moment: Result<Self, ValueError> = Self::deserialize(text.into_deserializer());
        moment.map_err(|_| invalid("invalid-time", "must be a moment in RFC 3339, such as 2026-01-01T00:00:00Z"))
    }
}

impl FieldValue for Provider {
    fn read(text: &str) -> Result<Self, ValidationError> {
        read_word(text, Self::ALL.iter().map(|word| word.as_str()))
    }
}

impl FieldValue for OrderStatus {
    /// Both spellings of a word that clients never agree on.
    fn read(text: &str) -> Result<Self, ValidationError> {
        let text = if text == "canceled" { Self::Cancelled.as_str() } else { text };
        read_word(text, Self::ALL.iter().map(|word| word.as_str()))
    }
}

impl FieldValue for PaymentOutcome {
    fn read(text: &str) -> Result<Self, ValidationError> {
        match text {
            "success" | "paid" => Ok(Self::Paid),
            "failed" | "cancelled" | "canceled" => Ok(Self::Failed),
            _ => Err(unknown_word(["success", "paid", "failed", "cancelled", "canceled"].into_iter())),
        }
    }
}

impl FieldValue for bool {
    fn read(text: &str) -> Result<Self, ValidationError> {
        read_word(text, ["true", "false"].into_iter())
    }
}

impl FieldValue for SimulatedOutcome {
    fn read(text: &str) -> Result<Self, ValidationError> {
        match text {
            "success" => Ok(Self::Success),
            "failure" => Ok(Self::Failure),
            "underpaid" => Ok(Self::Underpaid),
            "overpaid" => Ok(Self::Overpaid),
            "delayed" => Ok(Self::Delayed),
            _ => Err(unknown_word(["success", "failure", "underpaid", "overpaid", "delayed"].into_iter())),
        }
    }
}

fn read_uuid<T: FromStr>(text: &str) -> Result<T, ValidationError> {
    text.parse().map_err(|_| invalid_uuid())
}

/// The fault of a text that is no id.
pub(super) fn invalid_uuid() -> ValidationError {
    invalid("invalid-uuid", "must be a UUID")
}

fn read_word<T: FromStr>(text: &str, known: impl Iterator<Item = &'static str>) -> Result<T, ValidationError> {
    text.parse().map_err(|_| unknown_word(known))
}

fn unknown_word(known: impl Iterator<Item = &'static str>) -> ValidationError {
    invalid("unknown-value", format!("must be one of {}", known.collect::<Vec<_>>().join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code<T: FieldValue>(text: &str) -> Option<String> {
        T::read(text).err().map(|error| error.code.into_owned())
    }

    #[test]
    fn each_fault_has_its_code() {
        assert_eq!(code::<MerchantId>("").as_deref(), Some("empty"));
        assert_eq!(code::<MerchantId>(&"x".repeat(256)).as_deref(), Some("too-long"));
        assert_eq!(code::<IdempotencyKey>("a\0").as_deref(), Some("control-character"));
        assert_eq!(code::<Currency>("usd").as_deref(), Some("unknown-currency"));
        assert_eq!(code::<OrderId>("1").as_deref(), Some("invalid-uuid"));
        assert_eq!(code::<SimulatedOutcome>("SUCCESS").as_deref(), Some("unknown-value"));
    }

    #[test]
    fn an_address_must_suit_the_domain_and_browsers() {
        for bad in ["", "a", "a@", "@b.co", "a@b@c.de", "a b@c.de", "a@b..c", "a@b\n.co", "a@-b.c"] {
            assert_eq!(code::<Email>(bad).as_deref(), Some("invalid-email"), "{bad}");
        }
        for good in ["a@b.co", "first.last+tag@example.com", "x@localhost", "joe@exämple.de"] {
            assert_eq!(code::<Email>(good), None, "{good}");
        }
    }

    #[test]
    fn a_status_is_one_of_those_that_the_message_lists() {
        let error = TransactionStatus::read("paid").unwrap_err();
        assert_eq!(error.message.as_deref(), Some("must be one of COMPLETED, UNRESOLVED"));
        assert_eq!(CheckoutStatus::read("EXPIRED"), Ok(CheckoutStatus::Expired));
    }

    #[test]
    fn cancelled_is_read_in_both_spellings() {
        for word in ["cancelled", "canceled"] {
            assert_eq!(OrderStatus::read(word), Ok(OrderStatus::Cancelled));
            assert_eq!(PaymentOutcome::read(word), Ok(PaymentOutcome::Failed));
        }
        for word in ["Cancelled", "CANCELED", "cancel", ""] {
            assert_eq!(code::<OrderStatus>(word).as_deref(), Some("unknown-value"), "{word}");
            assert_eq!(code::<PaymentOutcome>(word).as_deref(), Some("unknown-value"), "{word}");
        }
    }

    #[test]
    fn a_yes_or_no_is_one_of_two_words() {
        assert_eq!((bool::read("true"), bool::read("false")), (Ok(true), Ok(false)));
        for word in ["1", "0", "yes", "TRUE", ""] {
            assert_eq!(code::<bool>(word).as_deref(), Some("unknown-value"), "{word}");
        }
    }
}
