-- Operators list events and jobs by what became of them, newest first. Each list has an index in words of its own, which no
-- look-up of the writer can use: on a young table the planner would take either. Up to now both tables have a few rows per
-- checkout, so none is made CONCURRENTLY.
CREATE INDEX events_by_provider ON events ((provider || ''), id);
CREATE INDEX events_by_provider_and_verdict ON events ((provider || ' ' || verdict), id);

-- Says the same as the condition of events_waiting_for. Who waits too long is found by it.
CREATE INDEX events_waiting_by_age ON events (received_at, id) WHERE processed_at IS NULL;

-- One for each status, beside jobs_dead: what is claimed is ready or running, which none of these admits.
CREATE INDEX jobs_ready ON jobs (id) WHERE status = 'ready';
CREATE INDEX jobs_running ON jobs (id) WHERE status = 'running';
CREATE INDEX jobs_done ON jobs (id) WHERE status = 'done';
