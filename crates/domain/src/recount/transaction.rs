use super::issue::{Facts, Issue, IssueCode};
use super::order::Movement;
use crate::{Currency, OrderId};

/// A movement of money, and what it says it was for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransactionAccount {
    /// The movement.
    pub movement: Movement,
    /// The order that its checkout is for.
    pub order_of_checkout: Option<OrderId>,
    /// The currency of its order, if that is there.
    pub order_currency: Option<Currency>,
    /// Whether another transaction has the same provider's name of a movement.
    pub is_shared: bool,
}

impl TransactionAccount {
    /// What is wrong with it.
    #[must_use]
    pub fn issues(&self) -> Vec<Issue> {
        [self.wrong(), self.shared()].into_iter().flatten().collect()
    }

    fn issue(&self, code: IssueCode) -> Issue {
        let Movement { id, checkout_id, order_id, .. } = self.movement;
        Issue::new(code, Facts { transaction_id: Some(id), checkout_id, order_id, ..Facts::default() })
    }

    fn wrong(&self) -> Option<Issue> {
        let Movement { checkout_id, order_id, money, .. } = &self.movement;
        if checkout_id.is_some() {
            let is_its_order = *order_id == self.order_of_checkout;
            return (!is_its_order).then(|| self.issue(IssueCode::TransactionMismatch));
        }
        match self.order_currency {
            None => Some(self.issue(IssueCode::TransactionWithoutOrder)),
            Some(currency) if currency != money.currency() => Some(self.issue(IssueCode::TransactionMismatch)),
            Some(_) => None,
        }
    }

    fn shared(&self) -> Option<Issue> {
        self.is_shared.then(|| self.issue(IssueCode::MovementShared))
    }
}
