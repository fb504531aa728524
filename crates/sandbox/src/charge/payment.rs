//! Money that was seen on a chain, or would have been.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::life::{Attempt, Outcome};
use super::{Charge, Status};
use crate::clock::Timestamp;
use crate::coin::Coin;
use crate::currency::USD;
use crate::error::{Problem, Refusal};
use crate::money::Money;
use crate::random;
use crate::rates::Rates;

/// What a payer gives who may choose: ten dollars.
const FREE_CHOICE: Money = Money { units: 1_000, currency: &USD };

/// A sum that is off by no more than this still is as asked: whichever is less.
pub(super) const THRESHOLD_WHOLE_UNITS: u64 = 5;
pub(super) const THRESHOLD_PER_MILLE: u64 = 5;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Payment {
    pub(crate) id: Uuid,
    pub(crate) coin: Coin,
    pub(crate) transaction_id: String,
    pub(crate) detected_at: Timestamp,
    /// When it will be final.
    #[serde(default)]
    pub(crate) final_at: Option<Timestamp>,
    pub(crate) local: Money,
    pub(crate) crypto: Money,
    pub(crate) block_height: i64,
    pub(crate) block_hash: String,
    pub(crate) confirmed: bool,
}

/// What came, compared with what was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sum {
    AsAsked,
    TooLittle,
    TooMuch,
}

impl Charge {
    /// A charge without a price takes what it gets.
    pub(super) fn received(&self) -> Sum {
        let Some(price) = &self.price else { return Sum::AsAsked };
        let asked = price.local.units;
        let came = self.payments.iter().fold(0_u64, |sum, payment| sum.saturating_add(payment.local.units));
        let whole = THRESHOLD_WHOLE_UNITS.saturating_mul(10_u64.saturating_pow(price.local.currency.decimals));
        let share = asked / 1_000 * THRESHOLD_PER_MILLE + asked % 1_000 * THRESHOLD_PER_MILLE / 1_000;
        if came.abs_diff(asked) <= whole.min(share) {
            Sum::AsAsked
        } else if came < asked {
            Sum::TooLittle
        } else {
            Sum::TooMuch
        }
    }

    /// The payment that an entry of the timeline is about: the one that was seen, or all of them, for which the last stands.
    pub(super) fn payment_at(&self, status: Status) -> Option<&Payment> {
        if status == Status::Pending { self.payments.first() } else { self.payments.last() }
    }
}

impl Payment {
    /// A payment of this charge that a chain has just shown.
    pub(super) fn detect(charge: &Charge, attempt: Attempt, rates: &Rates, now: Timestamp) -> Result<Self, Problem> {
        let coin = attempt.coin;
        let (local, crypto) = match attempt.amount {
            Some(amount) => {
                let crypto = amount.converted(coin.currency(), rates);
                (amount, crypto.ok_or_else(|| Refusal::invalid("amount is more than a coin can hold"))?)
            }
            None => charge.sum_for(attempt.outcome, coin, rates),
        };
        Ok(Self {
            id: random::uuid()?,
            coin,
            transaction_id: coin.new_hash()?,
            detected_at: now,
            final_at: Some(now.plus(attempt.delay)),
            local,
            crypto,
            block_height: coin.block_height(now.0 / 1_000),
            block_hash: coin.new_hash()?,
            confirmed: false,
        })
    }

    /// Blocks on top of it by now. The last one comes with the settlement.
    pub(crate) fn confirmations(&self, now: Timestamp) -> u32 {
        let required = self.coin.confirmations_required();
        if self.confirmed {
            return required;
        }
        let Some(final_at) = self.final_at else { return 0 };
        let (gone, whole) = (self.detected_at.until(now).as_millis(), self.detected_at.until(final_at).as_millis());
        let blocks = gone * u128::from(required) / whole.max(1);
        u32::try_from(blocks).unwrap_or(u32::MAX).min(required - 1)
    }

    pub(super) fn to_wire(&self, now: Timestamp) -> Value {
        let (fee_local, fee_crypto) = (self.local.hundredth(), self.crypto.hundredth());
        let (net_local, net_crypto) = (self.local.minus(fee_local), self.crypto.minus(fee_crypto));
        json!({
            "network": self.coin.key(),
            "transaction_id": self.transaction_id,
            "payment_id": self.id,
            "status": if self.confirmed { "CONFIRMED" } else { "PENDING" },
            "detected_at": self.detected_at.to_wire(),
            "value": { "local": self.local, "crypto": self.crypto },
            "net": { "local": net_local, "crypto": net_crypto },
            "block": {
                "height": self.block_height,
                "hash": self.block_hash,
                "confirmations": self.confirmations(now),
                "confirmations_required": self.coin.confirmations_required(),
            },
            "deposited": {
                "autoconversion_enabled": false,
                "autoconversion_status": "PENDING",
                "status": if self.confirmed { "COMPLETED" } else { "PENDING" },
                "destination": "sandbox@example.com",
                "amount": {
                    "gross": { "local": self.local, "crypto": self.crypto },
                    "net": { "local": net_local, "crypto": net_crypto },
                    "coinbase_fee": { "local": fee_local, "crypto": fee_crypto },
                },
            },
            "coinbase_processing_fee": { "local": fee_local, "crypto": fee_crypto },
        })
    }
}

impl Charge {
    /// What a payer gives, in the price's currency and in the coin.
    fn sum_for(&self, outcome: Outcome, coin: Coin, rates: &Rates) -> (Money, Money) {
        let asked = self.price.as_ref().map_or(FREE_CHOICE, |price| price.local);
        let crypto = self.due_in(coin).or_else(|| asked.converted(coin.currency(), rates));
        let crypto = crypto.unwrap_or(Money { units: 1, currency: coin.currency() });
        let given = |asked: Money| match outcome {
            Outcome::Underpaid => asked.half(),
            Outcome::Overpaid => asked.half_more(),
            Outcome::Success | Outcome::Failure | Outcome::Delayed | Outcome::Multiple | Outcome::Slow => asked,
        };
        (given(asked), given(crypto))
    }
}
