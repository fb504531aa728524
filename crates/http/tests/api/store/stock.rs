use async_trait::async_trait;
use domain::{Hold, HoldId, Order, OrderId, Product, ProductId, Timestamp};
use ports::{HoldRepo, OrderFilter, OrderRepo, Page, PageRequest, ProductFilter, ProductRepo, RepoError};

use super::Store;

#[async_trait]
impl ProductRepo for Store {
    async fn product(&self, id: ProductId) -> Result<Option<Product>, RepoError> {
        self.read().await?;
        Ok(self.books.lock().unwrap().products().get(id).cloned())
    }

    async fn products(&self, filter: ProductFilter, page: PageRequest) -> Result<Page<Product>, RepoError> {
        self.read().await?;
        let wanted = |row: &Product| {
            row.is_offered() && filter.in_stock.is_none_or(|in_stock| in_stock == (row.stock.available() > 0))
        };
        Ok(self.page(self.books.lock().unwrap().products(), wanted, |row| (row.created_at, row.id), page))
    }
}

#[async_trait]
impl HoldRepo for Store {
    async fn hold(&self, id: HoldId) -> Result<Option<Hold>, RepoError> {
        self.read().await?;
        Ok(self.books.lock().unwrap().holds().get(id).cloned())
    }

    async fn expired_holds(&self, _: Timestamp, _: u32) -> Result<Vec<HoldId>, RepoError> {
        Ok(Vec::new())
    }
}

#[async_trait]
impl OrderRepo for Store {
    async fn order(&self, id: OrderId) -> Result<Option<Order>, RepoError> {
        self.read().await?;
        Ok(self.books.lock().unwrap().orders().get(id).cloned())
    }

    async fn orders(&self, filter: OrderFilter, page: PageRequest) -> Result<Page<Order>, RepoError> {
        self.read().await?;
        let wanted = |row: &Order| {
            filter.status.is_none_or(|status| row.status == status)
                && filter.customer_id.as_ref().is_none_or(|id| row.customer_id.as_ref() == Some(id))
        };
        Ok(self.page(self.books.lock().unwrap().orders(), wanted, |row| (row.created_at, row.id), page))
    }

    async fn expired_orders(&self, _: Timestamp, _: u32) -> Result<Vec<OrderId>, RepoError> {
        Ok(Vec::new())
    }
}
