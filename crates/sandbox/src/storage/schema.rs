//! The tables, as the migrations make them.

diesel::table! {
    merchants (id) {
        id -> BigInt,
        name -> Text,
        api_key -> Text,
        webhook_secret -> Text,
        previous_webhook_secret -> Text,
        created_at_ms -> BigInt,
    }
}

diesel::table! {
    endpoints (id) {
        id -> BigInt,
        merchant_id -> BigInt,
        url -> Text,
        is_configured -> Bool,
        created_at_ms -> BigInt,
    }
}

diesel::table! {
    resources (seq) {
        seq -> BigInt,
        merchant_id -> BigInt,
        kind -> Text,
        id -> Text,
        code -> Nullable<Text>,
        parent_seq -> Nullable<BigInt>,
        number -> BigInt,
        document -> Text,
        due_at_ms -> Nullable<BigInt>,
    }
}

diesel::table! {
    totals (merchant_id, kind) {
        merchant_id -> BigInt,
        kind -> Text,
        total -> BigInt,
        made -> BigInt,
    }
}

diesel::table! {
    deliveries (seq) {
        seq -> BigInt,
        merchant_id -> BigInt,
        endpoint_id -> BigInt,
        url -> Text,
        event_seq -> BigInt,
        event_id -> Text,
        event_type -> Text,
        charge_code -> Nullable<Text>,
        lane -> BigInt,
        dice -> Text,
        faults -> Nullable<Text>,
        is_held -> Bool,
        state -> Text,
        attempts -> Integer,
        status_code -> Nullable<Integer>,
        failure -> Nullable<Text>,
        duration_ms -> Nullable<BigInt>,
        created_at_ms -> BigInt,
        begun_at_ms -> BigInt,
        last_attempt_at_ms -> Nullable<BigInt>,
        next_attempt_at_ms -> Nullable<BigInt>,
    }
}

diesel::table! {
    attempts (seq) {
        seq -> BigInt,
        delivery_seq -> BigInt,
        number -> Integer,
        started_at_ms -> BigInt,
        duration_ms -> BigInt,
        status_code -> Nullable<Integer>,
        failure -> Nullable<Text>,
        fault -> Nullable<Text>,
        url -> Text,
        envelope_id -> Text,
        scheduled_for_ms -> BigInt,
        body_event_seq -> BigInt,
        signature -> Text,
    }
}

diesel::table! {
    settings (name) {
        name -> Text,
        document -> Text,
    }
}
