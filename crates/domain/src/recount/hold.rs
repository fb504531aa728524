use super::OVERDUE_AFTER;
use super::issue::{Facts, Issue, IssueCode, Repair};
use crate::{HoldId, HoldStatus, OrderId, Timestamp};

/// A hold, and whether it became what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldAccount {
    /// The hold.
    pub id: HoldId,
    /// Where it stands.
    pub status: HoldStatus,
    /// The order that it became.
    pub order_id: Option<OrderId>,
    /// From when on it is worth nothing.
    pub expires_at: Timestamp,
    /// Whether that order is there, and names this hold.
    pub has_order: bool,
}

impl HoldAccount {
    /// What is wrong with it at `now`.
    #[must_use]
    pub fn issue(&self, now: Timestamp) -> Option<Issue> {
        let facts = Facts { hold_id: Some(self.id), order_id: self.order_id, ..Facts::default() };
        match self.status {
            HoldStatus::Active if self.expires_at + OVERDUE_AFTER < now => {
                let facts = Facts { since: Some(self.expires_at), ..facts };
                Some(Issue::new(IssueCode::HoldOverdue, facts).with_repair(Repair::ExpireHold(self.id)))
            }
            HoldStatus::Converted if !self.has_order => Some(Issue::new(IssueCode::HoldWithoutOrder, facts)),
            HoldStatus::Active | HoldStatus::Converted | HoldStatus::Expired | HoldStatus::Released => None,
        }
    }
}
