-- Who integrates. The first is the one of the configuration, which is written into its row at each start.
CREATE TABLE merchants (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    name TEXT NOT NULL,
    api_key TEXT NOT NULL UNIQUE,
    webhook_secret TEXT NOT NULL,
    previous_webhook_secret TEXT NOT NULL,
    created_at_ms BIGINT NOT NULL
);

INSERT INTO merchants (id, name, api_key, webhook_secret, previous_webhook_secret, created_at_ms)
VALUES (1, '', '', '', '', 0);

CREATE TABLE endpoints (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    merchant_id BIGINT NOT NULL REFERENCES merchants (id),
    url TEXT NOT NULL,
    is_configured BOOLEAN NOT NULL,
    created_at_ms BIGINT NOT NULL
);

CREATE INDEX endpoints_of_merchant ON endpoints (merchant_id, id);

-- Charges, checkouts, invoices and events: all are listed and paged the same way.
CREATE TABLE resources (
    seq INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    merchant_id BIGINT NOT NULL REFERENCES merchants (id),
    kind TEXT NOT NULL CHECK (kind IN ('charge', 'checkout', 'invoice', 'event')),
    id TEXT NOT NULL UNIQUE,
    code TEXT UNIQUE,
    -- What an event is about, and the invoice that a charge pays. No foreign key: an event outlives its charge.
    parent_seq BIGINT,
    -- The how manieth of its kind this was for its merchant since the faults were last set.
    number BIGINT NOT NULL,
    document TEXT NOT NULL,
    due_at_ms BIGINT
);

CREATE INDEX resources_listed ON resources (merchant_id, kind, seq);
CREATE INDEX resources_by_age ON resources (kind, seq);
CREATE INDEX resources_due ON resources (due_at_ms) WHERE due_at_ms IS NOT NULL;
CREATE INDEX resources_of_parent ON resources (parent_seq, seq) WHERE parent_seq IS NOT NULL;

-- How many there are, and how many were made since the faults were last set. Kept by triggers, so that no code can forget.
CREATE TABLE totals (
    merchant_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    total BIGINT NOT NULL,
    made BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, kind)
) WITHOUT ROWID;

CREATE TRIGGER resources_counted AFTER INSERT ON resources BEGIN
    INSERT INTO totals (merchant_id, kind, total, made) VALUES (NEW.merchant_id, NEW.kind, 1, 1)
    ON CONFLICT (merchant_id, kind) DO UPDATE SET total = total + 1, made = made + 1;
END;

CREATE TRIGGER resources_discounted AFTER DELETE ON resources BEGIN
    UPDATE totals SET total = total - 1 WHERE merchant_id = OLD.merchant_id AND kind = OLD.kind;
END;

-- Charges of the earlier layout stay. Their steps had other names.
INSERT INTO resources (seq, merchant_id, kind, id, code, number, document, due_at_ms)
SELECT seq, 1, 'charge', id, code, seq,
    CASE json_type(document, '$.scheduled.step')
        WHEN 'object' THEN json_set(document, '$.scheduled.step',
            CASE json_extract(document, '$.scheduled.step.settle') WHEN 'failure' THEN 'fail' ELSE 'settle' END)
        ELSE document
    END,
    due_at_ms
FROM charges ORDER BY seq;

DROP TABLE charges;
DROP TABLE events;
DROP TABLE deliveries;

-- An event on its way to an endpoint. next_attempt_at_ms is NULL once there is nothing left to send.
CREATE TABLE deliveries (
    seq INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    merchant_id BIGINT NOT NULL,
    endpoint_id BIGINT NOT NULL,
    url TEXT NOT NULL,
    event_seq BIGINT NOT NULL,
    event_id TEXT NOT NULL,
    event_type TEXT NOT NULL,
    charge_code TEXT,
    -- Deliveries of one lane to one endpoint go one after the other: the charge or invoice they are about.
    lane BIGINT NOT NULL,
    -- Where the faults' dice stand for this delivery.
    dice TEXT NOT NULL,
    faults TEXT,
    -- Held back until a later one of its lane was sent.
    is_held BOOLEAN NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'failed', 'dropped')),
    attempts INTEGER NOT NULL DEFAULT 0,
    status_code INTEGER,
    failure TEXT,
    duration_ms BIGINT,
    created_at_ms BIGINT NOT NULL,
    -- When this series of attempts began: by the event, or by somebody who asked for it again.
    begun_at_ms BIGINT NOT NULL,
    last_attempt_at_ms BIGINT,
    next_attempt_at_ms BIGINT,
    CHECK ((state = 'waiting') = (next_attempt_at_ms IS NOT NULL))
);

CREATE INDEX deliveries_due ON deliveries (endpoint_id, next_attempt_at_ms, seq) WHERE next_attempt_at_ms IS NOT NULL;
CREATE INDEX deliveries_in_lane ON deliveries (lane, endpoint_id, next_attempt_at_ms) WHERE next_attempt_at_ms IS NOT NULL;
CREATE INDEX deliveries_of_event ON deliveries (event_seq);
CREATE INDEX deliveries_of_charge ON deliveries (charge_code, seq) WHERE charge_code IS NOT NULL;
CREATE INDEX deliveries_of_charge_in_state ON deliveries (charge_code, state, seq) WHERE charge_code IS NOT NULL;
CREATE INDEX deliveries_by_state ON deliveries (state, seq);

-- One row per request that was sent. With the event it tells the request byte for byte.
CREATE TABLE attempts (
    seq INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    delivery_seq BIGINT NOT NULL,
    number INTEGER NOT NULL,
    started_at_ms BIGINT NOT NULL,
    duration_ms BIGINT NOT NULL,
    status_code INTEGER,
    failure TEXT,
    fault TEXT,
    url TEXT NOT NULL,
    envelope_id TEXT NOT NULL,
    scheduled_for_ms BIGINT NOT NULL,
    body_event_seq BIGINT NOT NULL,
    signature TEXT NOT NULL
);

CREATE UNIQUE INDEX attempts_of_delivery ON attempts (delivery_seq, number);

-- The clock, the faults, the rate limits: one JSON document each.
CREATE TABLE settings (
    name TEXT PRIMARY KEY NOT NULL,
    document TEXT NOT NULL
) WITHOUT ROWID;
