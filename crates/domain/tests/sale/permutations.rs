//! Whatever comes first: every order of what can happen to an order and its money. No step breaks a rule, and money
//! never vanishes.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Duration;

use domain::{
    AttachCharge, Books, ChangeOrderStatus, Charge, ChargeNews, CheckoutId, Command, ExpireOrder, OrderId, OrderSource,
    OrderStatus, PaymentStatus, PlaceHold, PlaceOrder, ProductId, Reason, RecordEvent, Rejection, Reply, Timestamp,
    TokenCheck,
};

use crate::recount;
use crate::rows::Rows;
use crate::rules;
use crate::shop::{HOLD_TTL, Notice, Shop, at, attach_charge, code, usd};

/// Something that happens: commands that belong together. If the first comes too early, whoever asked asks again at the
/// end; if the books say no for another reason, that is that.
#[derive(Clone, Debug)]
struct Act(Vec<Command>);

/// A product of which there is one left, and everything that can happen to the one order of it.
struct Stage {
    shop: Shop,
    product_id: ProductId,
    order: PlaceOrder,
    hold: PlaceHold,
    /// Every movement of money that is told, by whom it is for.
    told: BTreeMap<(Option<CheckoutId>, String), i64>,
}

impl Stage {
    fn new() -> Self {
        let mut shop = Shop::new();
        let product_id = shop.product("10", 1);
        let hold = shop.place_hold(product_id, 1);
        let place = shop.place(OrderSource::Hold { hold_id: hold.id, token: TokenCheck::Right });
        // Its time is up at once, so that it may expire at any step.
        let order = PlaceOrder { time_to_live: Duration::ZERO, ..place };
        Self { shop, product_id, order, hold, told: BTreeMap::new() }
    }

    fn order_id(&self) -> OrderId {
        self.order.id
    }

    fn hold(&self) -> Act {
        Act(vec![self.hold.into()])
    }

    fn order(&self) -> Act {
        Act(vec![self.order.clone().into()])
    }

    fn order_straight(&mut self) -> Act {
        let source = self.shop.place_items(&[(self.product_id, 1)]).source;
        self.order.source = source;
        self.order()
    }

    /// Somebody else takes the last one.
    fn rival(&mut self) -> Act {
        let rival = self.shop.place_hold(self.product_id, 1);
        Act(vec![PlaceHold { time_to_live: HOLD_TTL * 100, ..rival }.into()])
    }

    fn expire(&self) -> Act {
        Act(vec![ExpireOrder { order_id: self.order_id() }.into()])
    }

    fn change(&self, to: OrderStatus) -> Act {
        Act(vec![ChangeOrderStatus { order_id: self.order_id(), to }.into()])
    }

    /// The buyer opens a checkout, and the gateway makes its charge.
    fn open(&mut self) -> (CheckoutId, Act) {
        let open = self.shop.open_checkout(self.order_id());
        (open.id, Act(vec![open.clone().into(), attach(open.id, open.job_id).into()]))
    }

    /// The merchant asks for the payment of an order that may not be there yet.
    fn create(&mut self) -> (CheckoutId, Act) {
        let create = self.shop.create_checkout(self.order_id(), usd("10"));
        (create.id, Act(vec![create.clone().into(), attach(create.id, create.job_id).into()]))
    }

    fn news(&mut self, of: CheckoutId, news: ChargeNews, payments: &[(&str, i64)]) -> Act {
        for (movement, minor) in payments {
            self.told.insert((Some(of), (*movement).to_owned()), *minor);
        }
        let payments: Vec<_> = payments.iter().map(|(id, minor)| (*id, money(*minor))).collect();
        Act(vec![self.shop.news(of, news, &payments).into()])
    }

    fn notice(&mut self, notice: Notice<'_>) -> Act {
        if let (Some(_), Some(movement)) = (notice.amount, notice.payment_id) {
            self.told.insert((None, movement.to_owned()), 1000);
        }
        Act(vec![self.shop.notice(self.order_id(), notice).into()])
    }

    /// What must be in the ledger at the end: each movement once, if what it is for is known.
    fn known_minor(&self, books: &Books) -> i64 {
        let is_known = |payee: &Option<CheckoutId>| match payee {
            Some(id) => books.checkouts().get(*id).is_some_and(|checkout| checkout.charge_code.is_some()),
            None => books.orders().get(self.order_id()).is_some(),
        };
        self.told.iter().filter(|((payee, _), _)| is_known(payee)).map(|(_, minor)| minor).sum()
    }
}

fn money(minor: i64) -> domain::Money {
    domain::Money::from_minor(minor, domain::Currency::USD).unwrap()
}

fn attach(checkout_id: CheckoutId, job_id: domain::JobId) -> AttachCharge {
    let charge = Charge { code: code(checkout_id), hosted_url: "https://pay.example/1".to_owned() };
    attach_charge(checkout_id, charge, job_id)
}

/// The same event once more, as a provider delivers it.
fn delivered_again(stage: &mut Stage, act: &Act) -> Act {
    let [Command::RecordEvent(event)] = &act.0[..] else { panic!("only events are delivered: {act:?}") };
    Act(vec![RecordEvent { id: domain::EventId::from_uuid(stage.shop.uuid()), ..event.clone() }.into()])
}

/// Books on the way through one order of the acts.
#[derive(Clone)]
struct Played {
    books: Books,
    rows: Rc<Rows>,
    too_early: Vec<Act>,
}

impl Played {
    /// Whether it came to pass, or never will.
    fn act(&mut self, act: &Act, now: Timestamp) -> bool {
        for (place, command) in act.0.iter().enumerate() {
            let Reply::Rejected(rejection) = command.decide(&mut self.books, now) else { continue };
            let is_too_early = matches!(rejection, Rejection::HoldNotFound | Rejection::OrderNotFound);
            assert!(!is_too_early || place == 0, "{rejection}: {command:?}");
            return !is_too_early;
        }
        true
    }

    fn check(&mut self) {
        if self.books.is_unchanged() {
            return;
        }
        self.books.mark_stored();
        let rows = Rows::of(&self.books);
        rules::check(&rows);
        rules::check_step(&self.rows, &rows);
        recount::check(&self.books, at(1_020));
        self.rows = Rc::new(rows);
    }

    /// Whoever came too early asks again, in the order in which they came, as long as it helps.
    fn finish(&mut self) {
        for second in 0.. {
            let again = std::mem::take(&mut self.too_early);
            let before = again.len();
            for act in again {
                if !self.act(&act, at(1_020 + second)) {
                    self.too_early.push(act);
                }
                self.check();
            }
            if self.too_early.len() == before || self.too_early.is_empty() {
                return;
            }
        }
    }
}

/// Plays every order of the acts, and answers with how often each end was reached.
fn play_all(stage: &Stage, acts: &[Act]) -> BTreeMap<String, u32> {
    let mut books = stage.shop.books.clone();
    books.mark_stored();
    let played = Played { rows: Rc::new(Rows::of(&books)), books, too_early: Vec::new() };
    let mut ends = BTreeMap::new();
    go_on(stage, &played, &acts.iter().collect::<Vec<_>>(), 0, &mut ends);
    let orders: usize = (1..=acts.len()).product();
    assert_eq!(ends.values().sum::<u32>() as usize, orders);
    ends
}

fn go_on(stage: &Stage, played: &Played, left: &[&Act], second: i64, ends: &mut BTreeMap<String, u32>) {
    if left.is_empty() {
        let mut played = played.clone();
        played.finish();
        *ends.entry(end(stage, &played)).or_default() += 1;
    }
    for place in 0..left.len() {
        let mut next = played.clone();
        if !next.act(left[place], at(1_001 + second)) {
            next.too_early.push(left[place].clone());
        }
        next.check();
        let others: Vec<&Act> =
            left.iter().enumerate().filter(|(other, _)| *other != place).map(|(_, act)| *act).collect();
        go_on(stage, &next, &others, second + 1, ends);
    }
}

/// Where it ended, after checking that the money is accounted for.
fn end(stage: &Stage, played: &Played) -> String {
    let recorded_minor: i64 = played.rows.transactions.values().map(|row| row.money.minor()).sum();
    assert_eq!(recorded_minor, stage.known_minor(&played.books), "{:#?}", played.rows.events);
    let Some(order) = played.rows.orders.get(&stage.order_id()) else { return "never placed".to_owned() };
    let there_minor = recorded_minor - order.refunded_minor;
    let owed = match order.payment_status {
        PaymentStatus::Unpaid | PaymentStatus::Failed | PaymentStatus::Refunded => there_minor == 0,
        PaymentStatus::Underpaid => 0 < there_minor && there_minor < 1000,
        PaymentStatus::Paid => there_minor == 1000,
        PaymentStatus::Overpaid => there_minor > 1000,
        PaymentStatus::RefundDue => there_minor > 0 && order.excess_minor() == there_minor,
    };
    assert!(owed, "{recorded_minor} in the ledger: {order:?}");
    format!("{}/{}", order.status, order.payment_status)
}

fn assert_ends(ends: &BTreeMap<String, u32>, expected: &[&str]) {
    let ends: BTreeSet<&str> = ends.keys().map(String::as_str).collect();
    assert_eq!(ends, expected.iter().copied().collect());
}

#[test]
fn every_order_of_a_sale_with_its_events_ends_paid_unless_the_payment_page_came_too_late() {
    let mut stage = Stage::new();
    let (checkout_id, open) = stage.open();
    let confirmed = stage.news(checkout_id, ChargeNews::Confirmed, &[("tx-1", 1000)]);
    let acts = [
        stage.hold(),
        stage.order(),
        open,
        stage.news(checkout_id, ChargeNews::Pending, &[]),
        confirmed.clone(),
        delivered_again(&mut stage, &confirmed),
        stage.news(checkout_id, ChargeNews::Expired, &[]),
        stage.expire(),
    ];
    // An order that expired before its page was opened is never paid: nobody could.
    assert_ends(&play_all(&stage, &acts), &["paid/paid", "expired/unpaid"]);
}

#[test]
fn every_order_in_which_somebody_else_takes_the_last_one_ends_paid_or_given_back() {
    let mut stage = Stage::new();
    let ((first, open_first), (second, open_second)) = (stage.create(), stage.create());
    let acts = [
        stage.hold(),
        stage.order(),
        open_first,
        stage.news(first, ChargeNews::Confirmed, &[("tx-1", 1000)]),
        stage.expire(),
        stage.rival(),
        Act([open_second, stage.news(second, ChargeNews::Confirmed, &[("tx-2", 1000)])].map(|act| act.0).concat()),
    ];
    let ends = play_all(&stage, &acts);
    assert_ends(&ends, &["never placed", "paid/paid", "paid/overpaid", "expired/unpaid", "expired/refund_due"]);
}

#[test]
fn every_order_of_a_payment_that_may_come_before_its_order_reaches_it() {
    let mut stage = Stage::new();
    let order = stage.order_straight();
    let (checkout_id, create) = stage.create();
    let acts = [
        order,
        create,
        stage.news(checkout_id, ChargeNews::Held(Reason::Underpaid), &[("tx-1", 400)]),
        stage.news(checkout_id, ChargeNews::Resolved, &[("tx-1", 400), ("tx-2", 600)]),
        stage.notice(Notice::FAILED),
        stage.expire(),
        stage.rival(),
    ];
    let ends = play_all(&stage, &acts);
    assert_ends(
        &ends,
        &[
            "never placed",
            "paid/paid",
            "expired/unpaid",
            "expired/refund_due",
            "cancelled/failed",
            "cancelled/refund_due",
        ],
    );
}

#[test]
fn every_order_of_two_payments_by_two_ways_counts_both() {
    let mut stage = Stage::new();
    let order = stage.order_straight();
    let (checkout_id, create) = stage.create();
    let acts = [
        order,
        create,
        stage.news(checkout_id, ChargeNews::Confirmed, &[("tx-1", 1000)]),
        stage.notice(Notice::paid("10").payment("pay-1")),
        stage.notice(Notice::FAILED),
        stage.expire(),
        stage.rival(),
    ];
    let ends = play_all(&stage, &acts);
    assert_ends(&ends, &["never placed", "paid/paid", "paid/overpaid", "cancelled/refund_due", "expired/refund_due"]);
}

#[test]
fn every_order_of_what_the_seller_does_and_what_comes_adds_up() {
    let mut stage = Stage::new();
    let order = stage.order_straight();
    let (checkout_id, create) = stage.create();
    let acts = [
        order,
        create,
        stage.news(checkout_id, ChargeNews::Confirmed, &[("tx-1", 1000)]),
        stage.change(OrderStatus::Cancelled),
        stage.change(OrderStatus::Refunded),
        stage.change(OrderStatus::Completed),
        stage.notice(Notice::paid("10").payment("pay-1")),
    ];
    let ends = play_all(&stage, &acts);
    assert!(ends.keys().all(|end| end != "never placed"), "there was enough for it: {ends:?}");
    for end in ["completed/paid", "completed/overpaid", "refunded/refunded", "refunded/refund_due", "paid/overpaid"] {
        assert!(ends.contains_key(end), "{end} isn't among {ends:?}");
    }
}
