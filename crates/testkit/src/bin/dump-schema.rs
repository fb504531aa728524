//! `dump-schema` writes what the migrations make of an empty database to `docs/schema`. `make schema` calls it.

use std::fs;
use std::path::Path;

use anyhow::Context;
use testkit::schema;

fn main() -> anyhow::Result<()> {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/schema"));
    fs::create_dir_all(folder).with_context(|| format!("can't make {}", folder.display()))?;
    for (name, text) in [("postgres.sql", schema::postgres()?), ("sqlite.sql", schema::sqlite()?)] {
        let path = folder.join(name);
        fs::write(&path, text).with_context(|| format!("can't write {}", path.display()))?;
    }
    Ok(())
}
