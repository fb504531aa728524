//! The table in `docs/SETTLEMENT.md` is what the code decides.

const WRITTEN: &str = include_str!("../../../docs/SETTLEMENT.md");

#[test]
fn the_written_table_of_payments_is_what_the_code_decides() {
    let decided = testkit::settlement::document();
    let differing = decided.lines().zip(WRITTEN.lines()).find(|(decided, written)| decided != written);
    assert!(decided == WRITTEN, "docs/SETTLEMENT.md is out of date: run make settlement-table. First: {differing:?}");
}
