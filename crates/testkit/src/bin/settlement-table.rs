//! `settlement-table` writes what the code decides of payments to `docs/SETTLEMENT.md`. `make settlement-table` calls it.

use std::fs;
use std::path::Path;

use anyhow::Context;

fn main() -> anyhow::Result<()> {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/SETTLEMENT.md"));
    fs::write(path, testkit::settlement::document()).with_context(|| format!("can't write {}", path.display()))
}
