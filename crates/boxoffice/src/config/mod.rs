//! Flags, each also an environment variable. Every one of them stands in `.env.example`.

mod guard;
mod reconcile;
mod retention;
mod sandbox;
mod secrets;
mod serve;

pub(crate) use guard::{host_names, refuse_if_open_to_others};
pub use reconcile::ReconcileArgs;
pub use sandbox::SandboxArgs;
pub(crate) use secrets::{SANDBOX_API_KEY, SANDBOX_WEBHOOK_SECRET, Secrets, refuse_weak};
pub use serve::{Auth, DatabaseArgs, Gateway, ServeArgs};
pub(crate) use serve::{checked_url, database};
