//! The tables as Diesel sees them. What the migrations make of them is in `docs/schema/sqlite.sql`.

diesel::table! {
    checkouts (id) {
        id -> Binary,
        merchant_id -> Text,
        idempotency_key -> Nullable<Text>,
        fingerprint -> Binary,
        order_id -> Nullable<Binary>,
        status -> Text,
        amount_minor -> BigInt,
        currency -> Text,
        email -> Nullable<Text>,
        metadata -> Nullable<Text>,
        charge_code -> Nullable<Text>,
        hosted_url -> Nullable<Text>,
        detected_at -> Nullable<BigInt>,
        completed_at -> Nullable<BigInt>,
        failure_reason -> Nullable<Text>,
        expires_at -> BigInt,
        created_at -> BigInt,
        updated_at -> BigInt,
        received_minor -> BigInt,
        counted_minor -> BigInt,
    }
}

diesel::table! {
    events (id) {
        id -> Binary,
        provider -> Text,
        provider_event_id -> Text,
        event_type -> Text,
        subject -> Nullable<Text>,
        raw -> Binary,
        report -> Text,
        fingerprint -> Nullable<Binary>,
        verdict -> Text,
        reason -> Nullable<Text>,
        waiting_for -> Nullable<Text>,
        checkout_id -> Nullable<Binary>,
        order_id -> Nullable<Binary>,
        order_status -> Nullable<Text>,
        received_at -> BigInt,
        processed_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    transactions (id) {
        id -> Binary,
        checkout_id -> Nullable<Binary>,
        order_id -> Nullable<Binary>,
        provider -> Text,
        provider_transaction_id -> Text,
        event_type -> Text,
        status -> Text,
        email -> Nullable<Text>,
        amount_minor -> BigInt,
        currency -> Text,
        occurred_at -> BigInt,
        recorded_at -> BigInt,
    }
}

diesel::table! {
    jobs (id) {
        id -> Binary,
        kind -> Text,
        subject_id -> Binary,
        status -> Text,
        attempts -> Integer,
        run_at -> BigInt,
        last_error -> Nullable<Text>,
        created_at -> BigInt,
        updated_at -> BigInt,
        forgiven_attempts -> Integer,
        retried_at -> Nullable<BigInt>,
        queue_id -> Nullable<Binary>,
        checkpoint -> Nullable<Text>,
    }
}

diesel::table! {
    products (id) {
        id -> Binary,
        merchant_id -> Text,
        name -> Text,
        description -> Nullable<Text>,
        price_minor -> BigInt,
        currency -> Text,
        total_stock -> Integer,
        held_stock -> Integer,
        sold_stock -> Integer,
        deleted_at -> Nullable<BigInt>,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    holds (id) {
        id -> Binary,
        product_id -> Binary,
        quantity -> Integer,
        status -> Text,
        order_id -> Nullable<Binary>,
        expires_at -> BigInt,
        created_at -> BigInt,
        ended_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    orders (id) {
        id -> Binary,
        merchant_id -> Text,
        hold_id -> Nullable<Binary>,
        customer_id -> Nullable<Text>,
        customer_is_number -> Bool,
        email -> Nullable<Text>,
        total_minor -> BigInt,
        currency -> Text,
        status -> Text,
        payment_status -> Text,
        payment_id -> Nullable<Text>,
        checkout_id -> Nullable<Binary>,
        expires_at -> BigInt,
        created_at -> BigInt,
        updated_at -> BigInt,
        received_minor -> BigInt,
        counted_minor -> BigInt,
        refunded_minor -> BigInt,
    }
}

diesel::table! {
    order_items (order_id, position) {
        order_id -> Binary,
        position -> Integer,
        product_id -> Binary,
        quantity -> Integer,
        price_minor -> BigInt,
    }
}

diesel::table! {
    secrets (name) {
        name -> Text,
        value -> Binary,
    }
}

diesel::table! {
    audit_trail (id) {
        id -> Binary,
        subject -> Text,
        subject_id -> Binary,
        changes -> Text,
        actor -> Text,
        command -> Text,
        event_id -> Nullable<Binary>,
        request_id -> Nullable<Text>,
        at -> BigInt,
    }
}

diesel::table! {
    webhook_endpoints (id) {
        id -> Binary,
        merchant_id -> Text,
        url -> Text,
        event_types -> Nullable<Text>,
        description -> Nullable<Text>,
        is_asymmetric -> Bool,
        seed -> Binary,
        previous_seed -> Nullable<Binary>,
        previous_seed_until -> Nullable<BigInt>,
        status -> Text,
        disabled_reason -> Nullable<Text>,
        disabled_at -> Nullable<BigInt>,
        failing_since -> Nullable<BigInt>,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    decided_requests (scope) {
        scope -> Binary,
        fingerprint -> Binary,
        outcome -> Text,
        decided_at -> BigInt,
    }
}

diesel::table! {
    notifications (id) {
        id -> Binary,
        merchant_id -> Text,
        event_type -> Text,
        subject_id -> Binary,
        body -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    deliveries (id) {
        id -> Binary,
        notification_id -> Binary,
        endpoint_id -> Binary,
        event_type -> Text,
        subject_id -> Binary,
        place -> Nullable<Integer>,
        status -> Text,
        attempts -> Integer,
        next_attempt_at -> Nullable<BigInt>,
        failure -> Nullable<Text>,
        redelivered_as -> Nullable<Binary>,
        created_at -> BigInt,
        finished_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    delivery_attempts (delivery_id, number) {
        delivery_id -> Binary,
        number -> Integer,
        started_at -> BigInt,
        duration_ms -> BigInt,
        status_code -> Nullable<Integer>,
        error -> Nullable<Text>,
        answer -> Nullable<Text>,
    }
}
