-- Requests for payment. Amounts are whole minor units of their currency; times are UTC.
CREATE TABLE checkouts (
    id              uuid PRIMARY KEY,
    merchant_id     text NOT NULL,
    idempotency_key text,
    -- 128 bits of SHA-256 over merchant and key: what is looked up. An index on the two columns themselves would
    -- compete with the one that lists a merchant's checkouts, and on a young table the planner takes either.
    idempotency_digest uuid,
    fingerprint     bytea NOT NULL CHECK (octet_length(fingerprint) = 32),
    order_id        uuid,
    status          text NOT NULL
        CHECK (status IN ('PENDING', 'COMPLETED', 'FAILED', 'EXPIRED', 'CANCELED', 'UNRESOLVED')),
    amount_minor    bigint NOT NULL CHECK (amount_minor > 0),
    currency        text NOT NULL,
    email           text,
    metadata        text,
    charge_code     text,
    hosted_url      text,
    detected_at     timestamptz,
    completed_at    timestamptz,
    failure_reason  text,
    expires_at      timestamptz NOT NULL,
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL,
    CHECK ((status = 'COMPLETED') = (completed_at IS NOT NULL)),
    CHECK ((charge_code IS NULL) = (hosted_url IS NULL)),
    CHECK ((idempotency_key IS NULL) = (idempotency_digest IS NULL))
);
CREATE UNIQUE INDEX checkouts_idempotency_digest ON checkouts (idempotency_digest);
CREATE UNIQUE INDEX checkouts_charge_code ON checkouts (charge_code) WHERE charge_code IS NOT NULL;
CREATE INDEX checkouts_of_merchant ON checkouts (merchant_id, id);
CREATE INDEX checkouts_by_status ON checkouts (status, id);
CREATE INDEX checkouts_by_email ON checkouts (email, id) WHERE email IS NOT NULL;
CREATE INDEX checkouts_pending_by_expiry ON checkouts (expires_at, id) WHERE status = 'PENDING';

-- Every authenticated webhook, as it came.
CREATE TABLE events (
    id                uuid PRIMARY KEY,
    provider          text NOT NULL,
    provider_event_id text NOT NULL,
    event_type        text NOT NULL,
    subject           text,
    raw               bytea NOT NULL,
    report            text NOT NULL,
    verdict           text NOT NULL CHECK (verdict IN ('applied', 'stale', 'waiting', 'rejected', 'dead')),
    reason            text,
    -- The subject while the event waits for it, and nothing else: an index of its own leaves the planner no choice.
    waiting_for       text,
    checkout_id       uuid REFERENCES checkouts (id),
    received_at       timestamptz NOT NULL,
    processed_at      timestamptz,
    CHECK ((verdict = 'waiting') = (processed_at IS NULL)),
    CHECK ((verdict = 'waiting') = (waiting_for IS NOT NULL))
);
CREATE UNIQUE INDEX events_provider_event_id ON events (provider, provider_event_id);
CREATE INDEX events_waiting_for ON events (waiting_for) WHERE waiting_for IS NOT NULL;
CREATE INDEX events_by_verdict ON events (verdict, id);

-- Settled movements of money. Append-only.
CREATE TABLE transactions (
    id                      uuid PRIMARY KEY,
    checkout_id             uuid NOT NULL REFERENCES checkouts (id),
    order_id                uuid,
    provider                text NOT NULL,
    provider_transaction_id text NOT NULL,
    event_type              text NOT NULL,
    status                  text NOT NULL CHECK (status IN ('COMPLETED', 'UNRESOLVED')),
    email                   text,
    amount_minor            bigint NOT NULL CHECK (amount_minor > 0),
    currency                text NOT NULL,
    occurred_at             timestamptz NOT NULL,
    recorded_at             timestamptz NOT NULL
);
-- A movement pays a checkout once, whatever the events say.
CREATE UNIQUE INDEX transactions_movement ON transactions (provider_transaction_id, provider, checkout_id);
CREATE INDEX transactions_of_checkout ON transactions (checkout_id, id);
CREATE INDEX transactions_of_order ON transactions (order_id, id) WHERE order_id IS NOT NULL;
CREATE INDEX transactions_by_status ON transactions (status, id);

-- Work to do after the commit that asked for it. While a job runs, run_at is the end of its lease.
CREATE TABLE jobs (
    id          uuid PRIMARY KEY,
    kind        text NOT NULL,
    checkout_id uuid NOT NULL,
    status      text NOT NULL CHECK (status IN ('ready', 'running', 'done', 'dead')),
    attempts    integer NOT NULL CHECK (attempts >= 0),
    run_at      timestamptz NOT NULL,
    last_error  text,
    created_at  timestamptz NOT NULL,
    updated_at  timestamptz NOT NULL
);
CREATE UNIQUE INDEX jobs_once_per_checkout ON jobs (checkout_id, kind);
CREATE INDEX jobs_open_by_run_at ON jobs (run_at, id) WHERE status IN ('ready', 'running');
CREATE INDEX jobs_dead ON jobs (id) WHERE status = 'dead';

-- One row per writer. Every batch puts its id here in its own transaction, so that a writer whose connection was cut
-- in the middle of a commit can find out whether the commit took place.
CREATE TABLE writers (
    id         uuid PRIMARY KEY,
    batch_id   uuid NOT NULL,
    updated_at timestamptz NOT NULL
) WITH (fillfactor = 20);
