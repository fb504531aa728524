//! What currencies are worth here: a fixed table, so that tests can rely on it, and what the configuration changes of it.

use std::collections::BTreeMap;

use crate::currency::Currency;

/// The worth of currencies where it isn't the built-in one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rates {
    /// By code; in billionths of a US dollar, never zero.
    nano_usd: BTreeMap<&'static str, u64>,
}

/// Why a text holds no [`Rates`].
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct RatesError(String);

const NANO_DECIMALS: u32 = 9;

impl Rates {
    /// Reads a JSON object of currency codes and what one whole unit is worth in US dollars, as decimal strings:
    /// `{"BTC": "64000", "EUR": "1.08"}`.
    pub fn from_json(json: &str) -> Result<Self, RatesError> {
        let given: BTreeMap<String, String> = serde_json::from_str(json).map_err(|error| {
            RatesError(format!("rates must be a JSON object of codes and decimal strings: {error}"))
        })?;
        let read = |(code, worth): (String, String)| {
            let currency = Currency::find(&code).ok_or_else(|| RatesError(format!("{code}: no such currency")))?;
            if currency.code == "USD" {
                return Err(RatesError("USD: worth one dollar, always".to_owned()));
            }
            let nano_usd = crate::money::parse_units(&worth, NANO_DECIMALS).filter(|worth| *worth > 0);
            let nano_usd =
                nano_usd.ok_or_else(|| RatesError(format!("{code}: {worth:?} is not a positive decimal")))?;
            Ok((currency.code, nano_usd))
        };
        Ok(Self { nano_usd: given.into_iter().map(read).collect::<Result<_, _>>()? })
    }

    /// Worth of one whole unit in billionths of a US dollar.
    pub(crate) fn nano_usd(&self, currency: &Currency) -> u64 {
        self.nano_usd.get(currency.code).copied().unwrap_or(currency.nano_usd)
    }

    /// Worth of one unit of a currency in another: four digits after the point, or eight where it is next to nothing.
    pub(crate) fn written(&self, of: &Currency, other: &Currency) -> String {
        let (worth, unit) = (self.nano_usd(of), self.nano_usd(other));
        let rounded = |decimals| {
            let (worth, unit) = (u128::from(worth) * 10_u128.pow(decimals), u128::from(unit));
            crate::money::decimal((worth + unit / 2) / unit, decimals)
        };
        let text = rounded(if worth / 100 >= unit / 10_000 { 4 } else { 8 });
        let trimmed = text.trim_end_matches('0');
        if trimmed.ends_with('.') { format!("{trimmed}0") } else { trimmed.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::currency::{BTC, ETH, USD, USDC};

    #[test]
    fn rates_are_rounded_decimals_without_needless_zeros() {
        let rates = Rates::default();
        assert_eq!(rates.written(&ETH, Currency::find("EUR").unwrap()), "2875.0");
        assert_eq!(rates.written(&BTC, &USD), "64250.0");
        assert_eq!(rates.written(&USDC, &USD), "1.0");
        assert_eq!(rates.written(&USD, &BTC), "0.00001556");
    }

    #[test]
    fn the_configuration_outweighs_the_table_where_it_says_something() {
        let rates = Rates::from_json(r#"{"btc": "100000.5"}"#).unwrap();
        assert_eq!(rates.written(&BTC, &USD), "100000.5");
        assert_eq!(rates.written(&ETH, &USD), Rates::default().written(&ETH, &USD));
        for wrong in ["", "[]", r#"{"XXX":"1"}"#, r#"{"BTC":"0"}"#, r#"{"BTC":"-1"}"#, r#"{"BTC":1}"#, r#"{"USD":"2"}"#]
        {
            assert!(Rates::from_json(wrong).is_err(), "{wrong}");
        }
    }
}
