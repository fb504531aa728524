use std::sync::Arc;
use std::time::Duration;

use domain::{ExpireHold, ExpireOrder, HoldId, OrderId};
use futures_util::future::join_all;
use ports::{Clock, HoldRepo, Ledger, OrderRepo, execute};

use crate::Error;
use crate::passed_over::PassedOver;

/// How many are expired in one go: they share a commit with each other and with whoever buys meanwhile.
const BATCH: usize = 128;
/// How often to look.
const INTERVAL: Duration = Duration::from_millis(250);

/// Expires holds and orders whose time is up, so that their stock is back even if nobody asks for it. Several nodes may
/// find the same ones: the command decides.
#[derive(Clone)]
pub struct StockExpiry {
    /// Where expired holds are found.
    pub holds: Arc<dyn HoldRepo>,
    /// Where expired orders are found.
    pub orders: Arc<dyn OrderRepo>,
    /// Where they are expired.
    pub ledger: Arc<dyn Ledger>,
    /// What has expired.
    pub clock: Arc<dyn Clock>,
}

impl StockExpiry {
    /// Looks for what has expired, for ever.
    pub async fn run(self) {
        let mut holds = PassedOver::new("hold", BATCH);
        let mut orders = PassedOver::new("order", BATCH);
        loop {
            match self.expire_due(&mut holds, &mut orders).await {
                Ok(true) => {}
                Ok(false) => tokio::time::sleep(INTERVAL).await,
                Err(error) => {
                    log::warn!(error:%; "could not expire holds and orders; will look again");
                    tokio::time::sleep(INTERVAL).await;
                }
            }
        }
    }

    /// Expires what is due now, at most one batch of each; answers whether there may be more. Trouble with the one keeps
    /// nobody from the other.
    async fn expire_due(
        &self,
        holds: &mut PassedOver<HoldId>,
        orders: &mut PassedOver<OrderId>,
    ) -> Result<bool, Error> {
        let holds = self.expire_holds(holds).await;
        let orders = self.expire_orders(orders).await;
        Ok(holds? | orders?)
    }

    async fn expire_holds(&self, passed_over: &mut PassedOver<HoldId>) -> Result<bool, Error> {
        let found = self.holds.expired_holds(self.clock.now(), passed_over.wanted()).await?;
        let due = passed_over.all_but(found);
        let expired = due.iter().map(|hold_id| execute(&*self.ledger, ExpireHold { hold_id: *hold_id }));
        passed_over.judge(&due, join_all(expired).await)
    }

    async fn expire_orders(&self, passed_over: &mut PassedOver<OrderId>) -> Result<bool, Error> {
        let found = self.orders.expired_orders(self.clock.now(), passed_over.wanted()).await?;
        let due = passed_over.all_but(found);
        let expired = due.iter().map(|order_id| execute(&*self.ledger, ExpireOrder { order_id: *order_id }));
        passed_over.judge(&due, join_all(expired).await)
    }
}
