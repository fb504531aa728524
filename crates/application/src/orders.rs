use std::sync::Arc;
use std::time::Duration;

use domain::{
    ChangeOrderStatus, CreateCheckoutReply, CustomerId, Email, HoldId, Order, OrderId, OrderSource, OrderStatus,
    PlaceOrder, ProductId, Quantity,
};
use ports::{IdSource, Ledger, OrderFilter, OrderRepo, Page, PageRequest, execute};

use crate::{Checkouts, Error, HoldTokens};

/// What a buyer orders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewOrder {
    /// The id that the client chose.
    pub id: Option<OrderId>,
    /// What is ordered.
    pub basket: Basket,
    /// Who buys, as the client names them.
    pub customer_id: Option<CustomerId>,
    /// The buyer's address.
    pub email: Option<Email>,
}

/// Where an order's stock comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Basket {
    /// What a hold keeps.
    Hold {
        /// The hold.
        hold_id: HoldId,
        /// What was shown as its token.
        token: Option<String>,
    },
    /// Whatever is available.
    Items(Vec<(ProductId, Quantity)>),
}

/// What is bought.
#[derive(Clone)]
pub struct Orders {
    /// Where they are stored.
    pub ledger: Arc<dyn Ledger>,
    /// Where they are read.
    pub repo: Arc<dyn OrderRepo>,
    /// Whose holds they are made from.
    pub tokens: HoldTokens,
    /// How they are paid.
    pub checkouts: Checkouts,
    /// New ids.
    pub ids: Arc<dyn IdSource>,
    /// For how long an order can be paid.
    pub time_to_live: Duration,
}

impl Orders {
    /// Places an order.
    pub async fn place(&self, new: NewOrder) -> Result<Order, Error> {
        let source = match new.basket {
            Basket::Hold { hold_id, token } => {
                OrderSource::Hold { hold_id, token: self.tokens.check(hold_id, token.as_deref()) }
            }
            Basket::Items(items) => OrderSource::Items(items),
        };
        let command = PlaceOrder {
            id: new.id.unwrap_or_else(|| OrderId::from_uuid(self.ids.uuid_v7())),
            is_id_chosen: new.id.is_some(),
            source,
            customer_id: new.customer_id,
            email: new.email,
            time_to_live: self.time_to_live,
        };
        Ok(*execute(&*self.ledger, command).await??)
    }

    /// The order.
    pub async fn get(&self, id: OrderId) -> Result<Order, Error> {
        self.repo.order(id).await?.ok_or(Error::NotFound)
    }

    /// A page of orders.
    pub async fn list(&self, filter: OrderFilter, page: PageRequest) -> Result<Page<Order>, Error> {
        Ok(self.repo.orders(filter, page).await?)
    }

    /// The seller says what became of an order.
    pub async fn change_status(&self, order_id: OrderId, to: OrderStatus) -> Result<Order, Error> {
        Ok(*execute(&*self.ledger, ChangeOrderStatus { order_id, to }).await??)
    }

    /// The order's open checkout, or a new one with its charge if the gateway is quick enough.
    pub async fn open_checkout(&self, order_id: OrderId, email: Option<Email>) -> Result<CreateCheckoutReply, Error> {
        self.checkouts.open_for_order(order_id, email).await
    }
}
