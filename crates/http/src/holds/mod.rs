//! `/api/holds`.

mod body;
mod handlers;
mod view;

pub(crate) use handlers::{place, release, show};
