-- Every time that a product's stock was put right, with what its row said before and since. The number makes two repairs of
-- the same finding impossible.
CREATE TABLE stock_repairs (
    product_id  BLOB NOT NULL,
    number      INTEGER NOT NULL CHECK (number > 0),
    total_stock INTEGER NOT NULL,
    held_before INTEGER NOT NULL,
    sold_before INTEGER NOT NULL,
    held_after  INTEGER NOT NULL,
    sold_after  INTEGER NOT NULL,
    repaired_at INTEGER NOT NULL,
    PRIMARY KEY (product_id, number)
) STRICT, WITHOUT ROWID;

-- Whoever counts everything anew goes through all orders, and meets these on the way.
DROP INDEX orders_refund_due;
