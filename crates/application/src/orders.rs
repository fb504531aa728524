use std::sync::Arc;
use std::time::Duration;

use domain::{
    ChangeOrderStatus, CreateCheckoutReply, CustomerId, Email, Fingerprint, HoldId, Made, Order, OrderId, OrderSource,
    OrderStatus, PlaceOrder, ProductId, Quantity,
};
use ports::{IdSource, Ledger, LedgerError, OrderFilter, OrderRepo, Page, PageRequest};

use crate::caller::Settled;
use crate::{Answer, Caller, Checkouts, Error, HoldTokens};

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

impl NewOrder {
    /// Tells another order.
    fn fingerprint(&self) -> Fingerprint {
        let id = self.id.map(|id| id.to_string());
        let mut parts = vec![
            id,
            self.customer_id.as_ref().map(|id| id.as_str().to_owned()),
            self.email.as_ref().map(|email| email.as_str().to_owned()),
        ];
        match &self.basket {
            Basket::Hold { hold_id, token } => parts.extend([Some(hold_id.to_string()), token.clone()]),
            Basket::Items(items) => {
                let items = items.iter();
                parts.extend(items.map(|(product_id, quantity)| Some(format!("{product_id} {}", quantity.get()))));
            }
        }
        Fingerprint::of(&parts.iter().map(Option::as_deref).collect::<Vec<_>>())
    }
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
    pub async fn place(&self, caller: &Caller, new: NewOrder) -> Result<Answer<Order>, Error> {
        let asked = new.fingerprint();
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
        match caller.make(&*self.ledger, command, asked).await? {
            Settled::Now(order) => Ok(Answer::first(*order)),
            Settled::Before(Made::Order(id)) => Ok(Answer::repeated(self.get(id).await?)),
            Settled::Before(_) => Err(LedgerError::Internal.into()),
        }
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
    pub async fn change_status(&self, caller: &Caller, order_id: OrderId, to: OrderStatus) -> Result<Order, Error> {
        Ok(*caller.execute(&*self.ledger, ChangeOrderStatus { order_id, to }).await?)
    }

    /// The order's open checkout, or a new one with its charge if the gateway is quick enough.
    pub async fn open_checkout(
        &self,
        caller: &Caller,
        order_id: OrderId,
        email: Option<Email>,
    ) -> Result<Answer<CreateCheckoutReply>, Error> {
        self.checkouts.open_for_order(caller, order_id, email).await
    }
}
