//! Migrations are compiled in, and cargo can't see by itself that one was added.

#[expect(clippy::print_stdout, reason = "this is how cargo is told")]
fn main() {
    println!("cargo::rerun-if-changed=migrations");
}
