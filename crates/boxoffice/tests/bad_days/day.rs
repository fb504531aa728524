//! The day itself: products, orders, checkouts and payments.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use futures_util::{StreamExt, TryStreamExt, stream};
use reqwest::Method;
use serde_json::{Value, json};
use testkit::app::TestApp;
use testkit::databases::FreshDatabase;

use crate::plan::{Buyer, Plan};

/// Buyers that do something at the same time.
const AT_ONCE: usize = 16;
/// How long everything may take to come right: the longest pause of the poller included.
pub(crate) const PATIENCE: Duration = Duration::from_secs(240);
/// What a seat costs, in cents.
pub(crate) const PRICE_CENTS: u64 = 2_500;

pub(crate) struct Day {
    pub(crate) app: TestApp,
    pub(crate) product_id: String,
}

/// A checkout of a buyer, and the order that it is for.
#[derive(Clone)]
pub(crate) struct Sale {
    pub(crate) buyer: Buyer,
    pub(crate) checkout_id: String,
    pub(crate) order_id: Option<String>,
}

/// A sale whose charge is known.
pub(crate) struct Charged {
    pub(crate) sale: Sale,
    pub(crate) code: String,
}

impl Day {
    pub(crate) async fn begin(database: FreshDatabase, plan: &Plan) -> Result<Self> {
        let app = TestApp::start(database, &["--poll-after-s", "1"]).await?;
        let body = json!({"name": "Seat", "price": "25.00", "total_stock": 1_000_000});
        let product: Value = app.post("/api/products", &body).await?.error_for_status()?.json().await?;
        let product_id = text(&product["id"])?;
        let day = Self { app, product_id };
        day.control(Method::PUT, "faults", &plan.faults()).await?;
        Ok(day)
    }

    /// Everybody opens a checkout, half of them for an order.
    pub(crate) async fn sell(&self, plan: &Plan) -> Result<Vec<Sale>> {
        let sales = plan.buyers.iter().enumerate().map(|(place, buyer)| self.open(place, *buyer));
        stream::iter(sales).buffered(AT_ONCE).try_collect().await
    }

    async fn open(&self, place: usize, buyer: Buyer) -> Result<Sale> {
        let post = async |path: &str, body: Value| -> Result<Value> {
            Ok(self.app.post(path, &body).await?.error_for_status()?.json().await?)
        };
        if !buyer.buys_order {
            let amount = format!("{}.00", buyer.quantity * PRICE_CENTS / 100);
            let body =
                json!({"merchant_id": "m", "amount": amount, "currency": "USD", "idempotency_key": place.to_string()});
            let checkout = post("/checkouts", body).await?;
            return Ok(Sale { buyer, checkout_id: text(&checkout["id"])?, order_id: None });
        }
        let items = json!([{"product_id": self.product_id, "quantity": buyer.quantity}]);
        let order = post("/api/orders", json!({"customer_id": place, "items": items})).await?;
        let order_id = text(&order["id"])?;
        let checkout = post(&format!("/api/orders/{order_id}/checkout"), json!({})).await?;
        Ok(Sale { buyer, checkout_id: text(&checkout["id"])?, order_id: Some(order_id) })
    }

    /// Everybody pays as planned, as soon as there is a charge.
    pub(crate) async fn pay(&self, sales: &[Sale]) -> Result<Vec<Charged>> {
        let payments = sales.iter().map(|sale| self.pay_one(sale));
        stream::iter(payments).buffered(AT_ONCE).try_collect().await
    }

    async fn pay_one(&self, sale: &Sale) -> Result<Charged> {
        let path = format!("/checkouts/{}", sale.checkout_id);
        let checkout = self.until("a charge", &path, PATIENCE, |checkout| checkout["charge_code"].is_string()).await?;
        let code = text(&checkout["charge_code"])?;
        if let Some(outcome) = sale.buyer.outcome {
            let pay = format!("charges/{code}/pay");
            self.control(Method::POST, &pay, &json!({"outcome": outcome})).await?;
        }
        Ok(Charged { sale: sale.clone(), code })
    }

    /// The merchant settles what needs settling, the faults of the API end, and the hour of those who don't pay is over.
    pub(crate) async fn close(&self, charged: &[Charged]) -> Result<()> {
        let plan = self.control(Method::GET, "faults", &Value::Null).await?;
        let webhooks_only = json!({"seed": plan["seed"], "webhooks": plan["webhooks"]});
        self.control(Method::PUT, "faults", &webhooks_only).await?;
        let resolutions = charged.iter().map(|charged| self.resolve_one(charged));
        stream::iter(resolutions).buffered(AT_ONCE).try_collect::<Vec<()>>().await?;
        self.control(Method::POST, "clock/advance", &json!({"seconds": 3_601})).await?;
        Ok(())
    }

    async fn resolve_one(&self, charged: &Charged) -> Result<()> {
        let ends_unresolved =
            matches!(charged.sale.buyer.outcome, Some("underpaid" | "overpaid" | "multiple" | "delayed"));
        if !(ends_unresolved && charged.sale.buyer.is_resolved) {
            return Ok(());
        }
        let path = format!("/sandbox/charges/{}/resolve", charged.code);
        let deadline = Instant::now() + PATIENCE;
        loop {
            let request = self.app.request(Method::POST, &path).header("X-CC-Api-Key", "key-of-the-tests");
            if request.send().await?.status().is_success() {
                return Ok(());
            }
            ensure!(Instant::now() < deadline, "{} is never unresolved", charged.code);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// The charges as the sandbox has them.
    pub(crate) async fn charge(&self, code: &str) -> Result<Value> {
        let request = self.app.request(Method::GET, &format!("/sandbox/charges/{code}"));
        let request = request.header("X-CC-Api-Key", "key-of-the-tests").header("X-CC-Version", "2018-03-22");
        let mut body: Value = request.send().await?.error_for_status()?.json().await?;
        Ok(body["data"].take())
    }

    pub(crate) async fn control(&self, method: Method, path: &str, body: &Value) -> Result<Value> {
        let request = self.app.request(method, &format!("/sandbox/_control/{path}"));
        let request = if body.is_null() { request } else { request.json(body) };
        let mut answer: Value = request.send().await?.error_for_status()?.json().await?;
        Ok(answer["data"].take())
    }

    /// What is at a path, once it is as it should be.
    pub(crate) async fn until(
        &self,
        what: &str,
        path: &str,
        patience: Duration,
        is_so: impl Fn(&Value) -> bool,
    ) -> Result<Value> {
        let deadline = Instant::now() + patience;
        loop {
            let found = self.app.json(path).await?;
            if is_so(&found) {
                return Ok(found);
            }
            ensure!(Instant::now() < deadline, "waited in vain for {what}: {path} {found}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Waits until no webhook is on its way any more.
    pub(crate) async fn quiet(&self) -> Result<()> {
        let waiting = |stand: &Value| stand["data"]["counts"]["deliveries_waiting"] == json!(0);
        self.until("silence", "/sandbox/_control", PATIENCE, waiting).await.map(drop)
    }

    pub(crate) async fn end(self) -> Result<()> {
        self.app.stop().await
    }
}

pub(crate) fn text(value: &Value) -> Result<String> {
    Ok(value.as_str().with_context(|| format!("no text: {value}"))?.to_owned())
}
