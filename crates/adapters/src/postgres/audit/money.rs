//! Transactions and checkouts.

use chrono::{DateTime, Utc};
use diesel::RunQueryDsl;
use diesel::pg::PgConnection;
use diesel::sql_types::{BigInt, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use domain::{CheckoutAccount, CheckoutId, TransactionAccount, TransactionId};
use uuid::Uuid;

use super::super::statement::{Column, Statement, StatementText};
use crate::accounts::{CheckoutParts, TransactionRow, first_after, last_before, transaction_account};
use crate::stored::ReadError;

struct Transactions;

impl StatementText for Transactions {
    const TEXT: &'static str = "WITH t AS MATERIALIZED ( \
            SELECT id, checkout_id, order_id, provider, provider_transaction_id, status, amount_minor, currency \
            FROM transactions WHERE id >= ? ORDER BY id LIMIT ?) \
        SELECT t.id, t.checkout_id, t.order_id, t.status, t.amount_minor, t.currency, c.order_id, o.currency, \
            EXISTS (SELECT 1 FROM transactions AS d WHERE d.provider_transaction_id = t.provider_transaction_id \
                AND d.provider = t.provider AND d.id <> t.id OFFSET 0) \
        FROM t LEFT JOIN checkouts AS c ON c.id = t.checkout_id LEFT JOIN orders AS o ON o.id = t.order_id \
        ORDER BY t.id";
    type Columns =
        (SqlUuid, Nullable<SqlUuid>, Nullable<SqlUuid>, Text, BigInt, Text, Nullable<SqlUuid>, Nullable<Text>, Bool);
}

pub(super) fn transactions(
    connection: &mut PgConnection,
    after: Option<TransactionId>,
    limit: u32,
) -> Result<Vec<TransactionAccount>, ReadError> {
    let Some(first) = first_after(after.map(TransactionId::as_uuid)) else { return Ok(Vec::new()) };
    let rows: Vec<TransactionRow<Uuid>> =
        Statement::<Transactions>::new(vec![Column::OneUuid(first), Column::OneBigInt(limit.into())])
            .load(connection)?;
    let accounts: Result<Vec<_>, _> = rows.into_iter().map(transaction_account).collect();
    Ok(accounts?)
}

struct Checkouts;

impl StatementText for Checkouts {
    const TEXT: &'static str = "SELECT id, status, failure_reason, order_id, charge_code, detected_at, completed_at, \
            expires_at, created_at, updated_at, amount_minor, currency, received_minor \
        FROM checkouts WHERE id <= ? ORDER BY id DESC LIMIT ?";
    type Columns = (
        SqlUuid,
        Text,
        Nullable<Text>,
        Nullable<SqlUuid>,
        Nullable<Text>,
        Nullable<Timestamptz>,
        Nullable<Timestamptz>,
        Timestamptz,
        Timestamptz,
        Timestamptz,
        BigInt,
        Text,
        BigInt,
    );
}

// Whatever belongs to a page of checkouts lies between the first and the last of them in an index, and nothing else does.
struct MovementsOfCheckouts;

impl StatementText for MovementsOfCheckouts {
    const TEXT: &'static str = "SELECT id, checkout_id, order_id, status, amount_minor, currency FROM transactions \
        WHERE checkout_id >= ? AND checkout_id <= ? ORDER BY checkout_id, id";
    type Columns = (SqlUuid, Nullable<SqlUuid>, Nullable<SqlUuid>, Text, BigInt, Text);
}

struct JobsOfCheckouts;

impl StatementText for JobsOfCheckouts {
    const TEXT: &'static str = "SELECT subject_id, kind, status FROM jobs \
        WHERE subject_id >= ? AND subject_id <= ? AND kind IN ('create_charge', 'poll_charge') \
        ORDER BY subject_id, kind";
    type Columns = (SqlUuid, Text, Text);
}

struct OrdersOfCheckouts;

impl StatementText for OrdersOfCheckouts {
    const TEXT: &'static str = "SELECT id, payment_status FROM orders WHERE id = ANY (?)";
    type Columns = (SqlUuid, Text);
}

pub(super) fn checkouts(
    connection: &mut PgConnection,
    before: Option<CheckoutId>,
    limit: u32,
) -> Result<Vec<CheckoutAccount>, ReadError> {
    let Some(last) = last_before(before.map(CheckoutId::as_uuid)) else { return Ok(Vec::new()) };
    let mut parts: CheckoutParts<Uuid, DateTime<Utc>> = CheckoutParts {
        checkouts: Statement::<Checkouts>::new(vec![Column::OneUuid(last), Column::OneBigInt(limit.into())])
            .load(connection)?,
        movements: Vec::new(),
        jobs: Vec::new(),
        orders: Vec::new(),
    };
    let Some(first) = parts.checkouts.last().map(|checkout| checkout.0) else { return Ok(Vec::new()) };
    let stretch = || vec![Column::OneUuid(first), Column::OneUuid(last)];
    parts.movements = Statement::<MovementsOfCheckouts>::new(stretch()).load(connection)?;
    parts.jobs = Statement::<JobsOfCheckouts>::new(stretch()).load(connection)?;
    let orders: Vec<Uuid> = parts.checkouts.iter().filter_map(|checkout| checkout.3).collect();
    if !orders.is_empty() {
        parts.orders = Statement::<OrdersOfCheckouts>::new(vec![Column::Uuids(orders)]).load(connection)?;
    }
    Ok(parts.accounts()?)
}
