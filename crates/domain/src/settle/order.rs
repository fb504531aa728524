//! What money does to an order.

use crate::{Order, OrderStatus, PaymentId, PaymentStatus, Product, Quantity, Reason, Stock, StockShare, Timestamp};

/// How much of an order's total came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Received {
    /// Some of it.
    Some,
    /// All of it.
    All,
    /// All of it, and more.
    More,
}

/// What money did to an order.
pub(crate) struct Receipt {
    /// The order as it is from now on, if it changed.
    pub(crate) order: Option<Order>,
    /// The products whose stock changed.
    pub(crate) products: Vec<Product>,
    /// Why the money didn't pay the order.
    pub(crate) reason: Option<Reason>,
}

impl Receipt {
    fn of(before: &Order, after: Order, products: Vec<Product>, reason: Option<Reason>) -> Self {
        Self { order: (after != *before).then_some(after), products, reason }
    }
}

/// Takes money for an order: it pays a pending one, or a cancelled or expired one whose stock can be had again; what
/// pays nothing is to be given back. `None` if the stock doesn't add up.
pub(super) fn receive(
    order: &Order,
    products: &[&Product],
    received: Received,
    movement: Option<&str>,
    now: Timestamp,
) -> Option<Receipt> {
    let noted = |payment_status, reason| {
        Some(Receipt::of(order, order.clone().with_payment(payment_status, now), Vec::new(), reason))
    };
    match (order.status, received) {
        (OrderStatus::Pending, Received::Some) => noted(PaymentStatus::Underpaid, Some(Reason::Underpaid)),
        (OrderStatus::Pending, Received::All | Received::More) => {
            let sold = moved(order, products, Stock::sell_held, now)?;
            Some(Receipt::of(order, paid(order, received, movement, now)?, sold, None))
        }
        (OrderStatus::Cancelled | OrderStatus::Expired, Received::Some) => {
            noted(PaymentStatus::RefundDue, Some(Reason::Underpaid))
        }
        (OrderStatus::Cancelled | OrderStatus::Expired, Received::All | Received::More) => {
            let is_open = match order.payment_status {
                PaymentStatus::Unpaid | PaymentStatus::Failed => true,
                // Other money waits to be given back: a person sorts it out.
                PaymentStatus::Paid
                | PaymentStatus::Underpaid
                | PaymentStatus::Overpaid
                | PaymentStatus::RefundDue
                | PaymentStatus::Refunded => false,
            };
            let is_offered = products.iter().all(|product| product.is_offered());
            match moved(order, products, Stock::sell, now).filter(|_| is_open && is_offered) {
                Some(sold) => Some(Receipt::of(order, paid(order, received, movement, now)?, sold, None)),
                None => noted(PaymentStatus::RefundDue, Some(Reason::NoStockLeft)),
            }
        }
        (OrderStatus::Completed, Received::Some) if order.payment_status.is_unpaid() => {
            noted(PaymentStatus::Underpaid, Some(Reason::Underpaid))
        }
        (OrderStatus::Completed, Received::All | Received::More) if order.payment_status.is_unpaid() => {
            let after = paid_by(order.clone().with_payment(payment_status(received), now), movement);
            Some(Receipt::of(order, after, Vec::new(), None))
        }
        (OrderStatus::Paid | OrderStatus::Completed, _) => noted(PaymentStatus::Overpaid, Some(Reason::PaidAgain)),
        (OrderStatus::Refunded, _) => noted(PaymentStatus::RefundDue, Some(Reason::PaidAgain)),
    }
}

/// The products with an order's share of their stock given back. `None` if the stock doesn't add up.
pub(crate) fn returned(order: &Order, products: &[&Product], now: Timestamp) -> Option<Vec<Product>> {
    match order.status.stock_share() {
        StockShare::Held => moved(order, products, Stock::unhold, now),
        StockShare::Sold => moved(order, products, Stock::unsell, now),
        StockShare::None => Some(Vec::new()),
    }
}

/// The products with held stock sold: the seller hands the goods over.
pub(crate) fn sold(order: &Order, products: &[&Product], now: Timestamp) -> Option<Vec<Product>> {
    match order.status.stock_share() {
        StockShare::Held => moved(order, products, Stock::sell_held, now),
        StockShare::Sold => Some(Vec::new()),
        StockShare::None => None,
    }
}

fn moved(
    order: &Order,
    products: &[&Product],
    movement: impl Fn(Stock, Quantity) -> Option<Stock>,
    now: Timestamp,
) -> Option<Vec<Product>> {
    let moved = order.items.iter().map(|item| {
        let product = products.iter().find(|product| product.id == item.product_id)?;
        Some(product.with_stock(movement(product.stock, item.quantity)?, now))
    });
    moved.collect()
}

fn paid(order: &Order, received: Received, movement: Option<&str>, now: Timestamp) -> Option<Order> {
    let paid = order.become_status(OrderStatus::Paid, now)?.with_payment(payment_status(received), now);
    Some(paid_by(paid, movement))
}

/// The same order with the payment that paid it. Providers may call a movement anything; a name that can't be one isn't
/// kept.
fn paid_by(order: Order, movement: Option<&str>) -> Order {
    let payment_id = movement.and_then(|movement| PaymentId::parse(movement).ok());
    Order { payment_id, ..order }
}

const fn payment_status(received: Received) -> PaymentStatus {
    match received {
        Received::Some => PaymentStatus::Underpaid,
        Received::All => PaymentStatus::Paid,
        Received::More => PaymentStatus::Overpaid,
    }
}
