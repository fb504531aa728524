use std::sync::Arc;
use std::time::Duration;

use domain::{Fingerprint, Hold, HoldId, Made, PlaceHold, ProductId, Quantity, ReleaseHold};
use ports::{HoldRepo, IdSource, Ledger, LedgerError};

use crate::caller::Settled;
use crate::{Answer, Caller, Error, HoldTokens};

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
    pub async fn place(
        &self,
        caller: &Caller,
        product_id: ProductId,
        quantity: Quantity,
    ) -> Result<Answer<(Hold, String)>, Error> {
        let id = HoldId::from_uuid(self.ids.uuid_v7());
        let command = PlaceHold { id, product_id, quantity, time_to_live: self.time_to_live };
        let asked = Fingerprint::of(&[Some(&product_id.to_string()), Some(&quantity.get().to_string())]);
        let hold = match caller.make(&*self.ledger, command, asked).await? {
            Settled::Now(hold) => Answer::first(*hold),
            Settled::Before(Made::Hold(id)) => Answer::repeated(self.get(id).await?),
            Settled::Before(_) => return Err(LedgerError::Internal.into()),
        };
        Ok(hold.map(|hold| {
            let token = self.tokens.of(hold.id);
            (hold, token)
        }))
    }

    /// The hold.
    pub async fn get(&self, id: HoldId) -> Result<Hold, Error> {
        self.repo.hold(id).await?.ok_or(Error::NotFound)
    }

    /// Gives a hold up.
    pub async fn release(&self, caller: &Caller, hold_id: HoldId, token: Option<&str>) -> Result<(), Error> {
        let token = self.tokens.check(hold_id, token);
        caller.execute(&*self.ledger, ReleaseHold { hold_id, token }).await.map(drop)
    }
}
