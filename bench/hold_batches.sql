-- Reference B, the ceiling: 256 holds and one change of stock in each transaction, all made up by the server itself. Their
-- ids begin with the time, as UUIDv7s do.
\set run random(0, 1000000000000)
BEGIN;
UPDATE products SET held_stock = held_stock + 256, updated_at = now() WHERE id = :product::uuid;
INSERT INTO holds (id, product_id, quantity, status, expires_at, created_at)
    SELECT (lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint), 12, '0') || '7' || substr(md5(:run::text || i), 1, 19))::uuid,
        :product::uuid, 1, 'active', now() + interval '120 s', now()
    FROM generate_series(1, 256) AS i;
COMMIT;
