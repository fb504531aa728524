//! What the core is plugged into, for real: the group-commit engine over PostgreSQL and SQLite, a store in memory, the
//! payment gateways, the system clock.

mod accounts;
pub mod coinbase;
mod counted;
mod database_url;
mod engine;
pub mod fake;
mod memory;
pub mod notify;
mod outbox_reads;
mod postgres;
mod readers;
mod reads;
mod repairs;
mod retry_after;
mod signature;
mod sqlite;
mod store;
mod stored;
mod system;

pub use database_url::{DatabaseUrl, InvalidDatabaseUrl};
pub use engine::{Backend, Engine, EngineOptions, EngineParts, Session, StoreError};
pub use signature::{SecretsError, SharedSecrets, sign};
pub use store::{OpenError, Store, StoreOptions, StoreParts, memory, migrate, open};
pub use system::{SystemClock, SystemIds};
