//! What can be asked of the books: each command is a value with two pure parts.

mod attach_charge;
mod create_checkout;
mod expire_checkout;
mod finish_job;
mod record_event;

use thiserror::Error;

pub use attach_charge::{AttachCharge, AttachChargeReply};
pub use create_checkout::{CreateCheckout, CreateCheckoutReply};
pub use expire_checkout::{ExpireCheckout, PAYMENT_GRACE};
pub use finish_job::{CompleteJob, FailJob, JobReply};
pub use record_event::{EventReply, RecordEvent};

use crate::{Books, Checkout, Keys, Timestamp};

/// Why the books say no. They are as they were.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
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
            $($(#[$doc])* $name($reply)),+
        }

        impl Command {
            /// Adds the rows that the command needs.
            pub fn keys(&self, keys: &mut Keys) {
                match self {
                    $(Self::$name(command) => command.keys(keys)),+
                }
            }

            /// Decides, and changes the books accordingly; a rejection leaves them untouched. The same command on the
            /// same books at the same time gives the same reply and the same books.
            pub fn decide(&self, books: &mut Books, now: Timestamp) -> Reply {
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
    /// A checkout's time is up.
    ExpireCheckout -> Box<Checkout>,
    /// A job is done.
    CompleteJob -> JobReply,
    /// A job went wrong.
    FailJob -> JobReply,
}
