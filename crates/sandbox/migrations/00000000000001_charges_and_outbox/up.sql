-- seq has no gaps: rows are added by one writer and removed from the oldest end only. Totals rely on it.
CREATE TABLE charges (
    seq INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    id TEXT NOT NULL UNIQUE,
    code TEXT NOT NULL UNIQUE,
    document TEXT NOT NULL,
    due_at_ms BIGINT
);

CREATE INDEX charges_due ON charges (due_at_ms) WHERE due_at_ms IS NOT NULL;

-- The outbox. next_attempt_at_ms is NULL once there is nothing left to send. No foreign key: an event outlives its charge.
CREATE TABLE events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    id TEXT NOT NULL UNIQUE,
    charge_seq BIGINT NOT NULL,
    charge_code TEXT NOT NULL,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at_ms BIGINT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    next_attempt_at_ms BIGINT
);

CREATE INDEX events_due ON events (next_attempt_at_ms, seq) WHERE next_attempt_at_ms IS NOT NULL;
CREATE INDEX events_finished ON events (seq) WHERE next_attempt_at_ms IS NULL;

-- One row per attempt, for people who ask where their webhook went.
CREATE TABLE deliveries (
    seq INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    event_id TEXT NOT NULL,
    charge_code TEXT NOT NULL,
    kind TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    started_at_ms BIGINT NOT NULL,
    duration_ms BIGINT NOT NULL,
    status_code INTEGER,
    failure TEXT,
    next_attempt_at_ms BIGINT
);
