-- Who changed what, when and why. Rows are only ever added, in the commit of the change. Ids sort by time.
CREATE TABLE audit_trail (
    id uuid PRIMARY KEY,
    subject text NOT NULL CHECK (subject IN ('product', 'hold', 'order', 'checkout')),
    subject_id uuid NOT NULL,
    -- A JSON list of [field, from, to].
    changes text NOT NULL,
    actor text NOT NULL,
    command text NOT NULL,
    event_id uuid,
    request_id text,
    at timestamptz NOT NULL
);
CREATE INDEX audit_trail_of_subject ON audit_trail (subject_id, id);

-- What came of requests that had a name (`Idempotency-Key`), stored in the commit of their effect.
CREATE TABLE decided_requests (
    -- A digest of caller, method, path and key.
    scope bytea PRIMARY KEY CHECK (octet_length(scope) = 32),
    fingerprint bytea NOT NULL CHECK (octet_length(fingerprint) = 32),
    outcome text NOT NULL,
    decided_at timestamptz NOT NULL
);
CREATE INDEX decided_requests_by_age ON decided_requests (decided_at);
