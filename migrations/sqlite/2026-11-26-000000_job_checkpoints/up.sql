-- Where the next attempt at a job may go on: a search for a charge among very many isn't begun anew with each attempt.
ALTER TABLE jobs ADD COLUMN checkpoint TEXT;
