-- The row that POST /checkouts stores, in a transaction of its own.
INSERT INTO checkouts (id, merchant_id, idempotency_key, idempotency_digest, fingerprint, status, amount_minor,
    currency, email, expires_at, created_at, updated_at)
VALUES (gen_random_uuid(), 'bench', gen_random_uuid()::text, gen_random_uuid(), decode(repeat('ab', 32), 'hex'),
    'PENDING', 2999, 'USD', 'buyer@example.com', now() + interval '1 hour', now(), now());
