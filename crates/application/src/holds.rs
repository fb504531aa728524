use std::sync::Arc;
use std::time::Duration;

use domain::{Hold, HoldId, PlaceHold, ProductId, Quantity, ReleaseHold};
use ports::{HoldRepo, IdSource, Ledger, execute};

use crate::{Error, HoldTokens};

/// Stock that is kept for buyers for a while.
#[derive(Clone)]
pub struct Holds {
    /// Where they are stored.
    pub ledger: Arc<dyn Ledger>,
    /// Where they are read.
    pub repo: Arc<dyn HoldRepo>,
    /// Whose holds they are.
    pub tokens: HoldTokens,
    /// New ids.
    pub ids: Arc<dyn IdSource>,
    /// For how long a hold is good.
    pub time_to_live: Duration,
}

impl Holds {
    /// Keeps some of a product for a while; answers with the hold and its token, which is told this once.
    pub async fn place(&self, product_id: ProductId, quantity: Quantity) -> Result<(Hold, String), Error> {
        let id = HoldId::from_uuid(self.ids.uuid_v7());
        let command = PlaceHold { id, product_id, quantity, time_to_live: self.time_to_live };
        let hold = *execute(&*self.ledger, command).await??;
        let token = self.tokens.of(hold.id);
        Ok((hold, token))
    }

    /// The hold.
    pub async fn get(&self, id: HoldId) -> Result<Hold, Error> {
        self.repo.hold(id).await?.ok_or(Error::NotFound)
    }

    /// Gives a hold up.
    pub async fn release(&self, hold_id: HoldId, token: Option<&str>) -> Result<(), Error> {
        let token = self.tokens.check(hold_id, token);
        execute(&*self.ledger, ReleaseHold { hold_id, token }).await??;
        Ok(())
    }
}
