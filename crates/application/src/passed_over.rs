use std::collections::HashSet;
use std::hash::Hash;

use domain::Rejection;
use ports::LedgerError;

use crate::Error;

/// How many that can't be ended are remembered, so that those behind them are found.
const MAX_PASSED_OVER: usize = 1000;

/// What the books or the store refuse to end, though its time is up. The operator has been told; asking again would keep
/// others waiting.
#[derive(Debug)]
pub(crate) struct PassedOver<I> {
    what: &'static str,
    batch: usize,
    ids: HashSet<I>,
}

impl<I: Copy + Eq + Hash> PassedOver<I> {
    /// Nothing yet, of what is called so, and ended so many at a time.
    pub(crate) fn new(what: &'static str, batch: usize) -> Self {
        Self { what, batch, ids: HashSet::new() }
    }

    /// How many to look for: those that are passed over are found again.
    pub(crate) fn wanted(&self) -> u32 {
        u32::try_from(self.batch + self.ids.len()).unwrap_or(u32::MAX)
    }

    /// What is to be ended now, of what was found.
    pub(crate) fn all_but(&self, mut found: Vec<I>) -> Vec<I> {
        found.retain(|id| !self.ids.contains(id));
        found.truncate(self.batch);
        found
    }

    /// Answers whether there may be more. A store that is away or busy ends the round.
    pub(crate) fn judge<T>(
        &mut self,
        due: &[I],
        outcomes: Vec<Result<Result<T, Rejection>, LedgerError>>,
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
            log::error!(what = self.what, error:% = refused; "something can't be expired and is passed over");
            if self.ids.len() < MAX_PASSED_OVER {
                self.ids.insert(*id);
            }
        }
        match trouble {
            Some(error) => Err(error.into()),
            None => Ok(due.len() >= self.batch),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_refused_is_passed_over_and_what_is_busy_is_not() {
        let mut passed_over = PassedOver::new("number", 128);
        let outcomes = vec![Ok(Ok(())), Ok(Err(Rejection::StockBroken)), Err(LedgerError::Internal)];
        assert_eq!(passed_over.judge(&[1, 2, 3], outcomes), Ok(false));
        assert_eq!(passed_over.ids, HashSet::from([2, 3]));
        assert_eq!((passed_over.wanted(), passed_over.all_but(vec![1, 2, 3, 4])), (130, vec![1, 4]));
        let busy: Vec<Result<Result<(), Rejection>, _>> = vec![Err(LedgerError::Overloaded), Ok(Ok(()))];
        assert_eq!(passed_over.judge(&[1, 4], busy), Err(LedgerError::Overloaded.into()));
        assert_eq!(passed_over.ids.len(), 2);
        assert_eq!(passed_over.judge(&[0; 128], (0..128).map(|_| Ok(Ok(()))).collect()), Ok(true));
    }
}
