-- Jobs that ask the gateway what became of a charge wait for days, beside those that make charges. Each kind is claimed by
-- itself, and must find what is due of it without going through the other. The index for all kinds would leave the planner
-- a choice. Up to now the table has a row per checkout, so it isn't made CONCURRENTLY.
CREATE INDEX jobs_open_by_kind ON jobs (kind, run_at, id) WHERE status IN ('ready', 'running');
DROP INDEX jobs_open_by_run_at;

-- Checkouts that wait for news of a charge, and were stored without such a job.
INSERT INTO jobs (id, kind, checkout_id, status, attempts, run_at, created_at, updated_at)
    SELECT gen_random_uuid(), 'poll_charge', id, 'ready', 0, now(), now(), now()
    FROM checkouts
    WHERE status IN ('PENDING', 'UNRESOLVED') AND charge_code IS NOT NULL;
