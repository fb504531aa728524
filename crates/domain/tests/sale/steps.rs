//! Random steps in a small world, as bare choices: what is done, and to which of the things that are there.

use domain::{ChargeNews, OrderStatus, PaymentOutcome, Reason, TokenCheck};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::{bool, option};

/// Something that somebody does. Numbers name things by their age: 0 is the latest.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Wait {
        seconds: i64,
    },
    Update {
        product: usize,
        total: u32,
        price_minor: i64,
    },
    Delete {
        product: usize,
    },
    Hold {
        product: usize,
        quantity: u32,
    },
    Release {
        hold: usize,
        token: TokenCheck,
    },
    ExpireHold {
        hold: usize,
    },
    OrderHold {
        hold: usize,
        token: TokenCheck,
    },
    OrderItems {
        items: Vec<(usize, u32)>,
        foretold: Option<usize>,
    },
    Change {
        order: usize,
        to: OrderStatus,
    },
    ExpireOrder {
        order: usize,
    },
    Open {
        order: usize,
        attach: bool,
    },
    Create {
        order: usize,
        asked_minor: Option<i64>,
        key: Option<u8>,
        euros: bool,
        attach: bool,
    },
    Attach {
        checkout: usize,
        mistaken: bool,
    },
    ExpireCheckout {
        checkout: usize,
    },
    News {
        checkout: usize,
        news: ChargeNews,
        payments: Vec<(u8, i64)>,
    },
    Notice {
        order: usize,
        outcome: PaymentOutcome,
        amount_minor: Option<i64>,
        euros: bool,
        payment: Option<u8>,
    },
    Replay {
        event: usize,
    },
    /// A week goes by.
    ExpireEvent {
        event: usize,
    },
    Retry {
        checkout: usize,
    },
    Again {
        command: usize,
        event_is_new: bool,
    },
}

/// Any step.
pub(crate) fn step() -> impl Strategy<Value = Step> {
    prop_oneof![5 => stock_step(), 3 => time_step(), 5 => money_step(), 3 => notice_step(), 1 => operator_step(), 1 => again_step()]
}

/// An age: mostly the latest.
fn age() -> impl Strategy<Value = usize> {
    select(vec![0, 0, 0, 0, 1, 1, 2, 5])
}

fn stock_step() -> impl Strategy<Value = Step> {
    let token = || select(vec![TokenCheck::Right, TokenCheck::Right, TokenCheck::NotShown, TokenCheck::Wrong]);
    let item = || (select(vec![0, 0, 1, 1, 2]), select(vec![2, 2, 2, 1, 3]));
    let changes = select(vec![
        OrderStatus::Completed,
        OrderStatus::Cancelled,
        OrderStatus::Refunded,
        OrderStatus::Refunded,
        OrderStatus::Expired,
        OrderStatus::Paid,
    ]);
    prop_oneof![
        1 => (0..3_usize, 0..8_u32, select(vec![500, 500, 300]))
            .prop_map(|(product, total, price_minor)| Step::Update { product, total, price_minor }),
        1 => (0..3_usize).prop_map(|product| Step::Delete { product }),
        8 => item().prop_map(|(product, quantity)| Step::Hold { product, quantity }),
        1 => (age(), token()).prop_map(|(hold, token)| Step::Release { hold, token }),
        8 => (age(), token()).prop_map(|(hold, token)| Step::OrderHold { hold, token }),
        8 => (vec(item(), 0..3), option::weighted(0.4, age()))
            .prop_map(|(items, foretold)| Step::OrderItems { items, foretold }),
        6 => (age(), changes).prop_map(|(order, to)| Step::Change { order, to }),
    ]
}

fn time_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0..60_i64).prop_map(|seconds| Step::Wait { seconds }),
        1 => (60..150_i64).prop_map(|seconds| Step::Wait { seconds }),
        2 => age().prop_map(|hold| Step::ExpireHold { hold }),
        4 => (0..6_usize).prop_map(|order| Step::ExpireOrder { order }),
        2 => (0..6_usize).prop_map(|checkout| Step::ExpireCheckout { checkout }),
    ]
}

/// The amount 1000 is what most orders cost and most checkouts ask.
fn amount() -> impl Strategy<Value = i64> {
    select(vec![1000, 1000, 1000, 500, 400, 100, 1500])
}

fn money_step() -> impl Strategy<Value = Step> {
    let news = select(vec![
        ChargeNews::Created,
        ChargeNews::Pending,
        ChargeNews::Confirmed,
        ChargeNews::Confirmed,
        ChargeNews::Confirmed,
        ChargeNews::Expired,
        ChargeNews::Canceled,
        ChargeNews::Held(Reason::Underpaid),
        ChargeNews::Held(Reason::Underpaid),
        ChargeNews::Held(Reason::Overpaid),
        ChargeNews::Held(Reason::Delayed),
        ChargeNews::Held(Reason::HeldByProvider),
        ChargeNews::Resolved,
        ChargeNews::Unknown,
    ]);
    let asked = (option::weighted(0.1, amount()), option::weighted(0.2, 0..2_u8), bool::weighted(0.1));
    prop_oneof![
        3 => (age(), bool::weighted(0.7)).prop_map(|(order, attach)| Step::Open { order, attach }),
        3 => (age(), asked, bool::weighted(0.7)).prop_map(|(order, (asked_minor, key, euros), attach)| {
            Step::Create { order, asked_minor, key, euros, attach }
        }),
        2 => (age(), bool::weighted(0.2)).prop_map(|(checkout, mistaken)| Step::Attach { checkout, mistaken }),
        9 => (age(), news, vec((0..4_u8, amount()), 0..3))
            .prop_map(|(checkout, news, payments)| Step::News { checkout, news, payments }),
    ]
}

fn notice_step() -> impl Strategy<Value = Step> {
    let outcome = select(vec![PaymentOutcome::Paid, PaymentOutcome::Paid, PaymentOutcome::Failed]);
    let payment = option::of(1..4_u8);
    (age(), outcome, option::weighted(0.8, amount()), bool::weighted(0.1), payment).prop_map(
        |(order, outcome, amount_minor, euros, payment)| Step::Notice { order, outcome, amount_minor, euros, payment },
    )
}

fn operator_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => age().prop_map(|event| Step::Replay { event }),
        1 => age().prop_map(|event| Step::ExpireEvent { event }),
        1 => age().prop_map(|checkout| Step::Retry { checkout }),
    ]
}

fn again_step() -> impl Strategy<Value = Step> {
    (age(), any::<bool>()).prop_map(|(command, event_is_new)| Step::Again { command, event_is_new })
}
