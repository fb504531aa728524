-- Jobs that ask the gateway what became of a charge wait for days, beside those that make charges. Each kind is claimed by
-- itself, and must find what is due of it without going through the other.
CREATE INDEX jobs_open_by_kind ON jobs (kind, run_at, id) WHERE status IN ('ready', 'running');
DROP INDEX jobs_open_by_run_at;

-- Checkouts that wait for news of a charge, and were stored without such a job. The ids are random UUIDs (version 4).
INSERT INTO jobs (id, kind, checkout_id, status, attempts, run_at, created_at, updated_at)
    SELECT unhex(hex(randomblob(6)) || '4' || substr(hex(randomblob(2)), 2) || '8' || substr(hex(randomblob(8)), 2)),
        'poll_charge', id, 'ready', 0, unixepoch() * 1000000, unixepoch() * 1000000, unixepoch() * 1000000
    FROM checkouts
    WHERE status IN ('PENDING', 'UNRESOLVED') AND charge_code IS NOT NULL;
