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

    /// Worth of one unit of this currency in another: four digits after the point, or eight where it is next to nothing.
    pub(crate) fn rate_in(&self, other: &Self) -> String {
        let rounded = |decimals| {
            let (worth, unit) = (u128::from(self.nano_usd) * 10_u128.pow(decimals), u128::from(other.nano_usd));
            crate::money::decimal((worth + unit / 2) / unit, decimals)
        };
        let text = rounded(if self.nano_usd / 100 >= other.nano_usd / 10_000 { 4 } else { 8 });
        let trimmed = text.trim_end_matches('0');
        if trimmed.ends_with('.') { format!("{trimmed}0") } else { trimmed.to_owned() }
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

    #[test]
    fn rates_are_rounded_decimals_without_needless_zeros() {
        assert_eq!(Currency::find("EUR").map(|euro| ETH.rate_in(euro)).as_deref(), Some("2875.0"));
        assert_eq!(BTC.rate_in(&USD), "64250.0");
        assert_eq!(USDC.rate_in(&USD), "1.0");
        assert_eq!(USD.rate_in(&BTC), "0.00001556");
    }
}
