//! What a charge says for itself when it is asked for, and that it is what webhooks say.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

mod coinbase_support;

use std::sync::Arc;

use adapters::coinbase::{CoinbaseGateway, CoinbaseWebhooks, Config};
use adapters::{memory, sign};
use coinbase_support::{CountedIds, NOW, ScriptedServer, StoppedClock, answer};
use domain::{
    ChargeCode, ChargeNews, ChargeReport, CheckoutStatus, EventId, EventReport, Reason, RecordEvent, Reported, Subject,
    Verdict,
};
use ports::{
    ChargeStage, ChargeState, GatewayError, IdSource, IncomingEvent, PageRequest, PaymentGateway, TransactionFilter,
    WebhookDecoder, execute,
};
use serde_json::{Value, json};
use testkit::builders::{attach_charge, create_checkout};

const SECRET: &str = "whsec-1";

fn code() -> ChargeCode {
    ChargeCode::parse("ABCD1234").unwrap()
}

fn payment(id: &str, amount: &str, status: &str) -> Value {
    json!({
        "transaction_id": id,
        "payment_id": format!("payment-{id}"),
        "status": status,
        "detected_at": "2023-11-14T22:14:00Z",
        "value": { "local": { "amount": amount, "currency": "USD" } },
    })
}

/// A charge that went through these states, each a status and perhaps its context after a colon.
fn charge(history: &[&str], payments: &[Value]) -> Value {
    let entry = |(minute, state): (usize, &&str)| {
        let (status, context) = state.split_once(':').unwrap_or((state, ""));
        let context = if context.is_empty() { Value::Null } else { json!(context) };
        json!({ "status": status, "context": context, "time": format!("2023-11-14T22:{:02}:20Z", 13 + minute) })
    };
    let mut charge = json!({
        "code": "ABCD1234",
        "hosted_url": "https://pay.example/ABCD1234",
        "exchange_rates": { "ETH-USD": "2000.1" },
        "payments": payments,
        "pricing": { "local": { "amount": "29.99", "currency": "USD" } },
        "timeline": history.iter().enumerate().map(entry).collect::<Vec<_>>(),
    });
    if history.last() == Some(&"COMPLETED") {
        charge["confirmed_at"] = json!("2023-11-14T22:15:20Z");
    }
    charge
}

async fn answered(body: &str) -> Result<Option<ChargeState>, GatewayError> {
    let server = ScriptedServer::start(vec![answer("200 OK", body)]);
    let config = Config::new(server.url("").parse().unwrap(), "the-key");
    let gateway = CoinbaseGateway::new(config, Arc::new(StoppedClock), Arc::new(CountedIds::default())).unwrap();
    gateway.charge(&code()).await
}

async fn polled(charge: &Value) -> ChargeState {
    answered(&json!({ "data": charge }).to_string()).await.unwrap().unwrap()
}

async fn news(charge: &Value) -> IncomingEvent {
    polled(charge).await.news.unwrap()
}

/// The webhook of this type that has the charge in its body.
fn webhook(event_type: &str, charge: &Value) -> IncomingEvent {
    let id = format!("evt-{event_type}");
    let event = json!({ "id": id, "type": event_type, "created_at": "2023-11-14T22:20:00Z", "data": charge });
    let body = json!({ "event": event }).to_string();
    let ids = Arc::new(CountedIds::default());
    let decoder = CoinbaseWebhooks::new(&[SECRET.to_owned()], Arc::new(StoppedClock), ids).unwrap();
    decoder.decode(&|_| Some(sign(SECRET, body.as_bytes())), body.as_bytes()).unwrap()
}

fn of_charge(event: &IncomingEvent) -> &ChargeReport {
    match &event.report {
        EventReport::Charge(report) => report,
        EventReport::Payment(notice) => panic!("not of a charge: {notice:?}"),
    }
}

fn paid_charge() -> Value {
    charge(&["NEW", "PENDING", "COMPLETED"], &[payment("0xaa", "29.99", "CONFIRMED")])
}

#[tokio::test]
async fn each_status_has_its_stage_and_its_news() {
    let held = ChargeNews::Held;
    for (states, stage, expected) in [
        (&["NEW", "PENDING"][..], ChargeStage::Paying, ChargeNews::Pending),
        (&["NEW", "PENDING", "COMPLETED"], ChargeStage::Over, ChargeNews::Confirmed),
        (&["NEW", "EXPIRED"], ChargeStage::Ended, ChargeNews::Expired),
        (&["NEW", "EXPIRED", "PENDING"], ChargeStage::Paying, ChargeNews::Pending),
        (&["NEW", "PENDING", "UNRESOLVED:UNDERPAID"], ChargeStage::Ended, held(Reason::Underpaid)),
        (&["NEW", "PENDING", "UNRESOLVED:OVERPAID"], ChargeStage::Ended, held(Reason::Overpaid)),
        (&["NEW", "EXPIRED", "PENDING", "UNRESOLVED:DELAYED"], ChargeStage::Ended, held(Reason::Delayed)),
        (&["NEW", "PENDING", "UNRESOLVED:MULTIPLE"], ChargeStage::Ended, held(Reason::Multiple)),
        (&["NEW", "PENDING", "UNRESOLVED"], ChargeStage::Ended, held(Reason::HeldByProvider)),
        (&["NEW", "PENDING", "UNRESOLVED:UNDERPAID", "RESOLVED"], ChargeStage::Over, ChargeNews::Resolved),
        (&["NEW", "CANCELED"], ChargeStage::Ended, ChargeNews::Canceled),
        (&["NEW", "PENDING", "completed"], ChargeStage::Over, ChargeNews::Confirmed),
        // What Coinbase thinks of later takes nothing back.
        (&["NEW", "PENDING", "COMPLETED", "REFUNDED"], ChargeStage::Over, ChargeNews::Confirmed),
    ] {
        let state = polled(&charge(states, &[])).await;
        assert_eq!((state.stage, state.charge.code), (stage, code()), "{states:?}");
        let event = state.news.unwrap();
        assert_eq!(of_charge(&event).news, expected, "{states:?}");
        assert_eq!((event.event_type.as_str(), event.subject), ("charge:polled", Some(Subject::Charge(code()))));
    }
}

#[tokio::test]
async fn a_new_charge_has_nothing_to_tell() {
    for states in [&["NEW"][..], &[], &["DREAMT"]] {
        let state = polled(&charge(states, &[])).await;
        assert_eq!((state.stage, state.news), (ChargeStage::Open, None), "{states:?}");
    }
    let mut bare = charge(&[], &[]);
    bare["confirmed_at"] = json!("2023-11-14T22:15:20Z");
    assert_eq!(of_charge(&news(&bare).await).news, ChargeNews::Confirmed);
}

#[tokio::test]
async fn the_same_state_has_the_same_key_and_another_has_another() {
    let first = news(&paid_charge()).await;
    assert!(first.key.provider_event_id.as_str().starts_with("poll:ABCD1234:COMPLETED:"), "{:?}", first.key);
    let mut later = paid_charge();
    later["exchange_rates"]["ETH-USD"] = json!("2100.7");
    assert_eq!(news(&later).await.key, first.key);
    let payments = [payment("0xaa", "10.00", "CONFIRMED"), payment("0xbb", "10.00", "CONFIRMED")];
    let held = ["NEW", "PENDING", "UNRESOLVED:UNDERPAID"];
    let others = [
        news(&charge(&held, &payments[..1])).await,
        news(&charge(&held, &payments)).await,
        news(&charge(&["NEW", "PENDING", "UNRESOLVED:MULTIPLE"], &payments)).await,
        news(&charge(&["NEW", "PENDING", "UNRESOLVED:MULTIPLE", "RESOLVED"], &payments)).await,
        news(&charge(&["NEW", "PENDING"], &payments)).await,
        first,
    ];
    let keys: std::collections::HashSet<_> = others.iter().map(|event| &event.key).collect();
    assert_eq!(keys.len(), others.len());
}

#[tokio::test]
async fn the_charge_is_kept_as_it_came() {
    let raw = paid_charge().to_string().replace("\"code\":", " \"code\" :");
    let state = answered(&format!("{{\"data\": {raw}, \"warnings\": []}}")).await.unwrap().unwrap();
    assert_eq!(state.news.unwrap().raw, raw.as_bytes());
}

#[tokio::test]
async fn a_payment_has_the_same_id_whoever_tells_of_it() {
    let held = ["NEW", "PENDING", "UNRESOLVED:UNDERPAID"];
    let anonymous = json!({ "status": "CONFIRMED", "value": { "local": { "amount": "1", "currency": "USD" } } });
    for (event_type, charge) in [
        ("charge:confirmed", paid_charge()),
        ("charge:confirmed", charge(&["COMPLETED"], &[anonymous.clone(), anonymous])),
        ("charge:confirmed", charge(&["COMPLETED"], &[])),
        ("charge:confirmed", charge(&["COMPLETED"], &[payment("0xaa", "29.99", "PENDING")])),
        ("charge:failed", charge(&held, &[payment("0xaa", "5", "CONFIRMED"), payment("0xbb", "5", "PENDING")])),
        ("charge:pending", charge(&["NEW", "PENDING"], &[payment("0xaa", "29.99", "PENDING")])),
    ] {
        let (asked, sent) = (news(&charge).await, webhook(event_type, &charge));
        let told = |event: &IncomingEvent| -> Vec<(String, Reported)> {
            let payments = of_charge(event).payments.iter();
            payments.map(|payment| (payment.provider_transaction_id.clone(), payment.amount)).collect()
        };
        assert_eq!((told(&asked), of_charge(&asked).news), (told(&sent), of_charge(&sent).news), "{charge}");
        assert_ne!(asked.key, sent.key);
    }
}

#[tokio::test]
async fn news_happened_when_the_history_says() {
    let report = news(&paid_charge()).await;
    assert_eq!(json!(of_charge(&report).occurred_at), json!("2023-11-14T22:15:20.000000Z"));
    let mut timeless = paid_charge();
    timeless["timeline"] = json!([{ "status": "COMPLETED" }]);
    assert_eq!(of_charge(&news(&timeless).await).occurred_at, NOW);
}

#[tokio::test]
async fn what_cannot_be_the_charge_is_unreadable() {
    let mut other = paid_charge();
    other["code"] = json!("OTHER123");
    let mut large = paid_charge();
    large["description"] = json!("x".repeat(256 * 1024));
    let mut crowded = paid_charge();
    crowded["payments"] = json!(vec![payment("0xaa", "1", "CONFIRMED"); 101]);
    let deep = paid_charge().to_string().replace("\"2000.1\"", &format!("{}1{}", "[".repeat(80), "]".repeat(80)));
    for charge in [other.to_string(), large.to_string(), crowded.to_string(), deep] {
        let outcome = answered(&format!("{{\"data\":{charge}}}")).await;
        assert!(matches!(outcome, Err(GatewayError::Unreadable(_))), "{outcome:?}");
    }
}

/// What is told of one charge, in the order in which it comes, ends in the given status with as many movements.
async fn ends(told: Vec<IncomingEvent>, status: CheckoutStatus, movements: usize) -> Vec<Verdict> {
    let (store, ids) = (memory(Arc::new(StoppedClock)), CountedIds::default());
    let create = create_checkout();
    execute(&*store.ledger, create.clone()).await.unwrap().unwrap();
    execute(&*store.ledger, attach_charge(&create, &code())).await.unwrap().unwrap();
    let mut verdicts = Vec::new();
    for event in told {
        let command = RecordEvent {
            id: EventId::from_uuid(ids.uuid_v7()),
            key: event.key,
            event_type: event.event_type,
            subject: event.subject,
            raw: event.raw,
            report: event.report,
            fingerprint: None,
        };
        verdicts.push(execute(&*store.ledger, command).await.unwrap().unwrap().verdict);
    }
    assert_eq!(store.checkouts.checkout(create.id).await.unwrap().unwrap().status, status);
    let page = PageRequest { page: 1, page_size: 20 };
    let recorded = store.transactions.transactions(TransactionFilter::default(), page).await.unwrap();
    assert_eq!(recorded.items.len(), movements, "{:?}", recorded.items);
    verdicts
}

#[tokio::test]
async fn a_webhook_and_a_poll_of_the_same_payment_count_once_in_either_order() {
    let held = charge(&["NEW", "PENDING", "UNRESOLVED:UNDERPAID"], &[payment("0xaa", "5", "CONFIRMED")]);
    for (event_type, charge, status) in [
        ("charge:confirmed", paid_charge(), CheckoutStatus::Completed),
        ("charge:failed", held, CheckoutStatus::Unresolved),
    ] {
        let once = [Verdict::Applied, Verdict::Stale];
        let (asked, sent) = (news(&charge).await, webhook(event_type, &charge));
        assert_eq!(ends(vec![asked.clone(), sent.clone()], status, 1).await, once, "{event_type}");
        assert_eq!(ends(vec![sent, asked.clone()], status, 1).await, once, "{event_type}");
        let repeated = [Verdict::Applied, Verdict::Duplicate];
        assert_eq!(ends(vec![asked.clone(), asked], status, 1).await, repeated, "{event_type}");
    }
}

/// The charge as it was one event before, under the type of the event that comes next.
#[tokio::test]
async fn a_webhook_that_runs_ahead_of_its_body_moves_no_money() {
    let seen = charge(&["NEW", "PENDING"], &[payment("0xaa", "29.99", "PENDING")]);
    for event_type in ["charge:confirmed", "charge:resolved", "charge:delayed", "charge:failed"] {
        assert_eq!(of_charge(&webhook(event_type, &seen)).news, ChargeNews::Pending, "{event_type}");
        let then_polled = vec![webhook(event_type, &seen), news(&paid_charge()).await];
        assert_eq!(ends(then_polled, CheckoutStatus::Completed, 1).await, [Verdict::Applied; 2], "{event_type}");
    }
}

/// Nobody knows how much came late: that moves no money. Who writes events by hand is taken at the word for the rest.
#[tokio::test]
async fn a_charge_without_any_history_is_what_its_event_says_but_for_late_money() {
    let fresh = charge(&["NEW"], &[]);
    for (event_type, told) in [
        ("charge:confirmed", ChargeNews::Confirmed),
        ("charge:resolved", ChargeNews::Resolved),
        ("charge:failed", ChargeNews::Expired),
        ("charge:delayed", ChargeNews::Created),
    ] {
        assert_eq!(of_charge(&webhook(event_type, &fresh)).news, told, "{event_type}");
    }
    let seen = charge(&["NEW", "PENDING"], &[payment("0xaa", "29.99", "PENDING")]);
    let ahead = vec![webhook("charge:delayed", &fresh), news(&seen).await];
    ends(ahead, CheckoutStatus::Pending, 0).await;
}

#[tokio::test]
async fn late_money_whose_webhook_shows_the_charge_before_it_counts_once() {
    let unpaid = charge(&["NEW", "EXPIRED"], &[]);
    let delayed =
        charge(&["NEW", "EXPIRED", "PENDING", "UNRESOLVED:DELAYED"], &[payment("0xaa", "29.99", "CONFIRMED")]);
    for event_type in ["charge:delayed", "charge:confirmed", "charge:resolved"] {
        let ahead = webhook(event_type, &unpaid);
        assert_eq!(of_charge(&ahead).news, ChargeNews::Expired, "{event_type}");
        ends(vec![ahead.clone()], CheckoutStatus::Failed, 0).await;
        ends(vec![ahead, news(&delayed).await], CheckoutStatus::Unresolved, 1).await;
    }
}

#[tokio::test]
async fn a_body_that_shows_the_end_is_believed() {
    let mut stamped = charge(&["NEW", "PENDING"], &[payment("0xaa", "29.99", "PENDING")]);
    stamped["confirmed_at"] = json!("2023-11-14T22:15:20Z");
    let settled = charge(&["NEW", "PENDING"], &[payment("0xaa", "29.99", "CONFIRMED")]);
    let bare = charge(&[], &[payment("0xaa", "29.99", "CONFIRMED")]);
    for body in [stamped, settled, bare, paid_charge()] {
        let event = webhook("charge:confirmed", &body);
        assert_eq!(of_charge(&event).news, ChargeNews::Confirmed, "{body}");
        ends(vec![event, news(&paid_charge()).await], CheckoutStatus::Completed, 1).await;
    }
}
