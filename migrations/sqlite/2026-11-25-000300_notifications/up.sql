-- Where merchants want to be told what has happened. What is signed with is derived from the seeds, which are random.
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
-- Whether a merchant is to be told anything is asked with every payment.
CREATE INDEX webhook_endpoints_of_merchant ON webhook_endpoints (merchant_id, id) WHERE status <> 'deleted';

-- What has happened, as it is told: the same body to every endpoint, in every attempt.
CREATE TABLE notifications (
    id          BLOB PRIMARY KEY NOT NULL,
    merchant_id TEXT NOT NULL,
    event_type  TEXT NOT NULL,
    subject_id  BLOB NOT NULL,
    body        TEXT NOT NULL,
    created_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX notifications_by_age ON notifications (created_at, id);

-- One notification on its way to one endpoint.
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
CREATE INDEX deliveries_open_of_subject ON deliveries (subject_id) WHERE finished_at IS NULL;
-- No two stand in one place.
CREATE UNIQUE INDEX deliveries_places ON deliveries (endpoint_id, subject_id, place)
    WHERE status IN ('waiting', 'pending') AND place IS NOT NULL;
-- What an endpoint has missed and was not sent again, for recovering it.
CREATE INDEX deliveries_missed ON deliveries (endpoint_id, created_at, id)
    WHERE status = 'failed' AND redelivered_as IS NULL;
-- Lists, newest first.
CREATE INDEX deliveries_by_endpoint ON deliveries (endpoint_id, id);
CREATE INDEX deliveries_by_endpoint_and_status ON deliveries (endpoint_id, status, id);
CREATE INDEX deliveries_by_status ON deliveries (status, id);
-- What is kept long enough is deleted by these.
CREATE INDEX deliveries_finished ON deliveries (finished_at, id) WHERE finished_at IS NOT NULL;
CREATE INDEX deliveries_of_notification ON deliveries (notification_id);

-- How each attempt went.
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
