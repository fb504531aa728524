-- What came for a checkout and for an order, in their own currency: the sum of their transactions. Beside it how much of that
-- counts: not what the provider holds, and exactly what was asked where the provider takes it for that.
ALTER TABLE checkouts ADD COLUMN received_minor bigint NOT NULL DEFAULT 0 CHECK (received_minor >= 0);
ALTER TABLE checkouts ADD COLUMN counted_minor bigint NOT NULL DEFAULT 0 CHECK (counted_minor >= 0);
ALTER TABLE orders ADD COLUMN received_minor bigint NOT NULL DEFAULT 0 CHECK (received_minor >= 0);
ALTER TABLE orders ADD COLUMN counted_minor bigint NOT NULL DEFAULT 0 CHECK (counted_minor >= 0);
ALTER TABLE orders ADD COLUMN refunded_minor bigint NOT NULL DEFAULT 0
    CHECK (refunded_minor BETWEEN 0 AND received_minor);

UPDATE checkouts AS c SET received_minor = came.minor, counted_minor = CASE
        WHEN c.status = 'COMPLETED' THEN came.minor
        WHEN c.status = 'UNRESOLVED' AND c.failure_reason IN ('underpaid', 'overpaid', 'delayed', 'multiple') THEN came.minor
        ELSE 0 END
    FROM (SELECT checkout_id, currency, least(sum(amount_minor), 9223372036854775807)::bigint AS minor
        FROM transactions WHERE checkout_id IS NOT NULL GROUP BY checkout_id, currency) AS came
    WHERE c.id = came.checkout_id AND c.currency = came.currency;

UPDATE orders AS o SET received_minor = came.minor
    FROM (SELECT order_id, currency, least(sum(amount_minor), 9223372036854775807)::bigint AS minor
        FROM transactions WHERE order_id IS NOT NULL GROUP BY order_id, currency) AS came
    WHERE o.id = came.order_id AND o.currency = came.currency;

UPDATE orders AS o SET counted_minor = counted.minor
    FROM (SELECT order_id, currency, least(sum(minor), 9223372036854775807)::bigint AS minor FROM (
            SELECT order_id, currency, counted_minor AS minor FROM checkouts WHERE order_id IS NOT NULL AND counted_minor > 0
            UNION ALL
            SELECT order_id, currency, amount_minor FROM transactions WHERE order_id IS NOT NULL AND checkout_id IS NULL
        ) AS parts GROUP BY order_id, currency) AS counted
    WHERE o.id = counted.order_id AND o.currency = counted.currency;

-- How much was given back wasn't kept: all of it, where nothing came afterwards.
UPDATE orders SET refunded_minor = received_minor, counted_minor = 0 WHERE payment_status = 'refunded';
