use std::time::Duration;

use super::change_order::products_of;
use super::record_event::apply;
use super::stock::{StockChange, change_stock, offered};
use crate::settle::receive_earlier;
use crate::{
    Books, CustomerId, Email, Hold, HoldId, HoldStatus, Keys, MerchantId, Money, Order, OrderId, OrderItem,
    OrderStatus, PaymentStatus, Product, ProductId, Quantity, Rejection, Subject, Timestamp, TokenCheck,
};

/// A buyer orders: what they hold, or straight from the stock. All of it or nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaceOrder {
    /// The id that the order gets.
    pub id: OrderId,
    /// Whether the client chose the id: then it may be in use, and events may wait for it.
    pub is_id_chosen: bool,
    /// What is ordered.
    pub source: OrderSource,
    /// Who buys, as the client names them.
    pub customer_id: Option<CustomerId>,
    /// The buyer's address.
    pub email: Option<Email>,
    /// For how long it can be paid.
    pub time_to_live: Duration,
}

/// Where the stock of an order comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrderSource {
    /// From a hold, whose stock becomes the order's.
    Hold {
        /// The hold.
        hold_id: HoldId,
        /// Whether it is theirs.
        token: TokenCheck,
    },
    /// From what is available, each product once.
    Items(Vec<(ProductId, Quantity)>),
}

/// An order's items and what they do to the books.
struct Selection {
    merchant_id: MerchantId,
    items: Vec<OrderItem>,
    hold: Option<Hold>,
    changes: Vec<StockChange>,
}

impl PlaceOrder {
    pub(super) fn keys(&self, keys: &mut Keys) {
        if self.is_id_chosen {
            keys.new_orders.push(self.id);
        }
        match &self.source {
            OrderSource::Hold { hold_id, .. } => keys.holds.push(*hold_id),
            OrderSource::Items(items) => {
                keys.products.extend(items.iter().map(|(product_id, _)| *product_id));
                keys.wanted_stock.extend(items.iter().map(|(product_id, quantity)| (*product_id, quantity.get())));
            }
        }
    }

    /// Answers with the order: pending, unless events waited for it.
    pub(super) fn decide(&self, books: &mut Books, now: Timestamp) -> Result<Box<Order>, Rejection> {
        if let Some(order) = books.orders().get(self.id) {
            return if self.is_id_chosen { Err(Rejection::OrderExists) } else { Ok(Box::new(order.clone())) };
        }
        let selection = match &self.source {
            OrderSource::Hold { hold_id, token } => from_hold(books, *hold_id, *token, now)?,
            OrderSource::Items(items) => from_items(books, items, now)?,
        };
        let order = self.order(&selection, now)?;
        if let Some(hold) = selection.hold {
            let converted = hold.ended(HoldStatus::Converted, Some(self.id), now).ok_or(Rejection::HoldNotActive)?;
            books.update_hold(converted);
        }
        for change in selection.changes {
            change.make(books, now);
        }
        books.insert_order(order);
        self.take_earlier_money(books, now);
        for event in books.waiting_for(&Subject::Order(self.id)) {
            apply(books, event, true, now);
        }
        let order = books.orders().get(self.id).ok_or(Rejection::OrderNotFound)?;
        Ok(Box::new(order.clone()))
    }

    /// A checkout may have been made for the order, and paid, before the order was placed.
    fn take_earlier_money(&self, books: &mut Books, now: Timestamp) {
        for checkout in books.checkouts_for(self.id) {
            let Some(order) = books.orders().get(self.id) else { return };
            let movements = books.movements_of(checkout.id);
            let receipt = receive_earlier(&checkout, &movements, order, &products_of(books, order), now);
            for product in receipt.products {
                books.set_stock(product.id, product.stock, now);
            }
            if let Some(order) = receipt.order {
                books.update_order(order);
            }
        }
    }

    fn order(&self, selection: &Selection, now: Timestamp) -> Result<Order, Rejection> {
        Ok(Order {
            id: self.id,
            merchant_id: selection.merchant_id.clone(),
            hold_id: selection.hold.as_ref().map(|hold| hold.id),
            customer_id: self.customer_id.clone(),
            email: self.email.clone(),
            total: total(&selection.items)?,
            items: selection.items.clone(),
            status: OrderStatus::Pending,
            payment_status: PaymentStatus::Unpaid,
            received_minor: 0,
            counted_minor: 0,
            refunded_minor: 0,
            payment_id: None,
            checkout_id: None,
            expires_at: now + self.time_to_live,
            created_at: now,
            updated_at: now,
        })
    }
}

fn from_hold(books: &Books, hold_id: HoldId, token: TokenCheck, now: Timestamp) -> Result<Selection, Rejection> {
    let hold = books.holds().get(hold_id).ok_or(Rejection::HoldNotFound)?;
    if token == TokenCheck::Wrong {
        return Err(Rejection::WrongHoldToken);
    }
    match (hold.status, hold.order_id) {
        (HoldStatus::Converted, Some(order_id)) => return Err(Rejection::HoldAlreadyUsed { order_id }),
        (HoldStatus::Converted, None) => return Err(Rejection::HoldNotActive),
        (HoldStatus::Released, _) => return Err(Rejection::HoldReleased),
        (HoldStatus::Expired, _) => return Err(Rejection::HoldExpired),
        (HoldStatus::Active, _) if hold.is_over(now) => return Err(Rejection::HoldExpired),
        (HoldStatus::Active, _) => {}
    }
    let product = offered(books, hold.product_id)?;
    Ok(Selection {
        merchant_id: product.merchant_id.clone(),
        items: vec![item(product, hold.quantity)?],
        hold: Some(hold.clone()),
        changes: Vec::new(),
    })
}

fn from_items(books: &Books, wanted: &[(ProductId, Quantity)], now: Timestamp) -> Result<Selection, Rejection> {
    let (first, _) = wanted.first().ok_or(Rejection::NoItems)?;
    let merchant_id = offered(books, *first)?.merchant_id.clone();
    let mut selection = Selection { merchant_id, items: Vec::new(), hold: None, changes: Vec::new() };
    for (product_id, quantity) in wanted {
        let product = offered(books, *product_id)?;
        if product.merchant_id != selection.merchant_id {
            return Err(Rejection::MixedMerchants);
        }
        if selection.items.iter().any(|other| other.product_id == *product_id) {
            return Err(Rejection::ProductTwice);
        }
        selection.items.push(item(product, *quantity)?);
    }
    // What the order costs is checked before what there is: it is the request that is wrong, whatever the stock.
    total(&selection.items)?;
    for (product_id, quantity) in wanted {
        let product = offered(books, *product_id)?;
        let change = change_stock(books, product, now, |stock| stock.hold(*quantity));
        selection.changes.push(change.ok_or(Rejection::InsufficientStock)?);
    }
    Ok(selection)
}

fn item(product: &Product, quantity: Quantity) -> Result<OrderItem, Rejection> {
    let line_total = product.price.checked_mul(quantity).ok_or(Rejection::TotalTooLarge)?;
    Ok(OrderItem { product_id: product.id, quantity, price_at_purchase: product.price, line_total })
}

fn total(items: &[OrderItem]) -> Result<Money, Rejection> {
    let (first, others) = items.split_first().ok_or(Rejection::NoItems)?;
    let mut total = first.line_total;
    for item in others {
        if item.line_total.currency() != total.currency() {
            return Err(Rejection::MixedCurrencies);
        }
        total = total.checked_add(item.line_total).ok_or(Rejection::TotalTooLarge)?;
    }
    if total.can_be_asked() { Ok(total) } else { Err(Rejection::TotalTooLarge) }
}
