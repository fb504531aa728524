//! From a request for payment to the ledger, through the real client, real signed webhooks and the sandbox.
#![expect(clippy::unwrap_used, clippy::panic, reason = "these are tests")]

use std::collections::HashSet;

use anyhow::Result;
use serde_json::{Value, json};
use testkit::app::TestApp;

macro_rules! on_both_databases {
    ($($name:ident),+ $(,)?) => {
        mod postgres {$(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() -> anyhow::Result<()> {
                super::$name(&super::TestApp::postgres().await?).await
            }
        )+}

        mod sqlite {$(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() -> anyhow::Result<()> {
                super::$name(&super::TestApp::sqlite().await?).await
            }
        )+}
    };
}

on_both_databases! {
    a_paid_checkout_is_completed_with_one_transaction,
    each_outcome_ends_as_its_money_says,
    two_hundred_requests_with_one_key_make_one_checkout_and_one_charge,
    a_checkout_gets_its_charge_by_a_job,
    webhooks_by_hand_are_judged_by_signature_and_content,
    bad_requests_leave_no_row,
}

async fn pay(app: &TestApp, id: &Value, body: Value) -> Result<u16> {
    Ok(app.post(&format!("/checkouts/{}/pay", id.as_str().unwrap()), &body).await?.status().as_u16())
}

async fn transactions_of(app: &TestApp, id: &Value) -> Result<Vec<Value>> {
    let list = app.json(&format!("/api/transactions?checkout_id={}", id.as_str().unwrap())).await?;
    Ok(list["items"].as_array().unwrap().clone())
}

async fn a_paid_checkout_is_completed_with_one_transaction(app: &TestApp) -> Result<()> {
    let checkout = app.checkout().await?;
    let hosted_url = checkout["hosted_url"].as_str().unwrap();
    assert!(hosted_url.starts_with(&format!("{}/sandbox/pay/", app.url)), "{hosted_url}");
    let page = app.client.get(hosted_url).send().await?;
    assert_eq!(page.status(), 200);
    assert!(page.text().await?.contains("29.99"));

    let id = &checkout["id"];
    let path = format!("/checkouts/{}/pay", id.as_str().unwrap());
    let paying = app.request(reqwest::Method::POST, &path).send().await?;
    assert_eq!(paying.status(), 202, "neither body nor content type");
    assert_eq!(paying.json::<Value>().await?["status"], "PENDING");
    let paid = app.checkout_in(id, "COMPLETED").await?;
    assert!(paid["completed_at"].is_string() && paid["detected_at"].is_string());

    let [transaction] = &transactions_of(app, id).await?[..] else { panic!("not one transaction") };
    assert_eq!((&transaction["amount"], &transaction["currency"]), (&json!("29.99"), &json!("USD")));
    assert_eq!((&transaction["status"], &transaction["email"]), (&json!("COMPLETED"), &json!("buyer@example.com")));
    assert_eq!(pay(app, id, json!({})).await?, 409, "it is finished");
    Ok(())
}

async fn each_outcome_ends_as_its_money_says(app: &TestApp) -> Result<()> {
    for (outcome, status, reason, received) in [
        ("success", "COMPLETED", json!(null), Some("29.99")),
        ("failure", "FAILED", json!("expired"), None),
        ("underpaid", "UNRESOLVED", json!("underpaid"), Some("15.00")),
        ("overpaid", "UNRESOLVED", json!("overpaid"), Some("44.99")),
        ("delayed", "UNRESOLVED", json!("delayed"), Some("29.99")),
    ] {
        let checkout = app.checkout().await?;
        assert_eq!(pay(app, &checkout["id"], json!({"outcome": outcome})).await?, 202, "{outcome}");
        let settled = app.checkout_in(&checkout["id"], status).await?;
        assert_eq!(settled["failure_reason"], reason, "{outcome}");
        let moved: Vec<Value> = transactions_of(app, &checkout["id"]).await?;
        let amounts: Vec<&str> = moved.iter().map(|row| row["amount"].as_str().unwrap()).collect();
        assert_eq!(amounts.len(), usize::from(received.is_some()), "{outcome}: {amounts:?}");
        if matches!(outcome, "success" | "delayed") {
            assert_eq!(amounts, [received.unwrap()], "{outcome}");
        }
    }
    assert_eq!(pay(app, &app.checkout().await?["id"], json!({"outcome": "miracle"})).await?, 422);
    Ok(())
}

async fn two_hundred_requests_with_one_key_make_one_checkout_and_one_charge(app: &TestApp) -> Result<()> {
    let body = json!({"merchant_id": "m-1", "amount": "10", "currency": "USD", "idempotency_key": "one"});
    let mut asking = tokio::task::JoinSet::new();
    for _ in 0..200 {
        let request = app.request(reqwest::Method::POST, "/checkouts").json(&body);
        asking.spawn(async move {
            let response = request.send().await.unwrap();
            let replayed = response.headers().contains_key("Idempotent-Replayed");
            (response.status().as_u16(), replayed, response.json::<Value>().await.unwrap()["id"].clone())
        });
    }
    let answers = asking.join_all().await;
    assert_eq!(answers.iter().filter(|(status, replayed, _)| (*status, *replayed) == (201, false)).count(), 1);
    assert_eq!(answers.iter().filter(|(status, replayed, _)| (*status, *replayed) == (200, true)).count(), 199);
    let ids: HashSet<&str> = answers.iter().map(|(_, _, id)| id.as_str().unwrap()).collect();
    assert_eq!(ids.len(), 1);
    assert_eq!(app.json("/checkouts").await?["total"], 1);
    let path = format!("/checkouts/{}", ids.iter().next().unwrap());
    app.until("the charge", || async { Ok(app.json(&path).await?["charge_code"].is_string()) }).await?;
    assert_eq!(charges(app).await?.len(), 1);
    let other = json!({"merchant_id": "m-1", "amount": "11", "currency": "USD", "idempotency_key": "one"});
    let refused = app.post("/checkouts", &other).await?;
    assert_eq!(refused.status(), 422);
    assert_eq!(refused.json::<Value>().await?["code"], "idempotency-key-reused");
    Ok(())
}

async fn charges(app: &TestApp) -> Result<Vec<Value>> {
    let list = app
        .request(reqwest::Method::GET, "/sandbox/charges?limit=100")
        .header("X-CC-Api-Key", "key-of-the-tests")
        .send()
        .await?;
    Ok(list.json::<Value>().await?["data"].as_array().unwrap().clone())
}

async fn a_checkout_gets_its_charge_by_a_job(app: &TestApp) -> Result<()> {
    let body = json!({"merchantId": "m-1", "amount": 5, "idempotencyKey": "k", "metadata": {"b": 1, "a": [true]}});
    let created = app.post("/checkouts", &body).await?;
    assert_eq!(created.status(), 201);
    let checkout: Value = created.json().await?;
    assert_eq!(checkout["metadata"], json!({"a": [true], "b": 1}));
    let path = format!("/checkouts/{}", checkout["id"].as_str().unwrap());
    app.until("the charge", || async { Ok(app.json(&path).await?["hosted_url"].is_string()) }).await?;
    assert_eq!(pay(app, &checkout["id"], json!({})).await?, 202);
    app.checkout_in(&checkout["id"], "COMPLETED").await?;
    Ok(())
}

fn event(id: &str, kind: &str, code: &Value, amount: &str, currency: &str) -> Value {
    json!({"id": "envelope", "attempt_number": 1, "event": {
        "id": id, "resource": "event", "type": kind, "api_version": "2018-03-22", "created_at": "2026-11-20T12:00:00Z",
        "data": {"code": code, "pricing": {"local": {"amount": amount, "currency": currency}},
            "timeline": [{"time": "2026-11-20T12:00:00Z", "status": "NEW"}]},
    }})
}

async fn judged(app: &TestApp, body: &Value) -> Result<Value> {
    let response = app.webhook(body).await?;
    assert_eq!(response.status(), 200);
    Ok(response.json().await?)
}

async fn webhooks_by_hand_are_judged_by_signature_and_content(app: &TestApp) -> Result<()> {
    let checkout = app.checkout().await?;
    let (id, code) = (&checkout["id"], &checkout["charge_code"]);
    let body = event("e-1", "charge:confirmed", code, "29.99", "USD").to_string();
    let good = adapters::sign(testkit::app::WEBHOOK_SECRET, body.as_bytes());
    let other = adapters::sign("another secret", body.as_bytes());
    let changed = body.replace("29.99", "30.00");
    for (signature, sent) in [
        (None, &body),
        (Some(good.to_uppercase()), &body),
        (Some(good[..63].to_owned()), &body),
        (Some(other), &body),
        (Some(good.clone()), &changed),
    ] {
        let mut request = app.request(reqwest::Method::POST, "/webhook").body(sent.clone());
        if let Some(signature) = &signature {
            request = request.header("X-CC-Webhook-Signature", signature);
        }
        let refused = request.send().await?;
        assert_eq!(refused.status(), 401, "{signature:?}");
        assert_eq!(refused.headers()["content-type"], "application/problem+json");
    }
    assert_eq!(app.json(&format!("/checkouts/{}", id.as_str().unwrap())).await?["status"], "PENDING");

    let unknown = judged(app, &event("e-2", "charge:dreamt", code, "29.99", "USD")).await?;
    assert_eq!((&unknown["verdict"], &unknown["reason"]), (&json!("rejected"), &json!("unknown-event-type")));
    let stranger = event("e-3", "charge:confirmed", &json!("NOBODY00"), "29.99", "USD");
    assert_eq!(judged(app, &stranger).await?["verdict"], "waiting");
    assert_eq!(judged(app, &stranger).await?["verdict"], "duplicate");

    let first = judged(app, &serde_json::from_str(&body)?).await?;
    assert_eq!(first, json!({"received": true, "event_id": "e-1", "verdict": "applied"}));
    assert_eq!(judged(app, &serde_json::from_str(&body)?).await?["verdict"], "duplicate");
    let stale = judged(app, &event("e-4", "charge:failed", code, "29.99", "USD")).await?;
    assert_eq!(stale["verdict"], "stale");
    app.checkout_in(id, "COMPLETED").await?;
    assert_eq!(transactions_of(app, id).await?.len(), 1);

    for (event_id, amount, currency, reason) in
        [("e-5", "0.01", "USD", "amount-mismatch"), ("e-6", "29.99", "EUR", "currency-mismatch")]
    {
        let checkout = app.checkout().await?;
        let lie = event(event_id, "charge:confirmed", &checkout["charge_code"], amount, currency);
        assert_eq!(judged(app, &lie).await?["reason"], reason);
        let held = app.checkout_in(&checkout["id"], "UNRESOLVED").await?;
        assert_eq!(held["failure_reason"], reason);
    }
    Ok(())
}

async fn bad_requests_leave_no_row(app: &TestApp) -> Result<()> {
    let huge = "x".repeat(10_000);
    let bodies = [
        ("{", 400),
        (r#"{"amount": NaN, "email": "a@b.co"}"#, 400),
        (r#"{"amount": 1e400, "email": "a@b.co"}"#, 422),
        (r#"{"amount": 0.001, "email": "a@b.co"}"#, 422),
        (r#"{"amount": -1, "email": "a@b.co"}"#, 422),
        (r#"{"amount": 0, "email": "a@b.co"}"#, 422),
        (r#"{"amount": true, "email": "a@b.co"}"#, 422),
        (r#"{"amount": 1, "email": "not an address"}"#, 422),
        (r#"{"amount": 1, "email": 7}"#, 422),
        (r#"{"amount": 1}"#, 422),
        (r#"{"amount": 1, "email": "a@b.co", "currency": "DOGE"}"#, 422),
        (r#"{"amount": 1, "email": "a@b.co", "order_id": "7"}"#, 422),
        (r#"{"amount": 1, "email": "a@b.co", "order_id": null, "orderId": null}"#, 422),
        (r#"["amount"]"#, 422),
    ];
    for (body, status) in bodies {
        let request = app.request(reqwest::Method::POST, "/checkout").header("content-type", "application/json");
        let refused = request.body(body).send().await?;
        assert_eq!(refused.status().as_u16(), status, "{body}");
        assert_eq!(refused.headers()["content-type"], "application/problem+json", "{body}");
        assert!(refused.headers().contains_key("x-request-id"));
        let problem: Value = refused.json().await?;
        assert_eq!(problem["status"], status, "{body}: {problem}");
        assert!(problem["type"].as_str().unwrap().starts_with("/problems/"), "{problem}");
    }
    let keyed = |key: &str| json!({"merchant_id": "m", "amount": "1", "currency": "USD", "idempotency_key": key});
    assert_eq!(app.post("/checkouts", &keyed(&huge)).await?.status(), 422);
    assert_eq!(app.post("/checkouts", &keyed("a\u{0}b")).await?.status(), 422);
    assert_eq!(app.post("/checkouts", &keyed("")).await?.status(), 422);
    let form = app.request(reqwest::Method::POST, "/checkout").header("content-type", "text/plain").body("{}");
    assert_eq!(form.send().await?.status(), 415);
    let flood = app.request(reqwest::Method::POST, "/checkout").header("content-type", "application/json");
    // The server may hang up while the ten megabytes are still on their way; an answer, if one comes, is 413.
    if let Ok(answer) = flood.body("x".repeat(10_000_000)).send().await {
        assert_eq!(answer.status(), 413);
    }
    assert_eq!(app.json("/checkouts").await?["total"], 0);
    assert!(charges(app).await?.is_empty());
    Ok(())
}
