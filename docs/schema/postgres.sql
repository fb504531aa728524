-- Made from the migrations by `make schema`; not to be edited by hand.

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
    CONSTRAINT checkouts_amount_minor_check CHECK ((amount_minor > 0)),
    CONSTRAINT checkouts_check CHECK (((status = 'COMPLETED'::text) = (completed_at IS NOT NULL))),
    CONSTRAINT checkouts_check1 CHECK (((charge_code IS NULL) = (hosted_url IS NULL))),
    CONSTRAINT checkouts_check2 CHECK (((idempotency_key IS NULL) = (idempotency_digest IS NULL))),
    CONSTRAINT checkouts_fingerprint_check CHECK ((octet_length(fingerprint) = 32)),
    CONSTRAINT checkouts_pkey PRIMARY KEY (id),
    CONSTRAINT checkouts_status_check CHECK ((status = ANY (ARRAY['PENDING'::text, 'COMPLETED'::text, 'FAILED'::text, 'EXPIRED'::text, 'CANCELED'::text, 'UNRESOLVED'::text])))
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
    CONSTRAINT events_check CHECK (((verdict = 'waiting'::text) = (processed_at IS NULL))),
    CONSTRAINT events_check1 CHECK (((verdict = 'waiting'::text) = (waiting_for IS NOT NULL))),
    CONSTRAINT events_pkey PRIMARY KEY (id),
    CONSTRAINT events_verdict_check CHECK ((verdict = ANY (ARRAY['applied'::text, 'stale'::text, 'waiting'::text, 'rejected'::text, 'dead'::text])))
);

CREATE TABLE jobs (
    id uuid NOT NULL,
    kind text NOT NULL,
    checkout_id uuid NOT NULL,
    status text NOT NULL,
    attempts integer NOT NULL,
    run_at timestamp with time zone NOT NULL,
    last_error text,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    CONSTRAINT jobs_attempts_check CHECK ((attempts >= 0)),
    CONSTRAINT jobs_pkey PRIMARY KEY (id),
    CONSTRAINT jobs_status_check CHECK ((status = ANY (ARRAY['ready'::text, 'running'::text, 'done'::text, 'dead'::text])))
);

CREATE TABLE transactions (
    id uuid NOT NULL,
    checkout_id uuid NOT NULL,
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
    CONSTRAINT transactions_pkey PRIMARY KEY (id),
    CONSTRAINT transactions_status_check CHECK ((status = ANY (ARRAY['COMPLETED'::text, 'UNRESOLVED'::text])))
);

CREATE TABLE writers (
    id uuid NOT NULL,
    batch_id uuid NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    CONSTRAINT writers_pkey PRIMARY KEY (id)
) WITH (fillfactor=20);

CREATE INDEX checkouts_by_email ON public.checkouts USING btree (email, id) WHERE (email IS NOT NULL);
CREATE INDEX checkouts_by_status ON public.checkouts USING btree (status, id);
CREATE UNIQUE INDEX checkouts_charge_code ON public.checkouts USING btree (charge_code) WHERE (charge_code IS NOT NULL);
CREATE UNIQUE INDEX checkouts_idempotency_digest ON public.checkouts USING btree (idempotency_digest);
CREATE INDEX checkouts_of_merchant ON public.checkouts USING btree (merchant_id, id);
CREATE INDEX checkouts_pending_by_expiry ON public.checkouts USING btree (expires_at, id) WHERE (status = 'PENDING'::text);
CREATE INDEX events_by_verdict ON public.events USING btree (verdict, id);
CREATE UNIQUE INDEX events_provider_event_id ON public.events USING btree (provider, provider_event_id);
CREATE INDEX events_waiting_for ON public.events USING btree (waiting_for) WHERE (waiting_for IS NOT NULL);
CREATE INDEX jobs_dead ON public.jobs USING btree (id) WHERE (status = 'dead'::text);
CREATE UNIQUE INDEX jobs_once_per_checkout ON public.jobs USING btree (checkout_id, kind);
CREATE INDEX jobs_open_by_run_at ON public.jobs USING btree (run_at, id) WHERE (status = ANY (ARRAY['ready'::text, 'running'::text]));
CREATE INDEX transactions_by_status ON public.transactions USING btree (status, id);
CREATE UNIQUE INDEX transactions_movement ON public.transactions USING btree (provider_transaction_id, provider, checkout_id);
CREATE INDEX transactions_of_checkout ON public.transactions USING btree (checkout_id, id);
CREATE INDEX transactions_of_order ON public.transactions USING btree (order_id, id) WHERE (order_id IS NOT NULL);

ALTER TABLE events ADD CONSTRAINT events_checkout_id_fkey FOREIGN KEY (checkout_id) REFERENCES checkouts(id);
ALTER TABLE transactions ADD CONSTRAINT transactions_checkout_id_fkey FOREIGN KEY (checkout_id) REFERENCES checkouts(id);
