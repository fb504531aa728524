//! The Coinbase gateway against a server that answers what each test says.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

mod coinbase_support;

use std::sync::Arc;
use std::time::Duration;

use adapters::coinbase::{CoinbaseGateway, Config, ConfigError, Timeouts};
use coinbase_support::{CountedIds, NOW, ScriptedServer, Step, StoppedClock, answer, answer_with, closed_port_url};
use domain::{ChargeCode, CheckoutId, Currency, Money, Timestamp};
use ports::{ChargeRequest, ChargeSearch, GatewayError, PaymentGateway, Searched, SimulatedOutcome, Simulation};
use serde_json::{Value, json};
use uuid::Uuid;

const CHECKOUT: CheckoutId = CheckoutId::from_uuid(Uuid::from_u128(0xb0c5));

fn config(url: &str) -> Config {
    Config { simulator: true, ..Config::new(url.parse().unwrap(), "the-key") }
}

fn gateway(config: Config) -> CoinbaseGateway {
    CoinbaseGateway::new(config, Arc::new(StoppedClock), Arc::new(CountedIds::default())).unwrap()
}

fn to(server: &ScriptedServer) -> CoinbaseGateway {
    gateway(config(&server.url("")))
}

fn impatient(server: &ScriptedServer) -> CoinbaseGateway {
    let timeouts = Timeouts { call: Duration::from_millis(150), ..Timeouts::default() };
    gateway(Config { timeouts, ..config(&server.url("")) })
}

fn request() -> ChargeRequest {
    ChargeRequest {
        checkout_id: CHECKOUT,
        money: Money::parse("29.99", Currency::USD).unwrap(),
        name: "Tickets".to_owned(),
        description: "Two of them".to_owned(),
    }
}

fn code() -> ChargeCode {
    ChargeCode::parse("ABCD1234").unwrap()
}

fn charge(code: &str) -> Value {
    json!({
        "id": format!("id-of-{code}"),
        "code": code,
        "hosted_url": format!("https://pay.example/{code}"),
        "created_at": "2023-11-14T22:13:21Z",
        "metadata": {},
        "pricing": { "local": { "amount": "29.99", "currency": "USD" } },
        "timeline": [{ "time": "2023-11-14T22:13:21Z", "status": "NEW" }],
    })
}

fn created() -> Step {
    answer("201 Created", &json!({ "data": charge("ABCD1234") }).to_string())
}

fn ours(code: &str, status: &str) -> Value {
    let mut charge = charge(code);
    charge["metadata"]["checkout_id"] = json!(CHECKOUT.to_string());
    charge["timeline"][0]["status"] = json!(status);
    charge
}

fn page(charges: &[Value]) -> Step {
    answer("200 OK", &json!({ "pagination": {}, "data": charges }).to_string())
}

fn refusal(kind: &str) -> String {
    json!({ "error": { "type": kind, "message": "no" } }).to_string()
}

#[tokio::test]
async fn a_charge_is_asked_for_as_coinbase_wants_it() {
    let server = ScriptedServer::start(vec![created()]);
    let redirect_url = Some("https://shop.example/thanks".to_owned());
    let made = gateway(Config { redirect_url, ..config(&server.url("/sandbox")) }).create_charge(request()).await;
    let made = made.unwrap();
    assert_eq!((made.code, made.hosted_url.as_str()), (code(), "https://pay.example/ABCD1234"));

    let requests = server.requests();
    let (head, body) = requests[0].split_once("\r\n\r\n").unwrap();
    let head = head.to_lowercase();
    assert!(head.starts_with("post /sandbox/charges http/1.1\r\n"), "{head}");
    for header in ["x-cc-api-key: the-key", "x-cc-version: 2018-03-22", "accept: application/json"] {
        assert!(head.contains(header), "{head}");
    }
    let expected = json!({
        "name": "Tickets",
        "description": "Two of them",
        "pricing_type": "fixed_price",
        "local_price": { "amount": "29.99", "currency": "USD" },
        "metadata": { "checkout_id": CHECKOUT.to_string() },
        "redirect_url": "https://shop.example/thanks",
    });
    assert_eq!(serde_json::from_str::<Value>(body).unwrap(), expected);
}

#[tokio::test]
async fn the_api_may_start_anywhere() {
    for (base, expected) in [
        ("", "GET /charges/ABCD1234"),
        ("/", "GET /charges/ABCD1234"),
        ("/sandbox", "GET /sandbox/charges/ABCD1234"),
        ("/sandbox/", "GET /sandbox/charges/ABCD1234"),
        ("/a/b/?c=d#e", "GET /a/b/charges/ABCD1234"),
    ] {
        let server = ScriptedServer::start(vec![created()]);
        let found = gateway(config(&server.url(base))).charge(&code()).await.unwrap();
        assert_eq!(found.unwrap().charge.code, code());
        assert_eq!(server.calls(), [expected], "{base}");
    }
}

#[tokio::test]
async fn a_code_cannot_lead_to_another_part_of_the_api() {
    let server = ScriptedServer::start(vec![answer("404 Not Found", &refusal("not_found"))]);
    let code = ChargeCode::parse("../checkouts?x=/é").unwrap();
    assert_eq!(to(&server).charge(&code).await, Ok(None));
    assert_eq!(server.calls(), ["GET /charges/..%2Fcheckouts%3Fx=%2F%C3%A9"]);
}

#[tokio::test]
async fn each_refusal_is_told_from_the_others() {
    for (status, body, expected) in [
        ("401 Unauthorized", refusal("authentication_error"), GatewayError::Unauthorized),
        ("403 Forbidden", refusal("x"), GatewayError::Unauthorized),
        ("400 Bad Request", refusal("invalid_request"), GatewayError::Refused("invalid_request: no".to_owned())),
        ("404 Not Found", "<html>".to_owned(), GatewayError::Refused("404 Not Found".to_owned())),
        (
            "500 Internal Server Error",
            refusal("internal_server_error"),
            GatewayError::Unavailable("500 Internal Server Error".to_owned()),
        ),
        ("429 Too Many Requests", String::new(), GatewayError::RateLimited { retry_after: None }),
    ] {
        let server = ScriptedServer::start(vec![answer(status, &body)]);
        assert_eq!(to(&server).create_charge(request()).await, Err(expected), "{status}");
    }
}

#[tokio::test]
async fn it_hears_how_long_it_should_wait() {
    let limited = answer_with("429 Too Many Requests", "Retry-After: 17\r\n", &refusal("rate_limit_exceeded"));
    let server = ScriptedServer::start(vec![limited]);
    let retry_after = Some(Duration::from_secs(17));
    assert_eq!(to(&server).charge(&code()).await, Err(GatewayError::RateLimited { retry_after }));
    assert_eq!(server.calls().len(), 1);
}

/// What was turned away was not done: making a charge may be repeated then, too.
#[tokio::test]
async fn a_short_pause_that_is_asked_for_is_waited_out() {
    let limited = || answer_with("429 Too Many Requests", "Retry-After: 0\r\n", &refusal("rate_limit_exceeded"));
    let server = ScriptedServer::start(vec![limited(), limited(), created()]);
    assert_eq!(to(&server).create_charge(request()).await.unwrap().code, code());
    assert_eq!(server.calls().len(), 3);
    let server = ScriptedServer::start(vec![limited(), limited(), limited(), created()]);
    let refused = Err(GatewayError::RateLimited { retry_after: Some(Duration::ZERO) });
    assert_eq!(to(&server).charge(&code()).await, refused);
    assert_eq!(server.calls().len(), 3);
    let longer = answer_with("429 Too Many Requests", "Retry-After: 3\r\n", &refusal("rate_limit_exceeded"));
    let server = ScriptedServer::start(vec![longer, created()]);
    let refused = Err(GatewayError::RateLimited { retry_after: Some(Duration::from_secs(3)) });
    assert_eq!(to(&server).charge(&code()).await, refused);
    assert_eq!(server.calls().len(), 1);
}

#[tokio::test]
async fn an_answer_that_makes_no_sense_is_unreadable() {
    let moved = answer_with("302 Found", "Location: http://127.0.0.1:1/\r\n", "");
    for step in [
        moved,
        answer("200 OK", "<html>hello</html>"),
        answer("200 OK", ""),
        answer("200 OK", "[]"),
        answer("200 OK", r#"{"data":[]}"#),
        answer("200 OK", r#"{"data":{"code":"ABCD1234"}}"#),
        answer("200 OK", r#"{"data":{"code":"ABCD1234","hosted_url":"javascript:alert(1)"}}"#),
        answer("200 OK", &"[".repeat(100_000)),
        answer("200 OK", &format!(r#"{{"data":"{}"}}"#, "x".repeat(5 << 20))),
    ] {
        let server = ScriptedServer::start(vec![step]);
        let outcome = to(&server).create_charge(request()).await;
        assert!(matches!(outcome, Err(GatewayError::Unreadable(_))), "{outcome:?}");
    }
}

#[tokio::test]
async fn a_charge_for_another_amount_is_called_off() {
    let mut other = charge("ABCD1234");
    other["pricing"]["local"]["amount"] = json!("299.90");
    let script = vec![answer("201 Created", &json!({ "data": other }).to_string()), created()];
    let server = ScriptedServer::start(script);
    let outcome = to(&server).create_charge(request()).await;
    assert!(matches!(outcome, Err(GatewayError::Unreadable(_))), "{outcome:?}");
    assert_eq!(server.calls(), ["POST /charges", "POST /charges/ABCD1234/cancel"]);
}

#[tokio::test]
async fn a_server_that_never_answers_is_unavailable() {
    let server = ScriptedServer::start(vec![Step::Hang, Step::Hang]);
    let gateway = impatient(&server);
    let slow = Err(GatewayError::Unavailable("it took too long to answer".to_owned()));
    assert_eq!(gateway.create_charge(request()).await, slow);
    assert_eq!(gateway.charge(&code()).await.map(|_| ()), slow.map(|_| ()));
    assert_eq!(server.calls(), ["POST /charges", "GET /charges/ABCD1234"]);
}

#[tokio::test]
async fn a_charge_is_asked_for_once_if_the_answer_breaks_off() {
    let cut = b"HTTP/1.1 201 Created\r\nContent-Length: 1000\r\n\r\n{\"data\":".to_vec();
    for broken in [cut, Vec::new()] {
        let server = ScriptedServer::start(vec![Step::Send(broken), created()]);
        let outcome = to(&server).create_charge(request()).await;
        assert!(matches!(outcome, Err(GatewayError::Unavailable(_))), "{outcome:?}");
        assert_eq!(server.calls(), ["POST /charges"]);
    }
}

#[tokio::test]
async fn looking_is_repeated_when_it_fails() {
    let cut = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"data\":".to_vec();
    let script = vec![Step::Send(cut), answer("503 Service Unavailable", ""), created()];
    let server = ScriptedServer::start(script);
    assert_eq!(to(&server).charge(&code()).await.unwrap().unwrap().charge.code, code());
    assert_eq!(server.calls().len(), 3);
}

#[tokio::test]
async fn looking_is_given_up_after_three_tries() {
    let script = (0..4).map(|_| answer("502 Bad Gateway", "")).collect();
    let server = ScriptedServer::start(script);
    let gave_up = Err(GatewayError::Unavailable("502 Bad Gateway".to_owned()));
    assert_eq!(to(&server).charge(&code()).await, gave_up);
    assert_eq!(server.calls().len(), 3);
}

#[tokio::test]
async fn what_was_never_sent_is_safe_to_repeat() {
    let ids = Arc::new(CountedIds::default());
    let gateway = CoinbaseGateway::new(config(&closed_port_url()), Arc::new(StoppedClock), ids.clone()).unwrap();
    let outcome = gateway.create_charge(request()).await;
    assert!(matches!(&outcome, Err(GatewayError::Unavailable(why)) if why.contains("refused")), "{outcome:?}");
    assert_eq!(ids.thrown(), 2, "a pause between each two of three tries");
}

/// From the newest charge on, or from where an earlier search stopped.
fn search(not_before: Timestamp, checkpoint: Option<&str>) -> ChargeSearch {
    ChargeSearch { checkout_id: CHECKOUT, not_before, checkpoint: checkpoint.map(str::to_owned) }
}

fn found(outcome: Result<Searched, GatewayError>) -> ChargeCode {
    match outcome {
        Ok(Searched::Found(charge)) => charge.code,
        other => panic!("nothing was found: {other:?}"),
    }
}

#[tokio::test]
async fn a_charge_is_found_by_its_checkout_some_pages_down() {
    let script = vec![
        page(&[charge("AAAA0001"), charge("AAAA0002")]),
        page(&[charge("AAAA0003"), ours("ABCD1234", "NEW"), charge("AAAA0004")]),
    ];
    let server = ScriptedServer::start(script);
    let further = Searched::GoOn { checkpoint: "id-of-AAAA0002".to_owned() };
    assert_eq!(to(&server).find_charge(search(NOW, None)).await, Ok(further));
    assert_eq!(found(to(&server).find_charge(search(NOW, Some("id-of-AAAA0002"))).await), code());
    assert_eq!(
        server.calls(),
        ["GET /charges?limit=100&order=desc", "GET /charges?limit=100&order=desc&starting_after=id-of-AAAA0002",]
    );
}

#[tokio::test]
async fn a_search_ends_with_charges_older_than_the_checkout() {
    let mut old = charge("AAAA0002");
    old["created_at"] = json!("2023-11-14T22:12:19Z");
    let server = ScriptedServer::start(vec![page(&[charge("AAAA0001"), old])]);
    assert_eq!(to(&server).find_charge(search(NOW, None)).await, Ok(Searched::Nothing));

    let mut skewed = charge("AAAA0002");
    skewed["created_at"] = json!("2023-11-14T22:12:21Z");
    let server = ScriptedServer::start(vec![page(&[skewed]), page(&[])]);
    let further = Searched::GoOn { checkpoint: "id-of-AAAA0002".to_owned() };
    assert_eq!(to(&server).find_charge(search(NOW, None)).await, Ok(further));
    assert_eq!(to(&server).find_charge(search(NOW, Some("id-of-AAAA0002"))).await, Ok(Searched::Nothing));
}

#[tokio::test]
async fn a_search_passes_over_charges_that_cannot_be_paid_any_more() {
    let script = vec![page(&[ours("AAAA0001", "CANCELED"), ours("AAAA0002", "EXPIRED"), ours("ABCD1234", "PENDING")])];
    let server = ScriptedServer::start(script);
    assert_eq!(found(to(&server).find_charge(search(NOW, None)).await), code());
}

#[tokio::test]
async fn a_page_that_comes_again_is_no_answer() {
    let server = ScriptedServer::start(vec![page(&[charge("AAAA0001")])]);
    let outcome = to(&server).find_charge(search(NOW, Some("id-of-AAAA0001"))).await;
    assert!(matches!(outcome, Err(GatewayError::Unreadable(_))), "{outcome:?}");
}

#[tokio::test]
async fn a_charge_can_be_called_off_unless_it_is_too_late() {
    let script = vec![created(), answer("400 Bad Request", &refusal("invalid_request"))];
    let server = ScriptedServer::start(script);
    let gateway = to(&server);
    assert_eq!(gateway.cancel_charge(&code()).await, Ok(()));
    let refused = GatewayError::Refused("invalid_request: no".to_owned());
    assert_eq!(gateway.cancel_charge(&code()).await, Err(refused));
    assert_eq!(server.calls(), ["POST /charges/ABCD1234/cancel", "POST /charges/ABCD1234/cancel"]);
}

#[tokio::test]
async fn a_sandbox_can_be_asked_to_pay() {
    for (outcome, word) in [
        (SimulatedOutcome::Success, "success"),
        (SimulatedOutcome::Failure, "failure"),
        (SimulatedOutcome::Underpaid, "underpaid"),
        (SimulatedOutcome::Overpaid, "overpaid"),
        (SimulatedOutcome::Delayed, "delayed"),
    ] {
        let accepted = answer("202 Accepted", &json!({ "data": charge("ABCD1234") }).to_string());
        let server = ScriptedServer::start(vec![accepted]);
        assert_eq!(to(&server).simulate(&code(), outcome).await, Ok(Simulation::SendsWebhooks));
        assert_eq!(server.calls(), ["POST /_control/charges/ABCD1234/pay"]);
        assert!(server.requests()[0].ends_with(&format!(r#"{{"outcome":"{word}"}}"#)));
    }
}

#[tokio::test]
async fn real_money_is_never_simulated() {
    let server = ScriptedServer::start(vec![created()]);
    let gateway = gateway(Config { simulator: false, ..config(&server.url("")) });
    assert!(!gateway.is_simulated());
    let outcome = gateway.simulate(&code(), SimulatedOutcome::Success).await;
    assert_eq!(outcome, Err(GatewayError::NotSimulated));
    assert!(server.calls().is_empty());
}

#[test]
fn the_key_is_printed_neither_by_the_gateway_nor_by_an_error() {
    let ids = Arc::new(CountedIds::default());
    let gateway = CoinbaseGateway::new(config("http://127.0.0.1:1/"), Arc::new(StoppedClock), ids.clone()).unwrap();
    assert!(!format!("{gateway:?}").contains("the-key"));
    let unusable = Config::new("http://127.0.0.1:1/".parse().unwrap(), "the-key\n");
    let error = CoinbaseGateway::new(unusable, Arc::new(StoppedClock), ids).unwrap_err();
    assert!(matches!(error, ConfigError::UnusableKey));
    assert!(!format!("{error} {error:?}").contains("the-key"));
}
