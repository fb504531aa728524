//! Migrations are compiled in, and cargo can't see by itself that one was added.

fn main() {
    println!("cargo::rerun-if-changed=migrations");
}
