-- What is sold. Held are active holds and pending orders, sold are paid and completed orders. No row can say that more is
-- spoken for than there is, whatever the program does.
CREATE TABLE products (
    id           BLOB PRIMARY KEY NOT NULL,
    merchant_id  TEXT NOT NULL,
    name         TEXT NOT NULL,
    description  TEXT,
    price_minor  INTEGER NOT NULL CHECK (price_minor > 0),
    currency     TEXT NOT NULL,
    total_stock  INTEGER NOT NULL CHECK (total_stock BETWEEN 0 AND 1000000000),
    held_stock   INTEGER NOT NULL CHECK (held_stock >= 0),
    sold_stock   INTEGER NOT NULL CHECK (sold_stock >= 0),
    deleted_at   INTEGER,
    created_at   INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL,
    -- A column of its own, as in PostgreSQL, so that both databases look for it in the same way.
    in_stock     INTEGER NOT NULL GENERATED ALWAYS AS
        (deleted_at IS NULL AND total_stock > held_stock + sold_stock) STORED,
    CHECK (total_stock >= held_stock + sold_stock)
) STRICT;
CREATE INDEX products_offered ON products (id) WHERE deleted_at IS NULL;
CREATE INDEX products_in_stock ON products (id) WHERE in_stock;

-- Stock that is kept for a buyer for a while. Nothing refers to other tables here: a foreign key would look each
-- product up once more for each hold, and holds are written only together with their product's row. They are small and
-- many, so that the table is its own index on the id.
CREATE TABLE holds (
    id         BLOB PRIMARY KEY NOT NULL,
    product_id BLOB NOT NULL,
    quantity   INTEGER NOT NULL CHECK (quantity > 0),
    status     TEXT NOT NULL CHECK (status IN ('active', 'converted', 'expired', 'released')),
    order_id   BLOB,
    expires_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    ended_at   INTEGER,
    CHECK ((status = 'active') = (ended_at IS NULL)),
    CHECK ((status = 'converted') = (order_id IS NOT NULL))
) STRICT, WITHOUT ROWID;
-- Says the same as the other's condition, in words that leave each look-up one index to use.
CREATE INDEX holds_active_by_expiry ON holds (expires_at, id) WHERE ended_at IS NULL;
CREATE INDEX holds_active_of_product ON holds (product_id, expires_at, id) WHERE status = 'active';

CREATE TABLE orders (
    id                 BLOB PRIMARY KEY NOT NULL,
    merchant_id        TEXT NOT NULL,
    hold_id            BLOB,
    customer_id        TEXT,
    customer_is_number INTEGER NOT NULL CHECK (customer_is_number IN (0, 1)),
    email              TEXT,
    total_minor        INTEGER NOT NULL CHECK (total_minor > 0),
    currency           TEXT NOT NULL,
    status             TEXT NOT NULL
        CHECK (status IN ('pending', 'paid', 'completed', 'cancelled', 'expired', 'refunded')),
    payment_status     TEXT NOT NULL
        CHECK (payment_status IN ('unpaid', 'paid', 'failed', 'underpaid', 'overpaid', 'refund_due', 'refunded')),
    payment_id         TEXT,
    -- The checkout that was opened for it last.
    checkout_id        BLOB,
    expires_at         INTEGER NOT NULL,
    created_at         INTEGER NOT NULL,
    updated_at         INTEGER NOT NULL
) STRICT;
-- A hold becomes one order, whatever the program does.
CREATE UNIQUE INDEX orders_hold_id ON orders (hold_id) WHERE hold_id IS NOT NULL;
-- Clients may choose ids, so that those don't tell which order is newer.
CREATE INDEX orders_by_age ON orders (created_at, id);
CREATE INDEX orders_by_status ON orders (status, created_at, id);
CREATE INDEX orders_of_customer ON orders (customer_id, created_at, id) WHERE customer_id IS NOT NULL;
CREATE INDEX orders_pending_by_expiry ON orders (expires_at, id) WHERE status = 'pending';
CREATE INDEX orders_refund_due ON orders (updated_at, id) WHERE payment_status = 'refund_due';

CREATE TABLE order_items (
    order_id    BLOB NOT NULL REFERENCES orders (id),
    position    INTEGER NOT NULL,
    product_id  BLOB NOT NULL,
    quantity    INTEGER NOT NULL CHECK (quantity > 0),
    -- At the time of the order, in its currency.
    price_minor INTEGER NOT NULL CHECK (price_minor > 0),
    PRIMARY KEY (order_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX order_items_of_product ON order_items (product_id, order_id);

-- What every node must know and nobody else may: made at the first start.
CREATE TABLE secrets (
    name  TEXT PRIMARY KEY NOT NULL,
    value BLOB NOT NULL
) STRICT;
