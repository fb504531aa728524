//! One checkout, and what is asked about it.

use std::time::Duration;

use domain::{ChargeNews, CheckoutStatus, JobStatus, Reason};
use ports::{ChargeStage, Clock, GatewayError, PageRequest, TransactionFilter};
use testkit::builders::paid_event;

use crate::desk::{Desk, FIRST, NOTHING_YET, Word};

const HOUR: Duration = Duration::from_secs(3600);
const ALL: PageRequest = PageRequest { page: 1, page_size: 100 };

#[expect(clippy::unnecessary_wraps, reason = "other words are errors")]
fn told(stage: ChargeStage, news: ChargeNews) -> Word {
    Ok(Some((stage, Some(news))))
}

#[tokio::test]
async fn an_abandoned_checkout_is_asked_about_ever_more_rarely_and_after_three_days_no_more() {
    let desk = Desk::open(NOTHING_YET);
    let create = desk.charged().await;
    let began = desk.test.clock.now();
    let mut pauses = Vec::new();
    while let Some(pause) = desk.ask_when_due(&create).await {
        pauses.push(pause);
    }
    assert!((12..=17).contains(&desk.asked()), "{} times: {pauses:?}", desk.asked());
    assert!(pauses.is_sorted() && pauses[0] == FIRST && pauses.iter().all(|pause| *pause <= HOUR * 12), "{pauses:?}");
    let age = desk.test.clock.now().since(began);
    assert!(age >= HOUR * 72 && age <= HOUR * 86, "{age:?}");
    assert_eq!(desk.job(&create).await.status, JobStatus::Done);
}

#[tokio::test]
async fn what_the_gateway_says_settles_the_checkout_and_ends_the_questions_if_nothing_more_can_come() {
    for (word, status, asks_again) in [
        (told(ChargeStage::Over, ChargeNews::Confirmed), CheckoutStatus::Completed, false),
        (told(ChargeStage::Over, ChargeNews::Resolved), CheckoutStatus::Completed, false),
        (told(ChargeStage::Over, ChargeNews::Canceled), CheckoutStatus::Canceled, false),
        (told(ChargeStage::Ended, ChargeNews::Expired), CheckoutStatus::Failed, true),
        (told(ChargeStage::Ended, ChargeNews::Held(Reason::Delayed)), CheckoutStatus::Unresolved, true),
        (told(ChargeStage::Paying, ChargeNews::Pending), CheckoutStatus::Pending, true),
        (NOTHING_YET, CheckoutStatus::Pending, true),
    ] {
        let desk = Desk::open(word.clone());
        let create = desk.charged().await;
        assert_eq!(desk.ask_when_due(&create).await.is_some(), asks_again, "{word:?}");
        assert_eq!(desk.status(&create).await, status, "{word:?}");
    }
}

#[tokio::test]
async fn the_same_state_asked_for_again_stores_nothing() {
    let desk = Desk::open(told(ChargeStage::Ended, ChargeNews::Held(Reason::Underpaid)));
    let create = desk.charged().await;
    for _ in 0..3 {
        desk.ask_when_due(&create).await.unwrap();
    }
    let store = &desk.test.store;
    assert_eq!((desk.asked(), store.events.events(ports::EventFilter::default(), ALL).await.unwrap().total), (3, 1));
    let moved = store.transactions.transactions(TransactionFilter::default(), ALL).await.unwrap().items;
    assert_eq!((moved.len(), moved[0].event_type.as_str()), (1, "charge:polled"));
    desk.says(told(ChargeStage::Over, ChargeNews::Resolved));
    assert_eq!(desk.ask_when_due(&create).await, None);
    assert_eq!(desk.status(&create).await, CheckoutStatus::Completed);
    assert_eq!(store.transactions.transactions(TransactionFilter::default(), ALL).await.unwrap().total, 1);
}

#[tokio::test]
async fn a_checkout_that_a_webhook_completed_is_not_asked_about() {
    let desk = Desk::open(NOTHING_YET);
    let create = desk.charged().await;
    let code = desk.test.store.checkouts.checkout(create.id).await.unwrap().unwrap().charge_code.unwrap();
    desk.test.decide(paid_event(&code, ChargeNews::Confirmed, create.money, create.money)).await.unwrap();
    assert_eq!(desk.ask_when_due(&create).await, None);
    assert_eq!((desk.asked(), desk.job(&create).await.status), (0, JobStatus::Done));
}

#[tokio::test]
async fn a_payment_that_is_under_way_is_looked_after() {
    let desk = Desk::open(NOTHING_YET);
    let create = desk.charged().await;
    while desk.ask_when_due(&create).await.unwrap() < HOUR {}
    desk.says(told(ChargeStage::Paying, ChargeNews::Pending));
    desk.ask_when_due(&create).await.unwrap();
    assert_eq!(desk.ask_when_due(&create).await, Some(FIRST));
    assert_eq!(desk.ask_when_due(&create).await, Some(FIRST));
}

#[tokio::test]
async fn a_charge_that_the_gateway_has_lost_is_a_dead_letter_that_says_so() {
    for word in [Ok(None), Err(GatewayError::ChargeNotFound)] {
        let desk = Desk::open(word);
        let create = desk.charged().await;
        assert_eq!(desk.ask_when_due(&create).await, None);
        let job = desk.job(&create).await;
        assert_eq!(job.status, JobStatus::Dead);
        assert_eq!(job.last_error.as_deref(), Some("the payment gateway does not know the charge"));
    }
}

#[tokio::test]
async fn a_gateway_that_wants_fewer_questions_gets_none_for_as_long_as_it_says() {
    let retry_after = Some(Duration::from_secs(200));
    let desk = Desk::open(Err(GatewayError::RateLimited { retry_after }));
    let create = desk.charged().await;
    assert!(desk.polls.may_ask());
    assert!(desk.ask_when_due(&create).await >= retry_after);
    assert!(!desk.polls.may_ask());
    desk.test.clock.advance(Duration::from_secs(199));
    assert!(!desk.polls.may_ask());
    desk.test.clock.advance(Duration::from_secs(1));
    assert!(desk.polls.may_ask());
}

#[tokio::test]
async fn a_gateway_that_is_away_is_asked_again_for_a_month() {
    let desk = Desk::open(Err(GatewayError::Unavailable("no".to_owned())));
    let create = desk.charged().await;
    let began = desk.test.clock.now();
    let mut pauses = Vec::new();
    while let Some(pause) = desk.ask_when_due(&create).await {
        pauses.push(pause);
    }
    assert!(pauses.iter().all(|pause| (FIRST..=HOUR).contains(pause)), "{pauses:?}");
    let age = desk.test.clock.now().since(began);
    assert!(age >= HOUR * 24 * 30 && age < HOUR * 24 * 31, "{age:?}");
    assert_eq!(desk.job(&create).await.status, JobStatus::Dead);
}

#[tokio::test]
async fn after_a_long_downtime_each_checkout_is_asked_about_once_more() {
    let desk = Desk::open(told(ChargeStage::Ended, ChargeNews::Held(Reason::Delayed)));
    let create = desk.charged().await;
    desk.test.clock.advance(HOUR * 24 * 7);
    assert_eq!(desk.ask_when_due(&create).await, None, "it is too old to be asked about again");
    assert_eq!(desk.status(&create).await, CheckoutStatus::Unresolved);
    assert_eq!(desk.job(&create).await.status, JobStatus::Done);
}
