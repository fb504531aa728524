//! What news of a charge does to the order that its checkout pays: tables written out by hand.

use super::scene::{Left, Scene, play_table};

/// The order keeps or has its stock, so that it doesn't matter what is left.
const WITH_STOCK: &str = "
pending/unpaid
  created                 applied  -                 =
  pending                 applied  -                 =
  expired                 applied  -                 =
  canceled                applied  -                 =
  exact                   applied  -                 paid/paid
  untold                  applied  -                 paid/paid
  under                   applied  underpaid         =/underpaid
  over                    applied  overpaid          paid/overpaid
  delayed                 applied  delayed           paid/paid
  delayed-part            applied  delayed           =/underpaid
  delayed-more            applied  delayed           paid/overpaid
  held                    applied  held-by-provider  =
  expired+exact           applied  -                 paid/paid
  canceled+under          applied  underpaid         =/underpaid
  under+expired           stale    -                 =/underpaid
  under+under-still       applied  underpaid         =/underpaid
  under+rest              applied  -                 paid/paid
  under+resolved          applied  -                 paid/paid
  over+resolved           applied  -                 paid/overpaid
  delayed+resolved        applied  -                 paid/paid
  delayed-part+resolved   applied  -                 paid/paid
  delayed-more+resolved   applied  -                 paid/overpaid
  held+resolved           applied  -                 paid/paid
  exact+repeated          stale    -                 paid/paid
  exact+resolved          stale    -                 paid/paid
  exact+again             applied  paid-again        paid/overpaid
  over+again              applied  overpaid          paid/overpaid
  multiple                applied  multiple          paid/overpaid
  multiple-parts          applied  multiple          paid/paid
  multiple-part           applied  multiple          =/underpaid
  canceled+multiple       applied  multiple          paid/overpaid
  under+multiple:6        applied  multiple          paid/paid
  under+multiple:5        applied  multiple          =/underpaid
  under+multiple:10       applied  multiple          paid/overpaid
  multiple+resolved       applied  -                 paid/overpaid
  multiple-parts+resolved applied  -                 paid/paid
  multiple-part+resolved  applied  -                 paid/paid

pending/underpaid
  expired                 applied  -                 =
  canceled                applied  -                 =
  exact                   applied  -                 paid/overpaid
  untold                  applied  -                 paid/overpaid
  under                   applied  underpaid         =
  over                    applied  overpaid          paid/overpaid
  delayed                 applied  delayed           paid/overpaid
  delayed-part            applied  delayed           =
  delayed-more            applied  delayed           paid/overpaid
  held                    applied  held-by-provider  =
  expired+exact           applied  -                 paid/overpaid
  under+resolved          applied  -                 paid/paid
  over+resolved           applied  -                 paid/overpaid
  delayed+resolved        applied  -                 paid/overpaid
  delayed-part+resolved   applied  -                 paid/paid
  exact+repeated          stale    -                 paid/overpaid
  exact+again             applied  paid-again        paid/overpaid
  multiple                applied  multiple          paid/overpaid
  multiple-parts          applied  multiple          paid/overpaid
  multiple-part           applied  multiple          =
  multiple+resolved       applied  -                 paid/overpaid
  multiple-parts+resolved applied  -                 paid/overpaid
  multiple-part+resolved  applied  -                 paid/paid

paid/paid paid/overpaid
  expired                 applied  -                 =
  canceled                applied  -                 =
  exact                   applied  paid-again        =/overpaid
  untold                  applied  paid-again        =/overpaid
  under                   applied  underpaid         =/overpaid
  over                    applied  overpaid          =/overpaid
  delayed                 applied  delayed           =/overpaid
  delayed-part            applied  delayed           =/overpaid
  delayed-more            applied  delayed           =/overpaid
  held                    applied  held-by-provider  =
  expired+exact           applied  paid-again        =/overpaid
  under+resolved          applied  -                 =/overpaid
  over+resolved           applied  -                 =/overpaid
  delayed+resolved        applied  -                 =/overpaid
  delayed-part+resolved   applied  -                 =/overpaid
  held+resolved           applied  paid-again        =/overpaid
  exact+repeated          stale    -                 =/overpaid
  exact+again             applied  paid-again        =/overpaid
  multiple                applied  multiple          =/overpaid
  multiple-parts          applied  multiple          =/overpaid
  multiple-part           applied  multiple          =/overpaid
  multiple+resolved       applied  -                 =/overpaid
  multiple-parts+resolved applied  -                 =/overpaid
  multiple-part+resolved  applied  -                 =/overpaid

completed/unpaid
  expired                 applied  -                 =
  exact                   applied  -                 =/paid
  under                   applied  underpaid         =/underpaid
  over                    applied  overpaid          =/overpaid
  delayed                 applied  delayed           =/paid
  delayed-part            applied  delayed           =/underpaid
  delayed-more            applied  delayed           =/overpaid
  held                    applied  held-by-provider  =
  under+rest              applied  -                 =/paid
  under+resolved          applied  -                 =/paid
  over+resolved           applied  -                 =/overpaid
  delayed+resolved        applied  -                 =/paid
  delayed-part+resolved   applied  -                 =/paid
  held+resolved           applied  -                 =/paid
  exact+repeated          stale    -                 =/paid
  exact+again             applied  paid-again        =/overpaid
  multiple                applied  multiple          =/overpaid
  multiple-parts          applied  multiple          =/paid
  multiple-part           applied  multiple          =/underpaid
  multiple+resolved       applied  -                 =/overpaid
  multiple-parts+resolved applied  -                 =/paid
  multiple-part+resolved  applied  -                 =/paid

completed/underpaid
  exact                   applied  -                 =/overpaid
  under                   applied  underpaid         =
  over                    applied  overpaid          =/overpaid
  delayed                 applied  delayed           =/overpaid
  delayed-part            applied  delayed           =
  held                    applied  held-by-provider  =
  under+resolved          applied  -                 =/paid
  exact+again             applied  paid-again        =/overpaid
  multiple                applied  multiple          =/overpaid
  multiple-parts          applied  multiple          =/overpaid
  multiple-part           applied  multiple          =
  multiple-part+resolved  applied  -                 =/paid

completed/paid completed/overpaid
  exact                   applied  paid-again        =/overpaid
  under                   applied  underpaid         =/overpaid
  over                    applied  overpaid          =/overpaid
  delayed                 applied  delayed           =/overpaid
  held                    applied  held-by-provider  =
  under+resolved          applied  -                 =/overpaid
  held+resolved           applied  paid-again        =/overpaid
  multiple                applied  multiple          =/overpaid
  multiple-parts          applied  multiple          =/overpaid
  multiple-part           applied  multiple          =/overpaid
  multiple+resolved       applied  -                 =/overpaid
";

/// The order gave its stock back, and there is enough to take it again.
const STOCK_LEFT: &str = "
expired/unpaid cancelled/unpaid cancelled/failed
  created                 applied  -                 =
  pending                 applied  -                 =
  expired                 applied  -                 =
  canceled                applied  -                 =
  exact                   applied  -                 paid/paid
  untold                  applied  -                 paid/paid
  under                   applied  underpaid         =/refund_due
  over                    applied  overpaid          paid/overpaid
  delayed                 applied  delayed           paid/paid
  delayed-part            applied  delayed           =/refund_due
  delayed-more            applied  delayed           paid/overpaid
  held                    applied  held-by-provider  =
  expired+exact           applied  -                 paid/paid
  under+rest              applied  -                 paid/paid
  under+resolved          applied  -                 paid/paid
  over+resolved           applied  -                 paid/overpaid
  delayed+resolved        applied  -                 paid/paid
  delayed-part+resolved   applied  -                 paid/paid
  held+resolved           applied  -                 paid/paid
  exact+repeated          stale    -                 paid/paid
  exact+again             applied  paid-again        paid/overpaid
  multiple                applied  multiple          paid/overpaid
  multiple-parts          applied  multiple          paid/paid
  multiple-part           applied  multiple          =/refund_due
  under+multiple:6        applied  multiple          paid/paid
  multiple+resolved       applied  -                 paid/overpaid
  multiple-parts+resolved applied  -                 paid/paid
  multiple-part+resolved  applied  -                 paid/paid
";

/// The order gave its stock back, and there isn't enough to take it again, so that its money waits to be given back.
const STOCK_GONE: &str = "
expired/unpaid cancelled/unpaid cancelled/failed
  expired                 applied  -                 =
  canceled                applied  -                 =
  exact                   applied  no-stock-left     =/refund_due
  untold                  applied  no-stock-left     =/refund_due
  under                   applied  underpaid         =/refund_due
  over                    applied  overpaid          =/refund_due
  delayed                 applied  delayed           =/refund_due
  delayed-part            applied  delayed           =/refund_due
  delayed-more            applied  delayed           =/refund_due
  held                    applied  held-by-provider  =
  under+rest              applied  no-stock-left     =/refund_due
  under+resolved          applied  no-stock-left     =/refund_due
  over+resolved           applied  -                 =/refund_due
  delayed+resolved        applied  -                 =/refund_due
  held+resolved           applied  no-stock-left     =/refund_due
  exact+repeated          stale    -                 =/refund_due
  exact+again             applied  paid-again        =/refund_due
  multiple                applied  multiple          =/refund_due
  multiple-parts          applied  multiple          =/refund_due
  multiple-part           applied  multiple          =/refund_due
  multiple+resolved       applied  -                 =/refund_due
  multiple-parts+resolved applied  -                 =/refund_due
  multiple-part+resolved  applied  no-stock-left     =/refund_due
";

/// Money of the order was or is to be given back: more of it is to be given back too, whatever is left.
const GIVEN_BACK: &str = "
expired/refund_due cancelled/refund_due expired/refunded cancelled/refunded
  expired                 applied  -                 =
  exact                   applied  no-stock-left     =/refund_due
  under                   applied  underpaid         =/refund_due
  over                    applied  overpaid          =/refund_due
  delayed                 applied  delayed           =/refund_due
  delayed-part            applied  delayed           =/refund_due
  held                    applied  held-by-provider  =
  under+resolved          applied  -                 =/refund_due
  held+resolved           applied  no-stock-left     =/refund_due
  exact+repeated          stale    -                 =/refund_due
  exact+again             applied  paid-again        =/refund_due
  multiple                applied  multiple          =/refund_due
  multiple-parts          applied  multiple          =/refund_due
  multiple-part           applied  multiple          =/refund_due
  multiple+resolved       applied  -                 =/refund_due

refunded/refunded refunded/refund_due
  expired                 applied  -                 =
  canceled                applied  -                 =
  exact                   applied  paid-again        =/refund_due
  under                   applied  underpaid         =/refund_due
  over                    applied  overpaid          =/refund_due
  delayed                 applied  delayed           =/refund_due
  delayed-part            applied  delayed           =/refund_due
  held                    applied  held-by-provider  =
  under+resolved          applied  -                 =/refund_due
  held+resolved           applied  paid-again        =/refund_due
  exact+repeated          stale    -                 =/refund_due
  exact+again             applied  paid-again        =/refund_due
  multiple                applied  multiple          =/refund_due
  multiple-parts          applied  multiple          =/refund_due
  multiple-part           applied  multiple          =/refund_due
  multiple+resolved       applied  -                 =/refund_due
";

#[test]
fn news_of_a_charge_do_to_an_order_what_is_written_here_while_there_is_stock() {
    for table in [WITH_STOCK, STOCK_LEFT, GIVEN_BACK] {
        play_table(table, Left::Enough, Scene::tell);
    }
}

#[test]
fn an_order_that_has_its_stock_minds_neither_an_empty_shelf_nor_a_deleted_product() {
    for left in [Left::OneTooFew, Left::Deleted] {
        play_table(WITH_STOCK, left, Scene::tell);
        play_table(GIVEN_BACK, left, Scene::tell);
    }
}

#[test]
fn late_money_that_finds_nothing_left_to_sell_is_to_be_given_back() {
    for left in [Left::OneTooFew, Left::Deleted] {
        play_table(STOCK_GONE, left, Scene::tell);
    }
}
