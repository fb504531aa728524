//! The tables as Diesel sees them. What the migrations make of them is in `docs/schema/postgres.sql`.

diesel::table! {
    checkouts (id) {
        id -> Uuid,
        merchant_id -> Text,
        idempotency_key -> Nullable<Text>,
        idempotency_digest -> Nullable<Uuid>,
        fingerprint -> Bytea,
        order_id -> Nullable<Uuid>,
        status -> Text,
        amount_minor -> BigInt,
        currency -> Text,
        email -> Nullable<Text>,
        metadata -> Nullable<Text>,
        charge_code -> Nullable<Text>,
        hosted_url -> Nullable<Text>,
        detected_at -> Nullable<Timestamptz>,
        completed_at -> Nullable<Timestamptz>,
        failure_reason -> Nullable<Text>,
        expires_at -> Timestamptz,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        received_minor -> BigInt,
        counted_minor -> BigInt,
    }
}

diesel::table! {
    events (id) {
        id -> Uuid,
        provider -> Text,
        provider_event_id -> Text,
        event_type -> Text,
        subject -> Nullable<Text>,
        raw -> Bytea,
        report -> Text,
        fingerprint -> Nullable<Bytea>,
        verdict -> Text,
        reason -> Nullable<Text>,
        waiting_for -> Nullable<Text>,
        checkout_id -> Nullable<Uuid>,
        order_id -> Nullable<Uuid>,
        order_status -> Nullable<Text>,
        received_at -> Timestamptz,
        processed_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    transactions (id) {
        id -> Uuid,
        checkout_id -> Nullable<Uuid>,
        order_id -> Nullable<Uuid>,
        provider -> Text,
        provider_transaction_id -> Text,
        event_type -> Text,
        status -> Text,
        email -> Nullable<Text>,
        amount_minor -> BigInt,
        currency -> Text,
        occurred_at -> Timestamptz,
        recorded_at -> Timestamptz,
    }
}

diesel::table! {
    jobs (id) {
        id -> Uuid,
        kind -> Text,
        subject_id -> Uuid,
        status -> Text,
        attempts -> Integer,
        run_at -> Timestamptz,
        last_error -> Nullable<Text>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        forgiven_attempts -> Integer,
        retried_at -> Nullable<Timestamptz>,
        queue_id -> Nullable<Uuid>,
        checkpoint -> Nullable<Text>,
    }
}

diesel::table! {
    products (id) {
        id -> Uuid,
        merchant_id -> Text,
        name -> Text,
        description -> Nullable<Text>,
        price_minor -> BigInt,
        currency -> Text,
        total_stock -> Integer,
        held_stock -> Integer,
        sold_stock -> Integer,
        deleted_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    holds (id) {
        id -> Uuid,
        product_id -> Uuid,
        quantity -> Integer,
        status -> Text,
        order_id -> Nullable<Uuid>,
        expires_at -> Timestamptz,
        created_at -> Timestamptz,
        ended_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    orders (id) {
        id -> Uuid,
        merchant_id -> Text,
        hold_id -> Nullable<Uuid>,
        customer_id -> Nullable<Text>,
        customer_is_number -> Bool,
        email -> Nullable<Text>,
        total_minor -> BigInt,
        currency -> Text,
        status -> Text,
        payment_status -> Text,
        payment_id -> Nullable<Text>,
        checkout_id -> Nullable<Uuid>,
        expires_at -> Timestamptz,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        received_minor -> BigInt,
        counted_minor -> BigInt,
        refunded_minor -> BigInt,
    }
}

diesel::table! {
    order_items (order_id, position) {
        order_id -> Uuid,
        position -> Integer,
        product_id -> Uuid,
        quantity -> Integer,
        price_minor -> BigInt,
    }
}

diesel::table! {
    secrets (name) {
        name -> Text,
        value -> Bytea,
    }
}

diesel::table! {
    audit_trail (id) {
        id -> Uuid,
        subject -> Text,
        subject_id -> Uuid,
        changes -> Text,
        actor -> Text,
        command -> Text,
        event_id -> Nullable<Uuid>,
        request_id -> Nullable<Text>,
        at -> Timestamptz,
    }
}

diesel::table! {
    webhook_endpoints (id) {
        id -> Uuid,
        merchant_id -> Text,
        url -> Text,
        event_types -> Nullable<Text>,
        description -> Nullable<Text>,
        is_asymmetric -> Bool,
        seed -> Bytea,
        previous_seed -> Nullable<Bytea>,
        previous_seed_until -> Nullable<Timestamptz>,
        status -> Text,
        disabled_reason -> Nullable<Text>,
        disabled_at -> Nullable<Timestamptz>,
        failing_since -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    decided_requests (scope) {
        scope -> Bytea,
        fingerprint -> Bytea,
        outcome -> Text,
        decided_at -> Timestamptz,
    }
}

diesel::table! {
    notifications (id) {
        id -> Uuid,
        merchant_id -> Text,
        event_type -> Text,
        subject_id -> Uuid,
        body -> Text,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    deliveries (id) {
        id -> Uuid,
        notification_id -> Uuid,
        endpoint_id -> Uuid,
        event_type -> Text,
        subject_id -> Uuid,
        place -> Nullable<Integer>,
        status -> Text,
        attempts -> Integer,
        next_attempt_at -> Nullable<Timestamptz>,
        failure -> Nullable<Text>,
        redelivered_as -> Nullable<Uuid>,
        created_at -> Timestamptz,
        finished_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    delivery_attempts (delivery_id, number) {
        delivery_id -> Uuid,
        number -> Integer,
        started_at -> Timestamptz,
        duration_ms -> BigInt,
        status_code -> Nullable<Integer>,
        error -> Nullable<Text>,
        answer -> Nullable<Text>,
    }
}
