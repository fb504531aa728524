//! `/api/payments/webhook`: what a merchant's own payment backend tells of orders.

mod body;
mod handlers;
mod view;

pub(crate) use handlers::receive;
