//! Money that was seen on a chain, or would have been.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::Charge;
use super::life::Outcome;
use crate::clock::Timestamp;
use crate::coin::Coin;
use crate::currency::USD;
use crate::money::Money;
use crate::random;

/// What a payer gives who may choose: ten dollars.
const FREE_CHOICE: Money = Money { units: 1_000, currency: &USD };

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Payment {
    pub(crate) id: Uuid,
    pub(crate) coin: Coin,
    pub(crate) transaction_id: String,
    pub(crate) detected_at: Timestamp,
    pub(crate) local: Money,
    pub(crate) crypto: Money,
    pub(crate) block_height: i64,
    pub(crate) block_hash: String,
    pub(crate) confirmed: bool,
}

impl Payment {
    /// A payment of this charge that a chain has just shown.
    pub(crate) fn detect(
        charge: &Charge,
        coin: Coin,
        outcome: Outcome,
        now: Timestamp,
    ) -> Result<Self, getrandom::Error> {
        let asked = charge.price.as_ref().map_or(FREE_CHOICE, |price| price.local);
        let asked_crypto = charge.due_in(coin).or_else(|| asked.converted(coin.currency()));
        let asked_crypto = asked_crypto.unwrap_or(Money { units: 1, currency: coin.currency() });
        let given = |asked: Money| match outcome {
            Outcome::Underpaid => asked.half(),
            Outcome::Overpaid => asked.half_more(),
            Outcome::Success | Outcome::Failure | Outcome::Delayed => asked,
        };
        Ok(Self {
            id: random::uuid()?,
            coin,
            transaction_id: coin.new_hash()?,
            detected_at: now,
            local: given(asked),
            crypto: given(asked_crypto),
            block_height: coin.block_height(now.0 / 1_000),
            block_hash: coin.new_hash()?,
            confirmed: false,
        })
    }

    pub(crate) fn to_wire(&self) -> Value {
        let required = self.coin.confirmations_required();
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
                "confirmations": if self.confirmed { required } else { 0 },
                "confirmations_required": required,
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
