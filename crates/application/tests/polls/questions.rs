//! One checkout, and what is asked about it.

use std::time::Duration;

use domain::{ChargeNews, CheckoutStatus, JobStatus, Reason, RetryJob};
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
    assert!((12..=18).contains(&desk.asked()), "{} times: {pauses:?}", desk.asked());
    assert!(pauses[0] == FIRST && pauses.iter().all(|pause| *pause <= HOUR * 12), "{pauses:?}");
    // But for the one that ends just before the hour does.
    assert_eq!(pauses.windows(2).filter(|pair| pair[1] < pair[0]).count(), 1, "{pauses:?}");
    let age = desk.test.clock.now().since(began);
    assert!(age >= HOUR * 72 && age <= HOUR * 86, "{age:?}");
    assert_eq!(desk.job(&create).await.status, JobStatus::Done);
}

#[tokio::test]
async fn what_the_gateway_says_settles_the_checkout_and_ends_the_questions_if_nothing_more_can_come() {
    for (word, status, asks_again) in [
        (told(ChargeStage::Over, ChargeNews::Confirmed), CheckoutStatus::Completed, false),
        (told(ChargeStage::Over, ChargeNews::Resolved), CheckoutStatus::Completed, false),
        (told(ChargeStage::Ended, ChargeNews::Canceled), CheckoutStatus::Canceled, true),
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

/// A wrong address, or another account's key, gets that answer for all charges.
#[tokio::test]
async fn a_charge_that_the_gateway_does_not_know_is_asked_for_until_nobody_waits_for_it_and_then_is_a_dead_letter() {
    for word in [Ok(None), Err(GatewayError::ChargeNotFound), Err(GatewayError::Refused("no".to_owned()))] {
        let desk = Desk::open(word.clone());
        let create = desk.charged().await;
        let began = desk.test.clock.now();
        while desk.ask_when_due(&create).await.is_some() {}
        let age = desk.test.clock.now().since(began);
        assert!(age >= HOUR * 72 && age <= HOUR * 86, "{age:?}");
        let job = desk.job(&create).await;
        assert_eq!(job.status, JobStatus::Dead);
        assert!(job.last_error.is_some_and(|error| error.starts_with("the payment gateway ")), "{word:?}");
    }
}

#[tokio::test]
async fn a_setting_that_was_wrong_and_is_mended_costs_nothing_but_time() {
    let desk = Desk::open(Ok(None));
    let create = desk.charged().await;
    desk.ask_when_due(&create).await.unwrap();
    desk.says(told(ChargeStage::Over, ChargeNews::Confirmed));
    assert_eq!(desk.ask_when_due(&create).await, None);
    assert_eq!(desk.status(&create).await, CheckoutStatus::Completed);
}

#[tokio::test]
async fn the_last_question_before_the_hour_is_over_comes_in_time() {
    let desk = Desk::open(NOTHING_YET);
    let create = desk.charged().await;
    let expires_at = desk.test.store.checkouts.checkout(create.id).await.unwrap().unwrap().expires_at;
    let mut last_in_time = None;
    while desk.test.clock.now() < expires_at {
        if let Some(left) = Some(expires_at.since(desk.test.clock.now())).filter(|left| !left.is_zero()) {
            last_in_time = Some(left);
        }
        desk.ask_when_due(&create).await.unwrap();
    }
    assert!(last_in_time.unwrap() <= FIRST, "{last_in_time:?}");
}

#[tokio::test]
async fn a_node_asks_so_many_questions_a_minute_and_no_more() {
    let desk = Desk::open(NOTHING_YET);
    let mut polls = desk.polls.clone();
    polls.pace = application::Pace::per_minute(2);
    for left in [1, 0] {
        let create = desk.charged().await;
        let job = desk.job(&create).await;
        drop(polls.poll(&job).await);
        assert_eq!(polls.room(), left);
    }
    desk.test.clock.advance(Duration::from_secs(60));
    assert_eq!(polls.room(), 2);
}

#[tokio::test]
async fn a_gateway_that_wants_fewer_questions_gets_none_for_as_long_as_it_says() {
    let retry_after = Some(Duration::from_secs(200));
    let desk = Desk::open(Err(GatewayError::RateLimited { retry_after }));
    let create = desk.charged().await;
    assert!(desk.polls.room() > 0);
    assert!(desk.ask_when_due(&create).await >= retry_after);
    assert_eq!(desk.polls.room(), 0);
    desk.test.clock.advance(Duration::from_secs(199));
    assert_eq!(desk.polls.room(), 0);
    desk.test.clock.advance(Duration::from_secs(1));
    assert!(desk.polls.room() > 0);
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

/// An operator who asks again after a month has new hope: it isn't given up at the first failure.
#[tokio::test]
async fn a_gateway_that_was_given_up_is_asked_again_for_another_month_when_its_job_is_retried() {
    let desk = Desk::open(Err(GatewayError::Unavailable("no".to_owned())));
    let create = desk.charged().await;
    desk.test.clock.advance(HOUR * 24 * 30 + FIRST);
    assert_eq!(desk.ask_when_due(&create).await, None);
    let retried = desk.test.decide(RetryJob { id: desk.job(&create).await.id }).await.unwrap();
    assert_eq!((retried.status, retried.run_at), (JobStatus::Ready, desk.test.clock.now()));
    let pause = desk.ask_when_due(&create).await.unwrap();
    assert!(pause < HOUR, "{pause:?}");
    desk.says(told(ChargeStage::Over, ChargeNews::Confirmed));
    assert_eq!(desk.ask_when_due(&create).await, None);
    assert_eq!(desk.status(&create).await, CheckoutStatus::Completed);
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
