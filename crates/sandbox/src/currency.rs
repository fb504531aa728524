//! Currencies, and what they are worth here.
//!
//! The worth is made up once and never moves, so that tests can rely on it: the same price is the same amount of Bitcoin
//! today and next year.

mod table;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A currency the sandbox takes prices in.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Currency {
    /// ISO 4217, or the ticker of a coin.
    pub(crate) code: &'static str,
    /// Digits after the point.
    pub(crate) decimals: u32,
    /// Worth of one whole unit in billionths of a US dollar.
    pub(crate) nano_usd: u64,
}

pub(crate) static BTC: Currency = Currency { code: "BTC", decimals: 8, nano_usd: 64_250_000_000_000 };
pub(crate) static ETH: Currency = Currency { code: "ETH", decimals: 8, nano_usd: 3_125_000_000_000 };
pub(crate) static USDC: Currency = Currency { code: "USDC", decimals: 6, nano_usd: 1_000_000_000 };
pub(crate) static USD: Currency = Currency { code: "USD", decimals: 2, nano_usd: 1_000_000_000 };

impl Currency {
    /// The currency of this code, in any case.
    pub(crate) fn find(code: &str) -> Option<&'static Self> {
        [&BTC, &ETH, &USDC, &USD]
            .into_iter()
            .chain(table::FIAT)
            .find(|currency| currency.code.eq_ignore_ascii_case(code))
    }
}

/// Stored as its code.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference to the field")]
pub(crate) fn serialize<S: Serializer>(currency: &&'static Currency, serializer: S) -> Result<S::Ok, S::Error> {
    currency.code.serialize(serializer)
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<&'static Currency, D::Error> {
    let code = String::deserialize(deserializer)?;
    Currency::find(&code).ok_or_else(|| serde::de::Error::custom("unknown currency"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_currency_is_found_in_any_case_and_listed_once() {
        assert_eq!(Currency::find("usd"), Some(&USD));
        assert_eq!(Currency::find("XXX"), None);
        let mut codes: Vec<_> = table::FIAT.iter().map(|currency| currency.code).collect();
        let listed = codes.len();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), listed);
        assert!(table::FIAT.iter().all(|currency| currency.code != "USD" && currency.nano_usd > 0));
    }
}
