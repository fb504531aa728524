//! Webhooks as Coinbase sends them, and as nobody should.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

mod coinbase_support;

use std::sync::Arc;

use adapters::coinbase::{CoinbaseWebhooks, SIGNATURE_HEADER};
use adapters::{SecretsError, sign};
use coinbase_support::{CountedIds, NOW, StoppedClock};
use domain::{
    ChargeCode, ChargeNews, ChargeReport, Currency, EventReport, Money, Provider, Reason, Reported, Subject, Timestamp,
};
use ports::{IncomingEvent, WebhookDecoder, WebhookError};
use proptest::prelude::*;
use serde_json::{Value, json};

const SECRET: &str = "whsec-1";

fn webhooks(secrets: &[&str]) -> Result<CoinbaseWebhooks, SecretsError> {
    let secrets: Vec<String> = secrets.iter().map(|secret| (*secret).to_owned()).collect();
    CoinbaseWebhooks::new(&secrets, Arc::new(StoppedClock), Arc::new(CountedIds::default()))
}

fn decode_with(signature: Option<&str>, body: &[u8]) -> Result<IncomingEvent, WebhookError> {
    let header = |name: &str| signature.filter(|_| name == SIGNATURE_HEADER).map(str::to_owned);
    webhooks(&[SECRET]).unwrap().decode(&header, body)
}

fn decode(body: &[u8]) -> Result<IncomingEvent, WebhookError> {
    decode_with(Some(&sign(SECRET, body)), body)
}

fn of_charge(report: EventReport) -> ChargeReport {
    match report {
        EventReport::Charge(report) => report,
        EventReport::Payment(notice) => panic!("not of a charge: {notice:?}"),
    }
}

fn report(event: &Value) -> ChargeReport {
    of_charge(decode(event.to_string().as_bytes()).unwrap().report)
}

fn malformed(body: &[u8]) -> String {
    match decode(body) {
        Err(WebhookError::Malformed(why)) => why,
        other => panic!("expected it to be malformed: {other:?}"),
    }
}

fn at(text: &str) -> Timestamp {
    serde_json::from_value(json!(text)).unwrap()
}

fn usd(text: &str) -> Reported {
    Reported::Amount(Money::parse(text, Currency::USD).unwrap())
}

fn payment(id: &str, amount: &str, status: &str) -> Value {
    json!({
        "network": "ethereum",
        "transaction_id": id,
        "payment_id": format!("payment-{id}"),
        "status": status,
        "detected_at": "2023-11-14T22:14:00Z",
        "value": {
            "local": { "amount": amount, "currency": "USD" },
            "crypto": { "amount": "0.0123", "currency": "ETH" },
        },
    })
}

/// An event whose charge went through these states, each a status and perhaps its context.
fn event(kind: &str, states: &[(&str, Option<&str>)], payments: &[Value]) -> Value {
    let entry = |(minute, (status, context)): (usize, &(&str, Option<&str>))| {
        let mut entry = json!({ "status": status, "time": format!("2023-11-14T22:{:02}:20Z", 13 + minute) });
        if let Some(context) = context {
            entry["context"] = json!(context);
        }
        entry
    };
    json!({
        "attempt_number": 1,
        "event": {
            "api_version": "2018-03-22",
            "created_at": "2023-11-14T22:20:00.123456789Z",
            "data": {
                "code": "ABCD1234",
                "hosted_url": "https://pay.example/ABCD1234",
                "metadata": { "checkout_id": "00000000-0000-0000-0000-000000000001" },
                "payments": payments,
                "pricing": { "local": { "amount": "29.99", "currency": "USD" } },
                "pricing_type": "fixed_price",
                "resource": "charge",
                "timeline": states.iter().enumerate().map(entry).collect::<Vec<_>>(),
            },
            "id": "evt-1",
            "resource": "event",
            "type": kind,
        },
        "id": "delivery-1",
        "scheduled_for": "2023-11-14T22:20:00Z",
    })
}

fn confirmed() -> Value {
    let states = [("NEW", None), ("PENDING", None), ("COMPLETED", None)];
    event("charge:confirmed", &states, &[payment("0xaa", "29.99", "CONFIRMED")])
}

#[test]
fn a_confirmed_charge_tells_all_that_the_books_need() {
    let body = confirmed().to_string();
    let event = decode(body.as_bytes()).unwrap();
    assert_eq!(event.key.provider, Provider::Coinbase);
    assert_eq!(event.key.provider_event_id.as_str(), "evt-1");
    assert_eq!(event.event_type, "charge:confirmed");
    assert_eq!(event.subject, Some(Subject::Charge(ChargeCode::parse("ABCD1234").unwrap())));
    assert_eq!(event.raw, body.as_bytes());
    let report = of_charge(event.report);
    assert_eq!(report.news, ChargeNews::Confirmed);
    assert_eq!(report.asked, usd("29.99"));
    assert_eq!(report.occurred_at, at("2023-11-14T22:20:00.123456Z"));
    let [payment] = report.payments.as_slice() else { panic!("{:?}", report.payments) };
    assert_eq!(payment.provider_transaction_id, "0xaa");
    assert_eq!(payment.amount, usd("29.99"));
    assert_eq!(payment.occurred_at, at("2023-11-14T22:14:00Z"));
}

#[test]
fn each_type_of_event_has_its_meaning() {
    let unresolved = |context| vec![("NEW", None), ("PENDING", None), ("UNRESOLVED", context)];
    for (kind, states, news) in [
        ("charge:created", vec![("NEW", None)], ChargeNews::Created),
        ("charge:pending", vec![("NEW", None), ("PENDING", None)], ChargeNews::Pending),
        ("charge:confirmed", vec![("COMPLETED", None)], ChargeNews::Confirmed),
        ("charge:failed", vec![("NEW", None), ("EXPIRED", None)], ChargeNews::Expired),
        ("charge:failed", vec![("NEW", None), ("CANCELED", None)], ChargeNews::Canceled),
        ("charge:failed", vec![], ChargeNews::Expired),
        ("charge:failed", unresolved(Some("UNDERPAID")), ChargeNews::Held(Reason::Underpaid)),
        ("charge:failed", unresolved(Some("OVERPAID")), ChargeNews::Held(Reason::Overpaid)),
        ("charge:failed", unresolved(Some("DELAYED")), ChargeNews::Held(Reason::Delayed)),
        ("charge:failed", unresolved(Some("MULTIPLE")), ChargeNews::Held(Reason::Multiple)),
        ("charge:failed", unresolved(Some("MANUAL")), ChargeNews::Held(Reason::HeldByProvider)),
        ("charge:failed", unresolved(Some("OTHER")), ChargeNews::Held(Reason::HeldByProvider)),
        ("charge:failed", unresolved(Some("WHATEVER")), ChargeNews::Held(Reason::HeldByProvider)),
        ("charge:failed", unresolved(None), ChargeNews::Held(Reason::HeldByProvider)),
        ("charge:delayed", vec![("EXPIRED", None), ("UNRESOLVED", Some("DELAYED"))], ChargeNews::Held(Reason::Delayed)),
        ("charge:delayed", vec![], ChargeNews::Held(Reason::Delayed)),
        ("charge:delayed", vec![("EXPIRED", None), ("PENDING", None)], ChargeNews::Pending),
        ("charge:resolved", vec![("RESOLVED", None)], ChargeNews::Resolved),
        ("charge:refunded", vec![], ChargeNews::Unknown),
        ("invoice:paid", vec![], ChargeNews::Unknown),
    ] {
        assert_eq!(report(&event(kind, &states, &[])).news, news, "{kind} {states:?}");
    }
}

#[test]
fn a_failed_charge_that_was_paid_is_held_whatever_its_timeline_says() {
    for states in [vec![], vec![("EXPIRED", None)], vec![("CANCELED", None)]] {
        let failed = event("charge:failed", &states, &[payment("0xaa", "5.00", "CONFIRMED")]);
        let report = report(&failed);
        assert_eq!(report.news, ChargeNews::Held(Reason::HeldByProvider), "{states:?}");
        assert_eq!(report.payments.len(), 1);
    }
    let only_seen = event("charge:failed", &[("EXPIRED", None)], &[payment("0xaa", "5.00", "PENDING")]);
    assert_eq!(report(&only_seen).news, ChargeNews::Expired);
}

#[test]
fn only_settled_payments_are_reported() {
    let states = [("NEW", None), ("PENDING", None), ("UNRESOLVED", Some("MULTIPLE"))];
    let payments = [
        payment("0xaa", "10.00", "CONFIRMED"),
        payment("0xbb", "9.00", "PENDING"),
        payment("0xcc", "8.00", "CONFIRMED"),
    ];
    let held = report(&event("charge:failed", &states, &payments));
    let told: Vec<_> = held.payments.iter().map(|payment| payment.provider_transaction_id.as_str()).collect();
    assert_eq!(told, ["0xaa", "0xcc"]);
    assert_ne!(held.payments[0].record, held.payments[1].record);
    let pending = report(&event("charge:pending", &[("PENDING", None)], &payments[1..2]));
    assert!(pending.payments.is_empty());
}

#[test]
fn a_payment_without_a_status_counts_where_money_is_what_the_event_is_about() {
    let mut nameless = payment("0xaa", "29.99", "");
    nameless["status"] = Value::Null;
    for (kind, count) in [
        ("charge:confirmed", 1),
        ("charge:resolved", 1),
        ("charge:delayed", 1),
        ("charge:pending", 0),
        ("charge:failed", 0),
    ] {
        let report = report(&event(kind, &[], std::slice::from_ref(&nameless)));
        assert_eq!(report.payments.len(), count, "{kind}");
    }
}

#[test]
fn news_of_money_without_payments_still_report_one_unless_it_is_held() {
    for payments in [json!([]), Value::Null, json!([null])] {
        for (kind, count) in [("charge:confirmed", 1), ("charge:resolved", 1), ("charge:delayed", 0)] {
            let mut event = event(kind, &[], &[]);
            event["event"]["data"]["payments"] = payments.clone();
            let report = report(&event);
            assert_eq!(report.payments.len(), count, "{kind} {payments}");
            for payment in report.payments {
                assert_eq!(payment.provider_transaction_id, "ABCD1234");
                assert_eq!(payment.amount, Reported::Missing);
                assert_eq!(payment.occurred_at, report.occurred_at);
            }
        }
    }
}

#[test]
fn payments_that_cannot_be_read_are_not_taken_for_none() {
    for payments in [json!("none"), json!({}), json!(["0xaa"]), json!([[]])] {
        let mut event = confirmed();
        event["event"]["data"]["payments"] = payments.clone();
        let report = report(&event);
        assert_eq!(report.payments.len(), 1, "{payments}");
        assert_eq!(report.payments[0].amount, Reported::Unreadable, "{payments}");
    }
}

#[test]
fn a_payment_is_known_by_the_first_usable_id() {
    let long = "x".repeat(256);
    for (transaction_id, payment_id, expected) in [
        (json!("0xaa"), json!("p"), "0xaa"),
        (Value::Null, json!("p"), "p"),
        (json!(7), json!("p"), "p"),
        (json!(""), json!("p"), "p"),
        (json!("a\0b"), json!("p"), "p"),
        (json!(long), Value::Null, "ABCD1234"),
    ] {
        let mut event = confirmed();
        let payment = &mut event["event"]["data"]["payments"][0];
        payment["transaction_id"] = transaction_id;
        payment["payment_id"] = payment_id;
        assert_eq!(report(&event).payments[0].provider_transaction_id, expected);
    }
}

#[test]
fn payments_without_ids_are_told_apart() {
    let anonymous = json!({ "status": "CONFIRMED", "value": { "local": { "amount": "1", "currency": "USD" } } });
    let report = report(&event("charge:confirmed", &[], &[anonymous.clone(), anonymous]));
    let told: Vec<_> = report.payments.iter().map(|payment| payment.provider_transaction_id.as_str()).collect();
    assert_eq!(told, ["ABCD1234", "ABCD1234#2"]);
}

#[test]
fn amounts_are_read_exactly_from_numbers_too() {
    let body = confirmed().to_string().replace(r#""amount":"29.99""#, r#""amount":29.99"#);
    let report = of_charge(decode(body.as_bytes()).unwrap().report);
    assert_eq!((report.asked, report.payments[0].amount), (usd("29.99"), usd("29.99")));
}

#[test]
fn what_is_wrong_with_one_field_spoils_only_that_field() {
    for (pointer, value, asked) in [
        ("/event/data/pricing", Value::Null, Reported::Missing),
        ("/event/data/pricing/local", Value::Null, Reported::Missing),
        ("/event/data/pricing", json!("29.99"), Reported::Unreadable),
        ("/event/data/pricing/local/currency", json!("DOGE"), Reported::Unreadable),
        ("/event/data/pricing/local/amount", json!("29.999"), Reported::Unreadable),
        ("/event/data/timeline", json!(7), usd("29.99")),
        ("/event/data/timeline", json!([7, null, {}, [], { "status": 1 }]), usd("29.99")),
        ("/event/data/metadata", json!([]), usd("29.99")),
        ("/event/created_at", json!("yesterday"), usd("29.99")),
        ("/attempt_number", json!("many"), usd("29.99")),
    ] {
        let mut event = confirmed();
        *event.pointer_mut(pointer).unwrap() = value;
        let report = report(&event);
        assert_eq!((report.news, report.asked), (ChargeNews::Confirmed, asked), "{pointer}");
        assert_eq!(report.payments.len(), 1, "{pointer}");
    }
}

#[test]
fn an_event_that_names_no_charge_is_taken_all_the_same() {
    for data in [Value::Null, json!([]), json!({}), json!({ "code": 7 }), json!({ "code": "a\0b" })] {
        let mut event = confirmed();
        event["event"]["data"] = data;
        let event = decode(event.to_string().as_bytes()).unwrap();
        assert_eq!(event.subject, None);
        assert_eq!(of_charge(event.report).payments[0].provider_transaction_id, "evt-1");
    }
}

#[test]
fn the_time_of_an_event_is_the_best_that_is_known() {
    let mut event = confirmed();
    event["event"]["created_at"] = Value::Null;
    assert_eq!(report(&event).occurred_at, at("2023-11-14T22:15:20Z"));
    event["event"]["data"]["timeline"] = Value::Null;
    assert_eq!(report(&event).occurred_at, NOW);
    event["event"]["created_at"] = json!("2023-11-15T00:20:00+02:00");
    assert_eq!(report(&event).occurred_at, at("2023-11-14T22:20:00Z"));
}

#[test]
fn a_body_without_what_makes_it_an_event_is_malformed() {
    let long = "x".repeat(256);
    for (field, value) in [
        ("id", Value::Null),
        ("id", json!(7)),
        ("id", json!("")),
        ("id", json!("a\0b")),
        ("id", json!(long)),
        ("type", Value::Null),
        ("type", json!("")),
        ("type", json!("a\nb")),
        ("type", json!("x".repeat(101))),
    ] {
        let mut event = confirmed();
        event["event"][field] = value;
        assert_eq!(malformed(event.to_string().as_bytes()), format!("the event has no usable {field}"));
    }
    for body in ["", "null", "7", "[]", "\"text\"", r#"[{"event":{"id":"x"}}]"#, "{", "{}{}", "{\"event\":{\"id\":}}"] {
        assert_eq!(malformed(body.as_bytes()), "it isn't a JSON object", "{body}");
    }
    for body in ["{}", r#"{"event":null}"#, r#"{"event":[]}"#, r#"{"event":["id"]}"#] {
        assert_eq!(malformed(body.as_bytes()), "it has no event", "{body}");
    }
    assert_eq!(malformed(b"{\"event\":\"\xff\"}"), "it isn't UTF-8");
}

#[test]
fn deep_nesting_is_malformed_and_costs_no_stack() {
    for open in ["[", "{\"a\":", "{\"event\":{\"data\":["] {
        assert_eq!(malformed(open.repeat(200_000).as_bytes()), "it is nested too deeply", "{open}");
    }
}

#[test]
fn more_payments_than_anybody_makes_are_malformed() {
    let payments = |count: usize| -> Vec<_> {
        (0..count).map(|number| payment(&format!("0x{number}"), "1.00", "CONFIRMED")).collect()
    };
    assert_eq!(report(&event("charge:confirmed", &[], &payments(100))).payments.len(), 100);
    let many = event("charge:confirmed", &[], &payments(101)).to_string();
    assert_eq!(malformed(many.as_bytes()), "it lists more than 100 payments");
}

#[test]
fn nothing_is_read_before_the_signature_is_good() {
    let body = confirmed().to_string();
    let good = sign(SECRET, body.as_bytes());
    assert_eq!(decode_with(None, body.as_bytes()), Err(WebhookError::MissingSignature));
    assert_eq!(decode_with(None, b"not JSON"), Err(WebhookError::MissingSignature));
    for wrong in ["", "x", &good.to_uppercase(), &good[..63], &format!("{good}0"), &sign("other", body.as_bytes())] {
        assert_eq!(decode_with(Some(wrong), body.as_bytes()), Err(WebhookError::WrongSignature), "{wrong}");
    }
    assert_eq!(decode_with(Some(&good), b"not JSON"), Err(WebhookError::WrongSignature));
}

#[test]
fn a_body_that_was_written_anew_is_not_what_was_signed() {
    let body = confirmed().to_string();
    let signature = sign(SECRET, body.as_bytes());
    let pretty = serde_json::to_string_pretty(&confirmed()).unwrap();
    assert_eq!(decode_with(Some(&signature), pretty.as_bytes()), Err(WebhookError::WrongSignature));
}

#[test]
fn secrets_that_anybody_could_guess_are_refused() {
    assert_eq!(webhooks(&[]).err(), Some(SecretsError::None));
    assert_eq!(webhooks(&["good", ""]).err(), Some(SecretsError::Empty));
}

proptest! {
    #[test]
    fn no_signed_body_makes_it_panic(body in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(matches!(decode(&body), Err(WebhookError::Malformed(_))));
    }

    #[test]
    fn a_real_body_with_other_bytes_in_it_is_read_or_malformed(
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in any::<prop::sample::Index>(),
        is_cut in any::<bool>(),
    ) {
        let mut body = confirmed().to_string().into_bytes();
        for (at, byte) in edits {
            let at = at.index(body.len());
            body[at] = byte;
        }
        if is_cut {
            body.truncate(cut.index(body.len()));
        }
        match decode(&body) {
            Ok(event) => prop_assert_eq!(event.raw, body),
            Err(WebhookError::Malformed(why)) => prop_assert!(why.len() < 60, "{}", why),
            Err(other) => prop_assert!(false, "{}", other),
        }
    }

    #[test]
    fn a_real_body_with_another_value_anywhere_is_read_or_malformed(
        target in any::<prop::sample::Index>(),
        value in prop::sample::select(vec!["null", "true", "-0", "1e999", "\"\\u0000\"", "\"\\ud800\"", "[]", "[null]", "[[]]", "{}", "{\"local\":7}"]),
    ) {
        let mut event = confirmed();
        let pointers = pointers(&event);
        let pointer = &pointers[target.index(pointers.len())];
        *event.pointer_mut(pointer).unwrap() = json!("<value>");
        let body = event.to_string().replace("\"<value>\"", value);
        match decode(body.as_bytes()) {
            Ok(_) => {}
            Err(WebhookError::Malformed(_)) => {
                prop_assert!(["/event", "/event/id", "/event/type"].contains(&pointer.as_str()), "{}", pointer);
            }
            Err(other) => prop_assert!(false, "{}", other),
        }
    }
}

/// The places in a JSON document, but for the document itself.
fn pointers(value: &Value) -> Vec<String> {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields.iter().map(|(name, value)| (format!("/{name}"), value)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(index, value)| (format!("/{index}"), value)).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    };
    let below = |(path, value): (String, &Value)| {
        let inner: Vec<_> = pointers(value).into_iter().map(|rest| format!("{path}{rest}")).collect();
        std::iter::once(path).chain(inner)
    };
    children.into_iter().flat_map(below).collect()
}
