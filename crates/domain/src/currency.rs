use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

/// A currency that amounts can be in: one of ISO 4217 that has a minor unit and is in use, or BTC, ETH or USDC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency(Kind);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Kind {
    Iso(iso_currency::Currency),
    Btc,
    Eth,
    Usdc,
}

/// A code that names no [`Currency`].
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("not a currency that payments can be in; expected an ISO 4217 code, BTC, ETH or USDC in upper case")]
pub struct UnknownCurrency;

impl Currency {
    /// US dollar, the default of the API.
    pub const USD: Self = Self(Kind::Iso(iso_currency::Currency::USD));
    /// Bitcoin, in satoshis.
    pub const BTC: Self = Self(Kind::Btc);
    /// Ether, kept to 8 decimals rather than its 18, so that an amount fits 64 bits.
    pub const ETH: Self = Self(Kind::Eth);
    /// USD Coin.
    pub const USDC: Self = Self(Kind::Usdc);

    /// The code, in upper case.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self.0 {
            Kind::Iso(currency) => currency.code(),
            Kind::Btc => "BTC",
            Kind::Eth => "ETH",
            Kind::Usdc => "USDC",
        }
    }

    /// How many decimals an amount has: 2 for USD, 0 for JPY, 8 for BTC.
    #[must_use]
    pub fn decimals(self) -> u32 {
        match self.0 {
            Kind::Iso(currency) => u32::from(currency.exponent().unwrap_or(0)),
            Kind::Btc | Kind::Eth => 8,
            Kind::Usdc => 6,
        }
    }
}

impl FromStr for Currency {
    type Err = UnknownCurrency;

    fn from_str(code: &str) -> Result<Self, Self::Err> {
        match code {
            "BTC" => Ok(Self::BTC),
            "ETH" => Ok(Self::ETH),
            "USDC" => Ok(Self::USDC),
            _ => iso_currency::Currency::from_code(code)
                .filter(|iso| iso.exponent().is_some() && !iso.is_special() && is_in_use(*iso))
                .map(|iso| Self(Kind::Iso(iso)))
                .ok_or(UnknownCurrency),
        }
    }
}

/// The bolívar has two codes at once: ISO 4217, amendment 170, brought VED beside VES, not in its place.
fn is_in_use(currency: iso_currency::Currency) -> bool {
    currency.is_superseded().is_none() || currency == iso_currency::Currency::VES
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_codes_have_the_decimals_of_iso_4217_and_of_the_coins() {
        for (code, decimals) in [
            ("USD", 2),
            ("EUR", 2),
            ("JPY", 0),
            ("KWD", 3),
            ("VES", 2),
            ("VED", 2),
            ("BTC", 8),
            ("ETH", 8),
            ("USDC", 6),
        ] {
            let currency: Currency = code.parse().unwrap();
            assert_eq!((currency.code(), currency.decimals()), (code, decimals));
        }
    }

    #[test]
    fn what_is_no_money_is_refused() {
        for code in ["", "usd", "XXX", "XTS", "XAU", "DOGE", "US", "USDD", "DEM"] {
            assert_eq!(code.parse::<Currency>(), Err(UnknownCurrency), "{code}");
        }
    }
}
