use domain::{
    Currency, CustomerId, Email, HoldId, Order, OrderId, OrderItem, OrderStatus, PaymentId, PaymentStatus, ProductId,
    Sum, Timestamp,
};
use serde::{Serialize, Serializer};

use crate::answer::{Decimal, SumView};

/// An order as it goes out: every field is there, null when empty, but those that only an order of one item has.
#[derive(Debug, Serialize)]
pub(crate) struct OrderView<'a> {
    id: OrderId,
    order_id: OrderId,
    hold_id: Option<HoldId>,
    customer_id: Option<CustomerView<'a>>,
    email: Option<&'a Email>,
    items: Vec<ItemView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    product_id: Option<ProductId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    quantity: Option<u32>,
    total_amount: Decimal,
    total_price: Decimal,
    currency: Currency,
    status: OrderStatus,
    payment_status: PaymentStatus,
    payment_id: Option<&'a PaymentId>,
    amount_received: SumView,
    amount_missing: SumView,
    amount_excess: SumView,
    amount_refunded: SumView,
    expires_at: Timestamp,
    created_at: Timestamp,
    updated_at: Timestamp,
}

#[derive(Debug, Serialize)]
struct ItemView {
    product_id: ProductId,
    quantity: u32,
    price_at_purchase: Decimal,
    line_total: Decimal,
}

/// A customer's id goes out as it came: as a string, or as a number.
#[derive(Debug)]
struct CustomerView<'a>(&'a CustomerId);

impl Serialize for CustomerView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.as_number() {
            Some(number) => serializer.serialize_i64(number),
            None => serializer.serialize_str(self.0.as_str()),
        }
    }
}

impl From<&OrderItem> for ItemView {
    fn from(item: &OrderItem) -> Self {
        Self {
            product_id: item.product_id,
            quantity: item.quantity.get(),
            price_at_purchase: Decimal(item.price_at_purchase),
            line_total: Decimal(item.line_total),
        }
    }
}

impl<'a> From<&'a Order> for OrderView<'a> {
    fn from(order: &'a Order) -> Self {
        let sum = |minor| SumView(Sum::new(minor, order.total.currency()));
        let only_item = match &order.items[..] {
            [item] => Some(item),
            _ => None,
        };
        Self {
            id: order.id,
            order_id: order.id,
            hold_id: order.hold_id,
            customer_id: order.customer_id.as_ref().map(CustomerView),
            email: order.email.as_ref(),
            items: order.items.iter().map(ItemView::from).collect(),
            product_id: only_item.map(|item| item.product_id),
            quantity: only_item.map(|item| item.quantity.get()),
            total_amount: Decimal(order.total),
            total_price: Decimal(order.total),
            currency: order.total.currency(),
            status: order.status,
            payment_status: order.payment_status,
            payment_id: order.payment_id.as_ref(),
            amount_received: sum(order.received_minor),
            amount_missing: sum(order.missing_minor()),
            amount_excess: sum(order.excess_minor()),
            amount_refunded: sum(order.refunded_minor),
            expires_at: order.expires_at,
            created_at: order.created_at,
            updated_at: order.updated_at,
        }
    }
}
