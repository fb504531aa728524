-- What is deleted when it is old enough is found by its age, each in words of its own, which no other look-up uses. Holds that became
-- orders are kept, and so are events that were applied or tell of money, jobs that were given up, and all that is open.
CREATE INDEX holds_ended_by_age ON holds (ended_at) WHERE ended_at IS NOT NULL AND order_id IS NULL;
CREATE INDEX events_idle_by_age ON events (processed_at)
    WHERE (verdict || '') IN ('stale', 'rejected', 'dead') AND ((report::jsonb ->> 'outcome') = 'failed' OR
        ((report::jsonb ->> 'news') IN ('created', 'pending', 'expired', 'canceled', 'unknown')
            AND (report::jsonb -> 'payments') = '[]'::jsonb));
CREATE INDEX jobs_done_by_age ON jobs (updated_at) WHERE status NOT IN ('ready', 'running', 'dead');
