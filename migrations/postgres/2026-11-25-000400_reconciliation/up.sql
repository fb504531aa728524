-- Every time that a product's stock was put right, with what its row said before and since. The number makes two repairs of
-- the same finding impossible.
CREATE TABLE stock_repairs (
    product_id  uuid NOT NULL,
    number      integer NOT NULL CHECK (number > 0),
    total_stock integer NOT NULL,
    held_before integer NOT NULL,
    sold_before integer NOT NULL,
    held_after  integer NOT NULL,
    sold_after  integer NOT NULL,
    repaired_at timestamptz NOT NULL,
    PRIMARY KEY (product_id, number)
);

-- Whoever counts everything anew goes through all orders, and meets these on the way.
DROP INDEX orders_refund_due;
