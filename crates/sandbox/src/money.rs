//! Amounts of money as whole minor units: no float ever touches one.

use serde::{Deserialize, Serialize};

use crate::currency::{self, Currency};
use crate::limits::{AMOUNT_BYTES_MAX, PRICE_UNITS_MAX};
use crate::rates::Rates;

/// So many minor units of a currency. It reads and writes as Coinbase does: `{"amount": "1.00", "currency": "USD"}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub(crate) struct Money {
    pub(crate) units: u64,
    pub(crate) currency: &'static Currency,
}

#[derive(Serialize, Deserialize)]
struct Written {
    amount: String,
    #[serde(with = "currency")]
    currency: &'static Currency,
}

impl Money {
    /// Reads digits with at most one point, exactly. `None`: not such a number, or more decimals than the currency has
    /// (trailing zeros don't count), or more than a `u64` holds.
    pub(crate) fn parse(amount: &str, currency: &'static Currency) -> Option<Self> {
        Some(Self { units: parse_units(amount, currency.decimals)?, currency })
    }

    /// Whether this may be a charge's price.
    pub(crate) fn is_price(self) -> bool {
        let highest = u128::from(PRICE_UNITS_MAX) * 10_u128.pow(self.currency.decimals);
        self.units > 0 && u128::from(self.units) <= highest
    }

    /// The same worth in another currency, rounded up so that it never covers less. `None` if it is more than fits.
    pub(crate) fn converted(self, to: &'static Currency, rates: &Rates) -> Option<Self> {
        if to == self.currency {
            return Some(self);
        }
        let worth = u128::from(self.units).checked_mul(u128::from(rates.nano_usd(self.currency)))?;
        let scaled = worth.checked_mul(10_u128.pow(to.decimals))?;
        let divisor = 10_u128.pow(self.currency.decimals).checked_mul(u128::from(rates.nano_usd(to)))?;
        Some(Self { units: u64::try_from(scaled.div_ceil(divisor)).ok()?, currency: to })
    }

    /// Half of it, rounded down: at least one minor unit less.
    pub(crate) fn half(self) -> Self {
        Self { units: self.units / 2, ..self }
    }

    /// Half as much again, rounded up: at least one minor unit more.
    pub(crate) fn half_more(self) -> Self {
        Self { units: self.units.saturating_add(self.units.div_ceil(2)), ..self }
    }

    /// One in a hundred, rounded down: the fee.
    pub(crate) fn hundredth(self) -> Self {
        Self { units: self.units / 100, ..self }
    }

    pub(crate) fn minus(self, other: Self) -> Self {
        Self { units: self.units.saturating_sub(other.units), ..self }
    }

    /// The amount alone, with all of its currency's decimals.
    pub(crate) fn amount(self) -> String {
        decimal(u128::from(self.units), self.currency.decimals)
    }
}

/// Reads digits with at most one point as so many units of the last decimal, exactly.
pub(crate) fn parse_units(amount: &str, decimals: u32) -> Option<u64> {
    let (whole, fraction) = amount.split_once('.').unwrap_or((amount, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if amount.len() > AMOUNT_BYTES_MAX || !digits(whole) || !digits(fraction) {
        return None;
    }
    let fraction = fraction.trim_end_matches('0');
    let missing = usize::try_from(decimals).ok()?.checked_sub(fraction.len())?;
    format!("{whole}{fraction}{}", "0".repeat(missing)).parse().ok()
}

/// Writes minor units with a point.
pub(crate) fn decimal(units: u128, decimals: u32) -> String {
    if decimals == 0 {
        return units.to_string();
    }
    let scale = 10_u128.pow(decimals);
    let width = decimals as usize;
    format!("{}.{:0width$}", units / scale, units % scale)
}

impl From<Money> for Written {
    fn from(money: Money) -> Self {
        Self { amount: money.amount(), currency: money.currency }
    }
}

impl TryFrom<Written> for Money {
    type Error = &'static str;

    fn try_from(written: Written) -> Result<Self, Self::Error> {
        Self::parse(&written.amount, written.currency).ok_or("not an amount of its currency")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::currency::{BTC, ETH, USD, USDC};

    fn usd(amount: &str) -> Option<u64> {
        Money::parse(amount, &USD).map(|money| money.units)
    }

    #[test]
    fn amounts_are_read_exactly_or_not_at_all() {
        assert_eq!(usd("29.99"), Some(2999));
        assert_eq!(usd("29.9900"), Some(2999));
        assert_eq!(usd("0007"), Some(700));
        for wrong in ["", ".", "1.", ".5", "-1", "+1", "1e3", "1.005", "1,00", " 1", "NaN", "٣", "99999999999999999999"]
        {
            assert_eq!(usd(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn currencies_without_decimals_take_none() {
        let yen = Currency::find("JPY").unwrap();
        assert_eq!(Money::parse("150", yen).unwrap().amount(), "150");
        assert_eq!(Money::parse("150.00", yen).unwrap().amount(), "150");
        assert_eq!(Money::parse("150.5", yen), None);
    }

    #[test]
    fn conversion_rounds_up_and_keeps_a_coin_as_it_is() {
        let price = Money::parse("64250.00", &USD).unwrap();
        assert_eq!(price.converted(&BTC, &Rates::default()).unwrap().amount(), "1.00000000");
        assert_eq!(
            Money::parse("0.01", &USD).unwrap().converted(&BTC, &Rates::default()).unwrap().amount(),
            "0.00000016"
        );
        assert_eq!(
            Money::parse("29.99", &USD).unwrap().converted(&USDC, &Rates::default()).unwrap().amount(),
            "29.990000"
        );
        let coin = Money::parse("1.23456789", &ETH).unwrap();
        assert_eq!(coin.converted(&ETH, &Rates::default()), Some(coin));
    }

    #[test]
    fn too_little_and_too_much_differ_by_a_minor_unit_at_least() {
        let cent = Money { units: 1, currency: &USD };
        assert_eq!((cent.half().units, cent.half_more().units), (0, 2));
        let odd = Money { units: 2999, currency: &USD };
        assert_eq!((odd.half().units, odd.half_more().units), (1499, 4499));
    }

    #[test]
    fn the_highest_price_fits_in_every_coin() {
        for code in ["USD", "KWD", "JPY", "BTC"] {
            let currency = Currency::find(code).unwrap();
            let top = Money::parse("1000000000", currency).unwrap();
            assert!(top.is_price());
            assert!(!Money { units: top.units + 1, currency }.is_price());
        }
        let dollars = Money::parse("1000000000", &USD).unwrap();
        assert!([&BTC, &ETH, &USDC].into_iter().all(|coin| dollars.converted(coin, &Rates::default()).is_some()));
    }
}
