//! An order, its checkout and its product in any state, and what news make of them.

use std::time::Duration;

use uuid::Uuid;

use super::{at, checkout, event, usd};
use crate::settle::{Case, Settlement, settle};
use crate::{
    ChargeNews, ChargeReport, Checkout, CheckoutStatus, Event, EventReport, MerchantId, Money, Order, OrderId,
    OrderItem, OrderStatus, Product, ProductId, ProductName, Quantity, Reason, Reported, Stock, StockShare,
    Transaction,
};

/// What is left for an order that lost its stock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Left {
    Enough,
    OneTooFew,
    Deleted,
}

/// How many the order is for, and how many there are.
const WANTED: u32 = 2;
const TOTAL: u32 = 10;

/// One order of two at 5 USD each, and a checkout for it to which nothing has come yet. What the order's own state says
/// came some other way.
#[derive(Clone, Debug)]
pub(super) struct Scene {
    pub(super) checkout: Checkout,
    pub(super) order: Order,
    pub(super) product: Product,
    pub(super) ledger: Vec<Transaction>,
    left: Left,
    earlier_minor: i64,
    payments: Vec<(String, Reported)>,
    is_stock_broken: bool,
    now: i64,
}

impl Scene {
    /// `state` is the order's status and payment status: `pending/unpaid`.
    pub(super) fn new(state: &str, left: Left) -> Self {
        let (status, payment_status) = state.split_once('/').unwrap();
        let (received_minor, counted_minor, refunded_minor) = sums(state);
        let order = Order {
            status: status.parse().unwrap(),
            payment_status: payment_status.parse().unwrap(),
            received_minor,
            counted_minor,
            refunded_minor,
            ..pending_order()
        };
        let stock = Stock::from_parts(TOTAL, 0, 0).unwrap();
        let product = Product { stock, ..product() };
        let checkout = Checkout { order_id: Some(order.id), ..checkout(CheckoutStatus::Pending) };
        let mut scene = Self {
            checkout,
            order,
            product,
            ledger: Vec::new(),
            left,
            earlier_minor: received_minor,
            payments: Vec::new(),
            is_stock_broken: false,
            now: 10,
        };
        scene.product.stock = scene.stock_for(scene.order.status);
        scene.product.deleted_at = (left == Left::Deleted).then_some(at(1));
        scene
    }

    /// The checkout asks for another sum: it was made before the order.
    pub(super) fn asking(self, money: Money) -> Self {
        Self { checkout: Checkout { money, ..self.checkout.clone() }, ..self }
    }

    /// The order goes on with another checkout, to which nothing has come yet.
    pub(super) fn with_another_checkout(self) -> Self {
        let checkout = Checkout { order_id: Some(self.order.id), ..checkout(CheckoutStatus::Pending) };
        let earlier_minor = self.order.received_minor;
        Self { checkout, earlier_minor, ledger: Vec::new(), payments: Vec::new(), ..self }
    }

    /// Nothing of the product is held or sold, whatever the order says.
    pub(super) fn with_broken_stock(self) -> Self {
        let product = Product { stock: Stock::new(TOTAL).unwrap(), ..self.product.clone() };
        Self { product, is_stock_broken: true, ..self }
    }

    /// Where the order stands: `pending/unpaid`.
    pub(super) fn state(&self) -> String {
        format!("{}/{}", self.order.status, self.order.payment_status)
    }

    /// What the stock has to be while the order has this status, whatever brought it there. All others of the product
    /// are held by other buyers, as far as they are gone.
    fn stock_for(&self, status: OrderStatus) -> Stock {
        let others = match (self.left, status.stock_share()) {
            (Left::Enough | Left::Deleted, _) => 0,
            (Left::OneTooFew, StockShare::None) => TOTAL - WANTED + 1,
            (Left::OneTooFew, StockShare::Held | StockShare::Sold) => TOTAL - WANTED,
        };
        let (held, sold) = match status.stock_share() {
            StockShare::Held => (WANTED, 0),
            StockShare::Sold => (0, WANTED),
            StockShare::None => (0, 0),
        };
        Stock::from_parts(TOTAL, others + held, sold).unwrap()
    }

    /// Tells a piece of news by its name in the tables, and answers with the verdict and the reason.
    pub(super) fn tell(&mut self, name: &str) -> String {
        let answer = self.tell_altered(name, |_| ());
        for (id, amount) in &self.payments {
            let Reported::Amount(told) = amount else { continue };
            let recorded = self.ledger.iter().filter(|row| row.provider_transaction_id == *id);
            assert_eq!(recorded.map(|row| row.money).collect::<Vec<_>>(), [*told], "{id} is in the ledger, once");
        }
        answer
    }

    /// The same with something else in the event than its name says.
    pub(super) fn tell_altered(&mut self, name: &str, alter: impl FnOnce(&mut ChargeReport)) -> String {
        let news = self.news(name);
        let payments: Vec<Reported> = self.payments.iter().map(|(_, amount)| *amount).collect();
        let has_money = matches!(news, ChargeNews::Confirmed | ChargeNews::Held(_) | ChargeNews::Resolved);
        let told = if has_money { &payments[..] } else { &[] };
        let mut event = event(news, Reported::Amount(self.checkout.money), told);
        let EventReport::Charge(report) = &mut event.report else { panic!("it is news of a charge") };
        for (payment, (id, _)) in report.payments.iter_mut().zip(&self.payments) {
            payment.provider_transaction_id.clone_from(id);
        }
        alter(report);
        self.settle(&event, false)
    }

    fn news(&mut self, name: &str) -> ChargeNews {
        match name {
            "created" => ChargeNews::Created,
            "pending" => ChargeNews::Pending,
            "expired" => ChargeNews::Expired,
            "canceled" => ChargeNews::Canceled,
            "resolved" => ChargeNews::Resolved,
            "repeated" => ChargeNews::Confirmed,
            "exact" | "rest" | "again" => {
                self.pay(if name == "rest" { "6" } else { "10" });
                ChargeNews::Confirmed
            }
            "untold" => {
                self.payments.push(("tx-1".to_owned(), Reported::Missing));
                ChargeNews::Confirmed
            }
            "held" => self.hold(Reason::HeldByProvider, "10"),
            "delayed" => self.hold(Reason::Delayed, "10"),
            "delayed-part" => self.hold(Reason::Delayed, "4"),
            "delayed-more" => self.hold(Reason::Delayed, "15"),
            "under" => self.hold(Reason::Underpaid, "4"),
            "under-still" => self.hold(Reason::Underpaid, "1"),
            "over" => self.hold(Reason::Overpaid, "15"),
            "multiple" => self.hold(Reason::Multiple, "10+10"),
            "multiple-parts" => self.hold(Reason::Multiple, "5+5"),
            "multiple-part" => self.hold(Reason::Multiple, "2+2"),
            other => match other.split_once(':') {
                Some(("exact", amount)) => {
                    self.pay(amount);
                    ChargeNews::Confirmed
                }
                Some(("under", amount)) => self.hold(Reason::Underpaid, amount),
                Some(("over", amount)) => self.hold(Reason::Overpaid, amount),
                Some(("multiple", amount)) => self.hold(Reason::Multiple, amount),
                Some(_) | None => panic!("no news is called {other}"),
            },
        }
    }

    fn pay(&mut self, amount: &str) {
        let money = Money::parse(amount, self.checkout.money.currency()).unwrap();
        self.payments.push((format!("tx-{}", self.payments.len() + 1), Reported::Amount(money)));
    }

    /// `5+5` is two payments.
    fn hold(&mut self, reason: Reason, amounts: &str) -> ChargeNews {
        amounts.split('+').for_each(|amount| self.pay(amount));
        ChargeNews::Held(reason)
    }

    /// Settles an event, takes over what it changes, and checks what must be true of every settlement.
    pub(super) fn settle(&mut self, event: &Event, has_waited: bool) -> String {
        self.now += 1;
        let is_notice = matches!(event.report, EventReport::Payment(_));
        let case = Case {
            checkout: (!is_notice).then_some(&self.checkout),
            order: Some(&self.order),
            products: vec![&self.product],
            event,
            has_waited,
        };
        let row = |movement: &str| self.ledger.iter().find(|row| row.provider_transaction_id == movement);
        let settlement = settle(&case, |movement| row(movement).map(|row| row.money), at(self.now));
        let answer = format!("{} {}", settlement.verdict, settlement.reason.map_or("-", Reason::as_str));
        self.take_over(settlement);
        answer
    }

    fn take_over(&mut self, settlement: Settlement) {
        if let Some(order) = settlement.order {
            let (was, is) = (&self.order, &order);
            assert!(was.status == is.status || was.status.may_become(is.status), "{} -> {}", was.status, is.status);
            let (was, is) = (was.payment_status, is.payment_status);
            assert!(was == is || was.may_become(is), "{was} -> {is}");
            let same_but_for_the_time = Order { updated_at: self.order.updated_at, ..order.clone() };
            assert_ne!(same_but_for_the_time, self.order, "what didn't change isn't written");
            assert_eq!(order.updated_at, at(self.now));
            self.order = order;
        }
        for product in settlement.products {
            assert_ne!(product.stock, self.product.stock, "what didn't change isn't written");
            self.product = product;
        }
        if !self.is_stock_broken {
            assert_eq!(self.product.stock, self.stock_for(self.order.status), "of an order that is {}", self.state());
        }
        if let Some(checkout) = settlement.checkout {
            self.checkout = checkout;
        }
        for row in settlement.transactions {
            assert_eq!(row.order_id, Some(self.order.id), "every movement names the order");
            self.ledger.push(row);
        }
        let came_minor = |currency, is_of: fn(&Transaction) -> bool| -> i64 {
            let rows = self.ledger.iter().filter(|row| row.money.currency() == currency && is_of(row));
            rows.map(|row| row.money.minor()).sum()
        };
        let of_order = came_minor(self.order.total.currency(), |_| true);
        assert_eq!(self.order.received_minor, self.earlier_minor + of_order, "the order knows what came");
        let of_checkout = came_minor(self.checkout.money.currency(), |row| row.checkout_id.is_some());
        assert_eq!(self.checkout.received_minor, of_checkout, "the checkout knows what came");
    }
}

/// Plays every line of a table on its state: `name verdict reason state`, where `=` is the state as it was and a name
/// `a+b` is two pieces of news, of which the last is answered.
pub(super) fn play_table(table: &str, left: Left, tell: impl Fn(&mut Scene, &str) -> String) {
    let (mut states, mut lines) = (Vec::new(), 0);
    for line in table.lines().filter(|line| !line.trim().is_empty()) {
        if !line.starts_with(' ') {
            states = line.split_whitespace().collect();
            continue;
        }
        let [names, verdict, reason, after] = line.split_whitespace().collect::<Vec<_>>()[..] else {
            panic!("not a line of the table: {line}")
        };
        for state in &states {
            let mut scene = Scene::new(state, left);
            let answers: Vec<String> = names.split('+').map(|name| tell(&mut scene, name)).collect();
            let after = expected(after, state);
            let outcome = (answers.last().cloned().unwrap(), scene.state());
            assert_eq!(outcome, (format!("{verdict} {reason}"), after), "{state}, {names}, {left:?}");
            lines += 1;
        }
    }
    assert!(lines > 10, "the table was read");
}

/// `=` is everything as before, `=/paid` the same status.
fn expected(after: &str, before: &str) -> String {
    match after.strip_prefix('=') {
        None => after.to_owned(),
        Some("") => before.to_owned(),
        Some(payment_status) => format!("{}{payment_status}", before.split('/').next().unwrap()),
    }
}

/// What an order in such a state, over 10, received from elsewhere, what of it counts, and what was given back.
fn sums(state: &str) -> (i64, i64, i64) {
    match state {
        "refunded/refund_due" => (2000, 1000, 1000),
        // Not all of it came.
        "expired/part_due" | "cancelled/part_due" => (400, 400, 0),
        _ if state.ends_with("/refund_due") || state.ends_with("/paid") => (1000, 1000, 0),
        _ if state.ends_with("/refunded") => (1000, 0, 1000),
        _ if state.ends_with("/overpaid") => (1500, 1500, 0),
        _ if state.ends_with("/underpaid") => (400, 400, 0),
        _ => (0, 0, 0),
    }
}

fn pending_order() -> Order {
    let quantity = Quantity::try_from(u64::from(WANTED)).unwrap();
    Order {
        id: OrderId::from_uuid(Uuid::from_u128(1)),
        merchant_id: MerchantId::default_merchant(),
        hold_id: None,
        customer_id: None,
        email: None,
        items: vec![OrderItem {
            product_id: product().id,
            quantity,
            price_at_purchase: usd("5"),
            line_total: usd("10"),
        }],
        total: usd("10"),
        status: OrderStatus::Pending,
        payment_status: crate::PaymentStatus::Unpaid,
        received_minor: 0,
        counted_minor: 0,
        refunded_minor: 0,
        payment_id: None,
        checkout_id: None,
        expires_at: at(0) + Duration::from_secs(3600),
        created_at: at(0),
        updated_at: at(0),
    }
}

fn product() -> Product {
    Product {
        id: ProductId::from_uuid(Uuid::from_u128(2)),
        merchant_id: MerchantId::default_merchant(),
        name: ProductName::parse("Ticket").unwrap(),
        description: None,
        price: usd("5"),
        stock: Stock::new(TOTAL).unwrap(),
        deleted_at: None,
        created_at: at(0),
        updated_at: at(0),
    }
}
