//! `/checkout` and `/checkouts`.

mod body;
mod filter;
mod handlers;
mod view;

pub(crate) use handlers::{create, create_with_charge, created, found, list, pay, show};
