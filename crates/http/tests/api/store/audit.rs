use async_trait::async_trait;
use domain::{Books, Event, EventId, HoldStatus, PaymentStatus, Product, ProductId, StockShare, Timestamp, Verdict};
use ports::{AuditRepo, EventFilter, EventRepo, OrderToSettle, Page, PageRequest, RepoError, StockCount};

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
        let books = self.books.lock().unwrap();
        let mut products: Vec<&Product> = books.products().iter().filter(|row| Some(row.id) > after).collect();
        products.sort_by_key(|row| row.id);
        Ok(products.into_iter().take(limit as usize).map(|product| count(&books, product)).collect())
    }

    async fn refunds_due(&self, limit: u32) -> Result<Vec<OrderToSettle>, RepoError> {
        self.read().await?;
        let books = self.books.lock().unwrap();
        let due = books.orders().iter().filter(|row| row.payment_status == PaymentStatus::RefundDue);
        let due = due.map(|row| OrderToSettle {
            order_id: row.id,
            payment_status: row.payment_status,
            updated_at: row.updated_at,
        });
        Ok(due.take(limit as usize).collect())
    }

    async fn events_waiting_since(&self, cutoff: Timestamp, limit: u32) -> Result<Vec<EventId>, RepoError> {
        self.read().await?;
        let books = self.books.lock().unwrap();
        let waiting = books.events().iter().filter(|row| row.verdict == Verdict::Waiting && row.received_at < cutoff);
        Ok(waiting.map(|row| row.id).take(limit as usize).collect())
    }
}

fn count(books: &Books, product: &Product) -> StockCount {
    let in_orders = |share| -> i64 {
        let orders = books.orders().iter().filter(|row| row.status.stock_share() == share);
        let items = orders.flat_map(|row| &row.items).filter(|item| item.product_id == product.id);
        items.map(|item| i64::from(item.quantity.get())).sum()
    };
    let active = books.holds().iter().filter(|row| row.product_id == product.id && row.status == HoldStatus::Active);
    StockCount {
        product_id: product.id,
        total: product.stock.total().into(),
        held: product.stock.held().into(),
        sold: product.stock.sold().into(),
        in_active_holds: active.map(|row| i64::from(row.quantity.get())).sum(),
        in_pending_orders: in_orders(StockShare::Held),
        in_sold_orders: in_orders(StockShare::Sold),
    }
}
