use serde::{Deserialize, Serialize};

use crate::{ChargeCode, Money, Reason, Timestamp, TransactionId};

/// A payment provider's request for money, as the gateway gives it back: where the buyer pays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge {
    /// What the provider calls it; events name it by this.
    pub code: ChargeCode,
    /// The page where the buyer pays.
    pub hosted_url: String,
}

/// What an event says of a charge, in the words of the domain, whatever wire it came by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChargeNews {
    /// It was made.
    Created,
    /// A payment was seen, and may still fail.
    Pending,
    /// It was paid, finally.
    Confirmed,
    /// Its time ran out and nobody had paid.
    Expired,
    /// It was called off before anybody paid.
    Canceled,
    /// Money came, but not as asked: the merchant has to resolve it.
    Held(Reason),
    /// The merchant resolved it: the money counts.
    Resolved,
    /// A type of event that isn't known here.
    Unknown,
}

impl ChargeNews {
    /// Whether it tells that money is there.
    #[must_use]
    pub const fn is_money(self) -> bool {
        match self {
            Self::Confirmed | Self::Held(_) | Self::Resolved => true,
            Self::Created | Self::Pending | Self::Expired | Self::Canceled | Self::Unknown => false,
        }
    }
}

/// An amount that an event may or may not tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reported {
    /// The event doesn't tell it.
    Missing,
    /// It is told in a way that can't be read: no currency known here, or too fine for it.
    Unreadable,
    /// So much.
    Amount(Money),
}

/// One settled movement of money that an event tells of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportedPayment {
    /// The id that its transaction gets, should this event be the one that records it.
    pub record: TransactionId,
    /// What the provider or its network calls the movement.
    pub provider_transaction_id: String,
    /// In the currency of the charge.
    pub amount: Reported,
    /// When it was first seen, as the provider tells.
    pub occurred_at: Timestamp,
}

/// How far a payment may be from what was asked, in minor units of the charge's currency. A coin's price moves between
/// a quote and its payment, and providers confirm what is close enough; nothing is tolerated that the event doesn't tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tolerance {
    /// So much may be missing.
    pub under_minor: i64,
    /// So much may be too much.
    pub over_minor: i64,
}

/// All that an event says, read from its body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChargeReport {
    /// What happened.
    pub news: ChargeNews,
    /// What the charge asks for.
    pub asked: Reported,
    /// How far from what was asked the provider takes a payment for exact.
    #[serde(default)]
    pub tolerance: Tolerance,
    /// The settled movements of money up to now; pending ones are left out.
    pub payments: Vec<ReportedPayment>,
    /// When it happened, as the provider tells.
    pub occurred_at: Timestamp,
}
