//! The rules of Boxoffice, and nothing else: no I/O, no clock, no randomness, no async.
//!
//! Every change of stock, money or status is a [`Command`]: it names the rows it needs ([`Command::keys`]) and decides
//! on them ([`Command::decide`]) inside [`Books`], a working set of rows that remembers what changed. Whoever
//! stores the rows only loads and flushes; no rule lives outside this crate.
#![warn(missing_docs)]

mod books;
mod charge;
mod checkout;
mod commands;
mod currency;
mod email;
mod event;
mod ids;
mod job;
mod money;
mod provider;
mod reason;
mod record;
mod settle;
mod shelf;
mod state_machine;
mod text;
mod timestamp;
mod transaction;

pub use books::{Books, ClaimJobs, Keys};
pub use charge::{Charge, ChargeNews, ChargeReport, Reported, ReportedPayment, Tolerance};
pub use checkout::{Checkout, CheckoutStatus, Fingerprint};
pub use commands::{
    AttachCharge, AttachChargeReply, Command, CompleteJob, CreateCheckout, CreateCheckoutReply, Decide, EventReply,
    ExpireCheckout, FailJob, JobReply, PAYMENT_GRACE, RecordEvent, Rejection, Reply,
};
pub use currency::{Currency, UnknownCurrency};
pub use email::{Email, InvalidEmail};
pub use event::{Event, EventKey, MAX_WAITING_PER_SUBJECT, Verdict};
pub use ids::{CheckoutId, EventId, JobId, OrderId, TransactionId};
pub use job::{Backoff, Job, JobKind, JobLease, JobStatus};
pub use money::{AmountError, MAX_AMOUNT_MAJOR, Money};
pub use provider::Provider;
pub use reason::Reason;
pub use record::Record;
pub use settle::{Settlement, settle};
pub use shelf::Shelf;
pub use state_machine::UnknownState;
pub use text::{ChargeCode, IdempotencyKey, MerchantId, ProviderEventId, TextError};
pub use timestamp::Timestamp;
pub use transaction::{Transaction, TransactionStatus};
