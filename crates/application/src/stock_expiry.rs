use std::collections::HashSet;
use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

use domain::{ExpireHold, ExpireOrder, HoldId, OrderId, Rejection};
use futures_util::future::join_all;
use ports::{Clock, HoldRepo, Ledger, LedgerError, OrderRepo, execute};

use crate::Error;

/// How many are expired in one go: they share a commit with each other and with whoever buys meanwhile.
const BATCH: usize = 128;
/// How often to look.
const INTERVAL: Duration = Duration::from_millis(250);
/// How many that can't be expired are remembered, so that those behind them are found.
const MAX_PASSED_OVER: usize = 1000;

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

/// What the books or the store refuse to expire. The operator has been told; asking again would keep others waiting.
#[derive(Debug, Default)]
pub struct PassedOver {
    holds: HashSet<HoldId>,
    orders: HashSet<OrderId>,
}

impl StockExpiry {
    /// Looks for what has expired, for ever.
    pub async fn run(self) {
        let mut passed_over = PassedOver::default();
        loop {
            match self.expire_due(&mut passed_over).await {
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
    pub async fn expire_due(&self, passed_over: &mut PassedOver) -> Result<bool, Error> {
        let holds = self.expire_holds(&mut passed_over.holds).await;
        let orders = self.expire_orders(&mut passed_over.orders).await;
        Ok(holds? | orders?)
    }

    async fn expire_holds(&self, passed_over: &mut HashSet<HoldId>) -> Result<bool, Error> {
        let found = self.holds.expired_holds(self.clock.now(), wanted(passed_over)).await?;
        let due = all_but(found, passed_over);
        let expired = due.iter().map(|hold_id| execute(&*self.ledger, ExpireHold { hold_id: *hold_id }));
        judge(&due, join_all(expired).await, passed_over)
    }

    async fn expire_orders(&self, passed_over: &mut HashSet<OrderId>) -> Result<bool, Error> {
        let found = self.orders.expired_orders(self.clock.now(), wanted(passed_over)).await?;
        let due = all_but(found, passed_over);
        let expired = due.iter().map(|order_id| execute(&*self.ledger, ExpireOrder { order_id: *order_id }));
        judge(&due, join_all(expired).await, passed_over)
    }
}

/// How many to look for: those that are passed over are found again.
fn wanted<I>(passed_over: &HashSet<I>) -> u32 {
    u32::try_from(BATCH + passed_over.len()).unwrap_or(u32::MAX)
}

fn all_but<I: Eq + Hash>(mut found: Vec<I>, passed_over: &HashSet<I>) -> Vec<I> {
    found.retain(|id| !passed_over.contains(id));
    found.truncate(BATCH);
    found
}

/// Answers whether there may be more. A store that is away or busy ends the round.
fn judge<I: Copy + Eq + Hash, T>(
    due: &[I],
    outcomes: Vec<Result<Result<T, Rejection>, LedgerError>>,
    passed_over: &mut HashSet<I>,
) -> Result<bool, Error> {
    let mut trouble = None;
    for (id, outcome) in due.iter().zip(outcomes) {
        let refused: Error = match outcome {
            Ok(Ok(_)) => continue,
            Ok(Err(rejection)) => rejection.into(),
            Err(LedgerError::Internal) => LedgerError::Internal.into(),
            Err(error @ (LedgerError::Overloaded | LedgerError::Unavailable)) => {
                trouble = Some(error);
                continue;
            }
        };
        log::error!(error:% = refused; "a hold or an order can't be expired and is passed over");
        if passed_over.len() < MAX_PASSED_OVER {
            passed_over.insert(*id);
        }
    }
    match trouble {
        Some(error) => Err(error.into()),
        None => Ok(due.len() >= BATCH),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_refused_is_passed_over_and_what_is_busy_is_not() {
        let mut passed_over = HashSet::new();
        let outcomes = vec![Ok(Ok(())), Ok(Err(Rejection::StockBroken)), Err(LedgerError::Internal)];
        assert_eq!(judge(&[1, 2, 3], outcomes, &mut passed_over), Ok(false));
        assert_eq!(passed_over, HashSet::from([2, 3]));
        assert_eq!((wanted(&passed_over), all_but(vec![1, 2, 3, 4], &passed_over)), (130, vec![1, 4]));
        let busy: Vec<Result<Result<(), Rejection>, _>> = vec![Err(LedgerError::Overloaded), Ok(Ok(()))];
        assert_eq!(judge(&[1, 4], busy, &mut passed_over), Err(LedgerError::Overloaded.into()));
        assert_eq!(passed_over.len(), 2);
        assert_eq!(judge(&[0; BATCH], (0..BATCH).map(|_| Ok(Ok(()))).collect(), &mut passed_over), Ok(true));
    }
}
