//! `/api/admin/reconciliation`.

use std::collections::BTreeMap;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use application::{Counted, GatewayLimits, GatewayLook, NamedIssue, Reconciliation, Report, Stopped};
use domain::{Facts, IssueCode, Timestamp};
use ports::GatewayError;
use serde::{Deserialize, Serialize};
use validator::Validate;

use crate::Problem;
use crate::answer::json;
use crate::input::{optional, readable};
use crate::query::{filled_in, options};

/// How long a request waits for the count: less than a request may take in all.
const PATIENCE: Duration = Duration::from_secs(25);
/// How much the gateway is asked for a request.
const GATEWAY_LIMITS: GatewayLimits = GatewayLimits { checkouts: 50, time: Duration::from_secs(10) };

/// What was found as it goes out.
#[derive(Debug, Serialize)]
pub struct ReportView {
    ok: bool,
    checked_at: Timestamp,
    finished_at: Timestamp,
    products: u64,
    counted: CountedView,
    findings: Vec<IssueView>,
    attention: Vec<IssueView>,
    counts: BTreeMap<IssueCode, u64>,
    repaired: BTreeMap<IssueCode, u64>,
    gateway: Option<GatewayView>,
}

/// How much was looked at, as it goes out.
#[derive(Debug, Serialize)]
struct CountedView {
    products: u64,
    holds: u64,
    orders: u64,
    transactions: u64,
    checkouts: u64,
    events: u64,
}

/// Something that is wrong, or waits for a person, as it goes out. The code tells which of the facts there are.
#[derive(Debug, Serialize)]
struct IssueView {
    code: IssueCode,
    message: String,
    #[serde(flatten)]
    facts: Facts,
    repairable: bool,
    repaired: bool,
}

/// What came of asking the gateway, as it goes out.
#[derive(Debug, Serialize)]
struct GatewayView {
    asked: u64,
    unanswered: u64,
    left_out: u64,
    stopped: Option<&'static str>,
}

/// What is to be done beside counting.
#[derive(Debug, Deserialize, Validate)]
struct ReconciliationQuery {
    #[serde(default, deserialize_with = "filled_in")]
    #[validate(custom(function = readable::<bool>))]
    gateway: Option<String>,
}

/// `GET /api/admin/reconciliation`: counts everything anew.
pub(crate) async fn run(reconciliation: Data<Reconciliation>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let query: ReconciliationQuery = options(&request)?;
    let asks: Option<bool> = optional("gateway", query.gateway.as_ref())?;
    let limits = asks.unwrap_or(false).then_some(GATEWAY_LIMITS);
    let report = reconciliation.report_within(PATIENCE, limits).await?;
    json(StatusCode::OK, &ReportView::from(&report))
}

impl From<&Report> for ReportView {
    fn from(report: &Report) -> Self {
        Self {
            ok: report.is_ok(),
            checked_at: report.checked_at,
            finished_at: report.finished_at,
            products: report.counted.products,
            counted: CountedView::from(report.counted),
            findings: report.findings.iter().map(IssueView::from).collect(),
            attention: report.attention.iter().map(IssueView::from).collect(),
            counts: report.counts.clone(),
            repaired: report.repaired.clone(),
            gateway: report.gateway.as_ref().map(GatewayView::from),
        }
    }
}

impl From<Counted> for CountedView {
    fn from(counted: Counted) -> Self {
        let Counted { products, holds, orders, transactions, checkouts, events } = counted;
        Self { products, holds, orders, transactions, checkouts, events }
    }
}

impl From<&NamedIssue> for IssueView {
    fn from(named: &NamedIssue) -> Self {
        Self {
            code: named.issue.code,
            message: named.issue.message(),
            facts: named.issue.facts.clone(),
            repairable: named.issue.repair.is_some(),
            repaired: named.is_repaired,
        }
    }
}

impl From<&GatewayLook> for GatewayView {
    fn from(look: &GatewayLook) -> Self {
        let stopped = look.stopped.as_ref().map(|stopped| match stopped {
            Stopped::TimeUp => "time-up",
            Stopped::Trouble(GatewayError::RateLimited { .. }) => "rate-limited",
            Stopped::Trouble(GatewayError::Unauthorized) => "unauthorized",
            Stopped::Trouble(
                GatewayError::Unavailable(_)
                | GatewayError::Refused(_)
                | GatewayError::ChargeNotFound
                | GatewayError::Unreadable(_)
                | GatewayError::NotSimulated,
            ) => "unavailable",
        });
        let GatewayLook { asked, unanswered, left_out, .. } = *look;
        Self { asked, unanswered, left_out, stopped }
    }
}
