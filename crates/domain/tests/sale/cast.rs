//! What each of the ten words means.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::{
    Books, ChangeOrderStatus, Charge, ChargeNews, CheckoutId, Command, EventId, ExpireCheckout, ExpireHold,
    ExpireOrder, OrderId, OrderSource, OrderStatus, PlaceHold, PlaceOrder, ProductId, Reason, RecordEvent, Timestamp,
    TokenCheck,
};

use crate::rows::Rows;
use crate::shop::{Notice, Shop, attach_charge, code, usd};

pub(crate) const WORDS: [&str; 10] =
    ["create", "hold", "order", "pending", "confirmed", "failed", "expire", "late", "duplicate", "refund"];

/// Those that bring an order and its money, and neither end it nor call it off.
pub(crate) const MONEY_WORDS: [&str; 7] = ["create", "hold", "order", "pending", "confirmed", "late", "duplicate"];

/// What one word means.
pub(crate) struct Act {
    pub(crate) commands: Vec<Command>,
    /// Whether only the first counts that isn't refused; otherwise each is asked.
    pub(crate) is_first_of: bool,
    /// How much time passes before it.
    pub(crate) time: Duration,
}

/// A product of which there is one left, and what can happen to the one order of it.
pub(crate) struct Cast {
    /// What is there before the first word.
    pub(crate) setup: Vec<Command>,
    pub(crate) books: Books,
    pub(crate) now: Timestamp,
    pub(crate) order_id: OrderId,
    pub(crate) acts: Vec<Act>,
    /// Whether the words that bring money end the same in whatever order.
    pub(crate) is_confluent: bool,
    checkout_id: CheckoutId,
    /// Every movement of money that is told of the checkout's charge.
    through_charge: BTreeMap<&'static str, i64>,
    /// The word of a payment backend, whose movement is called after its payment.
    by_notice: BTreeMap<&'static str, i64>,
}

impl Cast {
    /// A checkout of which a payment is confirmed, told twice, and followed by another one, late.
    pub(crate) fn plain(first_id: u128) -> Self {
        let mut stage = Stage::new(first_id);
        let confirmed = stage.news(ChargeNews::Confirmed, &[("tx-1", 1000)]);
        let again = stage.delivered_again(&confirmed);
        let asked = stage.news(ChargeNews::Confirmed, &[("tx-1", 1000)]);
        let late = stage.news(ChargeNews::Held(Reason::Delayed), &[("tx-2", 1000)]);
        let failed = vec![stage.news(ChargeNews::Expired, &[]), stage.notice(Notice::FAILED)];
        let expire = stage.expire();
        let through_charge = BTreeMap::from([("tx-1", 1000), ("tx-2", 1000)]);
        stage.cast([confirmed], [late], [again, asked], failed, expire, through_charge, BTreeMap::new(), true)
    }

    /// A part payment, resolved later; what is late comes by a payment backend, and whoever lets time pass buys the last one.
    pub(crate) fn of_parts(first_id: u128) -> Self {
        let mut stage = Stage::new(first_id);
        let under = stage.news(ChargeNews::Held(Reason::Underpaid), &[("tx-1", 400)]);
        let resolved = stage.news(ChargeNews::Resolved, &[("tx-1", 400)]);
        let late = stage.notice(Notice::paid("10").payment("pay-1"));
        let failed = vec![stage.news(ChargeNews::Canceled, &[])];
        let rival = stage.rival();
        let expire = [stage.expire(), vec![rival]].concat();
        let (through_charge, by_notice) = (BTreeMap::from([("tx-1", 400)]), BTreeMap::from([("pay-1", 1000)]));
        stage.cast([under], [late], [resolved], failed, expire, through_charge, by_notice, false)
    }

    /// What must be in the ledger: each movement that was told, once, if what it is for is known.
    pub(crate) fn told_minor(&self, rows: &Rows) -> i64 {
        let told = |movement: &str| {
            rows.events.values().any(|event| {
                event.processed_at.is_some() && event.report.movements(&event.key).iter().any(|told| told == movement)
            })
        };
        let is_attached = rows.checkouts.get(&self.checkout_id).is_some_and(|checkout| checkout.charge_code.is_some());
        let through = self.through_charge.iter().filter(|(movement, _)| is_attached && told(movement));
        let noticed =
            self.by_notice.iter().filter(|(movement, _)| rows.orders.contains_key(&self.order_id) && told(movement));
        through.chain(noticed).map(|(_, minor)| minor).sum()
    }
}

/// What the commands of a cast are made of.
struct Stage {
    shop: Shop,
    setup: Vec<Command>,
    product_id: ProductId,
    hold: PlaceHold,
    order: PlaceOrder,
    create: domain::CreateCheckout,
}

impl Stage {
    /// All ids are larger than the given one, so that several casts can meet on one stage.
    fn new(first_id: u128) -> Self {
        let mut shop = Shop::numbered_from(first_id);
        let offer = shop.create_product(usd("10"), 1);
        let product_id = shop.ask(offer.clone()).unwrap().id;
        let hold = shop.place_hold(product_id, 1);
        let order = shop.place(OrderSource::Hold { hold_id: hold.id, token: TokenCheck::Right });
        let create = shop.create_checkout(order.id, usd("10"));
        Self { shop, setup: vec![offer.into()], product_id, hold, order, create }
    }

    fn news(&mut self, news: ChargeNews, payments: &[(&str, i64)]) -> Command {
        let money = |minor| domain::Money::from_minor(minor, domain::Currency::USD).unwrap();
        let payments: Vec<_> = payments.iter().map(|(id, minor)| (*id, money(*minor))).collect();
        self.shop.news(self.create.id, news, &payments).into()
    }

    fn notice(&mut self, notice: Notice<'_>) -> Command {
        self.shop.notice(self.order.id, notice).into()
    }

    /// The same event once more, as a provider delivers it.
    fn delivered_again(&mut self, command: &Command) -> Command {
        let Command::RecordEvent(event) = command else { panic!("only events are delivered: {command:?}") };
        RecordEvent { id: EventId::from_uuid(self.shop.uuid()), ..event.clone() }.into()
    }

    fn expire(&self) -> Vec<Command> {
        vec![
            ExpireHold { hold_id: self.hold.id }.into(),
            ExpireOrder { order_id: self.order.id }.into(),
            ExpireCheckout { checkout_id: self.create.id }.into(),
        ]
    }

    /// Somebody else takes the last one, for good.
    fn rival(&mut self) -> Command {
        let rival = self.shop.place_hold(self.product_id, 1);
        PlaceHold { time_to_live: Duration::from_secs(365 * 24 * 60 * 60), ..rival }.into()
    }

    /// What is held is ordered; who holds nothing orders straight from the stock.
    fn order(&mut self) -> Vec<Command> {
        let straight = self.shop.place_items(&[(self.product_id, 1)]).source;
        vec![self.order.clone().into(), PlaceOrder { source: straight, ..self.order.clone() }.into()]
    }

    #[expect(clippy::too_many_arguments, reason = "one for each word that casts differ in")]
    fn cast(
        mut self,
        confirmed: [Command; 1],
        late: [Command; 1],
        duplicate: impl IntoIterator<Item = Command>,
        failed: Vec<Command>,
        expire: Vec<Command>,
        through_charge: BTreeMap<&'static str, i64>,
        by_notice: BTreeMap<&'static str, i64>,
        is_confluent: bool,
    ) -> Cast {
        let (second, days) = (Duration::from_secs(1), Duration::from_secs(3 * 24 * 60 * 60));
        let each = |commands: Vec<Command>, time| Act { commands, is_first_of: false, time };
        let charge = Charge { code: code(self.create.id), hosted_url: "https://pay.example/1".to_owned() };
        let attach = attach_charge(self.create.id, charge, self.create.job_id);
        let order = Act { commands: self.order(), is_first_of: true, time: second };
        let refund = ChangeOrderStatus { order_id: self.order.id, to: OrderStatus::Refunded };
        let pending = self.news(ChargeNews::Pending, &[]);
        let acts = vec![
            each(vec![self.create.clone().into(), attach.into()], second),
            each(vec![self.hold.into()], second),
            order,
            each(vec![pending], second),
            each(confirmed.into(), second),
            each(failed, second),
            each(expire, days),
            each(late.into(), second),
            each(duplicate.into_iter().collect(), second),
            each(vec![refund.into()], second),
        ];
        Cast {
            now: self.shop.now(),
            setup: self.setup,
            books: self.shop.books,
            order_id: self.order.id,
            acts,
            is_confluent,
            checkout_id: self.create.id,
            through_charge,
            by_notice,
        }
    }
}
