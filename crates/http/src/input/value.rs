use std::borrow::Cow;
use std::str::FromStr;

use domain::{
    CheckoutId, CheckoutStatus, Currency, Email, IdempotencyKey, MerchantId, OrderId, TextError, TransactionStatus,
};
use ports::SimulatedOutcome;
use validator::{ValidateEmail, ValidationError, ValidationErrors};

use super::{TextField, fault_of};

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
pub(crate) fn readable<T: FieldValue>(field: &impl TextField) -> Result<(), ValidationError> {
    T::read(field.text()?).map(drop)
}

/// The value of a field, if the field is there.
pub(crate) fn optional<T: FieldValue>(
    name: &'static str,
    field: Option<&impl TextField>,
) -> Result<Option<T>, ValidationErrors> {
    let read = |field: &_| TextField::text(field).and_then(T::read).map_err(|error| fault_of(name, error));
    field.map(read).transpose()
}

/// The value of a field that must be there.
pub(crate) fn required<T: FieldValue>(
    name: &'static str,
    field: Option<&impl TextField>,
) -> Result<T, ValidationErrors> {
    optional(name, field)?.ok_or_else(|| fault_of(name, ValidationError::new("required")))
}

fn invalid_text(error: TextError) -> ValidationError {
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
    text.parse().map_err(|_| invalid("invalid-uuid", "must be a UUID"))
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
}
