//! Invoices, from the bill to the money.

#![allow(clippy::unwrap_used, reason = "a test")]

mod harness;

use std::time::Duration;

use harness::{Arrived, KEY, Merchant, Stand, code, statuses};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

async fn bill(stand: &Stand) -> Value {
    let body = json!({ "business_name": "Opera <i>", "customer_email": "ann@example.com", "customer_name": "Ann",
        "memo": "Two seats", "local_price": { "amount": "58.00", "currency": "USD" } });
    let (status, made) = stand.call(KEY, Method::POST, "/invoices", &body).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    made["data"].clone()
}

async fn invoice(stand: &Stand, invoice: &Value) -> Value {
    stand.call(KEY, Method::GET, &format!("/invoices/{}", code(invoice)), &Value::Null).await.1["data"].clone()
}

/// The code of the charge that the invoice's page leads to.
async fn visit(stand: &Stand, invoice: &Value) -> String {
    let answer = stand.client.post(invoice["hosted_url"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    answer.headers()["location"].to_str().unwrap().strip_prefix("../pay/").unwrap().to_owned()
}

async fn change(stand: &Stand, invoice: &Value, method: Method, what: &str) -> (StatusCode, Value) {
    stand.call(KEY, method, &format!("/invoices/{}/{what}", code(invoice)), &Value::Null).await
}

fn kinds(arrived: &[Arrived]) -> Vec<String> {
    arrived.iter().map(Arrived::kind).filter(|kind| kind.starts_with("invoice")).collect()
}

#[actix_web::test]
async fn an_invoice_is_viewed_pending_and_paid() {
    let merchant = Merchant::open();
    let stand = Stand::open(Some(&merchant), |config| config.pay_delay = Duration::from_secs(60));
    stand.control(Method::POST, "clock/freeze", &Value::Null).await;
    let made = bill(&stand).await;
    assert_eq!((&made["status"], &made["resource"]), (&json!("OPEN"), &json!("invoice")));
    assert!(made.get("charge").is_none());
    for _ in 0..2 {
        let page = stand.client.get(made["hosted_url"].as_str().unwrap()).send().await.unwrap().text().await.unwrap();
        assert!(page.contains("Pay this invoice") && page.contains("Two seats") && page.contains("Opera &lt;i&gt;"));
    }
    assert_eq!(invoice(&stand, &made).await["status"], "VIEWED");
    let charge = visit(&stand, &made).await;
    assert_eq!(visit(&stand, &made).await, charge, "the open charge is used again");
    let named = invoice(&stand, &made).await;
    assert_eq!(named["charge"]["code"], charge);
    let wire = stand.charge(&charge).await;
    assert_eq!(
        (&wire["pricing"]["local"]["amount"], &wire["metadata"]["invoice_code"]),
        (&json!("58.00"), &made["code"])
    );
    stand.pay(&charge, "success").await;
    assert_eq!(invoice(&stand, &made).await["status"], "PAYMENT_PENDING");
    let again = stand.client.post(made["hosted_url"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(again.headers()["location"], json!(format!("../invoice/{}", code(&made))).as_str().unwrap());
    stand.advance(61).await;
    stand.settled(&charge, "COMPLETED").await;
    assert_eq!(invoice(&stand, &made).await["status"], "PAID");
    stand.delivered(7).await;
    assert_eq!(
        kinds(&merchant.arrived()),
        ["invoice:created", "invoice:viewed", "invoice:payment_pending", "invoice:paid"]
    );
    let last = merchant.arrived().into_iter().rfind(|one| one.kind() == "invoice:paid").unwrap();
    assert_eq!(last.json()["event"]["data"], invoice(&stand, &made).await);
    let page = stand.client.get(made["hosted_url"].as_str().unwrap()).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("This invoice is paid") && !page.contains("Pay this invoice"));
    assert_eq!(change(&stand, &made, Method::PUT, "void").await.0, StatusCode::BAD_REQUEST);
    assert_eq!(change(&stand, &made, Method::PUT, "resolve").await.0, StatusCode::BAD_REQUEST);
}

#[actix_web::test]
async fn an_open_or_viewed_invoice_can_be_voided_once() {
    let merchant = Merchant::open();
    let stand = Stand::open(Some(&merchant), |_| {});
    for (method, is_viewed) in [(Method::PUT, false), (Method::POST, true)] {
        let made = bill(&stand).await;
        if is_viewed {
            stand.client.get(made["hosted_url"].as_str().unwrap()).send().await.unwrap();
        }
        let (status, voided) = change(&stand, &made, method.clone(), "void").await;
        assert_eq!((status, &voided["data"]["status"]), (StatusCode::OK, &json!("VOID")));
        assert_eq!(change(&stand, &made, method, "void").await.0, StatusCode::BAD_REQUEST);
        let page = stand.client.get(made["hosted_url"].as_str().unwrap()).send().await.unwrap().text().await.unwrap();
        assert!(page.contains("Void") && !page.contains("Pay this invoice"));
        let answer = stand.client.post(made["hosted_url"].as_str().unwrap()).send().await.unwrap();
        assert!(answer.headers()["location"].to_str().unwrap().starts_with("../invoice/"));
    }
    stand.delivered(5).await;
    assert_eq!(kinds(&merchant.arrived()).iter().filter(|kind| *kind == "invoice:voided").count(), 2);
}

#[actix_web::test]
async fn what_is_not_paid_as_asked_can_be_resolved() {
    let merchant = Merchant::open();
    let stand = Stand::open(Some(&merchant), |_| {});
    let made = bill(&stand).await;
    let charge = visit(&stand, &made).await;
    stand.pay(&charge, "underpaid").await;
    stand.settled(&charge, "UNRESOLVED").await;
    assert_eq!(invoice(&stand, &made).await["status"], "UNRESOLVED");
    assert_eq!(change(&stand, &made, Method::PUT, "void").await.0, StatusCode::BAD_REQUEST);
    let (status, resolved) = change(&stand, &made, Method::PUT, "resolve").await;
    assert_eq!((status, &resolved["data"]["status"]), (StatusCode::OK, &json!("RESOLVED")));
    assert_eq!(statuses(&stand.charge(&charge).await).last().unwrap(), "RESOLVED");
    assert_eq!(change(&stand, &made, Method::POST, "resolve").await.0, StatusCode::BAD_REQUEST);
    stand.delivered(8).await;
    assert_eq!(
        kinds(&merchant.arrived()),
        ["invoice:created", "invoice:viewed", "invoice:payment_pending", "invoice:unresolved"]
    );
}

#[actix_web::test]
async fn after_its_hour_an_invoice_gets_a_new_charge_and_the_old_one_cannot_undo_the_payment() {
    let stand = Stand::open(None, |config| config.pay_delay = Duration::from_secs(60));
    stand.control(Method::POST, "clock/freeze", &Value::Null).await;
    let made = bill(&stand).await;
    let first = visit(&stand, &made).await;
    stand.advance(3_601).await;
    let second = visit(&stand, &made).await;
    assert_ne!(first, second);
    stand.settled(&first, "EXPIRED").await;
    assert_eq!(invoice(&stand, &made).await["status"], "VIEWED");
    stand.pay(&second, "success").await;
    stand.advance(61).await;
    stand.settled(&second, "COMPLETED").await;
    stand.pay(&first, "delayed").await;
    stand.advance(61).await;
    stand.settled(&first, "UNRESOLVED").await;
    let paid = invoice(&stand, &made).await;
    assert_eq!((&paid["status"], &paid["charge"]["code"]), (&json!("PAID"), &json!(second)));
}

#[actix_web::test]
async fn a_late_payment_is_pending_and_can_be_resolved_through_the_invoice() {
    let stand = Stand::open(None, |config| config.pay_delay = Duration::from_secs(60));
    stand.control(Method::POST, "clock/freeze", &Value::Null).await;
    let made = bill(&stand).await;
    let first = visit(&stand, &made).await;
    stand.advance(3_601).await;
    let second = visit(&stand, &made).await;
    assert_eq!(stand.pay(&first, "delayed").await.status(), StatusCode::ACCEPTED);
    let pending = invoice(&stand, &made).await;
    assert_eq!((&pending["status"], &pending["charge"]["code"]), (&json!("PAYMENT_PENDING"), &json!(first)));
    stand.advance(61).await;
    stand.settled(&first, "UNRESOLVED").await;
    let (status, resolved) = change(&stand, &made, Method::PUT, "resolve").await;
    assert_eq!((status, &resolved["data"]["status"]), (StatusCode::OK, &json!("RESOLVED")));
    assert_eq!(statuses(&stand.charge(&second).await), ["NEW"]);
}

#[actix_web::test]
async fn a_bill_without_an_addressee_or_a_price_is_refused() {
    let stand = Stand::open(None, |_| {});
    for body in [
        json!({ "business_name": "O", "local_price": { "amount": "1", "currency": "USD" } }),
        json!({ "business_name": "O", "customer_email": "nobody", "local_price": { "amount": "1", "currency": "USD" } }),
        json!({ "business_name": "O", "customer_email": "a@b" }),
        json!({ "customer_email": "a@b", "local_price": { "amount": "1", "currency": "USD" } }),
    ] {
        assert_eq!(stand.call(KEY, Method::POST, "/invoices", &body).await.0, StatusCode::BAD_REQUEST, "{body}");
    }
}
