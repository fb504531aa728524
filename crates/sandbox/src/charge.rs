//! A charge: what the merchant asked for and what has happened to it since.

pub(crate) mod draft;
pub(crate) mod life;
pub(crate) mod payment;
pub(crate) mod wire;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::coin::Coin;
use crate::money::Money;
use crate::rates::Rates;
use life::Step;
use payment::Payment;

/// A charge as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Charge {
    pub(crate) id: Uuid,
    pub(crate) code: String,
    pub(crate) name: String,
    pub(crate) description: String,
    /// `None`: the payer chooses how much to give.
    pub(crate) price: Option<Price>,
    pub(crate) addresses: Addresses,
    pub(crate) metadata: Map<String, Value>,
    /// The checkout page that made it.
    #[serde(default)]
    pub(crate) checkout_id: Option<Uuid>,
    pub(crate) redirect_url: Option<String>,
    pub(crate) cancel_url: Option<String>,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    pub(crate) confirmed_at: Option<Timestamp>,
    /// Never empty; the last entry is the status.
    pub(crate) timeline: Vec<Entry>,
    pub(crate) payments: Vec<Payment>,
    /// What happens next by itself.
    pub(crate) scheduled: Option<Scheduled>,
}

/// The price and what it comes to in each coin, fixed when the charge is made.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Price {
    pub(crate) local: Money,
    pub(crate) bitcoin: Money,
    pub(crate) ethereum: Money,
    pub(crate) usdc: Money,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Addresses {
    pub(crate) bitcoin: String,
    pub(crate) ethereum: String,
    pub(crate) usdc: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub(crate) at: Timestamp,
    pub(crate) status: Status,
    pub(crate) context: Option<Context>,
    /// Whether the entry is about the payment.
    pub(crate) paid: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Scheduled {
    pub(crate) at: Timestamp,
    pub(crate) step: Step,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Status {
    New,
    Pending,
    Completed,
    Expired,
    Unresolved,
    Resolved,
    Canceled,
}

/// Why a payment isn't as asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Context {
    Underpaid,
    Overpaid,
    Delayed,
    Multiple,
}

impl Charge {
    pub(crate) fn status(&self) -> Status {
        self.timeline.last().map_or(Status::New, |entry| entry.status)
    }

    pub(crate) fn context(&self) -> Option<Context> {
        self.timeline.last().and_then(|entry| entry.context)
    }

    /// Whether somebody could still pay it in time.
    pub(crate) fn is_open(&self) -> bool {
        self.status() == Status::New
    }

    /// What the payer is to send in this coin; `None` if that is the payer's choice.
    pub(crate) fn due_in(&self, coin: Coin) -> Option<Money> {
        self.price.as_ref().map(|price| match coin {
            Coin::Bitcoin => price.bitcoin,
            Coin::Ethereum => price.ethereum,
            Coin::Usdc => price.usdc,
        })
    }
}

impl Addresses {
    pub(crate) fn generate() -> Result<Self, getrandom::Error> {
        Ok(Self {
            bitcoin: Coin::Bitcoin.new_address()?,
            ethereum: Coin::Ethereum.new_address()?,
            usdc: Coin::Usdc.new_address()?,
        })
    }

    pub(crate) fn of(&self, coin: Coin) -> &str {
        match coin {
            Coin::Bitcoin => &self.bitcoin,
            Coin::Ethereum => &self.ethereum,
            Coin::Usdc => &self.usdc,
        }
    }
}

impl Price {
    /// `None` if the price is beyond what a coin's amount can hold.
    pub(crate) fn of(local: Money, rates: &Rates) -> Option<Self> {
        Some(Self {
            local,
            bitcoin: local.converted(Coin::Bitcoin.currency(), rates)?,
            ethereum: local.converted(Coin::Ethereum.currency(), rates)?,
            usdc: local.converted(Coin::Usdc.currency(), rates)?,
        })
    }
}

impl Status {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::New => "NEW",
            Self::Pending => "PENDING",
            Self::Completed => "COMPLETED",
            Self::Expired => "EXPIRED",
            Self::Unresolved => "UNRESOLVED",
            Self::Resolved => "RESOLVED",
            Self::Canceled => "CANCELED",
        }
    }
}

impl Context {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Underpaid => "UNDERPAID",
            Self::Overpaid => "OVERPAID",
            Self::Delayed => "DELAYED",
            Self::Multiple => "MULTIPLE",
        }
    }
}
