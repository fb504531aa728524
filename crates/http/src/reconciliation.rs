//! `/api/admin/reconciliation`.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use application::{Attention, Finding, Reconciliation, Report};
use domain::{EventId, OrderId, PaymentStatus, ProductId, Reason, Timestamp};
use serde::Serialize;

use crate::Problem;
use crate::answer::json;

/// What was found as it goes out.
#[derive(Debug, Serialize)]
struct ReportView {
    ok: bool,
    checked_at: Timestamp,
    products: u64,
    findings: Vec<FindingView>,
    attention: Vec<AttentionView>,
}

/// A broken invariant: what the product's row says, and what its holds and orders add up to.
#[derive(Debug, Serialize)]
struct FindingView {
    code: &'static str,
    product_id: ProductId,
    total_stock: i64,
    held_stock: i64,
    sold_stock: i64,
    active_holds: i64,
    pending_orders: i64,
    sold_orders: i64,
}

/// Money that waits for a person. The code tells which of the other fields there are.
#[derive(Debug, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
enum AttentionView {
    RefundDue {
        order_id: OrderId,
        payment_status: PaymentStatus,
        since: Timestamp,
    },
    EventRejected {
        event_id: EventId,
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<Reason>,
        since: Timestamp,
    },
    EventDead {
        event_id: EventId,
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<Reason>,
        since: Timestamp,
    },
    EventWaiting {
        event_id: EventId,
    },
}

/// `GET /api/admin/reconciliation`: counts everything anew.
pub(crate) async fn run(reconciliation: Data<Reconciliation>) -> Result<HttpResponse, Problem> {
    let report = reconciliation.run().await?;
    json(StatusCode::OK, &ReportView::from(&report))
}

impl From<&Report> for ReportView {
    fn from(report: &Report) -> Self {
        Self {
            ok: report.is_ok(),
            checked_at: report.checked_at,
            products: report.products,
            findings: report.findings.iter().map(FindingView::from).collect(),
            attention: report.attention.iter().map(AttentionView::from).collect(),
        }
    }
}

impl From<&Finding> for FindingView {
    fn from(finding: &Finding) -> Self {
        let code = match finding {
            Finding::Oversold(_) => "oversold",
            Finding::HeldStockWrong(_) => "held-stock-mismatch",
            Finding::SoldStockWrong(_) => "sold-stock-mismatch",
        };
        let count = finding.count();
        Self {
            code,
            product_id: count.product_id,
            total_stock: count.total,
            held_stock: count.held,
            sold_stock: count.sold,
            active_holds: count.in_active_holds,
            pending_orders: count.in_pending_orders,
            sold_orders: count.in_sold_orders,
        }
    }
}

impl From<&Attention> for AttentionView {
    fn from(attention: &Attention) -> Self {
        match *attention {
            Attention::RefundDue { order_id, payment_status, since } => {
                Self::RefundDue { order_id, payment_status, since }
            }
            Attention::EventRejected { event_id, reason, since } => Self::EventRejected { event_id, reason, since },
            Attention::EventDead { event_id, reason, since } => Self::EventDead { event_id, reason, since },
            Attention::EventWaiting { event_id } => Self::EventWaiting { event_id },
        }
    }
}
