use async_trait::async_trait;
use domain::{
    CheckoutAccount, CheckoutId, Event, EventAccount, EventId, HoldId, OrderAccount, OrderId, ProductId, StockCount,
    Timestamp, TransactionAccount, TransactionId, Verdict,
};
use ports::{AuditRepo, EventFilter, EventRepo, HoldPage, Page, PageRequest, RepoError};

use super::Store;

#[async_trait]
impl EventRepo for Store {
    async fn event(&self, id: EventId) -> Result<Option<Event>, RepoError> {
        self.read().await?;
        Ok(self.books.lock().unwrap().events().get(id).cloned())
    }

    async fn events(&self, filter: EventFilter, page: PageRequest) -> Result<Page<Event>, RepoError> {
        self.read().await?;
        let wanted = |row: &Event| {
            filter.verdict.is_none_or(|verdict| row.verdict == verdict)
                && filter.provider.is_none_or(|provider| row.key.provider == provider)
        };
        Ok(self.page(self.books.lock().unwrap().events(), wanted, |row| row.id, page))
    }
}

#[async_trait]
impl AuditRepo for Store {
    async fn stock_counts(&self, after: Option<ProductId>, limit: u32) -> Result<Vec<StockCount>, RepoError> {
        self.read().await?;
        Ok(self.books.lock().unwrap().stock_counts(after, limit))
    }

    async fn hold_accounts(&self, after: Option<HoldId>, limit: u32, now: Timestamp) -> Result<HoldPage, RepoError> {
        self.read().await?;
        let mut accounts = self.books.lock().unwrap().hold_accounts(after, limit);
        let (counted, last) = (u32::try_from(accounts.len()).unwrap(), accounts.last().map(|account| account.id));
        accounts.retain(|account| account.issue(now).is_some());
        Ok(HoldPage { counted, last, accounts })
    }

    async fn order_accounts(&self, after: Option<OrderId>, limit: u32) -> Result<Vec<OrderAccount>, RepoError> {
        self.read().await?;
        Ok(self.books.lock().unwrap().order_accounts(after, limit))
    }

    async fn transaction_accounts(
        &self,
        after: Option<TransactionId>,
        limit: u32,
    ) -> Result<Vec<TransactionAccount>, RepoError> {
        self.read().await?;
        Ok(self.books.lock().unwrap().transaction_accounts(after, limit))
    }

    async fn checkout_accounts(
        &self,
        before: Option<CheckoutId>,
        limit: u32,
    ) -> Result<Vec<CheckoutAccount>, RepoError> {
        self.read().await?;
        Ok(self.books.lock().unwrap().checkout_accounts(before, limit))
    }

    async fn event_accounts(&self, before: Option<EventId>, limit: u32) -> Result<Vec<EventAccount>, RepoError> {
        self.read().await?;
        Ok(self.books.lock().unwrap().event_accounts(before, limit))
    }

    async fn events_waiting_since(&self, cutoff: Timestamp, limit: u32) -> Result<Vec<EventId>, RepoError> {
        self.read().await?;
        let books = self.books.lock().unwrap();
        let waiting = books.events().iter().filter(|row| row.verdict == Verdict::Waiting && row.received_at < cutoff);
        Ok(waiting.map(|row| row.id).take(limit as usize).collect())
    }
}
