//! The coins a charge can be paid in.

use serde::{Deserialize, Serialize};

use crate::address;
use crate::currency::{self, Currency};
use crate::money::Money;
use crate::random;

/// Named as the keys of a charge's `pricing` and `addresses`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Coin {
    #[default]
    Bitcoin,
    Ethereum,
    Usdc,
}

/// Sepolia, Ethereum's test network: a wallet that scans a code of the sandbox must not spend real money.
const TEST_CHAIN: u32 = 11_155_111;
const TEST_CHAIN_USDC: &str = "0x1c7D4B196Cb0C7B01d743Fbc6116a902379C7238";

impl Coin {
    pub(crate) const ALL: [Self; 3] = [Self::Bitcoin, Self::Ethereum, Self::Usdc];

    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Bitcoin => "bitcoin",
            Self::Ethereum => "ethereum",
            Self::Usdc => "usdc",
        }
    }

    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Bitcoin => "Bitcoin",
            Self::Ethereum => "Ethereum",
            Self::Usdc => "USD Coin",
        }
    }

    pub(crate) fn currency(self) -> &'static Currency {
        match self {
            Self::Bitcoin => &currency::BTC,
            Self::Ethereum => &currency::ETH,
            Self::Usdc => &currency::USDC,
        }
    }

    /// Blocks after which Coinbase takes a payment for final.
    pub(crate) fn confirmations_required(self) -> u32 {
        match self {
            Self::Bitcoin => 1,
            Self::Ethereum | Self::Usdc => 12,
        }
    }

    /// A believable height for a block that holds a payment made now: the chain's pace since a block of known time.
    pub(crate) fn block_height(self, now_s: i64) -> i64 {
        match self {
            Self::Bitcoin => 840_000 + (now_s - 1_713_571_767) / 600,
            Self::Ethereum | Self::Usdc => 20_000_000 + (now_s - 1_717_281_407) / 12,
        }
    }

    pub(crate) fn new_hash(self) -> Result<String, getrandom::Error> {
        let hash = random::hash()?;
        Ok(match self {
            Self::Bitcoin => hash,
            Self::Ethereum | Self::Usdc => format!("0x{hash}"),
        })
    }

    pub(crate) fn new_address(self) -> Result<String, getrandom::Error> {
        match self {
            Self::Bitcoin => address::bitcoin_testnet(),
            Self::Ethereum | Self::Usdc => address::ethereum_unpayable(),
        }
    }

    /// What a wallet reads from the QR code: BIP 21 for Bitcoin, ERC-681 on a test network for the others.
    pub(crate) fn payment_uri(self, address: &str, due: Option<Money>) -> String {
        match (self, due) {
            (Self::Bitcoin, None) => format!("bitcoin:{address}"),
            (Self::Bitcoin, Some(due)) => format!("bitcoin:{address}?amount={}", due.amount()),
            (Self::Ethereum, None) => format!("ethereum:{address}@{TEST_CHAIN}"),
            // Ten more zeros: ether has eighteen decimals on its chain, and eight here.
            (Self::Ethereum, Some(due)) => {
                format!("ethereum:{address}@{TEST_CHAIN}?value={}0000000000", due.units)
            }
            (Self::Usdc, None) => {
                format!("ethereum:{TEST_CHAIN_USDC}@{TEST_CHAIN}/transfer?address={address}")
            }
            (Self::Usdc, Some(due)) => {
                format!("ethereum:{TEST_CHAIN_USDC}@{TEST_CHAIN}/transfer?address={address}&uint256={}", due.units)
            }
        }
    }
}
