use std::sync::Arc;
use std::time::Duration;

use actix_web::App;
use actix_web::http::header::HOST;
use actix_web::test::{TestRequest, init_service, try_call_service};
use application::{Background, Charges, Checkouts, Health, JobBell, Transactions, Webhooks};
use http_api::{Access, Api, HostRule, RequestShell};
use ports::IdSource;
use serde_json::Value;

use crate::answer::Answer;
use crate::fleeting_ports::{CountingIds, Decoder, Gateway};
use crate::store::{AMPLE, StoppedClock, Store};

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
        let charges = Charges { ledger: store.clone(), gateway: gateway.clone(), ids: ids.clone() };
        let checkouts = Checkouts {
            ledger: store.clone(),
            repo: store.clone(),
            charges,
            jobs: store.clone(),
            background: Background::on(tokio::runtime::Handle::current()),
            bell: JobBell::default(),
            webhooks: webhooks.clone(),
            ids: ids.clone(),
        };
        let api = Api {
            checkouts,
            transactions: Transactions { repo: store.clone() },
            webhooks,
            health: Arc::new(Health::new(store.clone(), Arc::new(StoppedClock))),
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

    /// Posts bytes that are said to be JSON.
    pub(crate) async fn post_text(&self, uri: &str, body: impl Into<Vec<u8>>) -> Answer {
        let request = TestRequest::post().uri(uri).insert_header(("content-type", "application/json"));
        self.send(request.set_payload(body.into())).await
    }

    /// Makes a checkout; answers with its id.
    pub(crate) async fn make_checkout(&self, merchant_id: &str, key: &str) -> String {
        let body = serde_json::json!({"merchant_id": merchant_id, "amount": "5", "idempotency_key": key});
        let answer = self.post("/checkouts", &body).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        answer.body["id"].as_str().unwrap().to_owned()
    }
}
