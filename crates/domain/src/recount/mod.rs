//! Whether stored rows agree with each other.
//!
//! A store reads a few rows together, as they were at one moment ([`OrderAccount`] and the others), and what is wrong with
//! them is judged here, without any database. [`Books`](crate::Books) give the same accounts of themselves, so that the
//! judgement can be tried on whatever the model comes to.

mod checkout;
mod event;
mod hold;
mod issue;
mod of_books;
mod order;
mod stock;
mod transaction;

use std::time::Duration;

pub use checkout::{CheckoutAccount, JobOfCheckout};
pub use event::EventAccount;
pub use hold::HoldAccount;
pub use issue::{Facts, Issue, IssueCode, Repair};
pub use order::{HoldOfOrder, Movement, OrderAccount, SettledCheckout};
pub use stock::StockCount;
pub use transaction::TransactionAccount;

/// So long after its time a hold or an order should have been expired by anybody.
pub const OVERDUE_AFTER: Duration = Duration::from_secs(5 * 60);

/// So long after its time a checkout should have been expired: the provider's own word comes first.
pub const CHECKOUT_OVERDUE_AFTER: Duration = Duration::from_secs(15 * 60);

/// What waits for longer than this waits for something that will hardly come.
pub const LONG_WAIT: Duration = Duration::from_secs(60 * 60);

/// From this age on nobody asks the gateway about a checkout any more. For three days Coinbase goes on sending a webhook that
/// isn't taken.
pub const ASKED_ABOUT_FOR: Duration = Duration::from_secs((3 * 24 + 1) * 60 * 60);
