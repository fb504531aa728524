-- A job that was given up may be asked for again. Its attempts go on counting, since leases are told apart by them, but those
-- from before then no longer count towards giving it up.
ALTER TABLE jobs ADD COLUMN forgiven_attempts INTEGER NOT NULL DEFAULT 0 CHECK (forgiven_attempts BETWEEN 0 AND attempts);
ALTER TABLE jobs ADD COLUMN retried_at INTEGER;
