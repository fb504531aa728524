//! Transactions and checkouts.

use diesel::RunQueryDsl;
use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
use diesel::sqlite::SqliteConnection;
use domain::{CheckoutAccount, CheckoutId, TransactionAccount, TransactionId};

use super::super::key::Key;
use super::super::statement::{Statement, StatementText, Value};
use crate::accounts::{CheckoutParts, TransactionRow, first_after, last_before, transaction_account};
use crate::stored::ReadError;

struct Transactions;

impl StatementText for Transactions {
    const TEXT: &'static str = "SELECT t.id, t.checkout_id, t.order_id, t.status, t.amount_minor, t.currency, \
            c.order_id, o.currency, \
            EXISTS (SELECT 1 FROM transactions AS d INDEXED BY transactions_movement \
                WHERE d.provider_transaction_id = t.provider_transaction_id AND d.provider = t.provider \
                    AND d.id <> t.id) \
        FROM transactions AS t \
        LEFT JOIN checkouts AS c ON c.id = t.checkout_id LEFT JOIN orders AS o ON o.id = t.order_id \
        WHERE t.id >= ? ORDER BY t.id LIMIT ?";
    type Columns =
        (Binary, Nullable<Binary>, Nullable<Binary>, Text, BigInt, Text, Nullable<Binary>, Nullable<Text>, Bool);
}

pub(super) fn transactions(
    connection: &mut SqliteConnection,
    after: Option<TransactionId>,
    limit: u32,
) -> Result<Vec<TransactionAccount>, ReadError> {
    let Some(first) = first_after(after.map(TransactionId::as_uuid)) else { return Ok(Vec::new()) };
    let values = [Value::key(first), Value::BigInt(limit.into())];
    let rows: Vec<TransactionRow<Key>> = Statement::<Transactions, _>::new(values).load(connection)?;
    let accounts: Result<Vec<_>, _> = rows.into_iter().map(transaction_account).collect();
    Ok(accounts?)
}

struct Checkouts;

impl StatementText for Checkouts {
    const TEXT: &'static str = "SELECT id, status, failure_reason, order_id, charge_code, detected_at, completed_at, \
            expires_at, created_at, updated_at, amount_minor, currency, received_minor \
        FROM checkouts WHERE id <= ? ORDER BY id DESC LIMIT ?";
    type Columns = (
        Binary,
        Text,
        Nullable<Text>,
        Nullable<Binary>,
        Nullable<Text>,
        Nullable<BigInt>,
        Nullable<BigInt>,
        BigInt,
        BigInt,
        BigInt,
        BigInt,
        Text,
        BigInt,
    );
}

// Whatever belongs to a page of checkouts lies between the first and the last of them in an index, and nothing else does.
struct MovementsOfCheckouts;

impl StatementText for MovementsOfCheckouts {
    const TEXT: &'static str = "SELECT id, checkout_id, order_id, status, amount_minor, currency \
        FROM transactions INDEXED BY transactions_of_checkout \
        WHERE checkout_id >= ? AND checkout_id <= ? ORDER BY checkout_id, id";
    type Columns = (Binary, Nullable<Binary>, Nullable<Binary>, Text, BigInt, Text);
}

struct JobsOfCheckouts;

impl StatementText for JobsOfCheckouts {
    const TEXT: &'static str = "SELECT subject_id, kind, status FROM jobs INDEXED BY jobs_once_per_subject \
        WHERE subject_id >= ? AND subject_id <= ? AND kind IN ('create_charge', 'poll_charge') \
        ORDER BY subject_id, kind";
    type Columns = (Binary, Text, Text);
}

struct OrdersOfCheckouts;

impl StatementText for OrdersOfCheckouts {
    const TEXT: &'static str =
        "SELECT id, payment_status FROM orders WHERE id IN (SELECT unhex(value) FROM json_each(?))";
    type Columns = (Binary, Text);
}

pub(super) fn checkouts(
    connection: &mut SqliteConnection,
    before: Option<CheckoutId>,
    limit: u32,
) -> Result<Vec<CheckoutAccount>, ReadError> {
    let Some(last) = last_before(before.map(CheckoutId::as_uuid)) else { return Ok(Vec::new()) };
    let mut parts: CheckoutParts<Key, i64> = CheckoutParts {
        checkouts: Statement::<Checkouts, _>::new([Value::key(last), Value::BigInt(limit.into())]).load(connection)?,
        movements: Vec::new(),
        jobs: Vec::new(),
        orders: Vec::new(),
    };
    let Some(first) = parts.checkouts.last().map(|checkout| checkout.0.0) else { return Ok(Vec::new()) };
    let stretch = || [Value::key(first), Value::key(last)];
    parts.movements = Statement::<MovementsOfCheckouts, _>::new(stretch()).load(connection)?;
    parts.jobs = Statement::<JobsOfCheckouts, _>::new(stretch()).load(connection)?;
    if let Some(orders) = Value::keys(parts.checkouts.iter().filter_map(|row| row.3).map(|key| key.0)) {
        parts.orders = Statement::<OrdersOfCheckouts, _>::new([orders]).load(connection)?;
    }
    Ok(parts.accounts()?)
}
