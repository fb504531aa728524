//! Who is let in, and where the server refuses to start.
#![expect(clippy::unwrap_used, reason = "these are tests")]

use std::process::Command;

use anyhow::Result;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::app::TestApp;
use testkit::databases::FreshDatabase;

async fn code_of(app: &TestApp, path: &str, header: (&str, &str)) -> Result<(u16, Value)> {
    let body = json!({"amount": 1, "email": "a@b.co"});
    let response = app.request(Method::POST, path).header(header.0, header.1).json(&body).send().await?;
    let status = response.status().as_u16();
    Ok((status, response.json::<Value>().await.unwrap_or_default()["code"].clone()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn foreign_pages_and_foreign_names_change_nothing() -> Result<()> {
    let app = TestApp::start(FreshDatabase::sqlite()?, &["--origins", "https://shop.example"]).await?;
    let code = app.checkout().await?["charge_code"].as_str().unwrap().to_owned();
    let pay = format!("/sandbox/_control/charges/{code}/pay");
    for path in ["/checkout", "/webhook", &pay] {
        assert_eq!(code_of(&app, path, ("Host", "evil.example")).await?, (403, json!("foreign-host")), "{path}");
        let foreign = ("Origin", "https://evil.example");
        assert_eq!(code_of(&app, path, foreign).await?, (403, json!("foreign-origin")), "{path}");
        assert_eq!(code_of(&app, path, ("Origin", "null")).await?, (403, json!("foreign-origin")), "{path}");
    }
    assert_eq!(app.json("/checkouts").await?["total"], 1);
    assert_eq!(code_of(&app, "/checkout", ("Origin", "https://shop.example")).await?.0, 201);
    let own = app.url.clone();
    assert_eq!(code_of(&app, "/checkout", ("Origin", &own)).await?.0, 201);
    let read = app.request(Method::GET, "/checkouts").header("Host", "evil.example").send().await?;
    assert_eq!(read.status(), 200, "reading changes nothing");
    Ok(())
}

fn refusal(flags: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_boxoffice"))
        .arg("serve")
        .args(["--database-url", "sqlite::memory:"])
        .args(flags)
        .env_remove("COINBASE_API_KEY")
        .env_remove("COINBASE_WEBHOOK_SECRET")
        .output()
        .unwrap();
    assert!(!output.status.success(), "{flags:?}");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn an_open_server_refuses_to_start_and_says_why() {
    assert!(refusal(&["--bind", "0.0.0.0:0"]).contains("not loopback"));
    assert!(refusal(&["--bind", "127.0.0.1:0", "--public-url", "https://x.example"]).contains("not loopback"));
    assert!(refusal(&["--bind", "127.0.0.1:0", "--gateway", "coinbase-commerce"]).contains("real payment gateway"));
    let missing = refusal(&["--bind", "0.0.0.0:0", "--insecure"]);
    assert!(missing.contains("COINBASE_API_KEY is not set"), "{missing}");
    assert!(refusal(&["--bind", "127.0.0.1:0", "--auth", "jwt"]).contains("invalid value"));
}
