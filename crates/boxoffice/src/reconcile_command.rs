//! `boxoffice reconcile`: do the books add up?

use std::io::Write;
use std::sync::Arc;

use adapters::{StoreParts, SystemClock, SystemIds};
use anyhow::{Context, Result, ensure};
use application::{Attention, Finding, Report};

use crate::config::{DatabaseArgs, database};
use crate::wiring::reconciliation;

/// Counts, and prints what was found. Fails if an invariant is broken.
pub(crate) async fn run(args: DatabaseArgs) -> Result<()> {
    let url = database(&args.database_url)?;
    let parts = StoreParts::new(Arc::new(SystemClock), Arc::new(SystemIds));
    let opened = tokio::task::spawn_blocking(move || adapters::open(&url, &parts));
    let store = opened.await?.context("can't open the database")?;
    let report = reconciliation(&store, Arc::new(SystemClock)).run().await;
    store.stop().await;
    let report = report?;
    std::io::stdout().write_all(text(&report).as_bytes()).context("can't print the report")?;
    ensure!(report.is_ok(), "the books don't add up");
    Ok(())
}

fn text(report: &Report) -> String {
    let findings = report.findings.iter().map(finding);
    let attention = report.attention.iter().map(attention);
    let state = if report.is_ok() { "the books add up" } else { "THE BOOKS DON'T ADD UP" };
    let summary = format!("{} products counted at {}: {state}", report.products, report.checked_at);
    findings.chain(attention).chain([summary]).map(|line| line + "\n").collect()
}

fn finding(finding: &Finding) -> String {
    let what = match finding {
        Finding::Oversold(_) => "is oversold",
        Finding::HeldStockWrong(_) => "has a wrong held stock",
        Finding::SoldStockWrong(_) => "has a wrong sold stock",
    };
    let count = finding.count();
    format!(
        "BROKEN product {} {what}: its row says total {}, held {}, sold {}; counted are {} in active holds, {} in pending \
        orders, {} in paid and completed orders",
        count.product_id,
        count.total,
        count.held,
        count.sold,
        count.in_active_holds,
        count.in_pending_orders,
        count.in_sold_orders
    )
}

fn attention(attention: &Attention) -> String {
    match attention {
        Attention::RefundDue { order_id, since, .. } => {
            format!("attention: order {order_id} is to be refunded since {since}")
        }
        Attention::EventRejected { event_id, reason, since } => {
            let reason = reason.map_or("no reason", domain::Reason::as_str);
            format!("attention: event {event_id} was rejected at {since}: {reason}")
        }
        Attention::EventDead { event_id, reason, since } => {
            let reason = reason.map_or("no reason", domain::Reason::as_str);
            format!("attention: event {event_id} was given up at {since}: {reason}")
        }
        Attention::EventWaiting { event_id } => format!("attention: event {event_id} waits for what never came"),
    }
}
