use crate::settle::{returned, sold};
use crate::{Books, Keys, Order, OrderId, OrderStatus, PaymentStatus, Product, Rejection, Timestamp};

/// The seller says what became of an order: completed, cancelled or refunded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChangeOrderStatus {
    /// The order.
    pub order_id: OrderId,
    /// What it becomes. What only money or time can bring about is rejected.
    pub to: OrderStatus,
}

/// An order's time is up. If it isn't, or the order isn't pending, nothing happens: whoever found it may have been
/// late, or one of several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExpireOrder {
    /// The order.
    pub order_id: OrderId,
}

impl ChangeOrderStatus {
    pub(super) fn keys(&self, keys: &mut Keys) {
        keys.orders.push(self.order_id);
        keys.tells_merchants = true;
    }

    pub(super) fn decide(&self, books: &mut Books, now: Timestamp) -> Result<Box<Order>, Rejection> {
        let order = books.orders().get(self.order_id).ok_or(Rejection::OrderNotFound)?.clone();
        let invalid = Rejection::InvalidTransition { from: order.status, to: self.to };
        match self.to {
            OrderStatus::Completed => {
                let completed = order.become_status(OrderStatus::Completed, now).ok_or(invalid)?;
                let products = sold(&order, &products_of(books, &order), now);
                Ok(store(books, completed, products.ok_or(Rejection::StockBroken)?))
            }
            OrderStatus::Cancelled => call_off(books, &order, OrderStatus::Cancelled, now)?.ok_or(invalid),
            OrderStatus::Refunded if order.payment_status == PaymentStatus::RefundDue => {
                Ok(store(books, order.with_all_given_back(now), Vec::new()))
            }
            // The goods are handed over and paid: what is given back is what was too much.
            OrderStatus::Refunded if order.status == OrderStatus::Completed => {
                let settled = order.with_excess_given_back(now).ok_or(invalid)?;
                Ok(store(books, settled, Vec::new()))
            }
            OrderStatus::Refunded => {
                let refunded = order.become_status(OrderStatus::Refunded, now).ok_or(invalid)?;
                let products = returned(&order, &products_of(books, &order), now);
                let refunded = refunded.with_all_given_back(now);
                Ok(store(books, refunded, products.ok_or(Rejection::StockBroken)?))
            }
            OrderStatus::Pending | OrderStatus::Paid | OrderStatus::Expired => Err(invalid),
        }
    }
}

impl ExpireOrder {
    pub(super) fn keys(&self, keys: &mut Keys) {
        keys.orders.push(self.order_id);
        keys.tells_merchants = true;
    }

    /// Answers with the order as it is afterwards.
    pub(super) fn decide(&self, books: &mut Books, now: Timestamp) -> Result<Box<Order>, Rejection> {
        let order = books.orders().get(self.order_id).ok_or(Rejection::OrderNotFound)?.clone();
        if !order.is_over(now) {
            return Ok(Box::new(order));
        }
        let expired = call_off(books, &order, OrderStatus::Expired, now)?;
        Ok(expired.unwrap_or_else(|| Box::new(order)))
    }
}

/// Ends a pending order and gives its stock back; `None` if it isn't pending.
fn call_off(
    books: &mut Books,
    order: &Order,
    status: OrderStatus,
    now: Timestamp,
) -> Result<Option<Box<Order>>, Rejection> {
    let Some(ended) = order.become_status(status, now) else { return Ok(None) };
    let products = returned(order, &products_of(books, order), now).ok_or(Rejection::StockBroken)?;
    let ended = ended.with_money_left_over(order.payment_status, now);
    Ok(Some(store(books, ended, products)))
}

/// The products of an order's items, as far as they are in the books.
pub(super) fn products_of<'a>(books: &'a Books, order: &Order) -> Vec<&'a Product> {
    order.items.iter().filter_map(|item| books.products().get(item.product_id)).collect()
}

fn store(books: &mut Books, order: Order, products: Vec<Product>) -> Box<Order> {
    for product in products {
        books.set_stock(product.id, product.stock, product.updated_at);
    }
    books.update_order(order.clone());
    Box::new(order)
}
