//! What money does to an order.

use crate::{Order, OrderStatus, PaymentId, PaymentStatus, Product, Quantity, Reason, Stock, StockShare, Timestamp};

/// What came for an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Arrival {
    /// What the ledger has of it, in minor units.
    pub(crate) received_minor: i64,
    /// How much more counts now, in minor units: of this money, or of money that came before.
    pub(crate) counted_minor: i64,
    /// What is said beside that.
    pub(crate) word: Word,
}

/// What is said of money where its sum doesn't tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Word {
    /// Nothing.
    Nothing,
    /// Some of the total came; how much isn't told.
    Some,
    /// Whatever came, it is to count as the total.
    All,
    /// More than the total came; how much may not be told.
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

/// Takes money for an order. Once all of it is there, it pays a pending one, or a cancelled or expired one whose stock can be
/// had again; what pays nothing is to be given back. If the stock doesn't add up, only the sums change.
pub(super) fn receive(
    order: &Order,
    products: &[&Product],
    arrival: Arrival,
    movement: Option<&str>,
    now: Timestamp,
) -> Receipt {
    let summed = with_sums(order, arrival, now);
    // Money that doesn't count yet, and what merely confirms what is known, changes nothing else.
    if arrival.counted_minor <= 0 && arrival.word == Word::Nothing {
        return Receipt::of(order, summed, Vec::new(), None);
    }
    match order.status {
        OrderStatus::Pending => for_pending(order, summed, products, arrival, movement, now),
        OrderStatus::Cancelled | OrderStatus::Expired => late(order, summed, products, arrival, movement, now),
        OrderStatus::Completed if order.payment_status.is_unpaid() => {
            let (status, reason) = standing(&summed, arrival);
            let noted = summed.with_payment(status, now);
            let noted = if reason.is_none() { paid_by(noted, movement) } else { noted };
            Receipt::of(order, noted, Vec::new(), reason)
        }
        OrderStatus::Paid | OrderStatus::Completed => {
            if is_too_much(&summed, arrival) {
                let noted = summed.with_payment(PaymentStatus::Overpaid, now);
                Receipt::of(order, noted, Vec::new(), Some(Reason::PaidAgain))
            } else {
                // The rest of what had been forgiven.
                Receipt::of(order, summed, Vec::new(), None)
            }
        }
        OrderStatus::Refunded if is_money(arrival) => {
            Receipt::of(order, summed.with_payment(PaymentStatus::RefundDue, now), Vec::new(), Some(Reason::PaidAgain))
        }
        OrderStatus::Refunded => Receipt::of(order, summed, Vec::new(), None),
    }
}

fn with_sums(order: &Order, arrival: Arrival, now: Timestamp) -> Order {
    let received_minor = order.received_minor.saturating_add(arrival.received_minor);
    let counted_minor = order.counted_minor.saturating_add(arrival.counted_minor);
    let is_changed = (received_minor, counted_minor) != (order.received_minor, order.counted_minor);
    let updated_at = if is_changed { now } else { order.updated_at };
    Order { received_minor, counted_minor, updated_at, ..order.clone() }
}

fn for_pending(
    order: &Order,
    summed: Order,
    products: &[&Product],
    arrival: Arrival,
    movement: Option<&str>,
    now: Timestamp,
) -> Receipt {
    let (status, reason) = standing(&summed, arrival);
    if reason.is_some() {
        return Receipt::of(order, summed.with_payment(status, now), Vec::new(), reason);
    }
    match (moved(order, products, Stock::sell_held, now), paid(&summed, status, movement, now)) {
        (Some(sold), Some(paid)) => Receipt::of(order, paid, sold, None),
        (None, _) | (_, None) => Receipt::of(order, summed, Vec::new(), Some(Reason::StockBroken)),
    }
}

/// Money for an order that gave its stock back. It is decided in the moment in which all of it is there.
fn late(
    order: &Order,
    summed: Order,
    products: &[&Product],
    arrival: Arrival,
    movement: Option<&str>,
    now: Timestamp,
) -> Receipt {
    let (status, reason) = standing(&summed, arrival);
    let was_all_there = order.counted_minor >= order.total.minor();
    let was_given_back = order.payment_status == PaymentStatus::Refunded || order.refunded_minor > 0;
    if (was_all_there || was_given_back) && !is_money(arrival) {
        return Receipt::of(order, summed, Vec::new(), None);
    }
    let refund_due = |reason| {
        Receipt::of(order, summed.clone().with_payment(PaymentStatus::RefundDue, now), Vec::new(), Some(reason))
    };
    if let Some(reason) = reason {
        return refund_due(reason);
    }
    // Where all of it came before in vain, or some was given back, a person sorts it out.
    let may_be_had = !was_all_there && !was_given_back && products.iter().all(|product| product.is_offered());
    let taken = moved(order, products, Stock::sell, now).filter(|_| may_be_had);
    match taken.zip(paid(&summed, status, movement, now)) {
        Some((sold, paid)) => Receipt::of(order, paid, sold, None),
        None => refund_due(Reason::NoStockLeft),
    }
}

/// What an order's money makes of its payment status while it isn't paid, and what is against it.
fn standing(summed: &Order, arrival: Arrival) -> (PaymentStatus, Option<Reason>) {
    if is_too_much(summed, arrival) && arrival.word != Word::Some {
        (PaymentStatus::Overpaid, None)
    } else if summed.counted_minor >= summed.total.minor() || arrival.word == Word::All {
        (PaymentStatus::Paid, None)
    } else {
        (PaymentStatus::Underpaid, Some(Reason::Underpaid))
    }
}

/// Whether an order that has all of its money now has more. An untold sum is more for an order that was paid.
fn is_too_much(summed: &Order, arrival: Arrival) -> bool {
    let is_untold_more = match arrival.word {
        Word::More | Word::Some => true,
        Word::Nothing | Word::All => false,
    };
    is_untold_more || (arrival.counted_minor > 0 && summed.counted_minor > summed.total.minor())
}

/// Whether money came, and not merely a word on money that had come.
const fn is_money(arrival: Arrival) -> bool {
    arrival.counted_minor > 0 || matches!(arrival.word, Word::Some | Word::More)
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

fn paid(order: &Order, payment_status: PaymentStatus, movement: Option<&str>, now: Timestamp) -> Option<Order> {
    let paid = order.become_status(OrderStatus::Paid, now)?.with_payment(payment_status, now);
    Some(paid_by(paid, movement))
}

/// The same order with the payment that paid it. Providers may call a movement anything; a name that can't be one isn't
/// kept.
fn paid_by(order: Order, movement: Option<&str>) -> Order {
    let payment_id = movement.and_then(|movement| PaymentId::parse(movement).ok());
    Order { payment_id, ..order }
}
