-- Made from the migrations by `make schema`; not to be edited by hand.

CREATE TABLE audit_trail (
    id BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 16),
    subject TEXT NOT NULL CHECK (subject IN ('product', 'hold', 'order', 'checkout')),
    subject_id BLOB NOT NULL CHECK (length(subject_id) = 16),
    -- A JSON list of [field, from, to].
    changes TEXT NOT NULL,
    actor TEXT NOT NULL,
    command TEXT NOT NULL,
    event_id BLOB,
    request_id TEXT,
    at INTEGER NOT NULL
) STRICT;

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
    updated_at      INTEGER NOT NULL, received_minor INTEGER NOT NULL DEFAULT 0 CHECK (received_minor >= 0), counted_minor INTEGER NOT NULL DEFAULT 0 CHECK (counted_minor >= 0),
    CHECK ((status = 'COMPLETED') = (completed_at IS NOT NULL)),
    CHECK ((charge_code IS NULL) = (hosted_url IS NULL))
) STRICT;

CREATE TABLE decided_requests (
    -- A digest of caller, method, path and key.
    scope BLOB PRIMARY KEY NOT NULL CHECK (length(scope) = 32),
    fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 32),
    outcome TEXT NOT NULL,
    decided_at INTEGER NOT NULL
) STRICT;

CREATE TABLE deliveries (
    id              BLOB PRIMARY KEY NOT NULL,
    notification_id BLOB NOT NULL,
    endpoint_id     BLOB NOT NULL,
    event_type      TEXT NOT NULL,
    subject_id      BLOB NOT NULL,
    -- Its place in the lane of what goes to this endpoint about this subject; null if it keeps to no order.
    place           INTEGER CHECK (place > 0),
    status          TEXT NOT NULL CHECK (status IN ('waiting', 'pending', 'delivered', 'failed')),
    attempts        INTEGER NOT NULL CHECK (attempts >= 0),
    next_attempt_at INTEGER,
    failure         TEXT,
    redelivered_as  BLOB,
    created_at      INTEGER NOT NULL,
    finished_at     INTEGER,
    CHECK ((status IN ('waiting', 'pending')) = (finished_at IS NULL)),
    CHECK ((status = 'pending') = (next_attempt_at IS NOT NULL)),
    CHECK ((status = 'failed') = (failure IS NOT NULL))
) STRICT;

CREATE TABLE delivery_attempts (
    delivery_id BLOB NOT NULL REFERENCES deliveries (id) ON DELETE CASCADE,
    number      INTEGER NOT NULL CHECK (number > 0),
    started_at  INTEGER NOT NULL,
    duration_ms INTEGER NOT NULL CHECK (duration_ms >= 0),
    status_code INTEGER,
    error       TEXT,
    answer      TEXT,
    PRIMARY KEY (delivery_id, number)
) STRICT;

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
    processed_at      INTEGER, fingerprint BLOB CHECK (length(fingerprint) = 32), order_id BLOB, order_status TEXT,
    CHECK ((verdict = 'waiting') = (processed_at IS NULL)),
    CHECK ((verdict = 'waiting') = (waiting_for IS NOT NULL))
) STRICT;

CREATE TABLE holds (
    id         BLOB PRIMARY KEY NOT NULL,
    product_id BLOB NOT NULL,
    quantity   INTEGER NOT NULL CHECK (quantity > 0),
    status     TEXT NOT NULL CHECK (status IN ('active', 'converted', 'expired', 'released')),
    order_id   BLOB,
    expires_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    ended_at   INTEGER,
    CHECK ((status = 'active') = (ended_at IS NULL)),
    CHECK ((status = 'converted') = (order_id IS NOT NULL))
) STRICT, WITHOUT ROWID;

CREATE TABLE jobs (
    id          BLOB PRIMARY KEY NOT NULL,
    kind        TEXT NOT NULL,
    subject_id BLOB NOT NULL,
    status      TEXT NOT NULL CHECK (status IN ('ready', 'running', 'done', 'dead')),
    attempts    INTEGER NOT NULL CHECK (attempts >= 0),
    run_at      INTEGER NOT NULL,
    last_error  TEXT,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL
, forgiven_attempts INTEGER NOT NULL DEFAULT 0 CHECK (forgiven_attempts BETWEEN 0 AND attempts), retried_at INTEGER, queue_id BLOB, checkpoint TEXT) STRICT;

CREATE TABLE notifications (
    id          BLOB PRIMARY KEY NOT NULL,
    merchant_id TEXT NOT NULL,
    event_type  TEXT NOT NULL,
    subject_id  BLOB NOT NULL,
    body        TEXT NOT NULL,
    created_at  INTEGER NOT NULL
) STRICT;

CREATE TABLE order_items (
    order_id    BLOB NOT NULL REFERENCES orders (id),
    position    INTEGER NOT NULL,
    product_id  BLOB NOT NULL,
    quantity    INTEGER NOT NULL CHECK (quantity > 0),
    -- At the time of the order, in its currency.
    price_minor INTEGER NOT NULL CHECK (price_minor > 0),
    PRIMARY KEY (order_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE orders (
    id                 BLOB PRIMARY KEY NOT NULL,
    merchant_id        TEXT NOT NULL,
    hold_id            BLOB,
    customer_id        TEXT,
    customer_is_number INTEGER NOT NULL CHECK (customer_is_number IN (0, 1)),
    email              TEXT,
    total_minor        INTEGER NOT NULL CHECK (total_minor > 0),
    currency           TEXT NOT NULL,
    status             TEXT NOT NULL
        CHECK (status IN ('pending', 'paid', 'completed', 'cancelled', 'expired', 'refunded')),
    payment_status     TEXT NOT NULL
        CHECK (payment_status IN ('unpaid', 'paid', 'failed', 'underpaid', 'overpaid', 'refund_due', 'refunded')),
    payment_id         TEXT,
    -- The checkout that was opened for it last.
    checkout_id        BLOB,
    expires_at         INTEGER NOT NULL,
    created_at         INTEGER NOT NULL,
    updated_at         INTEGER NOT NULL
, received_minor INTEGER NOT NULL DEFAULT 0 CHECK (received_minor >= 0), counted_minor INTEGER NOT NULL DEFAULT 0 CHECK (counted_minor >= 0), refunded_minor INTEGER NOT NULL DEFAULT 0
    CHECK (refunded_minor BETWEEN 0 AND received_minor)) STRICT;

CREATE TABLE products (
    id           BLOB PRIMARY KEY NOT NULL,
    merchant_id  TEXT NOT NULL,
    name         TEXT NOT NULL,
    description  TEXT,
    price_minor  INTEGER NOT NULL CHECK (price_minor > 0),
    currency     TEXT NOT NULL,
    total_stock  INTEGER NOT NULL CHECK (total_stock BETWEEN 0 AND 1000000000),
    held_stock   INTEGER NOT NULL CHECK (held_stock >= 0),
    sold_stock   INTEGER NOT NULL CHECK (sold_stock >= 0),
    deleted_at   INTEGER,
    created_at   INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL,
    -- A column of its own, as in PostgreSQL, so that both databases look for it in the same way.
    in_stock     INTEGER NOT NULL GENERATED ALWAYS AS
        (deleted_at IS NULL AND total_stock > held_stock + sold_stock) STORED,
    CHECK (total_stock >= held_stock + sold_stock)
) STRICT;

CREATE TABLE secrets (
    name  TEXT PRIMARY KEY NOT NULL,
    value BLOB NOT NULL
) STRICT;

CREATE TABLE stock_repairs (
    product_id  BLOB NOT NULL,
    number      INTEGER NOT NULL CHECK (number > 0),
    total_stock INTEGER NOT NULL,
    held_before INTEGER NOT NULL,
    sold_before INTEGER NOT NULL,
    held_after  INTEGER NOT NULL,
    sold_after  INTEGER NOT NULL,
    repaired_at INTEGER NOT NULL,
    PRIMARY KEY (product_id, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE "transactions" (
    id                      BLOB PRIMARY KEY NOT NULL,
    checkout_id             BLOB REFERENCES checkouts (id),
    order_id                BLOB,
    provider                TEXT NOT NULL,
    provider_transaction_id TEXT NOT NULL,
    event_type              TEXT NOT NULL,
    status                  TEXT NOT NULL CHECK (status IN ('COMPLETED', 'UNRESOLVED')),
    email                   TEXT,
    amount_minor            INTEGER NOT NULL CHECK (amount_minor > 0),
    currency                TEXT NOT NULL,
    occurred_at             INTEGER NOT NULL,
    recorded_at             INTEGER NOT NULL,
    CHECK (checkout_id IS NOT NULL OR order_id IS NOT NULL)
) STRICT;

CREATE TABLE webhook_endpoints (
    id                  BLOB PRIMARY KEY NOT NULL,
    merchant_id         TEXT NOT NULL,
    url                 TEXT NOT NULL,
    -- Null for all; else words, with commas between them.
    event_types         TEXT,
    description         TEXT,
    is_asymmetric       INTEGER NOT NULL CHECK (is_asymmetric IN (0, 1)),
    seed                BLOB NOT NULL CHECK (length(seed) = 32),
    previous_seed       BLOB CHECK (length(previous_seed) = 32),
    previous_seed_until INTEGER,
    status              TEXT NOT NULL CHECK (status IN ('enabled', 'disabled', 'deleted')),
    disabled_reason     TEXT,
    disabled_at         INTEGER,
    failing_since       INTEGER,
    created_at          INTEGER NOT NULL,
    updated_at          INTEGER NOT NULL,
    CHECK ((previous_seed IS NULL) = (previous_seed_until IS NULL)),
    CHECK ((disabled_reason IS NULL) = (disabled_at IS NULL)),
    CHECK (status <> 'disabled' OR disabled_at IS NOT NULL),
    CHECK (status <> 'enabled' OR disabled_at IS NULL)
) STRICT;

CREATE TABLE writers (
    id         BLOB PRIMARY KEY NOT NULL,
    batch_id   BLOB NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE INDEX audit_trail_of_subject ON audit_trail (subject_id, id);

CREATE INDEX checkouts_by_email ON checkouts (email, id) WHERE email IS NOT NULL;

CREATE INDEX checkouts_by_status ON checkouts (status, id);

CREATE UNIQUE INDEX checkouts_charge_code ON checkouts (charge_code) WHERE charge_code IS NOT NULL;

CREATE UNIQUE INDEX checkouts_idempotency_key ON checkouts (merchant_id, idempotency_key);

CREATE INDEX checkouts_of_merchant ON checkouts (merchant_id, id);

CREATE INDEX checkouts_of_order ON checkouts (order_id, status) WHERE order_id IS NOT NULL;

CREATE INDEX checkouts_pending_by_expiry ON checkouts (expires_at, id) WHERE status = 'PENDING';

CREATE INDEX decided_requests_by_age ON decided_requests (decided_at);

CREATE INDEX deliveries_by_endpoint ON deliveries (endpoint_id, id);

CREATE INDEX deliveries_by_endpoint_and_status ON deliveries (endpoint_id, status, id);

CREATE INDEX deliveries_by_status ON deliveries (status, id);

CREATE INDEX deliveries_finished ON deliveries (finished_at, id) WHERE finished_at IS NOT NULL;

CREATE INDEX deliveries_missed ON deliveries (endpoint_id, created_at, id)
    WHERE status = 'failed' AND redelivered_as IS NULL;

CREATE INDEX deliveries_of_notification ON deliveries (notification_id);

CREATE INDEX deliveries_open_of_subject ON deliveries (subject_id) WHERE finished_at IS NULL;

CREATE UNIQUE INDEX deliveries_places ON deliveries (endpoint_id, subject_id, place)
    WHERE status IN ('waiting', 'pending') AND place IS NOT NULL;

CREATE INDEX events_by_provider ON events ((provider || ''), id);

CREATE INDEX events_by_provider_and_verdict ON events ((provider || ' ' || verdict), id);

CREATE INDEX events_by_verdict ON events (verdict, id);

CREATE INDEX events_idle_by_age ON events (processed_at)
    WHERE (verdict || '') IN ('stale', 'rejected', 'dead') AND ((report ->> 'outcome') = 'failed' OR
        ((report ->> 'news') IN ('created', 'pending', 'expired', 'canceled', 'unknown')
            AND json_array_length(report, '$.payments') = 0));

CREATE UNIQUE INDEX events_provider_event_id ON events (provider, provider_event_id);

CREATE INDEX events_waiting_by_age ON events (received_at, id) WHERE processed_at IS NULL;

CREATE INDEX events_waiting_for ON events (waiting_for) WHERE waiting_for IS NOT NULL;

CREATE INDEX holds_active_by_expiry ON holds (expires_at, id) WHERE ended_at IS NULL;

CREATE INDEX holds_active_of_product ON holds (product_id, expires_at, id) WHERE status = 'active';

CREATE INDEX holds_ended_by_age ON holds (ended_at) WHERE ended_at IS NOT NULL AND order_id IS NULL;

CREATE INDEX jobs_by_kind ON jobs ((kind || ''), id);

CREATE INDEX jobs_by_kind_and_status ON jobs ((kind || ' ' || status), id);

CREATE INDEX jobs_dead ON jobs (id) WHERE status = 'dead';

CREATE INDEX jobs_done ON jobs (id) WHERE status = 'done';

CREATE INDEX jobs_done_by_age ON jobs (updated_at) WHERE status NOT IN ('ready', 'running', 'dead');

CREATE UNIQUE INDEX jobs_once_per_subject ON jobs (subject_id, kind);

CREATE INDEX jobs_open_by_kind ON jobs (kind, run_at, id) WHERE status IN ('ready', 'running');

CREATE INDEX jobs_open_by_queue ON jobs (kind, queue_id, run_at, id)
    WHERE queue_id IS NOT NULL AND status NOT IN ('done', 'dead');

CREATE INDEX jobs_ready ON jobs (id) WHERE status = 'ready';

CREATE INDEX jobs_running ON jobs (id) WHERE status = 'running';

CREATE INDEX notifications_by_age ON notifications (created_at, id);

CREATE INDEX order_items_of_product ON order_items (product_id, order_id);

CREATE INDEX orders_by_age ON orders (created_at, id);

CREATE INDEX orders_by_status ON orders (status, created_at, id);

CREATE UNIQUE INDEX orders_hold_id ON orders (hold_id) WHERE hold_id IS NOT NULL;

CREATE INDEX orders_of_customer ON orders (customer_id, created_at, id) WHERE customer_id IS NOT NULL;

CREATE INDEX orders_pending_by_expiry ON orders (expires_at, id) WHERE status = 'pending';

CREATE INDEX products_in_stock ON products (id) WHERE in_stock;

CREATE INDEX products_offered ON products (id) WHERE deleted_at IS NULL;

CREATE INDEX transactions_by_status ON transactions (status, id);

CREATE UNIQUE INDEX transactions_movement ON transactions (provider_transaction_id, provider, checkout_id);

CREATE UNIQUE INDEX transactions_movement_of_order ON transactions (provider_transaction_id, provider, order_id)
    WHERE checkout_id IS NULL;

CREATE INDEX transactions_of_checkout ON transactions (checkout_id, id);

CREATE INDEX transactions_of_order ON transactions (order_id, id) WHERE order_id IS NOT NULL;

CREATE INDEX webhook_endpoints_of_merchant ON webhook_endpoints (merchant_id, id) WHERE status <> 'deleted';
