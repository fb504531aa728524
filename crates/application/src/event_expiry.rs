use std::sync::Arc;

use domain::{EventId, ExpireEvent, LONGEST_WAIT};
use futures_util::future::join_all;
use ports::{AuditRepo, Clock, Ledger, execute};

use crate::Error;
use crate::passed_over::PassedOver;

/// How many are given up in one go: they share a commit with each other and with whatever else is written.
pub(crate) const BATCH: usize = 128;

/// Gives up events that have waited too long for what they are about. Several nodes may find the same ones: the command
/// decides.
#[derive(Clone)]
pub struct EventExpiry {
    /// Where they are found.
    pub audit: Arc<dyn AuditRepo>,
    /// Where they are given up.
    pub ledger: Arc<dyn Ledger>,
    /// What has waited too long.
    pub clock: Arc<dyn Clock>,
}

impl EventExpiry {
    /// Gives up what is due now, at most one batch; answers whether there may be more.
    pub(crate) async fn expire_due(&self, passed_over: &mut PassedOver<EventId>) -> Result<bool, Error> {
        let cutoff = self.clock.now() - LONGEST_WAIT;
        let found = self.audit.events_waiting_since(cutoff, passed_over.wanted()).await?;
        let due = passed_over.all_but(found);
        let expired = due.iter().map(|id| execute(&*self.ledger, ExpireEvent { id: *id }));
        passed_over.judge(&due, join_all(expired).await)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use domain::{ChargeNews, Reason, Verdict};
    use testkit::builders::{charge_code, event};
    use testkit::stores::TestStore;

    use super::*;

    #[tokio::test]
    async fn what_has_waited_too_long_is_given_up_a_batch_at_a_time_and_nothing_else() {
        let test = TestStore::memory();
        for _ in 0..=BATCH {
            test.decide(event(&charge_code(), ChargeNews::Confirmed)).await.unwrap();
        }
        test.clock.advance(LONGEST_WAIT);
        let late = event(&charge_code(), ChargeNews::Confirmed);
        test.decide(late.clone()).await.unwrap();
        test.clock.advance(Duration::from_secs(1));
        let store = &test.store;
        let expiry =
            EventExpiry { audit: store.audit.clone(), ledger: store.ledger.clone(), clock: test.clock.clone() };
        let mut passed_over = PassedOver::new("event", BATCH);
        assert_eq!(expiry.expire_due(&mut passed_over).await, Ok(true));
        assert_eq!(expiry.expire_due(&mut passed_over).await, Ok(false));
        assert_eq!(store.audit.events_waiting_since(test.clock.now(), 10).await, Ok(vec![late.id]));
        let filter = ports::EventFilter { verdict: Some(Verdict::Dead), provider: None };
        let dead = store.events.events(filter, ports::PageRequest { page: 1, page_size: 1 }).await.unwrap();
        assert_eq!((dead.total as usize, dead.items[0].reason), (BATCH + 1, Some(Reason::WaitedTooLong)));
    }
}
