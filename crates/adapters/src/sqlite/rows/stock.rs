use diesel::prelude::*;
use domain::{Description, Hold, HoldId, MerchantId, OrderId, Product, ProductId, ProductName, Timestamp};

use super::super::key::Key;
use super::super::schema::{holds, products};
use crate::stored::{ImpossibleRow, Place};

#[derive(Queryable, Selectable)]
#[diesel(table_name = products)]
pub(in crate::sqlite) struct ProductRow {
    id: Key,
    merchant_id: String,
    name: String,
    description: Option<String>,
    price_minor: i64,
    currency: String,
    total_stock: i32,
    held_stock: i32,
    sold_stock: i32,
    deleted_at: Option<i64>,
    created_at: i64,
    updated_at: i64,
}

impl TryFrom<ProductRow> for Product {
    type Error = ImpossibleRow;

    fn try_from(row: ProductRow) -> Result<Self, Self::Error> {
        let place = Place { table: "products", id: &row.id.0 };
        Ok(Self {
            id: ProductId::from_uuid(row.id.0),
            merchant_id: place.read("merchant_id", MerchantId::parse(row.merchant_id))?,
            name: place.read("name", ProductName::parse(row.name))?,
            description: place.read_optional("description", row.description, Description::parse)?,
            price: place.money(row.price_minor, &row.currency)?,
            stock: place.stock(row.total_stock, row.held_stock, row.sold_stock)?,
            deleted_at: row.deleted_at.map(Timestamp::from_unix_us),
            created_at: Timestamp::from_unix_us(row.created_at),
            updated_at: Timestamp::from_unix_us(row.updated_at),
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = holds)]
pub(in crate::sqlite) struct HoldRow {
    id: Key,
    product_id: Key,
    quantity: i32,
    status: String,
    order_id: Option<Key>,
    expires_at: i64,
    created_at: i64,
    ended_at: Option<i64>,
}

impl TryFrom<HoldRow> for Hold {
    type Error = ImpossibleRow;

    fn try_from(row: HoldRow) -> Result<Self, Self::Error> {
        let place = Place { table: "holds", id: &row.id.0 };
        Ok(Self {
            id: HoldId::from_uuid(row.id.0),
            product_id: ProductId::from_uuid(row.product_id.0),
            quantity: place.quantity(row.quantity)?,
            status: place.read("status", row.status.parse())?,
            order_id: row.order_id.map(|key| OrderId::from_uuid(key.0)),
            expires_at: Timestamp::from_unix_us(row.expires_at),
            created_at: Timestamp::from_unix_us(row.created_at),
            ended_at: row.ended_at.map(Timestamp::from_unix_us),
        })
    }
}
