use domain::{Hold, HoldId, HoldStatus, ProductId, Timestamp};
use serde::Serialize;

/// A hold as it goes out. Its token is told once, to whoever placed it.
#[derive(Debug, Serialize)]
pub(crate) struct HoldView<'a> {
    id: HoldId,
    hold_id: HoldId,
    #[serde(skip_serializing_if = "Option::is_none")]
    hold_token: Option<&'a str>,
    product_id: ProductId,
    quantity: u32,
    status: HoldStatus,
    expires_at: Timestamp,
    created_at: Timestamp,
}

impl<'a> HoldView<'a> {
    pub(crate) fn new(hold: &Hold, token: Option<&'a str>) -> Self {
        Self {
            id: hold.id,
            hold_id: hold.id,
            hold_token: token,
            product_id: hold.product_id,
            quantity: hold.quantity.get(),
            status: hold.status,
            expires_at: hold.expires_at,
            created_at: hold.created_at,
        }
    }
}
