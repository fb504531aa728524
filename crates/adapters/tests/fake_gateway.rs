//! The gateway that needs no provider.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

mod coinbase_support;

use std::sync::Arc;
use std::time::Duration;

use adapters::fake::FakeGateway;
use coinbase_support::{CountedIds, NOW, StoppedClock};
use domain::{
    Charge, ChargeCode, ChargeNews, ChargeReport, CheckoutId, Currency, EventReport, Money, Provider, ProviderEventId,
    Reason, Reported, Subject,
};
use ports::{
    ChargeRequest, ChargeSearch, ChargeStage, ChargeState, GatewayError, IncomingEvent, PaymentGateway, Searched,
    SimulatedOutcome, Simulation,
};
use testkit::clock::ManualClock;
use uuid::Uuid;

const PAY_DELAY: Duration = Duration::from_secs(2);

const CHECKOUT: CheckoutId = CheckoutId::from_uuid(Uuid::from_u128(7));

fn gateway() -> FakeGateway {
    FakeGateway::new(Arc::new(StoppedClock), Arc::new(CountedIds::default()), PAY_DELAY)
}

fn usd(text: &str) -> Money {
    Money::parse(text, Currency::USD).unwrap()
}

fn request() -> ChargeRequest {
    let (name, description) = ("Tickets".to_owned(), String::new());
    ChargeRequest { checkout_id: CHECKOUT, money: usd("29.99"), name, description }
}

const fn search(checkout_id: CheckoutId) -> ChargeSearch {
    ChargeSearch { checkout_id, not_before: NOW, checkpoint: None }
}

async fn create(gateway: &FakeGateway) -> Charge {
    gateway.create_charge(request()).await.unwrap()
}

async fn pay(gateway: &FakeGateway, code: &ChargeCode, outcome: SimulatedOutcome) -> Vec<(Duration, IncomingEvent)> {
    match gateway.simulate(code, outcome).await.unwrap() {
        Simulation::Events(events) => events,
        Simulation::SendsWebhooks => panic!("it has nobody to send them to"),
    }
}

fn untouched(charge: &Charge) -> ChargeState {
    ChargeState { charge: charge.clone(), stage: ChargeStage::Open, news: None }
}

fn ids(events: &[(Duration, IncomingEvent)]) -> Vec<&ProviderEventId> {
    events.iter().map(|(_, event)| &event.key.provider_event_id).collect()
}

#[tokio::test]
async fn a_checkout_has_one_charge_however_often_it_is_made() {
    let gateway = gateway();
    let charge = create(&gateway).await;
    assert_eq!(create(&gateway).await, charge);
    assert_eq!(gateway.created(), 1);
    assert_eq!(charge.hosted_url, format!("https://fake.invalid/pay/{}", charge.code));
    assert_eq!(gateway.charge(&charge.code).await, Ok(Some(untouched(&charge))));
    assert_eq!(gateway.find_charge(search(CHECKOUT)).await, Ok(Searched::Found(charge)));
    let other = CheckoutId::from_uuid(Uuid::from_u128(8));
    assert_eq!(gateway.find_charge(search(other)).await, Ok(Searched::Nothing));
    assert_eq!(gateway.charge(&ChargeCode::parse("ABCD1234").unwrap()).await, Ok(None));
}

fn of_charge(event: &IncomingEvent) -> &ChargeReport {
    match &event.report {
        EventReport::Charge(report) => report,
        EventReport::Payment(notice) => panic!("not of a charge: {notice:?}"),
    }
}

#[tokio::test]
async fn a_charge_outlives_the_gateway_that_made_it() {
    let charge = create(&gateway()).await;
    let restarted = gateway();
    assert_eq!(restarted.charge(&charge.code).await, Ok(Some(untouched(&charge))));
    let events = pay(&restarted, &charge.code, SimulatedOutcome::Underpaid).await;
    assert_eq!(of_charge(&events[1].1).asked, Reported::Amount(usd("29.99")));
    assert_eq!(create(&restarted).await, charge);
}

#[tokio::test]
async fn each_outcome_is_played_as_a_provider_would_tell_it() {
    let held = ChargeNews::Held;
    let paid = |text| Some(usd(text));
    for (outcome, expected) in [
        (SimulatedOutcome::Success, vec![(0, ChargeNews::Pending, None), (2, ChargeNews::Confirmed, paid("29.99"))]),
        (SimulatedOutcome::Failure, vec![(2, ChargeNews::Expired, None)]),
        (
            SimulatedOutcome::Underpaid,
            vec![(0, ChargeNews::Pending, None), (2, held(Reason::Underpaid), paid("14.99"))],
        ),
        (SimulatedOutcome::Overpaid, vec![(0, ChargeNews::Pending, None), (2, held(Reason::Overpaid), paid("44.98"))]),
        (
            SimulatedOutcome::Delayed,
            vec![
                (0, ChargeNews::Expired, None),
                (0, ChargeNews::Pending, None),
                (2, held(Reason::Delayed), paid("29.99")),
            ],
        ),
    ] {
        let gateway = gateway();
        let code = create(&gateway).await.code;
        let events = pay(&gateway, &code, outcome).await;
        let subject = Subject::Charge(code);
        let told: Vec<_> = events
            .iter()
            .map(|(pause, event)| {
                assert_eq!((event.key.provider, event.subject.as_ref()), (Provider::Fake, Some(&subject)));
                assert!(serde_json::from_slice::<serde_json::Value>(&event.raw).unwrap().is_object());
                let report = of_charge(event);
                let amount = report.payments.first().map(|payment| payment.amount);
                let amount = amount.map(|amount| match amount {
                    Reported::Amount(money) => money,
                    Reported::Missing | Reported::Unreadable => panic!("{event:?}"),
                });
                (pause.as_secs(), report.news, amount)
            })
            .collect();
        assert_eq!(told, expected, "{outcome:?}");
        assert_eq!(of_charge(&events.last().unwrap().1).occurred_at, NOW + PAY_DELAY);
    }
}

#[tokio::test]
async fn paying_again_tells_nothing_new() {
    let gateway = gateway();
    let code = create(&gateway).await.code;
    let first = pay(&gateway, &code, SimulatedOutcome::Success).await;
    let again = pay(&gateway, &code, SimulatedOutcome::Success).await;
    let otherwise = pay(&gateway, &code, SimulatedOutcome::Underpaid).await;
    assert_eq!(ids(&first), ids(&again));
    assert_eq!(ids(&first), ids(&otherwise));
}

#[tokio::test]
async fn a_charge_that_was_called_off_is_neither_paid_nor_found() {
    let gateway = gateway();
    let code = create(&gateway).await.code;
    assert_eq!(gateway.cancel_charge(&code).await, Ok(()));
    let refused = gateway.simulate(&code, SimulatedOutcome::Success).await;
    assert!(matches!(refused, Err(GatewayError::Refused(_))), "{refused:?}");
    assert_eq!(gateway.find_charge(search(CHECKOUT)).await, Ok(Searched::Nothing));
}

#[tokio::test]
async fn a_charge_that_was_paid_cannot_be_called_off() {
    let gateway = gateway();
    let code = create(&gateway).await.code;
    pay(&gateway, &code, SimulatedOutcome::Success).await;
    assert!(matches!(gateway.cancel_charge(&code).await, Err(GatewayError::Refused(_))));
    let stranger = ChargeCode::parse("ABCD1234").unwrap();
    let outcome = gateway.simulate(&stranger, SimulatedOutcome::Success).await;
    assert_eq!(outcome, Err(GatewayError::ChargeNotFound));
}

/// A gateway whose clock is turned, with a charge that is paid in this way.
async fn paid(outcome: SimulatedOutcome) -> (Arc<ManualClock>, FakeGateway, ChargeCode) {
    let clock = Arc::new(ManualClock::default());
    let gateway = FakeGateway::new(clock.clone(), Arc::new(CountedIds::default()), PAY_DELAY);
    let code = create(&gateway).await.code;
    pay(&gateway, &code, outcome).await;
    (clock, gateway, code)
}

#[tokio::test]
async fn whoever_asks_is_told_what_the_events_tell() {
    let held = ChargeNews::Held;
    for (outcome, before, after) in [
        (SimulatedOutcome::Success, Some(ChargeNews::Pending), (ChargeStage::Over, ChargeNews::Confirmed)),
        (SimulatedOutcome::Failure, None, (ChargeStage::Ended, ChargeNews::Expired)),
        (SimulatedOutcome::Underpaid, Some(ChargeNews::Pending), (ChargeStage::Ended, held(Reason::Underpaid))),
        (SimulatedOutcome::Overpaid, Some(ChargeNews::Pending), (ChargeStage::Ended, held(Reason::Overpaid))),
        (SimulatedOutcome::Delayed, Some(ChargeNews::Pending), (ChargeStage::Ended, held(Reason::Delayed))),
    ] {
        let (clock, gateway, code) = paid(outcome).await;
        let early = gateway.charge(&code).await.unwrap().unwrap();
        let stage = if before.is_some() { ChargeStage::Paying } else { ChargeStage::Open };
        assert_eq!((early.stage, early.news.as_ref().map(|event| of_charge(event).news)), (stage, before));
        clock.advance(PAY_DELAY);
        let late = gateway.charge(&code).await.unwrap().unwrap();
        let news = late.news.unwrap();
        assert_eq!((late.stage, of_charge(&news).news), after, "{outcome:?}");
        assert_eq!(news.event_type, "charge:polled");
        let again = gateway.charge(&code).await.unwrap().unwrap().news.unwrap();
        assert_eq!((&again.key, &again.raw), (&news.key, &news.raw));
        let (_, last) = pay(&gateway, &code, outcome).await.pop().unwrap();
        let movements = |event: &IncomingEvent| -> Vec<String> {
            of_charge(event).payments.iter().map(|payment| payment.provider_transaction_id.clone()).collect()
        };
        assert_eq!(movements(&news), movements(&last), "{outcome:?}");
        assert_ne!(news.key, last.key);
    }
}

#[tokio::test]
async fn a_charge_that_was_called_off_says_so() {
    let gateway = gateway();
    let code = create(&gateway).await.code;
    gateway.cancel_charge(&code).await.unwrap();
    let state = gateway.charge(&code).await.unwrap().unwrap();
    assert_eq!((state.stage, of_charge(&state.news.unwrap()).news), (ChargeStage::Ended, ChargeNews::Canceled));
}

#[tokio::test]
async fn it_fails_as_often_as_it_is_told() {
    let gateway = gateway();
    let limited = GatewayError::RateLimited { retry_after: None };
    gateway.fail_next(2, &limited);
    gateway.fail_next(1, &GatewayError::Unauthorized);
    assert_eq!(gateway.create_charge(request()).await, Err(limited.clone()));
    assert_eq!(gateway.find_charge(search(CHECKOUT)).await, Err(limited));
    assert_eq!(gateway.create_charge(request()).await, Err(GatewayError::Unauthorized));
    assert_eq!(gateway.created(), 0);
    create(&gateway).await;
    assert_eq!(gateway.created(), 1);
}

#[tokio::test]
async fn it_hangs_until_it_is_let_go() {
    let gateway = Arc::new(gateway());
    gateway.hang(true);
    let stuck = tokio::spawn({
        let gateway = gateway.clone();
        async move { create(&gateway).await }
    });
    tokio::task::yield_now().await;
    assert!(!stuck.is_finished());
    assert_eq!(gateway.created(), 0);
    gateway.hang(false);
    stuck.await.unwrap();
    assert_eq!(gateway.created(), 1);
}
