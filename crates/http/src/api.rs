use std::sync::Arc;
use std::time::Duration;

use actix_web::web::{self, ServiceConfig};
use application::{Checkouts, Health, Transactions, Webhooks};
use ports::IdSource;

use crate::body::BodyPatience;
use crate::endpoint::{self, Endpoint};
use crate::{Access, checkouts, health, transactions, webhooks};

/// All that the API needs. Cheap to clone: every worker thread of the server configures its own copy.
#[derive(Clone)]
pub struct Api {
    /// Requests for payment.
    pub checkouts: Checkouts,
    /// The ledger of settled payments.
    pub transactions: Transactions,
    /// What payment providers tell.
    pub webhooks: Webhooks,
    /// Whether this node can do its work.
    pub health: Arc<Health>,
    /// Ids of requests that bring none.
    pub ids: Arc<dyn IdSource>,
    /// Who may change something.
    pub access: Access,
    /// How long a request may take in all, its body's arrival included. Longer than the use cases wait for the payment
    /// gateway, which is a little over 10 s.
    pub request_timeout: Duration,
}

impl Api {
    /// Adds the routes, their data, and the answers for what isn't routed. Goes together with a
    /// [`RequestShell`](crate::RequestShell) around the application.
    pub fn configure(&self, cfg: &mut ServiceConfig) {
        cfg.app_data(BodyPatience::within(self.request_timeout))
            .app_data(web::Data::new(self.checkouts.clone()))
            .app_data(web::Data::new(self.transactions.clone()))
            .app_data(web::Data::new(self.webhooks.clone()))
            .app_data(web::Data::from(Arc::clone(&self.health)))
            .service(Endpoint::at("/checkout").post(checkouts::create_with_charge))
            .service(Endpoint::at("/checkouts").get(checkouts::list).post(checkouts::create))
            .service(Endpoint::at("/checkouts/{id}").get(checkouts::show))
            .service(Endpoint::at("/checkouts/{id}/pay").post(checkouts::pay))
            .service(Endpoint::at("/webhook").post(webhooks::receive))
            .service(Endpoint::at("/api/webhooks/coinbase").post(webhooks::receive))
            .service(Endpoint::at("/api/transactions").get(transactions::list))
            .service(Endpoint::at("/health").get(health::ready))
            .service(Endpoint::at("/health/live").get(health::live))
            .service(Endpoint::at("/health/ready").get(health::ready))
            .default_service(web::to(endpoint::not_found));
    }
}
