use std::sync::Arc;
use std::time::Duration;

use domain::ExpireCheckout;
use ports::{CheckoutRepo, Clock, Ledger, execute};

use crate::Error;

/// How long after its time a checkout is still left alone: the provider's own word that nobody paid comes first.
const GRACE: Duration = Duration::from_secs(5 * 60);
/// How many are expired in one go.
const BATCH: u32 = 200;

/// Expires checkouts that nobody paid and nobody spoke of. Several nodes may find the same one: the command decides.
#[derive(Clone)]
pub struct CheckoutExpiry {
    /// Where overdue checkouts are found.
    pub repo: Arc<dyn CheckoutRepo>,
    /// Where they are expired.
    pub ledger: Arc<dyn Ledger>,
    /// What is overdue.
    pub clock: Arc<dyn Clock>,
}

impl CheckoutExpiry {
    /// Expires what is overdue now, at most one batch; answers whether there may be more.
    pub async fn expire_overdue(&self) -> Result<bool, Error> {
        let overdue = self.repo.overdue_checkouts(self.clock.now() - GRACE, BATCH).await?;
        for checkout_id in &overdue {
            execute(&*self.ledger, ExpireCheckout { checkout_id: *checkout_id }).await??;
        }
        Ok(overdue.len() >= BATCH as usize)
    }
}
