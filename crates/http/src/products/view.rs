use domain::{Currency, Description, MerchantId, Product, ProductId, ProductName, Timestamp};
use serde::Serialize;

use crate::answer::Decimal;

/// A product as it goes out: every field is there, null when empty.
#[derive(Debug, Serialize)]
pub(crate) struct ProductView<'a> {
    id: ProductId,
    merchant_id: &'a MerchantId,
    name: &'a ProductName,
    description: Option<&'a str>,
    price: Decimal,
    currency: Currency,
    total_stock: u32,
    available_stock: u32,
    held_stock: u32,
    sold_stock: u32,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl<'a> From<&'a Product> for ProductView<'a> {
    fn from(product: &'a Product) -> Self {
        Self {
            id: product.id,
            merchant_id: &product.merchant_id,
            name: &product.name,
            description: product.description.as_ref().map(Description::as_str),
            price: Decimal(product.price),
            currency: product.price.currency(),
            total_stock: product.stock.total(),
            available_stock: product.stock.available(),
            held_stock: product.stock.held(),
            sold_stock: product.stock.sold(),
            created_at: product.created_at,
            updated_at: product.updated_at,
        }
    }
}
