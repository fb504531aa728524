//! `fill-books NUMBER`: fills the database that `DATABASE_URL` names with so many sales that are over, for the benchmark of
//! `boxoffice reconcile`: holds that became orders, each paid through a checkout, with its event, transaction and jobs.

use adapters::DatabaseUrl;
use anyhow::{Context, Result, bail};
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, SqliteConnection};

/// How many rows are made by one statement.
const AT_A_TIME: u64 = 50_000;

/// What both databases are told, in the words of one of them.
struct Dialect {
    /// Before everything.
    first: &'static str,
    /// The numbers from `{from}` up to before `{to}`, as a table `s (n)`.
    numbers: &'static str,
    /// A UUID of a kind of row and the number `n`.
    id: fn(kind: u8) -> String,
    now: &'static str,
    hour: &'static str,
    no: &'static str,
    fingerprint: &'static str,
    empty: &'static str,
    /// The name of a movement.
    movement: &'static str,
    /// What the database should know before it is asked anything.
    last: &'static str,
}

const POSTGRES: Dialect = Dialect {
    first: "SET session_replication_role = replica; SET synchronous_commit = off",
    numbers: "generate_series({from}, {to} - 1) AS s (n)",
    id: |kind| format!("('000000{kind:02}-0000-7000-8000-' || lpad(to_hex(s.n), 12, '0'))::uuid"),
    now: "now()",
    hour: "interval '1 hour'",
    no: "false",
    fingerprint: "decode(repeat('00', 32), 'hex')",
    empty: "''::bytea",
    movement: "'tx-' || s.n",
    last: "VACUUM ANALYZE",
};

const SQLITE: Dialect = Dialect {
    first: "PRAGMA foreign_keys = OFF; PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF",
    numbers: "(WITH RECURSIVE c (n) AS (SELECT {from} UNION ALL SELECT n + 1 FROM c WHERE n + 1 < {to}) SELECT n FROM c) AS s",
    id: |kind| format!("unhex(printf('000000{kind:02}000070008000%012x', s.n))"),
    now: "(unixepoch() * 1000000)",
    hour: "3600000000",
    no: "0",
    fingerprint: "zeroblob(32)",
    empty: "x''",
    movement: "'tx-' || s.n",
    last: "PRAGMA wal_checkpoint(TRUNCATE)",
};

fn main() -> Result<()> {
    let number: u64 = std::env::args().nth(1).context("usage: fill-books NUMBER")?.parse()?;
    let url: DatabaseUrl = std::env::var("DATABASE_URL").context("DATABASE_URL is not set")?.parse()?;
    adapters::migrate(&url)?;
    match url {
        DatabaseUrl::Postgres(url) => fill(&mut PgConnection::establish(&url)?, &POSTGRES, number),
        DatabaseUrl::Sqlite(path) => fill(&mut SqliteConnection::establish(&path.to_string_lossy())?, &SQLITE, number),
        DatabaseUrl::SqliteTemporary => bail!("a temporary database would be gone at the end"),
    }
}

fn fill(connection: &mut impl SimpleConnection, dialect: &Dialect, number: u64) -> Result<()> {
    connection.batch_execute(dialect.first)?;
    connection.batch_execute(&dialect.product(number))?;
    for from in (0..number).step_by(usize::try_from(AT_A_TIME)?) {
        let to = (from + AT_A_TIME).min(number);
        let numbers = dialect.numbers.replace("{from}", &from.to_string()).replace("{to}", &to.to_string());
        for statement in dialect.sales(&numbers) {
            connection.batch_execute(&statement)?;
        }
    }
    Ok(connection.batch_execute(dialect.last)?)
}

impl Dialect {
    /// The one product that everybody bought.
    fn product(&self, number: u64) -> String {
        let (id, now) = ((self.id)(9).replace("s.n", "0"), self.now);
        format!(
            "INSERT INTO products (id, merchant_id, name, price_minor, currency, total_stock, held_stock, sold_stock, \
            created_at, updated_at) VALUES ({id}, 'default', 'Seat', 100, 'USD', {number}, 0, {number}, {now}, {now})"
        )
    }

    /// Sales from nothing to the money, each of one seat.
    fn sales(&self, numbers: &str) -> Vec<String> {
        let Self { id, now, hour, no, fingerprint, empty, movement, .. } = self;
        let [order, hold, checkout, transaction, event, charge_job, poll_job] = [1, 2, 3, 4, 5, 6, 7].map(id);
        let product = id(9).replace("s.n", "0");
        let amount = r#"{"amount":{"minor":100,"currency":"USD"}}"#;
        let at = "2026-01-01T00:00:00Z";
        let record = "00000000-0000-7000-8000-000000000000";
        let report = format!(
            "'{{\"news\":\"confirmed\",\"asked\":{amount},\"payments\":[{{\"record\":\"{record}\",\"provider_transaction_id\":\"' \
            || {movement} || '\",\"amount\":{amount},\"occurred_at\":\"{at}\"}}],\"occurred_at\":\"{at}\"}}'"
        );
        let jobs = |id: &str, kind: &str| {
            format!(
                "INSERT INTO jobs (id, kind, subject_id, status, attempts, run_at, created_at, updated_at) \
                SELECT {id}, '{kind}', {checkout}, 'done', 1, {now}, {now}, {now} FROM {numbers}"
            )
        };
        vec![
            format!(
                "INSERT INTO holds (id, product_id, quantity, status, order_id, expires_at, created_at, ended_at) \
                SELECT {hold}, {product}, 1, 'converted', {order}, {now}, {now}, {now} FROM {numbers}"
            ),
            format!(
                "INSERT INTO orders (id, merchant_id, hold_id, customer_is_number, total_minor, currency, status, \
                payment_status, received_minor, counted_minor, checkout_id, expires_at, created_at, updated_at) \
                SELECT {order}, 'default', {hold}, {no}, 100, 'USD', 'paid', 'paid', 100, 100, {checkout}, {now} + {hour}, {now}, {now} \
                FROM {numbers}"
            ),
            format!(
                "INSERT INTO order_items (order_id, position, product_id, quantity, price_minor) \
                SELECT {order}, 0, {product}, 1, 100 FROM {numbers}"
            ),
            format!(
                "INSERT INTO checkouts (id, merchant_id, fingerprint, order_id, status, amount_minor, currency, charge_code, \
                hosted_url, received_minor, counted_minor, completed_at, expires_at, created_at, updated_at) \
                SELECT {checkout}, 'default', {fingerprint}, {order}, 'COMPLETED', 100, 'USD', 'C' || s.n, \
                'https://pay.example/', 100, 100, {now}, {now} + {hour}, {now}, {now} FROM {numbers}"
            ),
            format!(
                "INSERT INTO transactions (id, checkout_id, order_id, provider, provider_transaction_id, event_type, status, \
                amount_minor, currency, occurred_at, recorded_at) \
                SELECT {transaction}, {checkout}, {order}, 'coinbase', {movement}, 'charge:confirmed', 'COMPLETED', 100, 'USD', \
                {now}, {now} FROM {numbers}"
            ),
            format!(
                "INSERT INTO events (id, provider, provider_event_id, event_type, subject, raw, report, verdict, checkout_id, \
                order_id, received_at, processed_at) \
                SELECT {event}, 'coinbase', 'event-' || s.n, 'charge:confirmed', 'C' || s.n, {empty}, {report}, 'applied', \
                {checkout}, {order}, {now}, {now} FROM {numbers}"
            ),
            jobs(&charge_job, "create_charge"),
            jobs(&poll_job, "poll_charge"),
        ]
    }
}
