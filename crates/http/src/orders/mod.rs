//! `/api/orders`.

mod body;
mod filter;
mod handlers;
mod items;
mod view;

pub(crate) use handlers::{change_status, list, open_checkout, place, show};
