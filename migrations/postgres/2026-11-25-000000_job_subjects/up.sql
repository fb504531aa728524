-- Jobs are no longer for checkouts alone. What a job is done to is its subject; work that is there once has the nil UUID. Some
-- kinds stand in several queues, none of which keeps another waiting.
ALTER TABLE jobs RENAME COLUMN checkout_id TO subject_id;
ALTER INDEX jobs_once_per_checkout RENAME TO jobs_once_per_subject;
ALTER TABLE jobs ADD COLUMN queue_id uuid;

-- Says the same as the condition of jobs_open_by_kind, in words that leave each look-up one index to use.
CREATE INDEX jobs_open_by_queue ON jobs (kind, queue_id, run_at, id)
    WHERE queue_id IS NOT NULL AND status NOT IN ('done', 'dead');

-- Operators list jobs by their kind, newest first.
CREATE INDEX jobs_by_kind ON jobs ((kind || ''), id);
CREATE INDEX jobs_by_kind_and_status ON jobs ((kind || ' ' || status), id);
