//! `boxoffice reconcile`: do the books add up?

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use adapters::coinbase::{CoinbaseGateway, Config};
use adapters::{Store, StoreParts, SystemClock, SystemIds};
use anyhow::{Context, Result};
use application::{
    GatewayCheck, GatewayLimits, GatewayLook, Listener, NamedIssue, RepairOutcome, Report, Stopped, Wish, unheard,
};
use domain::{Issue, IssueCode};
use http_api::ReportView;
use ports::GatewayError;

use crate::config::{ReconcileArgs, database};
use crate::wiring::{gateway_check, pace, reconciliation};

/// Something is broken.
const BROKEN: u8 = 1;
/// It couldn't be found out whether anything is.
const UNKNOWN: u8 = 2;

/// Counts, and prints what was found; answers with how the program ends.
pub(crate) async fn run(args: ReconcileArgs) -> ExitCode {
    match reconcile(&args).await {
        Ok(report) if report.is_ok() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(BROKEN),
        Err(error) => {
            log::error!("could not reconcile: {error:#}");
            ExitCode::from(UNKNOWN)
        }
    }
}

async fn reconcile(args: &ReconcileArgs) -> Result<Report> {
    let url = database(&args.database.database_url)?;
    let parts = StoreParts::new(Arc::new(SystemClock), Arc::new(SystemIds));
    let opened = tokio::task::spawn_blocking(move || adapters::open(&url, &parts));
    let store = opened.await?.context("can't open the database")?;
    let gateway = gateway(args, &store);
    let counted = count(args, &store, gateway).await;
    store.stop().await;
    let report = counted?;
    let printed = if args.json { json(&report)? } else { text(args, &report) };
    std::io::stdout().write_all(printed.as_bytes()).context("can't print the report")?;
    Ok(report)
}

async fn count(args: &ReconcileArgs, store: &Store, gateway: Option<GatewayCheck>) -> Result<Report> {
    let limits = GatewayLimits { checkouts: args.gateway_checkouts, time: Duration::from_secs(args.gateway_time_s) };
    let wish = Wish { gateway: gateway.is_some().then_some(limits), repair: args.repair };
    let mut reconciliation = reconciliation(store, Arc::new(SystemClock), Arc::new(SystemIds));
    reconciliation.gateway = gateway;
    let listener: Listener = if args.json { unheard() } else { Arc::new(print_repair) };
    Ok(reconciliation.run(wish, &listener).await?)
}

/// Who is asked. One that can't be is told of, and everything else goes on.
fn gateway(args: &ReconcileArgs, store: &Store) -> Option<GatewayCheck> {
    if args.no_gateway {
        return None;
    }
    let opened = args.gateway_access().and_then(|access| {
        let mut config = Config::new(access.url, access.api_key);
        config.simulator = access.is_built_in;
        Ok(CoinbaseGateway::new(config, Arc::new(SystemClock), Arc::new(SystemIds))?)
    });
    match opened {
        Ok(gateway) => Some(gateway_check(store, Arc::new(gateway), pace(args.gateway), Arc::new(SystemClock))),
        Err(error) => {
            log::warn!("the gateway is not asked: {error:#}");
            None
        }
    }
}

/// A line for everything that was tried to be put right, as it happens.
fn print_repair(issue: &Issue, outcome: &RepairOutcome) {
    let outcome = match outcome {
        RepairOutcome::Repaired => "repaired".to_owned(),
        RepairOutcome::Left => "left: it had changed meanwhile".to_owned(),
        RepairOutcome::Failed(error) => format!("NOT repaired: {error}"),
    };
    let line = format!("{outcome}: {} {}\n", issue.code, subjects(issue));
    // Whoever doesn't listen any more misses lines, and the repairs go on.
    drop(std::io::stdout().write_all(line.as_bytes()));
}

fn json(report: &Report) -> Result<String> {
    Ok(serde_json::to_string(&ReportView::from(report))? + "\n")
}

fn text(args: &ReconcileArgs, report: &Report) -> String {
    let findings = report.findings.iter().filter(|named| !named.is_repaired);
    let attention = report.attention.iter().filter(|named| !named.is_repaired);
    let mut lines: Vec<String> = findings.map(|named| line("BROKEN", named)).collect();
    lines.extend(attention.map(|named| line("attention", named)));
    lines.extend(unnamed(report));
    lines.push(gateway_line(args, report));
    lines.push(summary(args, report));
    lines.into_iter().map(|line| line + "\n").collect()
}

fn line(what: &str, named: &NamedIssue) -> String {
    let since = named.issue.facts.since.map_or_else(String::new, |since| format!(" since {since}"));
    let repairable = if named.issue.repair.is_some() { " (repairable)" } else { "" };
    let NamedIssue { issue, .. } = named;
    format!("{what} {} {}{since}: {}{}{repairable}", issue.code, subjects(issue), issue.message(), counts(issue))
}

/// What an issue is about, by its ids.
fn subjects(issue: &Issue) -> String {
    let facts = &issue.facts;
    let ids = [
        ("product", facts.product_id.map(|id| id.to_string())),
        ("hold", facts.hold_id.map(|id| id.to_string())),
        ("order", facts.order_id.map(|id| id.to_string())),
        ("checkout", facts.checkout_id.map(|id| id.to_string())),
        ("transaction", facts.transaction_id.map(|id| id.to_string())),
        ("event", facts.event_id.map(|id| id.to_string())),
        ("job", facts.job_id.map(|id| id.to_string())),
    ];
    let ids = ids.into_iter().filter_map(|(what, id)| id.map(|id| format!("{what} {id}")));
    ids.collect::<Vec<_>>().join(" ")
}

fn counts(issue: &Issue) -> String {
    let reason = issue.facts.reason.map_or_else(String::new, |reason| format!(" Reason: {reason}."));
    let stock = issue.facts.stock.as_ref().map_or_else(String::new, |count| {
        format!(
            " Its row says total {}, held {}, sold {}; counted are {} in active holds, {} in pending orders, {} in paid and \
            completed orders.",
            count.total, count.held, count.sold, count.in_active_holds, count.in_pending_orders, count.in_sold_orders
        )
    });
    reason + &stock
}

/// A line for each code of which not all were named.
fn unnamed(report: &Report) -> impl Iterator<Item = String> {
    report.counts.iter().filter_map(|(code, count)| {
        let named = if code.is_finding() { &report.findings } else { &report.attention };
        let named = named.iter().filter(|named| named.issue.code == *code).count() as u64;
        (*count > named).then(|| format!("{code}: {count} in all, {} of them not named", count - named))
    })
}

fn gateway_line(args: &ReconcileArgs, report: &Report) -> String {
    let Some(GatewayLook { asked, unanswered, left_out, stopped }) = &report.gateway else {
        return "the gateway was not asked".to_owned();
    };
    let why = match stopped {
        None => String::new(),
        Some(Stopped::TimeUp) => "; the time for it was up".to_owned(),
        Some(Stopped::Trouble(error)) => format!("; {error}{}", advice(args, error)),
    };
    format!("the gateway was asked about {asked} checkouts: {unanswered} unanswered, {left_out} left out{why}")
}

/// What may be the matter.
fn advice(args: &ReconcileArgs, error: &GatewayError) -> &'static str {
    let is_built_in = args.gateway_access().is_ok_and(|access| access.is_built_in);
    match error {
        GatewayError::Unavailable(_) if is_built_in => {
            " (the built-in sandbox answers only while its server is up: start that, or say --no-gateway)"
        }
        GatewayError::Unavailable(_)
        | GatewayError::RateLimited { .. }
        | GatewayError::Unauthorized
        | GatewayError::Refused(_)
        | GatewayError::ChargeNotFound
        | GatewayError::Unreadable(_)
        | GatewayError::NotSimulated => "",
    }
}

fn summary(args: &ReconcileArgs, report: &Report) -> String {
    let counted = &report.counted;
    let repaired: u64 = report.repaired.values().sum();
    let repairs = match (args.repair, repaired) {
        (true, repaired) => format!("; {repaired} repaired"),
        (false, _) if report.findings.iter().chain(&report.attention).any(|named| named.issue.repair.is_some()) => {
            "; nothing was changed, --repair puts right what is repairable".to_owned()
        }
        (false, _) => String::new(),
    };
    let state = if report.is_ok() { "the books add up" } else { "THE BOOKS DON'T ADD UP" };
    let attention: u64 = report.counts.iter().filter(|(code, _)| !IssueCode::is_finding(**code)).map(|(_, n)| n).sum();
    format!(
        "{} products, {} holds, {} orders, {} transactions, {} checkouts, {} events counted at {}: {state}; {attention} wait for \
        a person{repairs}",
        counted.products,
        counted.holds,
        counted.orders,
        counted.transactions,
        counted.checkouts,
        counted.events,
        report.checked_at
    )
}
