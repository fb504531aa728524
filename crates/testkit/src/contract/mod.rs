//! What every store must do: one suite, run against PostgreSQL, SQLite and memory.

pub mod checkouts;
pub mod concurrency;
pub mod events;
pub mod jobs;
pub mod lists;

/// Runs the suite against a store, made anew for each test.
#[macro_export]
macro_rules! contract_suite {
    ($backend:ident, $fresh:expr) => {
        mod $backend {
            $crate::contract_suite!(@tests $fresh;
                checkouts::a_created_checkout_can_be_read,
                checkouts::unusual_texts_come_back_as_they_were,
                checkouts::the_same_key_and_request_answers_with_the_same_checkout,
                checkouts::the_same_key_and_another_request_is_rejected_and_changes_nothing,
                checkouts::keys_of_two_merchants_do_not_meet,
                checkouts::the_same_command_twice_answers_the_same,
                checkouts::a_charge_is_attached_once,
                checkouts::a_second_charge_is_one_too_many,
                checkouts::a_charge_of_another_checkout_is_refused,
                checkouts::only_an_overdue_checkout_expires,
                checkouts::a_checkout_whose_payment_was_seen_has_a_day_more,
                events::a_confirmed_payment_completes_the_checkout_with_one_transaction,
                events::the_same_event_again_is_a_duplicate,
                events::an_event_before_its_charge_waits_and_is_applied_with_it,
                events::events_that_waited_are_applied_in_the_order_in_which_they_happened,
                events::late_money_completes_a_failed_checkout,
                events::another_amount_or_currency_never_completes,
                events::an_event_of_an_unknown_type_is_stored_and_rejected,
                events::more_events_than_may_wait_are_stored_dead,
                events::a_second_movement_for_a_paid_checkout_is_recorded,
                jobs::a_job_is_stored_with_its_checkout_and_claimed_once,
                jobs::a_lease_that_ran_out_is_claimed_again_and_the_old_one_is_void,
                jobs::a_failed_job_waits_longer_each_time_and_dies_in_the_end,
                jobs::a_job_is_claimed_by_its_checkout_before_it_is_due,
                jobs::a_job_of_a_kind_from_a_newer_version_is_left_to_others,
                lists::lists_are_newest_first_and_filtered,
                lists::counting_stops_at_the_cap,
                concurrency::two_hundred_with_one_key_make_one_checkout,
                concurrency::a_crowd_is_answered_and_stored_one_by_one,
                concurrency::claimers_never_share_a_job,
            );
        }
    };
    (@tests $fresh:expr; $($group:ident :: $name:ident),+ $(,)?) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                $crate::contract::$group::$name(&$fresh()).await;
            }
        )+
    };
}
