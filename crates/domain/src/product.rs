use crate::{MerchantId, Money, ProductId, ProductName, Record, Stock, TextError, Timestamp};

/// The longest description, in characters.
pub const MAX_DESCRIPTION_CHARS: usize = 5000;

/// What a seller says of a product: free text, lines and tabs included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description(String);

impl Description {
    /// Takes a text that isn't too long and has no control characters but line ends and tabs.
    pub fn parse(text: impl Into<String>) -> Result<Self, TextError> {
        let text = text.into();
        if text.chars().count() > MAX_DESCRIPTION_CHARS {
            return Err(TextError::TooLong(MAX_DESCRIPTION_CHARS));
        }
        if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
            return Err(TextError::ControlCharacter);
        }
        Ok(Self(text))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Something of which there is a limited stock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    /// Identifies it.
    pub id: ProductId,
    /// Who sells it.
    pub merchant_id: MerchantId,
    /// What it is called.
    pub name: ProductName,
    /// What is said of it.
    pub description: Option<Description>,
    /// What one costs.
    pub price: Money,
    /// How many there are, and how many are spoken for.
    pub stock: Stock,
    /// From when on it can't be had any more. Its orders keep it.
    pub deleted_at: Option<Timestamp>,
    /// When it was offered first.
    pub created_at: Timestamp,
    /// When it, or its stock, last changed.
    pub updated_at: Timestamp,
}

impl Product {
    /// Whether it is still offered.
    #[must_use]
    pub const fn is_offered(&self) -> bool {
        self.deleted_at.is_none()
    }

    /// The same product with another stock.
    #[must_use]
    pub(crate) fn with_stock(&self, stock: Stock, now: Timestamp) -> Self {
        Self { stock, updated_at: now, ..self.clone() }
    }
}

impl Record for Product {
    type Id = ProductId;

    fn id(&self) -> ProductId {
        self.id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_have_lines_but_no_other_control_characters() {
        assert_eq!(Description::parse("Doors 19:00\n\tRow A").unwrap().as_str(), "Doors 19:00\n\tRow A");
        assert_eq!(Description::parse("a\0b"), Err(TextError::ControlCharacter));
        assert_eq!(Description::parse("x".repeat(5001)), Err(TextError::TooLong(5000)));
    }
}
