use std::sync::Arc;
use std::time::Duration;

use actix_web::App;
use actix_web::http::header::HOST;
use actix_web::test::{TestRequest, init_service, try_call_service};
use application::{
    AuditTrail, Background, Charges, Checkouts, Deliveries, Events, GatewayCheck, Health, HoldTokens, Holds, Jobs,
    KeptReport, Orders, Pace, Payments, ProductCache, Products, Reconciliation, Transactions, WebhookEndpoints,
    Webhooks,
};
use http_api::{Access, Api, HostRule, RequestShell, UnderWay};
use ports::IdSource;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::fleeting_ports::{CountingIds, CountingKeys, Decoder, Gateway, Post, SECRETS, Verifier, sign};
use crate::store::{AMPLE, Store};

/// The name that the server goes by here.
pub(crate) const HERE: &str = "shop.test:8080";

/// The whole API over memory, and what it works with.
pub(crate) struct Shop {
    pub(crate) store: Arc<Store>,
    pub(crate) gateway: Arc<Gateway>,
    pub(crate) api: Api,
}

impl Shop {
    pub(crate) fn open() -> Self {
        Self::with(Access { hosts: HostRule::Listed(vec![HERE.to_owned()]), origins: vec![] }, AMPLE)
    }

    pub(crate) fn hurried(request_timeout: Duration) -> Self {
        Self::with(Access { hosts: HostRule::Any, origins: vec![] }, request_timeout)
    }

    pub(crate) fn with(access: Access, request_timeout: Duration) -> Self {
        let store = Arc::new(Store::default());
        let gateway = Arc::new(Gateway::default());
        let ids: Arc<dyn IdSource> = Arc::new(CountingIds::default());
        let webhooks = Webhooks { ledger: store.clone(), decoder: Arc::new(Decoder), ids: ids.clone() };
        let charges =
            Charges { ledger: store.clone(), gateway: gateway.clone(), ids: ids.clone(), poll_after: POLL_AFTER };
        let checkouts = Checkouts {
            ledger: store.clone(),
            repo: store.clone(),
            charges,
            jobs: store.clone(),
            background: Background::on(tokio::runtime::Handle::current()),
            webhooks: webhooks.clone(),
            ids: ids.clone(),
        };
        let api = Api {
            products: products(&store, &ids),
            holds: holds(&store, &ids),
            orders: orders(&store, &ids, checkouts.clone()),
            checkouts,
            transactions: Transactions { repo: store.clone() },
            webhooks,
            payments: Payments { ledger: store.clone(), signature: Arc::new(Verifier), ids: ids.clone() },
            webhook_endpoints: WebhookEndpoints {
                ledger: store.clone(),
                repo: store.clone(),
                sender: Arc::new(Post),
                keys: Arc::new(CountingKeys::default()),
                ids: ids.clone(),
                clock: store.clock.clone(),
            },
            deliveries: Deliveries { ledger: store.clone(), repo: store.clone() },
            events: Events { ledger: store.clone(), repo: store.clone() },
            jobs: Jobs { ledger: store.clone(), repo: store.clone() },
            audit_trail: AuditTrail { repo: store.clone() },
            under_way: UnderWay::default(),
            reconciliation: Reconciliation {
                audit: store.clone(),
                jobs: store.clone(),
                events: store.clone(),
                ledger: store.clone(),
                ids: ids.clone(),
                gateway: Some(GatewayCheck {
                    gateway: gateway.clone(),
                    checkouts: store.clone(),
                    transactions: store.clone(),
                    pace: Pace::unlimited(),
                    clock: store.clock.clone(),
                }),
                clock: store.clock.clone(),
                turn: Arc::default(),
                kept: KeptReport::default(),
            },
            health: Arc::new(Health::new(store.clone(), store.clock.clone())),
            ids,
            access,
            request_timeout,
        };
        Self { store, gateway, api }
    }

    /// Sends a request as it is.
    pub(crate) async fn send_bare(&self, request: TestRequest) -> Answer {
        let app = App::new()
            .wrap(RequestShell::new(&self.api.access, self.api.ids.clone(), self.api.request_timeout))
            .configure(|cfg| self.api.configure(cfg));
        let app = init_service(app).await;
        match try_call_service(&app, request.to_request()).await {
            Ok(response) => Answer::read(response.map_into_boxed_body().into_parts().1).await,
            // What the server does with errors.
            Err(error) => Answer::read(error.error_response()).await,
        }
    }

    /// Sends a request to this server by its name.
    pub(crate) async fn send(&self, request: TestRequest) -> Answer {
        self.send_bare(request.insert_header((HOST, HERE))).await
    }

    pub(crate) async fn get(&self, uri: &str) -> Answer {
        self.send(TestRequest::get().uri(uri)).await
    }

    pub(crate) async fn post(&self, uri: &str, body: &Value) -> Answer {
        self.send(TestRequest::post().uri(uri).set_json(body)).await
    }

    pub(crate) async fn put(&self, uri: &str, body: &Value) -> Answer {
        self.send(TestRequest::put().uri(uri).set_json(body)).await
    }

    pub(crate) async fn delete(&self, uri: &str) -> Answer {
        self.send(TestRequest::delete().uri(uri)).await
    }

    /// Posts bytes that are said to be JSON.
    pub(crate) async fn post_text(&self, uri: &str, body: impl Into<Vec<u8>>) -> Answer {
        let request = TestRequest::post().uri(uri).insert_header(("content-type", "application/json"));
        self.send(request.set_payload(body.into())).await
    }

    /// Makes a checkout; answers with its id.
    pub(crate) async fn make_checkout(&self, merchant_id: &str, key: &str) -> String {
        let body = json!({"merchant_id": merchant_id, "amount": "5", "idempotency_key": key});
        let answer = self.post("/checkouts", &body).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        answer.body["id"].as_str().unwrap().to_owned()
    }

    /// Offers so many of something, at ten dollars each; answers with its id.
    pub(crate) async fn make_product(&self, total: u32) -> String {
        self.make_product_at("10", "USD", total).await
    }

    pub(crate) async fn make_product_at(&self, price: &str, currency: &str, total: u32) -> String {
        let body = json!({"name": "Seat", "price": price, "currency": currency, "total_stock": total});
        self.made("/api/products", &body).await["id"].as_str().unwrap().to_owned()
    }

    /// Holds some of a product; answers with the hold's id and token.
    pub(crate) async fn make_hold(&self, product_id: &str, quantity: u32) -> (String, String) {
        let hold = self.made("/api/holds", &json!({"product_id": product_id, "quantity": quantity})).await;
        let text = |field: &str| hold[field].as_str().unwrap().to_owned();
        (text("hold_id"), text("hold_token"))
    }

    /// Orders some of a product; answers with the order's id.
    pub(crate) async fn make_order(&self, product_id: &str, quantity: u32) -> String {
        let items = json!([{"product_id": product_id, "quantity": quantity}]);
        let order = self.made("/api/orders", &json!({"customer_id": "c1", "items": items})).await;
        order["order_id"].as_str().unwrap().to_owned()
    }

    async fn made(&self, uri: &str, body: &Value) -> Value {
        let answer = self.post(uri, body).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        answer.body
    }

    /// The total, available, held and sold stock of a product as the store has it.
    pub(crate) async fn stock(&self, product_id: &str) -> [u64; 4] {
        let request = TestRequest::get().uri(&format!("/api/products/{product_id}"));
        let answer = self.send(request.insert_header(("cache-control", "no-cache"))).await;
        ["total_stock", "available_stock", "held_stock", "sold_stock"].map(|name| answer.body[name].as_u64().unwrap())
    }

    pub(crate) async fn status_of_order(&self, id: &str) -> [String; 2] {
        let order = self.get(&format!("/api/orders/{id}")).await.body;
        ["status", "payment_status"].map(|name| order[name].as_str().unwrap().to_owned())
    }

    /// Sends a signed notice of a payment.
    pub(crate) async fn notify(&self, body: &Value) -> Answer {
        self.notify_text("/api/payments/webhook", body.to_string()).await
    }

    pub(crate) async fn notify_text(&self, uri: &str, body: impl Into<Vec<u8>>) -> Answer {
        let body = body.into();
        let request = TestRequest::post().uri(uri).insert_header(("x-signature", sign(SECRETS[0], &body)));
        self.send(request.set_payload(body)).await
    }
}

const POLL_AFTER: Duration = Duration::from_secs(60);
const HOLD_TTL: Duration = Duration::from_secs(120);
const ORDER_TTL: Duration = Duration::from_secs(3600);

fn products(store: &Arc<Store>, ids: &Arc<dyn IdSource>) -> Products {
    let cache = Arc::new(ProductCache::default());
    assert!(store.watch.set(cache.clone()).is_ok());
    Products { ledger: store.clone(), repo: store.clone(), cache, ids: ids.clone() }
}

fn holds(store: &Arc<Store>, ids: &Arc<dyn IdSource>) -> Holds {
    let tokens = HoldTokens::new(&[7; 32]);
    Holds { ledger: store.clone(), repo: store.clone(), tokens, ids: ids.clone(), time_to_live: HOLD_TTL }
}

fn orders(store: &Arc<Store>, ids: &Arc<dyn IdSource>, checkouts: Checkouts) -> Orders {
    let tokens = HoldTokens::new(&[7; 32]);
    let (ledger, repo, ids) = (store.clone(), store.clone(), ids.clone());
    Orders { ledger, repo, tokens, checkouts, ids, time_to_live: ORDER_TTL }
}
