//! `sign-notices SECRET`: reads ids of orders, and writes for each a payment notice with its signature before it, for
//! the benchmark to send.

use std::io::{BufRead, BufWriter, Write};

use anyhow::{Context, Result};

fn main() -> Result<()> {
    let secret = std::env::args().nth(1).context("usage: sign-notices SECRET")?;
    let mut out = BufWriter::new(std::io::stdout().lock());
    for order_id in std::io::stdin().lock().lines() {
        let order_id = order_id?;
        let body = format!(r#"{{"order_id":"{order_id}","status":"success","idempotency_key":"{order_id}"}}"#);
        writeln!(out, "{} {body}", adapters::sign(&secret, body.as_bytes()))?;
    }
    Ok(out.flush()?)
}
