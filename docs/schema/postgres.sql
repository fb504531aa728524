-- Made from the migrations by `make schema`; not to be edited by hand.

CREATE TABLE audit_trail (
    id uuid NOT NULL,
    subject text NOT NULL,
    subject_id uuid NOT NULL,
    changes text NOT NULL,
    actor text NOT NULL,
    command text NOT NULL,
    event_id uuid,
    request_id text,
    at timestamp with time zone NOT NULL,
    CONSTRAINT audit_trail_pkey PRIMARY KEY (id),
    CONSTRAINT audit_trail_subject_check CHECK ((subject = ANY (ARRAY['product'::text, 'hold'::text, 'order'::text, 'checkout'::text])))
);

CREATE TABLE checkouts (
    id uuid NOT NULL,
    merchant_id text NOT NULL,
    idempotency_key text,
    idempotency_digest uuid,
    fingerprint bytea NOT NULL,
    order_id uuid,
    status text NOT NULL,
    amount_minor bigint NOT NULL,
    currency text NOT NULL,
    email text,
    metadata text,
    charge_code text,
    hosted_url text,
    detected_at timestamp with time zone,
    completed_at timestamp with time zone,
    failure_reason text,
    expires_at timestamp with time zone NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    received_minor bigint DEFAULT 0 NOT NULL,
    counted_minor bigint DEFAULT 0 NOT NULL,
    CONSTRAINT checkouts_amount_minor_check CHECK ((amount_minor > 0)),
    CONSTRAINT checkouts_check CHECK (((status = 'COMPLETED'::text) = (completed_at IS NOT NULL))),
    CONSTRAINT checkouts_check1 CHECK (((charge_code IS NULL) = (hosted_url IS NULL))),
    CONSTRAINT checkouts_check2 CHECK (((idempotency_key IS NULL) = (idempotency_digest IS NULL))),
    CONSTRAINT checkouts_counted_minor_check CHECK ((counted_minor >= 0)),
    CONSTRAINT checkouts_fingerprint_check CHECK ((octet_length(fingerprint) = 32)),
    CONSTRAINT checkouts_pkey PRIMARY KEY (id),
    CONSTRAINT checkouts_received_minor_check CHECK ((received_minor >= 0)),
    CONSTRAINT checkouts_status_check CHECK ((status = ANY (ARRAY['PENDING'::text, 'COMPLETED'::text, 'FAILED'::text, 'EXPIRED'::text, 'CANCELED'::text, 'UNRESOLVED'::text])))
);

CREATE TABLE decided_requests (
    scope bytea NOT NULL,
    fingerprint bytea NOT NULL,
    outcome text NOT NULL,
    decided_at timestamp with time zone NOT NULL,
    CONSTRAINT decided_requests_fingerprint_check CHECK ((octet_length(fingerprint) = 32)),
    CONSTRAINT decided_requests_pkey PRIMARY KEY (scope),
    CONSTRAINT decided_requests_scope_check CHECK ((octet_length(scope) = 32))
);

CREATE TABLE deliveries (
    id uuid NOT NULL,
    notification_id uuid NOT NULL,
    endpoint_id uuid NOT NULL,
    event_type text NOT NULL,
    subject_id uuid NOT NULL,
    place integer,
    status text NOT NULL,
    attempts integer NOT NULL,
    next_attempt_at timestamp with time zone,
    failure text,
    redelivered_as uuid,
    created_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone,
    CONSTRAINT deliveries_attempts_check CHECK ((attempts >= 0)),
    CONSTRAINT deliveries_check CHECK (((status = ANY (ARRAY['waiting'::text, 'pending'::text])) = (finished_at IS NULL))),
    CONSTRAINT deliveries_check1 CHECK (((status = 'pending'::text) = (next_attempt_at IS NOT NULL))),
    CONSTRAINT deliveries_check2 CHECK (((status = 'failed'::text) = (failure IS NOT NULL))),
    CONSTRAINT deliveries_pkey PRIMARY KEY (id),
    CONSTRAINT deliveries_place_check CHECK ((place > 0)),
    CONSTRAINT deliveries_status_check CHECK ((status = ANY (ARRAY['waiting'::text, 'pending'::text, 'delivered'::text, 'failed'::text])))
);

CREATE TABLE delivery_attempts (
    delivery_id uuid NOT NULL,
    number integer NOT NULL,
    started_at timestamp with time zone NOT NULL,
    duration_ms bigint NOT NULL,
    status_code integer,
    error text,
    answer text,
    CONSTRAINT delivery_attempts_duration_ms_check CHECK ((duration_ms >= 0)),
    CONSTRAINT delivery_attempts_number_check CHECK ((number > 0)),
    CONSTRAINT delivery_attempts_pkey PRIMARY KEY (delivery_id, number)
);

CREATE TABLE events (
    id uuid NOT NULL,
    provider text NOT NULL,
    provider_event_id text NOT NULL,
    event_type text NOT NULL,
    subject text,
    raw bytea NOT NULL,
    report text NOT NULL,
    verdict text NOT NULL,
    reason text,
    waiting_for text,
    checkout_id uuid,
    received_at timestamp with time zone NOT NULL,
    processed_at timestamp with time zone,
    fingerprint bytea,
    order_id uuid,
    order_status text,
    CONSTRAINT events_check CHECK (((verdict = 'waiting'::text) = (processed_at IS NULL))),
    CONSTRAINT events_check1 CHECK (((verdict = 'waiting'::text) = (waiting_for IS NOT NULL))),
    CONSTRAINT events_fingerprint_check CHECK ((octet_length(fingerprint) = 32)),
    CONSTRAINT events_pkey PRIMARY KEY (id),
    CONSTRAINT events_verdict_check CHECK ((verdict = ANY (ARRAY['applied'::text, 'stale'::text, 'waiting'::text, 'rejected'::text, 'dead'::text])))
);

CREATE TABLE holds (
    id uuid NOT NULL,
    product_id uuid NOT NULL,
    quantity integer NOT NULL,
    status text NOT NULL,
    order_id uuid,
    expires_at timestamp with time zone NOT NULL,
    created_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    CONSTRAINT holds_check CHECK (((status = 'active'::text) = (ended_at IS NULL))),
    CONSTRAINT holds_check1 CHECK (((status = 'converted'::text) = (order_id IS NOT NULL))),
    CONSTRAINT holds_pkey PRIMARY KEY (id),
    CONSTRAINT holds_quantity_check CHECK ((quantity > 0)),
    CONSTRAINT holds_status_check CHECK ((status = ANY (ARRAY['active'::text, 'converted'::text, 'expired'::text, 'released'::text])))
);

CREATE TABLE jobs (
    id uuid NOT NULL,
    kind text NOT NULL,
    subject_id uuid NOT NULL,
    status text NOT NULL,
    attempts integer NOT NULL,
    run_at timestamp with time zone NOT NULL,
    last_error text,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    forgiven_attempts integer DEFAULT 0 NOT NULL,
    retried_at timestamp with time zone,
    queue_id uuid,
    checkpoint text,
    CONSTRAINT jobs_attempts_check CHECK ((attempts >= 0)),
    CONSTRAINT jobs_check CHECK (((forgiven_attempts >= 0) AND (forgiven_attempts <= attempts))),
    CONSTRAINT jobs_pkey PRIMARY KEY (id),
    CONSTRAINT jobs_status_check CHECK ((status = ANY (ARRAY['ready'::text, 'running'::text, 'done'::text, 'dead'::text])))
);

CREATE TABLE notifications (
    id uuid NOT NULL,
    merchant_id text NOT NULL,
    event_type text NOT NULL,
    subject_id uuid NOT NULL,
    body text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT notifications_pkey PRIMARY KEY (id)
);

CREATE TABLE order_items (
    order_id uuid NOT NULL,
    "position" integer NOT NULL,
    product_id uuid NOT NULL,
    quantity integer NOT NULL,
    price_minor bigint NOT NULL,
    CONSTRAINT order_items_pkey PRIMARY KEY (order_id, "position"),
    CONSTRAINT order_items_price_minor_check CHECK ((price_minor > 0)),
    CONSTRAINT order_items_quantity_check CHECK ((quantity > 0))
);

CREATE TABLE orders (
    id uuid NOT NULL,
    merchant_id text NOT NULL,
    hold_id uuid,
    customer_id text,
    customer_is_number boolean NOT NULL,
    email text,
    total_minor bigint NOT NULL,
    currency text NOT NULL,
    status text NOT NULL,
    payment_status text NOT NULL,
    payment_id text,
    checkout_id uuid,
    expires_at timestamp with time zone NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    received_minor bigint DEFAULT 0 NOT NULL,
    counted_minor bigint DEFAULT 0 NOT NULL,
    refunded_minor bigint DEFAULT 0 NOT NULL,
    CONSTRAINT orders_check CHECK (((refunded_minor >= 0) AND (refunded_minor <= received_minor))),
    CONSTRAINT orders_counted_minor_check CHECK ((counted_minor >= 0)),
    CONSTRAINT orders_payment_status_check CHECK ((payment_status = ANY (ARRAY['unpaid'::text, 'paid'::text, 'failed'::text, 'underpaid'::text, 'overpaid'::text, 'refund_due'::text, 'refunded'::text]))),
    CONSTRAINT orders_pkey PRIMARY KEY (id),
    CONSTRAINT orders_received_minor_check CHECK ((received_minor >= 0)),
    CONSTRAINT orders_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'paid'::text, 'completed'::text, 'cancelled'::text, 'expired'::text, 'refunded'::text]))),
    CONSTRAINT orders_total_minor_check CHECK ((total_minor > 0))
);

CREATE TABLE products (
    id uuid NOT NULL,
    merchant_id text NOT NULL,
    name text NOT NULL,
    description text,
    price_minor bigint NOT NULL,
    currency text NOT NULL,
    total_stock integer NOT NULL,
    held_stock integer NOT NULL,
    sold_stock integer NOT NULL,
    deleted_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    in_stock boolean GENERATED ALWAYS AS (((deleted_at IS NULL) AND ((total_stock)::bigint > ((held_stock)::bigint + sold_stock)))) STORED NOT NULL,
    CONSTRAINT products_check CHECK (((total_stock)::bigint >= ((held_stock)::bigint + sold_stock))),
    CONSTRAINT products_held_stock_check CHECK ((held_stock >= 0)),
    CONSTRAINT products_pkey PRIMARY KEY (id),
    CONSTRAINT products_price_minor_check CHECK ((price_minor > 0)),
    CONSTRAINT products_sold_stock_check CHECK ((sold_stock >= 0)),
    CONSTRAINT products_total_stock_check CHECK (((total_stock >= 0) AND (total_stock <= 1000000000)))
) WITH (fillfactor=50);

CREATE TABLE secrets (
    name text NOT NULL,
    value bytea NOT NULL,
    CONSTRAINT secrets_pkey PRIMARY KEY (name)
);

CREATE TABLE stock_repairs (
    product_id uuid NOT NULL,
    number integer NOT NULL,
    total_stock integer NOT NULL,
    held_before integer NOT NULL,
    sold_before integer NOT NULL,
    held_after integer NOT NULL,
    sold_after integer NOT NULL,
    repaired_at timestamp with time zone NOT NULL,
    CONSTRAINT stock_repairs_number_check CHECK ((number > 0)),
    CONSTRAINT stock_repairs_pkey PRIMARY KEY (product_id, number)
);

CREATE TABLE transactions (
    id uuid NOT NULL,
    checkout_id uuid,
    order_id uuid,
    provider text NOT NULL,
    provider_transaction_id text NOT NULL,
    event_type text NOT NULL,
    status text NOT NULL,
    email text,
    amount_minor bigint NOT NULL,
    currency text NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    CONSTRAINT transactions_amount_minor_check CHECK ((amount_minor > 0)),
    CONSTRAINT transactions_payee CHECK (((checkout_id IS NOT NULL) OR (order_id IS NOT NULL))),
    CONSTRAINT transactions_pkey PRIMARY KEY (id),
    CONSTRAINT transactions_status_check CHECK ((status = ANY (ARRAY['COMPLETED'::text, 'UNRESOLVED'::text])))
);

CREATE TABLE webhook_endpoints (
    id uuid NOT NULL,
    merchant_id text NOT NULL,
    url text NOT NULL,
    event_types text,
    description text,
    is_asymmetric boolean NOT NULL,
    seed bytea NOT NULL,
    previous_seed bytea,
    previous_seed_until timestamp with time zone,
    status text NOT NULL,
    disabled_reason text,
    disabled_at timestamp with time zone,
    failing_since timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    CONSTRAINT webhook_endpoints_check CHECK (((previous_seed IS NULL) = (previous_seed_until IS NULL))),
    CONSTRAINT webhook_endpoints_check1 CHECK (((disabled_reason IS NULL) = (disabled_at IS NULL))),
    CONSTRAINT webhook_endpoints_check2 CHECK (((status <> 'disabled'::text) OR (disabled_at IS NOT NULL))),
    CONSTRAINT webhook_endpoints_check3 CHECK (((status <> 'enabled'::text) OR (disabled_at IS NULL))),
    CONSTRAINT webhook_endpoints_pkey PRIMARY KEY (id),
    CONSTRAINT webhook_endpoints_previous_seed_check CHECK ((octet_length(previous_seed) = 32)),
    CONSTRAINT webhook_endpoints_seed_check CHECK ((octet_length(seed) = 32)),
    CONSTRAINT webhook_endpoints_status_check CHECK ((status = ANY (ARRAY['enabled'::text, 'disabled'::text, 'deleted'::text])))
);

CREATE TABLE writers (
    id uuid NOT NULL,
    batch_id uuid NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    CONSTRAINT writers_pkey PRIMARY KEY (id)
) WITH (fillfactor=20);

CREATE INDEX audit_trail_of_subject ON public.audit_trail USING btree (subject_id, id);
CREATE INDEX checkouts_by_email ON public.checkouts USING btree (email, id) WHERE (email IS NOT NULL);
CREATE INDEX checkouts_by_status ON public.checkouts USING btree (status, id);
CREATE UNIQUE INDEX checkouts_charge_code ON public.checkouts USING btree (charge_code) WHERE (charge_code IS NOT NULL);
CREATE UNIQUE INDEX checkouts_idempotency_digest ON public.checkouts USING btree (idempotency_digest);
CREATE INDEX checkouts_of_merchant ON public.checkouts USING btree (merchant_id, id);
CREATE INDEX checkouts_pending_by_expiry ON public.checkouts USING btree (expires_at, id) WHERE (status = 'PENDING'::text);
CREATE INDEX checkouts_settled_for_order ON public.checkouts USING btree ((
CASE
    WHEN (status = ANY (ARRAY['COMPLETED'::text, 'UNRESOLVED'::text])) THEN order_id
    ELSE NULL::uuid
END)) WHERE (
CASE
    WHEN (status = ANY (ARRAY['COMPLETED'::text, 'UNRESOLVED'::text])) THEN order_id
    ELSE NULL::uuid
END IS NOT NULL);
CREATE INDEX decided_requests_by_age ON public.decided_requests USING btree (decided_at);
CREATE INDEX deliveries_by_endpoint ON public.deliveries USING btree (endpoint_id, id);
CREATE INDEX deliveries_by_endpoint_and_status ON public.deliveries USING btree (endpoint_id, status, id);
CREATE INDEX deliveries_by_status ON public.deliveries USING btree (status, id);
CREATE INDEX deliveries_finished ON public.deliveries USING btree (finished_at, id) WHERE (finished_at IS NOT NULL);
CREATE INDEX deliveries_missed ON public.deliveries USING btree (endpoint_id, created_at, id) WHERE ((status = 'failed'::text) AND (redelivered_as IS NULL));
CREATE INDEX deliveries_of_notification ON public.deliveries USING btree (notification_id);
CREATE INDEX deliveries_open_of_subject ON public.deliveries USING btree (subject_id) WHERE (finished_at IS NULL);
CREATE UNIQUE INDEX deliveries_places ON public.deliveries USING btree (endpoint_id, subject_id, place) WHERE ((status = ANY (ARRAY['waiting'::text, 'pending'::text])) AND (place IS NOT NULL));
CREATE INDEX events_by_provider ON public.events USING btree (((provider || ''::text)), id);
CREATE INDEX events_by_provider_and_verdict ON public.events USING btree ((((provider || ' '::text) || verdict)), id);
CREATE INDEX events_by_verdict ON public.events USING btree (verdict, id);
CREATE INDEX events_idle_by_age ON public.events USING btree (processed_at) WHERE (((verdict || ''::text) = ANY (ARRAY['stale'::text, 'rejected'::text, 'dead'::text])) AND ((((report)::jsonb ->> 'outcome'::text) = 'failed'::text) OR ((((report)::jsonb ->> 'news'::text) = ANY (ARRAY['created'::text, 'pending'::text, 'expired'::text, 'canceled'::text, 'unknown'::text])) AND (((report)::jsonb -> 'payments'::text) = '[]'::jsonb))));
CREATE UNIQUE INDEX events_provider_event_id ON public.events USING btree (provider, provider_event_id);
CREATE INDEX events_waiting_by_age ON public.events USING btree (received_at, id) WHERE (processed_at IS NULL);
CREATE INDEX events_waiting_for ON public.events USING btree (waiting_for) WHERE (waiting_for IS NOT NULL);
CREATE INDEX holds_active_by_expiry ON public.holds USING btree (expires_at, id) WHERE (ended_at IS NULL);
CREATE INDEX holds_active_of_product ON public.holds USING btree (product_id, expires_at, id) WHERE (status = 'active'::text);
CREATE INDEX holds_ended_by_age ON public.holds USING btree (ended_at) WHERE ((ended_at IS NOT NULL) AND (order_id IS NULL));
CREATE INDEX jobs_by_kind ON public.jobs USING btree (((kind || ''::text)), id);
CREATE INDEX jobs_by_kind_and_status ON public.jobs USING btree ((((kind || ' '::text) || status)), id);
CREATE INDEX jobs_dead ON public.jobs USING btree (id) WHERE (status = 'dead'::text);
CREATE INDEX jobs_done ON public.jobs USING btree (id) WHERE (status = 'done'::text);
CREATE INDEX jobs_done_by_age ON public.jobs USING btree (updated_at) WHERE (status <> ALL (ARRAY['ready'::text, 'running'::text, 'dead'::text]));
CREATE UNIQUE INDEX jobs_once_per_subject ON public.jobs USING btree (subject_id, kind);
CREATE INDEX jobs_open_by_kind ON public.jobs USING btree (kind, run_at, id) WHERE (status = ANY (ARRAY['ready'::text, 'running'::text]));
CREATE INDEX jobs_open_by_queue ON public.jobs USING btree (kind, queue_id, run_at, id) WHERE ((queue_id IS NOT NULL) AND (status <> ALL (ARRAY['done'::text, 'dead'::text])));
CREATE INDEX jobs_ready ON public.jobs USING btree (id) WHERE (status = 'ready'::text);
CREATE INDEX jobs_running ON public.jobs USING btree (id) WHERE (status = 'running'::text);
CREATE INDEX notifications_by_age ON public.notifications USING btree (created_at, id);
CREATE INDEX order_items_of_product ON public.order_items USING btree (product_id, order_id);
CREATE INDEX orders_by_age ON public.orders USING btree (created_at, id);
CREATE INDEX orders_by_status ON public.orders USING btree (status, created_at, id);
CREATE UNIQUE INDEX orders_hold_id ON public.orders USING btree (hold_id) WHERE (hold_id IS NOT NULL);
CREATE INDEX orders_of_customer ON public.orders USING btree (customer_id, created_at, id) WHERE (customer_id IS NOT NULL);
CREATE INDEX orders_pending_by_expiry ON public.orders USING btree (expires_at, id) WHERE (status = 'pending'::text);
CREATE INDEX products_in_stock ON public.products USING btree (id) WHERE in_stock;
CREATE INDEX products_offered ON public.products USING btree (id) WHERE (deleted_at IS NULL);
CREATE INDEX transactions_by_status ON public.transactions USING btree (status, id);
CREATE UNIQUE INDEX transactions_movement ON public.transactions USING btree (provider_transaction_id, provider, checkout_id);
CREATE UNIQUE INDEX transactions_movement_of_order ON public.transactions USING btree (provider_transaction_id, provider, order_id) WHERE (checkout_id IS NULL);
CREATE INDEX transactions_of_checkout ON public.transactions USING btree (checkout_id, id);
CREATE INDEX transactions_of_order ON public.transactions USING btree (order_id, id) WHERE (order_id IS NOT NULL);
CREATE INDEX webhook_endpoints_of_merchant ON public.webhook_endpoints USING btree (merchant_id, id) WHERE (status <> 'deleted'::text);

ALTER TABLE delivery_attempts ADD CONSTRAINT delivery_attempts_delivery_id_fkey FOREIGN KEY (delivery_id) REFERENCES deliveries(id) ON DELETE CASCADE;
ALTER TABLE events ADD CONSTRAINT events_checkout_id_fkey FOREIGN KEY (checkout_id) REFERENCES checkouts(id);
ALTER TABLE order_items ADD CONSTRAINT order_items_order_id_fkey FOREIGN KEY (order_id) REFERENCES orders(id);
ALTER TABLE transactions ADD CONSTRAINT transactions_checkout_id_fkey FOREIGN KEY (checkout_id) REFERENCES checkouts(id);
