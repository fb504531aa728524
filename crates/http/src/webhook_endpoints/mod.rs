//! `/api/webhook-endpoints`.

mod body;
mod filter;
mod handlers;
mod view;

pub(crate) use self::handlers::{
    create, deliveries, enable, list, ping, recover, remove, replace, rotate_secret, show,
};
pub use self::view::RecoveredView;
