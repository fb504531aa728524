-- A payment may go straight to an order, without a checkout. SQLite can't drop a NOT NULL: the table is made anew, and
-- nothing refers to it (https://www.sqlite.org/lang_altertable.html#otheralter).
CREATE TABLE new_transactions (
    id                      BLOB PRIMARY KEY NOT NULL,
    checkout_id             BLOB REFERENCES checkouts (id),
    order_id                BLOB,
    provider                TEXT NOT NULL,
    provider_transaction_id TEXT NOT NULL,
    event_type              TEXT NOT NULL,
    status                  TEXT NOT NULL CHECK (status IN ('COMPLETED', 'UNRESOLVED')),
    email                   TEXT,
    amount_minor            INTEGER NOT NULL CHECK (amount_minor > 0),
    currency                TEXT NOT NULL,
    occurred_at             INTEGER NOT NULL,
    recorded_at             INTEGER NOT NULL,
    CHECK (checkout_id IS NOT NULL OR order_id IS NOT NULL)
) STRICT;
INSERT INTO new_transactions (id, checkout_id, order_id, provider, provider_transaction_id, event_type, status, email,
    amount_minor, currency, occurred_at, recorded_at)
SELECT id, checkout_id, order_id, provider, provider_transaction_id, event_type, status, email, amount_minor, currency,
    occurred_at, recorded_at
FROM transactions;
DROP TABLE transactions;
ALTER TABLE new_transactions RENAME TO transactions;
-- A movement pays a checkout once, whatever the events say.
CREATE UNIQUE INDEX transactions_movement ON transactions (provider_transaction_id, provider, checkout_id);
-- And an order that it went straight to, likewise.
CREATE UNIQUE INDEX transactions_movement_of_order ON transactions (provider_transaction_id, provider, order_id)
    WHERE checkout_id IS NULL;
CREATE INDEX transactions_of_checkout ON transactions (checkout_id, id);
CREATE INDEX transactions_of_order ON transactions (order_id, id) WHERE order_id IS NOT NULL;
CREATE INDEX transactions_by_status ON transactions (status, id);

ALTER TABLE events ADD COLUMN fingerprint BLOB CHECK (length(fingerprint) = 32);
ALTER TABLE events ADD COLUMN order_id BLOB;
ALTER TABLE events ADD COLUMN order_status TEXT;

-- An order may be placed after its checkout was paid. Most checkouts for an order are never paid, hence the status.
CREATE INDEX checkouts_of_order ON checkouts (order_id, status) WHERE order_id IS NOT NULL;
