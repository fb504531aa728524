-- Requests for payment. Amounts are whole minor units of their currency; times are microseconds
-- since 1970 in UTC; ids are the 16 bytes of a UUID.
CREATE TABLE checkouts (
    id              BLOB PRIMARY KEY NOT NULL,
    merchant_id     TEXT NOT NULL,
    idempotency_key TEXT,
    fingerprint     BLOB NOT NULL CHECK (length(fingerprint) = 32),
    order_id        BLOB,
    status          TEXT NOT NULL
        CHECK (status IN ('PENDING', 'COMPLETED', 'FAILED', 'EXPIRED', 'CANCELED', 'UNRESOLVED')),
    amount_minor    INTEGER NOT NULL CHECK (amount_minor > 0),
    currency        TEXT NOT NULL,
    email           TEXT,
    metadata        TEXT,
    charge_code     TEXT,
    hosted_url      TEXT,
    detected_at     INTEGER,
    completed_at    INTEGER,
    failure_reason  TEXT,
    expires_at      INTEGER NOT NULL,
    created_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL,
    CHECK ((status = 'COMPLETED') = (completed_at IS NOT NULL)),
    CHECK ((charge_code IS NULL) = (hosted_url IS NULL))
) STRICT;
CREATE UNIQUE INDEX checkouts_idempotency_key ON checkouts (merchant_id, idempotency_key);
CREATE UNIQUE INDEX checkouts_charge_code ON checkouts (charge_code) WHERE charge_code IS NOT NULL;
CREATE INDEX checkouts_of_merchant ON checkouts (merchant_id, id);
CREATE INDEX checkouts_by_status ON checkouts (status, id);
CREATE INDEX checkouts_by_email ON checkouts (email, id) WHERE email IS NOT NULL;
CREATE INDEX checkouts_pending_by_expiry ON checkouts (expires_at, id) WHERE status = 'PENDING';

-- Every authenticated webhook, as it came.
CREATE TABLE events (
    id                BLOB PRIMARY KEY NOT NULL,
    provider          TEXT NOT NULL,
    provider_event_id TEXT NOT NULL,
    event_type        TEXT NOT NULL,
    subject           TEXT,
    raw               BLOB NOT NULL,
    report            TEXT NOT NULL,
    verdict           TEXT NOT NULL CHECK (verdict IN ('applied', 'stale', 'waiting', 'rejected', 'dead')),
    reason            TEXT,
    -- The subject while the event waits for it, and nothing else: an index of its own leaves the planner no choice.
    waiting_for       TEXT,
    checkout_id       BLOB REFERENCES checkouts (id),
    received_at       INTEGER NOT NULL,
    processed_at      INTEGER,
    CHECK ((verdict = 'waiting') = (processed_at IS NULL)),
    CHECK ((verdict = 'waiting') = (waiting_for IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX events_provider_event_id ON events (provider, provider_event_id);
CREATE INDEX events_waiting_for ON events (waiting_for) WHERE waiting_for IS NOT NULL;
CREATE INDEX events_by_verdict ON events (verdict, id);

-- Settled movements of money. Append-only.
CREATE TABLE transactions (
    id                      BLOB PRIMARY KEY NOT NULL,
    checkout_id             BLOB NOT NULL REFERENCES checkouts (id),
    order_id                BLOB,
    provider                TEXT NOT NULL,
    provider_transaction_id TEXT NOT NULL,
    event_type              TEXT NOT NULL,
    status                  TEXT NOT NULL CHECK (status IN ('COMPLETED', 'UNRESOLVED')),
    email                   TEXT,
    amount_minor            INTEGER NOT NULL CHECK (amount_minor > 0),
    currency                TEXT NOT NULL,
    occurred_at             INTEGER NOT NULL,
    recorded_at             INTEGER NOT NULL
) STRICT;
-- A movement pays a checkout once, whatever the events say.
CREATE UNIQUE INDEX transactions_movement ON transactions (provider_transaction_id, provider, checkout_id);
CREATE INDEX transactions_of_checkout ON transactions (checkout_id, id);
CREATE INDEX transactions_of_order ON transactions (order_id, id) WHERE order_id IS NOT NULL;
CREATE INDEX transactions_by_status ON transactions (status, id);

-- Work to do after the commit that asked for it. While a job runs, run_at is the end of its lease.
CREATE TABLE jobs (
    id          BLOB PRIMARY KEY NOT NULL,
    kind        TEXT NOT NULL,
    checkout_id BLOB NOT NULL,
    status      TEXT NOT NULL CHECK (status IN ('ready', 'running', 'done', 'dead')),
    attempts    INTEGER NOT NULL CHECK (attempts >= 0),
    run_at      INTEGER NOT NULL,
    last_error  TEXT,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX jobs_once_per_checkout ON jobs (checkout_id, kind);
CREATE INDEX jobs_open_by_run_at ON jobs (run_at, id) WHERE status IN ('ready', 'running');
CREATE INDEX jobs_dead ON jobs (id) WHERE status = 'dead';

-- One row per writer. Every batch puts its id here in its own transaction, so that a writer whose connection was cut
-- in the middle of a commit can find out whether the commit took place.
CREATE TABLE writers (
    id         BLOB PRIMARY KEY NOT NULL,
    batch_id   BLOB NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
