//! What can be asked of the books: each command is a value with two pure parts.

mod attach_charge;
mod change_order;
mod create_checkout;
mod end_hold;
mod ensure_job;
mod expire_checkout;
mod expire_event;
mod finish_delivery;
mod finish_job;
mod manage_endpoint;
mod offer_product;
mod place_hold;
mod place_order;
mod record_event;
mod redeliver;
mod repair_stock;
mod replay_event;
mod retry_job;
mod stock;

use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use attach_charge::{AttachCharge, AttachChargeReply};
pub use change_order::{ChangeOrderStatus, ExpireOrder};
pub use create_checkout::{CreateCheckout, CreateCheckoutReply, OpenOrderCheckout};
pub use end_hold::{ExpireHold, ReleaseHold};
pub use ensure_job::EnsureJob;
pub use expire_checkout::ExpireCheckout;
pub use expire_event::ExpireEvent;
pub use finish_delivery::{DeliveryReply, FinishDelivery};
pub use finish_job::{CheckpointJob, CompleteJob, FailJob, JobReply, PostponeJob};
pub use manage_endpoint::{
    CreateEndpoint, DeleteEndpoint, EnableEndpoint, EndpointTerms, RotateEndpointSecret, UpdateEndpoint,
};
pub use offer_product::{CreateProduct, DeleteProduct, UpdateProduct};
pub use place_hold::PlaceHold;
pub use place_order::{OrderSource, PlaceOrder};
pub use record_event::{EventReply, RecordEvent};
pub use redeliver::{DeliveryRef, MAX_RECOVERED, PingEndpoint, RecoverDeliveries, Redeliver};
pub use repair_stock::{RepairReply, RepairStock};
pub use replay_event::ReplayEvent;
pub use retry_job::RetryJob;

use crate::{
    AmountError, Books, Checkout, Delivery, Hold, Job, JobStatus, Keys, Order, OrderId, OrderStatus, Outcome, Product,
    Timestamp, WebhookEndpoint,
};

/// Why the books say no. They are as they were.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rejection {
    /// There is no such checkout.
    #[error("no such checkout")]
    CheckoutNotFound,
    /// The key was used for another request.
    #[error("the idempotency key was used for another request")]
    IdempotencyKeyReused,
    /// The charge collects for another checkout.
    #[error("the charge belongs to another checkout")]
    ChargeTaken,
    /// There is no such job.
    #[error("no such job")]
    JobNotFound,
    /// The job is under way or done.
    #[error("a job that is {status} can't be retried")]
    JobNotRetryable {
        /// Where it stands.
        status: JobStatus,
    },
    /// There is no such event.
    #[error("no such event")]
    EventNotFound,
    /// There is no such product, or it isn't offered any more.
    #[error("no such product")]
    ProductNotFound,
    /// The price can't be in the product's currency.
    #[error("not a price: {0}")]
    InvalidPrice(AmountError),
    /// More is held and sold than the new total.
    #[error("more is held and sold than there would be")]
    StockInUse,
    /// Active holds or pending orders keep some of the product.
    #[error("holds or pending orders keep some of the product")]
    ProductInUse,
    /// There isn't so much left.
    #[error("not enough stock")]
    InsufficientStock,
    /// There is no such hold.
    #[error("no such hold")]
    HoldNotFound,
    /// The token isn't this hold's.
    #[error("the token is not this hold's")]
    WrongHoldToken,
    /// The hold's time is up.
    #[error("the hold has expired")]
    HoldExpired,
    /// The hold was given up.
    #[error("the hold was released")]
    HoldReleased,
    /// The hold is an order already.
    #[error("the hold became order {order_id}")]
    HoldAlreadyUsed {
        /// Which.
        order_id: OrderId,
    },
    /// The hold has ended.
    #[error("the hold is no longer active")]
    HoldNotActive,
    /// There is no such order.
    #[error("no such order")]
    OrderNotFound,
    /// The order id is in use.
    #[error("the order id is in use")]
    OrderExists,
    /// An order of nothing.
    #[error("an order needs an item")]
    NoItems,
    /// An order names a product twice.
    #[error("a product is named twice")]
    ProductTwice,
    /// An order's products are in different currencies.
    #[error("the products are in different currencies")]
    MixedCurrencies,
    /// An order's products are of different merchants.
    #[error("the products are of different merchants")]
    MixedMerchants,
    /// An order costs more than can be asked for.
    #[error("the order costs more than can be asked for")]
    TotalTooLarge,
    /// The order doesn't wait for money.
    #[error("the order is not pending")]
    OrderNotPending,
    /// The checkout doesn't ask for what its order costs.
    #[error("the amount is not what the order costs")]
    AmountNotOrders,
    /// The state machine says no.
    #[error("an order can't become {to} from {from}")]
    InvalidTransition {
        /// Where it stands.
        from: OrderStatus,
        /// Where it should go.
        to: OrderStatus,
    },
    /// There is no such endpoint.
    #[error("no such endpoint")]
    EndpointNotFound,
    /// The merchant has as many endpoints as there can be.
    #[error("the merchant has too many endpoints")]
    TooManyEndpoints,
    /// The endpoint is sent nothing.
    #[error("the endpoint is disabled")]
    EndpointDisabled,
    /// There is no such delivery.
    #[error("no such delivery")]
    DeliveryNotFound,
    /// Another delivery goes before it.
    #[error("the delivery waits for another one")]
    DeliveryWaits,
    /// The stock of a product doesn't add up: a fault of ours.
    #[error("the stock of a product does not add up")]
    StockBroken,
}

impl Rejection {
    /// Whether it speaks of how things stood, rather than of what was asked or of a fault of ours.
    #[must_use]
    pub const fn is_about_the_state(self) -> bool {
        match self {
            Self::CheckoutNotFound
            | Self::JobNotFound
            | Self::JobNotRetryable { .. }
            | Self::EventNotFound
            | Self::ProductNotFound
            | Self::StockInUse
            | Self::ProductInUse
            | Self::InsufficientStock
            | Self::HoldNotFound
            | Self::WrongHoldToken
            | Self::HoldExpired
            | Self::HoldReleased
            | Self::HoldAlreadyUsed { .. }
            | Self::HoldNotActive
            | Self::OrderNotFound
            | Self::OrderExists
            | Self::OrderNotPending
            | Self::InvalidTransition { .. }
            | Self::EndpointNotFound
            | Self::TooManyEndpoints
            | Self::EndpointDisabled
            | Self::DeliveryNotFound
            | Self::DeliveryWaits => true,
            Self::IdempotencyKeyReused
            | Self::ChargeTaken
            | Self::InvalidPrice(_)
            | Self::NoItems
            | Self::ProductTwice
            | Self::MixedCurrencies
            | Self::MixedMerchants
            | Self::TotalTooLarge
            | Self::AmountNotOrders
            | Self::StockBroken => false,
        }
    }
}

/// A command of a known type, and the type of its reply.
pub trait Decide: Into<Command> {
    /// What it answers when it isn't rejected.
    type Reply;

    /// Takes the reply out of the common one; `None` if it is another command's.
    fn reply_from(reply: Reply) -> Option<Result<Self::Reply, Rejection>>;
}

macro_rules! commands {
    ($($(#[$doc:meta])* $name:ident -> $reply:ty),+ $(,)?) => {
        /// Everything that can be asked of the books.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Command {
            $($(#[$doc])* $name($name)),+
        }

        /// What a [`Command`] answers.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Reply {
            /// The books said no.
            Rejected(Rejection),
            /// The request was decided before; this is what came of it then.
            Repeated(Outcome),
            $($(#[$doc])* $name($reply)),+
        }

        impl Command {
            /// Adds the rows that the command needs.
            pub fn keys(&self, keys: &mut Keys) {
                match self {
                    $(Self::$name(command) => command.keys(keys)),+
                }
            }

            /// What it is called in the audit trail.
            #[must_use]
            pub const fn name(&self) -> &'static str {
                match self {
                    $(Self::$name(_) => stringify!($name)),+
                }
            }

            /// Decides, and changes the books accordingly; a rejection leaves them untouched. The same command on the
            /// same books at the same time gives the same reply and the same books.
            pub fn decide(&self, books: &mut Books, now: Timestamp) -> Reply {
                books.set_command(self.name());
                match self {
                    $(Self::$name(command) => match command.decide(books, now) {
                        Ok(reply) => Reply::$name(reply),
                        Err(rejection) => Reply::Rejected(rejection),
                    }),+
                }
            }
        }

        $(
            impl From<$name> for Command {
                fn from(command: $name) -> Self {
                    Self::$name(command)
                }
            }

            impl Decide for $name {
                type Reply = $reply;

                fn reply_from(reply: Reply) -> Option<Result<$reply, Rejection>> {
                    match reply {
                        Reply::$name(reply) => Some(Ok(reply)),
                        Reply::Rejected(rejection) => Some(Err(rejection)),
                        _ => None,
                    }
                }
            }
        )+
    };
}

commands! {
    /// A merchant asks for a payment.
    CreateCheckout -> CreateCheckoutReply,
    /// The gateway made the charge.
    AttachCharge -> AttachChargeReply,
    /// A webhook came.
    RecordEvent -> EventReply,
    /// An operator wants an event decided anew.
    ReplayEvent -> EventReply,
    /// An event has waited for too long.
    ExpireEvent -> EventReply,
    /// A checkout's time is up.
    ExpireCheckout -> Box<Checkout>,
    /// Something is to be done, once.
    EnsureJob -> Box<Job>,
    /// A job has come so far.
    CheckpointJob -> JobReply,
    /// A job is done.
    CompleteJob -> JobReply,
    /// A job went wrong.
    FailJob -> JobReply,
    /// A job went well, and goes on later.
    PostponeJob -> JobReply,
    /// An operator wants a job done now.
    RetryJob -> Box<Job>,
    /// A merchant offers something.
    CreateProduct -> Box<Product>,
    /// A merchant says anew what a product is.
    UpdateProduct -> Box<Product>,
    /// A merchant offers something no more.
    DeleteProduct -> Box<Product>,
    /// A product's stock doesn't add up, and is put right.
    RepairStock -> RepairReply,
    /// A buyer wants some of a product kept for a while.
    PlaceHold -> Box<Hold>,
    /// A buyer gives a hold up.
    ReleaseHold -> Box<Hold>,
    /// A hold's time is up.
    ExpireHold -> Box<Hold>,
    /// A buyer orders.
    PlaceOrder -> Box<Order>,
    /// The seller says what became of an order.
    ChangeOrderStatus -> Box<Order>,
    /// An order's time is up.
    ExpireOrder -> Box<Order>,
    /// A buyer wants to pay an order.
    OpenOrderCheckout -> CreateCheckoutReply,
    /// A merchant wants to be told what has happened.
    CreateEndpoint -> Box<WebhookEndpoint>,
    /// A merchant says anew what an endpoint is.
    UpdateEndpoint -> Box<WebhookEndpoint>,
    /// A merchant gives an endpoint up.
    DeleteEndpoint -> Box<WebhookEndpoint>,
    /// A merchant wants another secret.
    RotateEndpointSecret -> Box<WebhookEndpoint>,
    /// A merchant says that a disabled endpoint is well again.
    EnableEndpoint -> Box<WebhookEndpoint>,
    /// A merchant wants to see whether anything arrives.
    PingEndpoint -> Box<Delivery>,
    /// An attempt at a delivery has ended.
    FinishDelivery -> DeliveryReply,
    /// Somebody wants something sent again.
    Redeliver -> Box<Delivery>,
    /// A merchant wants what an endpoint missed.
    RecoverDeliveries -> u32,
}
