//! The payment page.

#![allow(clippy::unwrap_used, reason = "a test")]

mod harness;

use harness::{Stand, json_of, statuses, ticket};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

async fn html(stand: &Stand, code: &str) -> String {
    let answer = stand.raw(Method::GET, &format!("/pay/{code}")).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    answer.text().await.unwrap()
}

async fn code(stand: &Stand, body: &Value) -> String {
    stand.create(body).await["code"].as_str().unwrap().to_owned()
}

#[actix_web::test]
async fn the_page_says_how_much_to_send_and_where() {
    let stand = Stand::open(None, |config| "Opera".clone_into(&mut config.shop_name));
    let charge = stand.create(&ticket()).await;
    let page = html(&stand, charge["code"].as_str().unwrap()).await;
    for coin in ["bitcoin", "ethereum", "usdc"] {
        assert!(page.contains(charge["addresses"][coin].as_str().unwrap()), "{coin}");
        assert!(page.contains(charge["pricing"][coin]["amount"].as_str().unwrap()), "{coin}");
        assert!(page.contains(&format!("value=\"{coin}\"")), "{coin}");
    }
    assert_eq!(page.matches("<svg class=\"qr\"").count(), 3);
    for outcome in ["success", "underpaid", "overpaid", "delayed", "failure"] {
        assert!(page.contains(&format!("name=\"outcome\" value=\"{outcome}\"")), "{outcome}");
    }
    for text in ["Opera", "Seat 12", "Row 1", "29.99", "USD", "Simulate", "Time left", "aria-live=\"polite\""] {
        assert!(page.contains(text), "{text}");
    }
}

#[actix_web::test]
async fn the_page_loads_nothing_from_elsewhere_and_runs_nothing_inline() {
    let stand = Stand::open(None, |_| {});
    let code = code(&stand, &ticket()).await;
    let answer = stand.raw(Method::GET, &format!("/pay/{code}")).send().await.unwrap();
    let policy = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"));
    assert!(!policy.contains("unsafe"));
    let page = answer.text().await.unwrap();
    assert!(!page.contains("style=\"") && !page.contains(" onclick") && !page.contains("src=\"http"));
    for (file, kind) in [("page.css", "text/css; charset=utf-8"), ("page.js", "text/javascript; charset=utf-8")] {
        let answer = stand.raw(Method::GET, &format!("/pay/assets/{file}")).send().await.unwrap();
        assert_eq!((answer.status(), answer.headers()["content-type"].to_str().unwrap()), (StatusCode::OK, kind));
        assert!(page.contains(&format!("=\"assets/{file}\"")));
    }
}

#[actix_web::test]
async fn hostile_text_stays_text() {
    let stand = Stand::open(None, |config| "<b>Shop</b>\"'".clone_into(&mut config.shop_name));
    let mut body = ticket();
    body["name"] = json!("</title><script>alert(1)</script>");
    body["description"] = json!("\" onmouseover=\"alert(1)\" x='<img src=x onerror=alert(1)>");
    body["metadata"] = json!({ "<script>": "<script>" });
    body["redirect_url"] = json!("javascript:alert(1)//<script>");
    body["cancel_url"] = json!("data:text/html,<script>");
    let code = code(&stand, &body).await;
    let open = html(&stand, &code).await;
    stand.pay(&code, "success").await;
    stand.settled(&code, "COMPLETED").await;
    for page in [open, html(&stand, &code).await] {
        assert_eq!(page.matches("<script").count(), 1, "{page}");
        assert!(!page.contains("<img") && !page.contains("<b>") && !page.contains("\" onmouseover"));
        assert!(!page.contains("javascript:") && !page.contains("data:text"));
        assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    }
}

#[actix_web::test]
async fn the_status_needs_no_key_and_the_page_ends_with_a_way_back() {
    let stand = Stand::open(None, |_| {});
    let code = code(&stand, &ticket()).await;
    let path = format!("/pay/{code}/status");
    let status = json_of(stand.raw(Method::GET, &path).send().await.unwrap()).await;
    assert_eq!((&status["status"], &status["state"]), (&json!("NEW"), &json!("NEW")));
    assert!((3_590..=3_600).contains(&status["seconds_left"].as_u64().unwrap()));

    let body = json!({ "outcome": "success", "network": "usdc" }).to_string();
    let simulate = stand.raw(Method::POST, &format!("/pay/{code}/simulate")).header("Content-Type", "application/json");
    let answer = simulate.body(body).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::ACCEPTED);
    assert_eq!(json_of(answer).await["status"], "PENDING");
    let charge = stand.settled(&code, "COMPLETED").await;
    assert_eq!(charge["payments"][0]["network"], "usdc");
    let page = html(&stand, &code).await;
    assert!(page.contains("href=\"https://shop.example/thanks?a=1&amp;b=2\"") && page.contains(">Paid</h2>"));
    assert!(!page.contains("Simulate"));
}

#[actix_web::test]
async fn a_plain_form_leads_back_to_the_page_under_any_path() {
    let stand = Stand::open(None, |_| {}).mounted(|_| {}, "/sandbox").await;
    let charge = stand.create(&ticket()).await;
    let code = charge["code"].as_str().unwrap();
    assert_eq!(charge["hosted_url"], format!("{}/pay/{code}", stand.url));
    let action = format!("{}/pay/{code}/simulate", stand.url);
    let form = || stand.client.post(&action).header("Content-Type", "application/x-www-form-urlencoded");
    let foreign = form().header("Sec-Fetch-Site", "cross-site").body("outcome=failure").send().await.unwrap();
    assert_eq!(foreign.status(), StatusCode::FORBIDDEN);
    for _ in 0..2 {
        let answer = form().header("Sec-Fetch-Site", "same-origin").body("network=ethereum&outcome=underpaid");
        let answer = answer.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        let location = answer.headers()["location"].to_str().unwrap().to_owned();
        let back = url::Url::parse(&action).unwrap().join(&location).unwrap();
        assert_eq!(back.as_str(), charge["hosted_url"].as_str().unwrap());
        assert_eq!(stand.client.get(back).send().await.unwrap().status(), StatusCode::OK);
        assert_eq!(statuses(&stand.settled(code, "UNRESOLVED").await), ["NEW", "PENDING", "UNRESOLVED"]);
    }
}

#[actix_web::test]
async fn an_unknown_code_gets_a_page_too() {
    let stand = Stand::open(None, |_| {});
    let answer = stand.raw(Method::GET, "/pay/ABCDEFGH").send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
    assert_eq!(answer.headers()["content-type"], "text/html; charset=utf-8");
    assert!(answer.text().await.unwrap().contains("There is no such payment"));
}
