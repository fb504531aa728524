-- Who changed what, when and why. Rows are only ever added, in the commit of the change. Ids sort by time.
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
CREATE INDEX audit_trail_of_subject ON audit_trail (subject_id, id);

-- What came of requests that had a name (`Idempotency-Key`), stored in the commit of their effect.
CREATE TABLE decided_requests (
    -- A digest of caller, method, path and key.
    scope BLOB PRIMARY KEY NOT NULL CHECK (length(scope) = 32),
    fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 32),
    outcome TEXT NOT NULL,
    decided_at INTEGER NOT NULL
) STRICT;
CREATE INDEX decided_requests_by_age ON decided_requests (decided_at);
