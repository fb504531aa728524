use crate::TextError;

/// Who buys, as the client names them: a text or a whole number, given back as it came. Text and number of the same
/// digits are the same customer.
#[derive(Clone, Debug)]
pub struct CustomerId {
    text: String,
    is_number: bool,
}

impl CustomerId {
    /// The longest one, in characters.
    pub const MAX_CHARS: usize = 255;

    /// From a text that isn't empty, not too long, and free of control characters.
    pub fn parse(text: impl Into<String>) -> Result<Self, TextError> {
        let text = text.into();
        crate::text::check(&text, Self::MAX_CHARS)?;
        Ok(Self { text, is_number: false })
    }

    /// From a whole number.
    #[must_use]
    pub fn from_number(number: i64) -> Self {
        Self { text: number.to_string(), is_number: true }
    }

    /// The text, or the number's digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The number, if it came as one.
    #[must_use]
    pub fn as_number(&self) -> Option<i64> {
        self.text.parse().ok().filter(|_| self.is_number)
    }
}

impl PartialEq for CustomerId {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for CustomerId {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_stays_a_number_and_is_the_same_customer_as_its_digits() {
        assert_eq!(CustomerId::from_number(-7).as_number(), Some(-7));
        assert_eq!(CustomerId::parse("42").unwrap().as_number(), None);
        assert_eq!(CustomerId::parse("42").unwrap(), CustomerId::from_number(42));
        assert_eq!(CustomerId::parse(""), Err(TextError::Empty));
    }
}
