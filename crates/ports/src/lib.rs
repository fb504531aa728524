//! What the core is plugged into. Traits only, each documented by its obligations; all of them object-safe, so that
//! databases and gateways are chosen at run time.
#![warn(missing_docs)]

mod clock;
mod gateway;
mod jobs;
mod ledger;
mod page;
mod repositories;
mod webhook;

pub use clock::{Clock, IdSource};
pub use gateway::{ChargeRequest, GatewayError, PaymentGateway, SimulatedOutcome, Simulation};
pub use jobs::JobQueue;
pub use ledger::{Ledger, LedgerError, execute};
pub use page::{COUNT_CAP, Page, PageRequest};
pub use repositories::{
    CheckoutFilter, CheckoutRepo, EventFilter, EventRepo, JobFilter, JobRepo, RepoError, StoreHealth,
    TransactionFilter, TransactionRepo,
};
pub use webhook::{IncomingEvent, WebhookDecoder, WebhookError};
