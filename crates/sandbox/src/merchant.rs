//! Who integrates: an API key, a secret that signs the webhooks, and where these go.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::clock::Timestamp;

/// The merchant of the configuration.
pub(crate) const CONFIGURED_MERCHANT: i64 = 1;

#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Merchant {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) api_key: String,
    pub(crate) webhook_secret: String,
    /// The one before: what a webhook with an old signature is signed with.
    pub(crate) previous_webhook_secret: String,
    pub(crate) created_at: Timestamp,
    pub(crate) endpoints: Vec<Endpoint>,
}

#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Endpoint {
    pub(crate) id: i64,
    pub(crate) merchant_id: i64,
    pub(crate) url: String,
    pub(crate) is_configured: bool,
    pub(crate) created_at: Timestamp,
}

/// All merchants, as they were at one moment.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    merchants: Vec<Arc<Merchant>>,
    /// By the hash of the key: looking for a key tells nothing about the others by the time that it takes.
    by_key: HashMap<[u8; 32], Arc<Merchant>>,
}

impl Directory {
    pub(crate) fn of(merchants: Vec<Merchant>) -> Self {
        let merchants: Vec<_> = merchants.into_iter().map(Arc::new).collect();
        let by_key = merchants.iter().map(|merchant| (digest(merchant.api_key.as_bytes()), Arc::clone(merchant)));
        Self { by_key: by_key.collect(), merchants }
    }

    pub(crate) fn all(&self) -> &[Arc<Merchant>] {
        &self.merchants
    }

    pub(crate) fn of_key(&self, api_key: &[u8]) -> Option<Arc<Merchant>> {
        self.by_key.get(&digest(api_key)).cloned()
    }

    pub(crate) fn merchant(&self, id: i64) -> Option<&Arc<Merchant>> {
        self.merchants.iter().find(|merchant| merchant.id == id)
    }

    /// The merchant's name; that of nobody for one who is gone.
    pub(crate) fn name_of(&self, id: i64) -> &str {
        self.merchant(id).map_or("", |merchant| &merchant.name)
    }

    pub(crate) fn endpoints(&self) -> impl Iterator<Item = &Endpoint> {
        self.merchants.iter().flat_map(|merchant| &merchant.endpoints)
    }
}

impl Merchant {
    pub(crate) fn is_configured(&self) -> bool {
        self.id == CONFIGURED_MERCHANT
    }
}

fn digest(key: &[u8]) -> [u8; 32] {
    Sha256::digest(key).into()
}

impl fmt::Debug for Merchant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Merchant").field("id", &self.id).field("name", &self.name).finish_non_exhaustive()
    }
}

impl fmt::Debug for Endpoint {
    // Its URL may carry credentials.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint").field("id", &self.id).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_names_its_merchant_only() {
        let merchant = |id: i64, api_key: &str| Merchant {
            id,
            name: String::new(),
            api_key: api_key.to_owned(),
            webhook_secret: "secret-to-hide".to_owned(),
            previous_webhook_secret: String::new(),
            created_at: Timestamp(0),
            endpoints: Vec::new(),
        };
        let directory = Directory::of(vec![merchant(1, "test-key"), merchant(2, "other-key")]);
        assert_eq!(directory.of_key(b"other-key").map(|merchant| merchant.id), Some(2));
        for key in ["test-kez", "test-key ", "", "TEST-KEY"] {
            assert!(directory.of_key(key.as_bytes()).is_none(), "{key}");
        }
        assert!(!format!("{directory:?}").contains("to-hide"));
    }
}
