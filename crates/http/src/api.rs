use std::sync::Arc;
use std::time::Duration;

use actix_web::web::{self, Data, ServiceConfig};
use application::{
    AuditTrail, Checkouts, Deliveries, Events, Health, Holds, Jobs, Orders, Payments, Products, Reconciliation,
    Transactions, WebhookEndpoints, Webhooks,
};
use ports::IdSource;

use crate::body::BodyPatience;
use crate::endpoint::{self, Endpoint};
use crate::idempotency::UnderWay;
use crate::{
    Access, audit_trail, checkouts, deliveries, events, health, holds, jobs, orders, payments, products,
    reconciliation, transactions, webhook_endpoints, webhooks,
};

/// All that the API needs. Cheap to clone: every worker thread of the server configures its own copy.
#[derive(Clone)]
pub struct Api {
    /// Requests for payment.
    pub checkouts: Checkouts,
    /// What is offered.
    pub products: Products,
    /// Stock that is kept for buyers for a while.
    pub holds: Holds,
    /// What is bought.
    pub orders: Orders,
    /// The ledger of settled payments.
    pub transactions: Transactions,
    /// What payment providers tell.
    pub webhooks: Webhooks,
    /// What merchants' own payment backends tell.
    pub payments: Payments,
    /// Where merchants are told what has happened.
    pub webhook_endpoints: WebhookEndpoints,
    /// What they are told.
    pub deliveries: Deliveries,
    /// The inbox of what both tell.
    pub events: Events,
    /// Work that commits asked for.
    pub jobs: Jobs,
    /// Who changed what, when and why.
    pub audit_trail: AuditTrail,
    /// Whether the books add up.
    pub reconciliation: Reconciliation,
    /// Whether this node can do its work.
    pub health: Arc<Health>,
    /// The requests with names that are being answered: one for all threads of the server.
    pub under_way: UnderWay,
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
        self.provide(cfg);
        route(cfg);
    }

    /// Adds what the handlers work with.
    fn provide(&self, cfg: &mut ServiceConfig) {
        cfg.app_data(BodyPatience::within(self.request_timeout))
            .app_data(Data::new(self.checkouts.clone()))
            .app_data(Data::new(self.products.clone()))
            .app_data(Data::new(self.holds.clone()))
            .app_data(Data::new(self.orders.clone()))
            .app_data(Data::new(self.transactions.clone()))
            .app_data(Data::new(self.webhooks.clone()))
            .app_data(Data::new(self.payments.clone()))
            .app_data(Data::new(self.webhook_endpoints.clone()))
            .app_data(Data::new(self.deliveries.clone()))
            .app_data(Data::new(self.events.clone()))
            .app_data(Data::new(self.jobs.clone()))
            .app_data(Data::new(self.audit_trail.clone()))
            .app_data(Data::new(self.reconciliation.clone()))
            .app_data(Data::new(self.under_way.clone()))
            .app_data(Data::from(Arc::clone(&self.health)));
    }
}

/// Every path there is. They are tried in this order, so that the one that a sale depends on comes first.
fn route(cfg: &mut ServiceConfig) {
    cfg.service(Endpoint::at("/api/holds").post(holds::place))
        .service(Endpoint::at("/api/holds/{id}").get(holds::show).delete(holds::release))
        .service(Endpoint::at("/api/orders").get(orders::list).post(orders::place))
        .service(Endpoint::at("/api/orders/{id}").get(orders::show))
        .service(Endpoint::at("/api/orders/{id}/status").put(orders::change_status))
        .service(Endpoint::at("/api/orders/{id}/checkout").post(orders::open_checkout))
        .service(Endpoint::at("/api/products").get(products::list).post(products::create))
        .service(Endpoint::at("/api/products/{id}").get(products::show).put(products::replace).delete(products::remove))
        .service(Endpoint::at("/checkout").post(checkouts::create_with_charge))
        .service(Endpoint::at("/checkouts").get(checkouts::list).post(checkouts::create))
        .service(Endpoint::at("/checkouts/{id}").get(checkouts::show))
        .service(Endpoint::at("/checkouts/{id}/pay").post(checkouts::pay))
        .service(Endpoint::at("/webhook").post(webhooks::receive))
        .service(Endpoint::at("/api/webhooks/coinbase").post(webhooks::receive))
        .service(Endpoint::at("/api/payments/webhook").post(payments::receive))
        .service(Endpoint::at("/api/webhooks/payment").post(payments::receive))
        .service(Endpoint::at("/api/webhooks/payments").post(payments::receive))
        .service(Endpoint::at("/api/payment-webhook").post(payments::receive))
        .service(Endpoint::at("/api/transactions").get(transactions::list))
        .service(Endpoint::at("/api/webhook-endpoints").get(webhook_endpoints::list).post(webhook_endpoints::create))
        .service(
            Endpoint::at("/api/webhook-endpoints/{id}")
                .get(webhook_endpoints::show)
                .put(webhook_endpoints::replace)
                .delete(webhook_endpoints::remove),
        )
        .service(Endpoint::at("/api/webhook-endpoints/{id}/rotate-secret").post(webhook_endpoints::rotate_secret))
        .service(Endpoint::at("/api/webhook-endpoints/{id}/enable").post(webhook_endpoints::enable))
        .service(Endpoint::at("/api/webhook-endpoints/{id}/test").post(webhook_endpoints::ping))
        .service(Endpoint::at("/api/webhook-endpoints/{id}/deliveries").get(webhook_endpoints::deliveries))
        .service(Endpoint::at("/api/webhook-endpoints/{id}/recover").post(webhook_endpoints::recover))
        .service(Endpoint::at("/api/deliveries").get(deliveries::list))
        .service(Endpoint::at("/api/deliveries/{id}").get(deliveries::show))
        .service(Endpoint::at("/api/deliveries/{id}/redeliver").post(deliveries::redeliver))
        .service(Endpoint::at("/api/admin/events").get(events::list))
        .service(Endpoint::at("/api/admin/events/{id}").get(events::show))
        .service(Endpoint::at("/api/admin/events/{id}/replay").post(events::replay))
        .service(Endpoint::at("/api/admin/jobs").get(jobs::list))
        .service(Endpoint::at("/api/admin/jobs/{id}/retry").post(jobs::retry))
        .service(Endpoint::at("/api/admin/audit-trail").get(audit_trail::list))
        .service(Endpoint::at("/api/admin/reconciliation").get(reconciliation::run))
        .service(Endpoint::at("/health").get(health::ready))
        .service(Endpoint::at("/health/live").get(health::live))
        .service(Endpoint::at("/health/ready").get(health::ready))
        .default_service(web::to(endpoint::not_found));
}
