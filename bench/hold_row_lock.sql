-- Reference A: one hold as it is commonly placed, a transaction each, under a lock on the product's row.
BEGIN;
SELECT total_stock - held_stock - sold_stock FROM products WHERE id = :product::uuid FOR UPDATE;
UPDATE products SET held_stock = held_stock + 1, updated_at = now() WHERE id = :product::uuid;
INSERT INTO holds (id, product_id, quantity, status, expires_at, created_at)
    VALUES (gen_random_uuid(), :product::uuid, 1, 'active', now() + interval '120 s', now());
COMMIT;
