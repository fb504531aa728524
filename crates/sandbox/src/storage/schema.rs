//! The tables, as the migrations make them.

diesel::table! {
    charges (seq) {
        seq -> BigInt,
        id -> Text,
        code -> Text,
        document -> Text,
        due_at_ms -> Nullable<BigInt>,
    }
}

diesel::table! {
    events (seq) {
        seq -> BigInt,
        id -> Text,
        charge_seq -> BigInt,
        charge_code -> Text,
        kind -> Text,
        body -> Text,
        created_at_ms -> BigInt,
        attempts -> Integer,
        next_attempt_at_ms -> Nullable<BigInt>,
    }
}

diesel::table! {
    deliveries (seq) {
        seq -> BigInt,
        event_id -> Text,
        charge_code -> Text,
        kind -> Text,
        attempt -> Integer,
        started_at_ms -> BigInt,
        duration_ms -> BigInt,
        status_code -> Nullable<Integer>,
        failure -> Nullable<Text>,
        next_attempt_at_ms -> Nullable<BigInt>,
    }
}
