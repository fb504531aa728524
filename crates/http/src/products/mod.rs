//! `/api/products`.

mod body;
mod filter;
mod handlers;
mod view;

pub(crate) use handlers::{create, list, remove, replace, show};
