//! What every store must do: one suite, run against PostgreSQL, SQLite and memory.

pub mod audit_trail;
pub mod checkouts;
pub mod concurrency;
pub mod events;
pub mod holds;
pub mod jobs;
pub mod lists;
pub mod notifications;
pub mod order_charges;
pub mod orders;
pub mod payments;
pub mod products;
pub mod purges;
pub mod replays;
pub mod requests;
mod shop;
pub mod tasks;

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
                jobs::a_charge_is_stored_with_the_job_that_asks_about_it,
                jobs::each_kind_of_job_is_claimed_by_itself,
                jobs::a_postponed_job_is_due_again_when_it_was_said,
                jobs::a_checkpoint_is_kept_from_one_attempt_to_the_next,
                jobs::a_dead_job_is_retried_with_all_its_tries,
                jobs::a_job_that_waits_is_due_at_once_when_it_is_retried,
                tasks::work_is_queued_once_however_often_it_is_asked_for,
                tasks::work_for_ever_survives_being_given_up_and_other_work_waits_for_an_operator,
                tasks::a_queue_is_claimed_by_itself,
                tasks::queues_with_due_work_are_found_longest_waiting_first,
                tasks::jobs_are_listed_by_kind,
                purges::holds_that_came_to_nothing_go_and_all_others_stay,
                purges::leftovers_go_oldest_first_and_so_many_at_a_time,
                purges::events_that_told_nothing_go_and_whatever_tells_of_money_stays,
                purges::jobs_that_are_done_go_and_dead_letters_stay,
                purges::requests_that_were_decided_long_ago_are_forgotten,
                replays::an_event_that_waits_too_long_is_given_up,
                replays::a_dead_event_is_applied_by_a_replay_and_only_once,
                replays::an_event_that_two_nodes_replay_moves_its_money_once,
                replays::news_of_a_charge_is_replayed_once_the_charge_is_known,
                products::a_product_can_be_read_as_it_was_stored,
                products::a_product_is_said_anew_and_its_orders_keep_their_price,
                products::products_are_listed_newest_first_and_in_pages,
                products::products_are_filtered_by_whether_any_are_left,
                products::a_deleted_product_is_found_by_its_id_only,
                products::a_product_in_use_is_neither_deleted_nor_made_too_small,
                products::deleting_a_product_and_holding_it_never_both_succeed,
                products::making_a_product_smaller_and_holding_it_never_oversells,
                holds::a_hold_can_be_read_as_it_was_stored,
                holds::no_more_is_held_than_there_is,
                holds::a_released_hold_gives_its_stock_back_once,
                holds::expired_holds_are_found_longest_over_first,
                holds::a_hold_that_two_nodes_find_expired_gives_its_stock_back_once,
                holds::a_hold_whose_time_is_up_is_worth_nothing_noticed_or_not,
                holds::a_product_that_is_short_takes_its_expired_holds_back,
                holds::the_oldest_expired_holds_are_taken_back_so_many_at_a_time,
                holds::releasing_a_hold_and_ordering_it_never_both_succeed,
                orders::an_order_can_be_read_as_it_was_stored,
                orders::a_customer_who_is_a_number_stays_one,
                orders::orders_are_listed_newest_first_and_filtered,
                orders::an_order_takes_all_that_it_asks_for_or_nothing,
                orders::a_hold_becomes_one_order,
                orders::an_order_id_is_used_once,
                orders::an_order_changes_its_status_as_the_state_machine_allows,
                orders::an_expired_order_gives_its_stock_back_once,
                orders::a_crowd_that_orders_several_products_is_served_until_they_are_gone,
                orders::an_order_has_one_open_checkout,
                payments::money_for_a_pending_order_sells_its_stock,
                payments::a_failed_payment_cancels_a_pending_order_only,
                payments::the_same_key_gives_the_first_answer_again_and_changes_nothing,
                payments::another_amount_or_currency_pays_no_order,
                payments::money_that_came_before_its_order_pays_it_if_the_amount_was_told,
                payments::money_and_its_order_find_each_other,
                payments::late_money_takes_its_stock_again_if_there_is_any,
                payments::late_money_for_what_is_gone_is_to_be_given_back,
                payments::a_refunded_order_gives_its_stock_back,
                payments::paying_an_order_and_cancelling_it_leave_the_stock_right,
                order_charges::a_paid_charge_pays_the_order_of_its_checkout,
                order_charges::a_charge_that_was_paid_before_it_was_known_pays_the_order,
                order_charges::too_little_and_too_much_are_told_apart,
                order_charges::a_failed_charge_leaves_its_order_pending,
                order_charges::money_by_two_ways_is_noticed,
                order_charges::parts_by_several_charges_pay_an_order_and_what_is_too_much_is_given_back,
                order_charges::a_checkout_that_was_paid_before_its_order_was_placed_pays_it,
                lists::lists_are_newest_first_and_filtered,
                lists::events_are_listed_by_verdict_and_provider_without_their_bodies,
                lists::jobs_are_listed_by_status,
                lists::counting_stops_at_the_cap,
                requests::a_request_that_comes_again_is_answered_with_its_first_outcome,
                requests::another_request_under_a_used_name_is_refused,
                requests::a_no_about_the_state_is_kept_and_a_no_about_the_request_is_not,
                requests::a_crowd_with_one_name_on_two_nodes_is_served_once,
                audit_trail::every_change_of_an_order_says_who_made_it_by_what_and_why,
                audit_trail::what_is_refused_leaves_no_trace,
                notifications::an_endpoint_is_made_changed_and_deleted,
                notifications::the_secret_before_is_valid_for_a_day,
                notifications::a_merchant_has_so_many_endpoints_and_no_more,
                notifications::a_change_is_told_to_those_who_want_to_know,
                notifications::an_order_that_is_paid_as_soon_as_it_is_there_is_told_of,
                notifications::deliveries_about_one_thing_go_one_after_the_other,
                notifications::a_delivery_that_fails_is_retried_and_given_up_and_the_next_one_goes_on,
                notifications::an_endpoint_may_ask_for_a_pause_of_a_day_at_most,
                notifications::an_outcome_that_came_too_late_changes_nothing,
                notifications::what_was_sent_before_an_endpoint_changed_says_nothing_of_it,
                notifications::an_endpoint_that_is_gone_is_disabled_and_what_it_missed_is_recovered_in_order,
                notifications::an_endpoint_that_takes_nothing_for_days_is_disabled,
                notifications::what_goes_to_a_deleted_endpoint_ends,
                notifications::a_delivery_is_sent_again_by_hand_beside_its_lane,
                notifications::two_nodes_never_lose_who_waits_in_a_lane,
                notifications::what_was_told_goes_when_it_is_old_enough_and_what_is_under_way_stays,
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
