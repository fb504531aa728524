//! What the core is plugged into. Traits only, each documented by its obligations; all of them object-safe, so that
//! databases and gateways are chosen at run time.
#![warn(missing_docs)]

mod clock;
mod gateway;
mod jobs;
mod ledger;
mod notifications;
mod page;
mod repositories;
mod signature;
mod stock_watch;
mod webhook;

pub use clock::{Clock, IdSource};
pub use gateway::{
    ChargeRequest, ChargeSearch, ChargeStage, ChargeState, GatewayError, PaymentGateway, Searched, SimulatedOutcome,
    Simulation,
};
pub use jobs::{JobQueue, JobWatch, Purger};
pub use ledger::{Decided, Ledger, LedgerError, execute, execute_for, execute_once};
pub use notifications::{
    DeliveryFilter, Dispatch, EndpointFilter, EndpointKeys, NotificationRepo, NotificationSender, Sent, UrlRefusal,
};
pub use page::{COUNT_CAP, Page, PageRequest};
pub use repositories::{
    AuditRepo, AuditTrailFilter, AuditTrailRepo, CheckoutFilter, CheckoutRepo, EventFilter, EventRepo, HoldPage,
    HoldRepo, JobFilter, JobRepo, OrderFilter, OrderRepo, ProductFilter, ProductRepo, RepoError, StoreHealth,
    TransactionFilter, TransactionRepo,
};
pub use signature::SignatureVerifier;
pub use stock_watch::StockWatch;
pub use webhook::{IncomingEvent, WebhookDecoder, WebhookError};
