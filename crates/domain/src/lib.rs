//! The rules of Boxoffice, and nothing else: no I/O, no clock, no randomness, no async.
//!
//! Every change of stock, money or status is a [`Command`]: it names the rows it needs ([`Command::keys`]) and decides
//! on them ([`Command::decide`]) inside [`Books`], a working set of rows that remembers what changed. Whoever
//! stores the rows only loads and flushes; no rule lives outside this crate.
#![warn(missing_docs)]

mod audit;
mod books;
mod cause;
mod charge;
mod checkout;
mod commands;
mod currency;
mod customer;
mod derived_id;
mod email;
mod event;
mod hold;
mod idempotency;
mod ids;
mod instruction;
mod job;
mod money;
mod notice;
mod notify;
mod order;
mod owed;
mod product;
mod provider;
mod purge;
mod reason;
mod record;
mod recount;
mod settle;
mod shelf;
mod state_machine;
mod stock;
mod stock_repair;
mod task;
mod text;
mod timestamp;
mod transaction;

pub use audit::{AuditEntry, AuditSubject, Change};
pub use books::{Books, ClaimJobs, Keys, MAX_HOLDS_TAKEN_BACK, WhichJobs};
pub use cause::{Actor, Cause, RequestId};
pub use charge::{Charge, ChargeNews, ChargeReport, Reported, ReportedPayment, Tolerance};
pub use checkout::{Checkout, CheckoutStatus, Fingerprint, PAYMENT_GRACE};
pub use commands::{
    AttachCharge, AttachChargeReply, ChangeOrderStatus, CheckpointJob, Command, CompleteJob, CreateCheckout,
    CreateCheckoutReply, CreateEndpoint, CreateProduct, Decide, DeleteEndpoint, DeleteProduct, DeliveryRef,
    DeliveryReply, EnableEndpoint, EndpointTerms, EnsureJob, EventReply, ExpireCheckout, ExpireEvent, ExpireHold,
    ExpireOrder, FailJob, FinishDelivery, JobReply, MAX_RECOVERED, OpenOrderCheckout, OrderSource, PingEndpoint,
    PlaceHold, PlaceOrder, PostponeJob, RecordEvent, RecoverDeliveries, Redeliver, Rejection, ReleaseHold, RepairReply,
    RepairStock, ReplayEvent, Reply, RetryJob, RotateEndpointSecret, UpdateEndpoint, UpdateProduct,
};
pub use currency::{Currency, UnknownCurrency};
pub use customer::CustomerId;
pub use email::{Email, InvalidEmail};
pub use event::{Event, EventKey, LONGEST_WAIT, MAX_WAITING_PER_SUBJECT, Subject, Verdict};
pub use hold::{Hold, HoldStatus, MAX_HOLD_QUANTITY, TokenCheck};
pub use idempotency::{DecidedRequest, Made, Outcome, RequestScope};
pub use ids::{
    AuditId, CheckoutId, DeliveryId, EndpointId, EventId, HoldId, JobId, NotificationId, OrderId, ProductId,
    TransactionId,
};
pub use instruction::{Instruction, Once};
pub use job::{Job, JobLease, JobStatus};
pub use money::{AmountError, BareAmount, MAX_AMOUNT_MAJOR, Money, Sum};
pub use notice::{EventReport, PaymentNotice, PaymentOutcome};
pub use notify::{
    Attempted, DISABLED_AFTER, Delivery, DeliveryAttempt, DeliveryFailure, DeliveryStatus, DisabledReason,
    EndpointStatus, LONGEST_RETRY_AFTER, MAX_ENDPOINTS, Notification, NotificationSubject, NotificationType, Outbox,
    PREVIOUS_SECRET_VALID, SigningSeed, WebhookEndpoint,
};
pub use order::{MAX_ORDER_ITEMS, ORDER_GRACE, Order, OrderItem, OrderStatus, PaymentStatus, StockShare};
pub use product::{Description, MAX_DESCRIPTION_CHARS, Product};
pub use provider::Provider;
pub use purge::{Leftovers, Purge};
pub use reason::Reason;
pub use record::Record;
pub use recount::{
    ASKED_ABOUT_FOR, CHECKOUT_OVERDUE_AFTER, CheckoutAccount, EventAccount, Facts, HoldAccount, HoldOfOrder, Issue,
    IssueCode, JobOfCheckout, LONG_WAIT, Movement, OVERDUE_AFTER, OrderAccount, Repair, SettledCheckout, StockCount,
    TransactionAccount,
};
pub use settle::{Case, Settlement, settle};
pub use shelf::Shelf;
pub use state_machine::UnknownState;
pub use stock::{InvalidQuantity, MAX_STOCK, Quantity, Stock};
pub use stock_repair::{StockRepair, StockRepairId};
pub use task::{Backoff, JobKind, Task};
pub use text::{
    ChargeCode, EndpointDescription, EndpointUrl, IdempotencyKey, MerchantId, PaymentId, ProductName, ProviderEventId,
    TextError,
};
pub use timestamp::Timestamp;
pub use transaction::{Payee, Transaction, TransactionStatus};
