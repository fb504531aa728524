-- A payment may go straight to an order, without a checkout.
ALTER TABLE transactions ALTER COLUMN checkout_id DROP NOT NULL;
ALTER TABLE transactions ADD CONSTRAINT transactions_payee
    CHECK (checkout_id IS NOT NULL OR order_id IS NOT NULL) NOT VALID;
ALTER TABLE transactions VALIDATE CONSTRAINT transactions_payee;
CREATE UNIQUE INDEX transactions_movement_of_order ON transactions (provider_transaction_id, provider, order_id)
    WHERE checkout_id IS NULL;

ALTER TABLE events ADD COLUMN fingerprint bytea CHECK (octet_length(fingerprint) = 32);
ALTER TABLE events ADD COLUMN order_id uuid;
ALTER TABLE events ADD COLUMN order_status text;

-- Checkouts that had their money before their order was placed. No other look-up can use it, and this one no other.
CREATE INDEX checkouts_settled_for_order
    ON checkouts ((CASE WHEN status IN ('COMPLETED', 'UNRESOLVED') THEN order_id END))
    WHERE (CASE WHEN status IN ('COMPLETED', 'UNRESOLVED') THEN order_id END) IS NOT NULL;
