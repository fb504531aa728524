//! Counts everything anew.

use async_trait::async_trait;
use diesel::RunQueryDsl;
use diesel::sql_types::{BigInt, Binary, Text};
use domain::{EventId, OrderId, OrderStatus, ProductId, StockShare, Timestamp};
use ports::{AuditRepo, OrderToSettle, RepoError, StockCount};
use uuid::Uuid;

use super::key::Key;
use super::reads::SqliteReads;
use super::statement::{Statement, StatementText, Value};
use crate::readers::AUDIT_PATIENCE;
use crate::stored::{Place, ReadError};

/// One statement sees everything as it was at one moment. Items are grouped in the order in which the products' index
/// gives them, so that nothing is sorted and nobody counts beyond the limit.
struct CountStock;

impl StatementText for CountStock {
    const TEXT: &'static str = "SELECT p.id, p.total_stock, p.held_stock, p.sold_stock, \
            (SELECT coalesce(sum(h.quantity), 0) FROM holds AS h INDEXED BY holds_active_of_product \
                WHERE h.product_id = p.id AND h.status = 'active'), \
            coalesce(sum(i.quantity) FILTER (WHERE o.status IN (SELECT value FROM json_each(?))), 0), \
            coalesce(sum(i.quantity) FILTER (WHERE o.status IN (SELECT value FROM json_each(?))), 0) \
        FROM products AS p \
        LEFT JOIN order_items AS i INDEXED BY order_items_of_product ON i.product_id = p.id \
        LEFT JOIN orders AS o ON o.id = i.order_id \
        WHERE p.id > ? GROUP BY p.id ORDER BY p.id LIMIT ?";
    type Columns = (Binary, BigInt, BigInt, BigInt, BigInt, BigInt, BigInt);
}

struct FindRefundsDue;

impl StatementText for FindRefundsDue {
    const TEXT: &'static str = "SELECT id, payment_status, updated_at FROM orders INDEXED BY orders_refund_due \
        WHERE payment_status = 'refund_due' ORDER BY updated_at, id LIMIT ?";
    type Columns = (Binary, Text, BigInt);
}

struct FindWaiting;

impl StatementText for FindWaiting {
    const TEXT: &'static str = "SELECT id FROM events INDEXED BY events_waiting_by_age \
        WHERE processed_at IS NULL AND received_at < ? ORDER BY received_at, id LIMIT ?";
    type Columns = Binary;
}

fn statuses_with(share: StockShare) -> Value<'static> {
    let statuses = OrderStatus::ALL.iter().filter(|status| status.stock_share() == share);
    Value::json(&statuses.collect::<Vec<_>>())
}

#[async_trait]
impl AuditRepo for SqliteReads {
    async fn stock_counts(&self, after: Option<ProductId>, limit: u32) -> Result<Vec<StockCount>, RepoError> {
        self.readers
            .read_within(AUDIT_PATIENCE, move |connection| {
                let values = [
                    statuses_with(StockShare::Held),
                    statuses_with(StockShare::Sold),
                    Value::key(after.map_or(Uuid::nil(), ProductId::as_uuid)),
                    Value::BigInt(limit.into()),
                ];
                let rows: Vec<(Key, i64, i64, i64, i64, i64, i64)> =
                    Statement::<CountStock, _>::new(values).load(connection)?;
                Ok(rows.into_iter().map(stock_count).collect())
            })
            .await
    }

    async fn refunds_due(&self, limit: u32) -> Result<Vec<OrderToSettle>, RepoError> {
        self.readers
            .read(move |connection| {
                let values = [Value::BigInt(limit.into())];
                let rows: Vec<(Key, String, i64)> = Statement::<FindRefundsDue, _>::new(values).load(connection)?;
                rows.into_iter().map(order_to_settle).collect()
            })
            .await
    }

    async fn events_waiting_since(&self, cutoff: Timestamp, limit: u32) -> Result<Vec<EventId>, RepoError> {
        self.readers
            .read(move |connection| {
                let values = [Value::BigInt(cutoff.unix_us()), Value::BigInt(limit.into())];
                let ids: Vec<Key> = Statement::<FindWaiting, _>::new(values).load(connection)?;
                Ok(ids.into_iter().map(|key| EventId::from_uuid(key.0)).collect())
            })
            .await
    }
}

fn stock_count(
    (id, total, held, sold, in_active_holds, in_pending_orders, in_sold_orders): (Key, i64, i64, i64, i64, i64, i64),
) -> StockCount {
    let product_id = ProductId::from_uuid(id.0);
    StockCount { product_id, total, held, sold, in_active_holds, in_pending_orders, in_sold_orders }
}

fn order_to_settle((id, payment_status, updated_at): (Key, String, i64)) -> Result<OrderToSettle, ReadError> {
    let place = Place { table: "orders", id: &id.0 };
    Ok(OrderToSettle {
        order_id: OrderId::from_uuid(id.0),
        payment_status: place.read("payment_status", payment_status.parse())?,
        updated_at: Timestamp::from_unix_us(updated_at),
    })
}
