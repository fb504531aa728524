use domain::{Facts, Issue, IssueCode, JobStatus, Repair, RepairStock, Timestamp};
use ports::{JobFilter, PageRequest};

use super::gateway::{Answer, Candidates};
use super::repair::{RepairOutcome, Repairs};
use super::report::Report;
use super::{Listener, Reconciliation, Wish};
use crate::Error;

/// How many products are counted in one look.
const PRODUCTS_AT_A_TIME: u32 = 200;
/// How many rows are looked at together.
const ROWS_AT_A_TIME: u32 = 1_000;
/// How many holds: most are neither open nor orders, and nothing of them is handed out.
const HOLDS_AT_A_TIME: u32 = 10_000;
/// Dead letters that are named; the list's own count is taken for the rest.
const DEAD_JOBS: PageRequest = PageRequest { page: 1, page_size: 100 };

/// One walk through everything.
pub(super) struct Walk<'a> {
    parts: &'a Reconciliation,
    /// Puts things right, if they are to be.
    repairs: Option<Repairs>,
    listener: &'a Listener,
    now: Timestamp,
    report: Report,
    candidates: Candidates,
    /// The product that was repaired last: what is wrong with it is found in several ways.
    repaired: Option<RepairStock>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(parts: &'a Reconciliation, wish: &Wish, listener: &'a Listener) -> Self {
        let now = parts.clock.now();
        let repairs = wish.repair.then(|| Repairs {
            ledger: parts.ledger.clone(),
            events: parts.events.clone(),
            ids: parts.ids.clone(),
        });
        let limit = wish.gateway.map_or(0, |limits| limits.checkouts);
        Self {
            parts,
            repairs,
            listener,
            now,
            report: Report::begun_at(now),
            candidates: Candidates::new(limit),
            repaired: None,
        }
    }

    /// Looks at everything; the gateway comes last, when it is known what to ask.
    pub(super) async fn go(mut self, wish: &Wish) -> Result<Report, Error> {
        self.products().await?;
        self.holds().await?;
        self.orders().await?;
        self.transactions().await?;
        self.checkouts().await?;
        self.events().await?;
        self.dead_jobs().await?;
        self.gateway(wish).await?;
        let finished_at = self.parts.clock.now();
        Ok(self.report.finished(finished_at))
    }

    async fn products(&mut self) -> Result<(), Error> {
        let mut after = None;
        loop {
            let page = self.parts.audit.stock_counts(after, PRODUCTS_AT_A_TIME).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(last.product_id);
            self.report.counted.products += page.len() as u64;
            for count in &page {
                self.note_all(count.issues()).await;
            }
        }
    }

    async fn holds(&mut self) -> Result<(), Error> {
        let mut after = None;
        loop {
            let page = self.parts.audit.hold_accounts(after, HOLDS_AT_A_TIME, self.now).await?;
            let Some(last) = page.last else { return Ok(()) };
            after = Some(last);
            self.report.counted.holds += u64::from(page.counted);
            for account in &page.accounts {
                self.note_all(account.issue(self.now)).await;
            }
        }
    }

    async fn orders(&mut self) -> Result<(), Error> {
        let mut after = None;
        loop {
            let page = self.parts.audit.order_accounts(after, ROWS_AT_A_TIME).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(last.id);
            self.report.counted.orders += page.len() as u64;
            for account in &page {
                self.note_all(account.issues(self.now)).await;
            }
        }
    }

    async fn transactions(&mut self) -> Result<(), Error> {
        let mut after = None;
        loop {
            let page = self.parts.audit.transaction_accounts(after, ROWS_AT_A_TIME).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(last.movement.id);
            self.report.counted.transactions += page.len() as u64;
            for account in &page {
                self.note_all(account.issues()).await;
            }
        }
    }

    async fn checkouts(&mut self) -> Result<(), Error> {
        let mut before = None;
        loop {
            let page = self.parts.audit.checkout_accounts(before, ROWS_AT_A_TIME).await?;
            let Some(last) = page.last() else { return Ok(()) };
            before = Some(last.id);
            self.report.counted.checkouts += page.len() as u64;
            for account in &page {
                self.candidates.consider(account, self.now);
                self.note_all(account.issues(self.now)).await;
            }
        }
    }

    async fn events(&mut self) -> Result<(), Error> {
        let mut before = None;
        loop {
            let page = self.parts.audit.event_accounts(before, ROWS_AT_A_TIME).await?;
            let Some(last) = page.last() else { return Ok(()) };
            before = Some(last.id);
            self.report.counted.events += page.len() as u64;
            for account in &page {
                self.note_all(account.issue(self.now)).await;
            }
        }
    }

    async fn dead_jobs(&mut self) -> Result<(), Error> {
        let filter = JobFilter { status: Some(JobStatus::Dead), kind: None };
        let page = self.parts.jobs.jobs(filter, DEAD_JOBS).await?;
        let unnamed = u64::from(page.total).saturating_sub(page.items.len() as u64);
        for job in page.items {
            let facts = Facts {
                job_id: Some(job.id),
                checkout_id: job.task.checkout_id(),
                since: Some(job.updated_at),
                ..Facts::default()
            };
            let detail = format!("It is {}.", job.kind());
            self.note(Issue::new(IssueCode::JobDead, facts).with_detail(detail)).await;
        }
        self.report.count_also(IssueCode::JobDead, unnamed);
        Ok(())
    }

    async fn gateway(&mut self, wish: &Wish) -> Result<(), Error> {
        let (Some(check), Some(limits)) = (&self.parts.gateway, wish.gateway) else { return Ok(()) };
        let candidates = std::mem::replace(&mut self.candidates, Candidates::new(0));
        let mut talk = check.talk(candidates, limits);
        while let Some(answer) = talk.next().await? {
            let outcome = self.record_news(&answer).await;
            for issue in answer.issues {
                let outcome = outcome.clone().filter(|_| issue.repair.is_some());
                tell(self.listener, &issue, outcome.as_ref());
                self.report.note(issue, outcome == Some(RepairOutcome::Repaired));
            }
        }
        self.report.gateway = Some(talk.ended());
        Ok(())
    }

    /// Records what the gateway told, if that puts anything right, and things are to be put right.
    async fn record_news(&self, answer: &Answer) -> Option<RepairOutcome> {
        let repairs = self.repairs.as_ref()?;
        answer.issues.iter().find(|issue| issue.repair.is_some())?;
        Some(repairs.record(answer.news.clone()?).await)
    }

    async fn note_all(&mut self, issues: impl IntoIterator<Item = Issue>) {
        for issue in issues {
            self.note(issue).await;
        }
    }

    async fn note(&mut self, issue: Issue) {
        let outcome = self.repair(&issue).await;
        tell(self.listener, &issue, outcome.as_ref());
        self.report.note(issue, outcome == Some(RepairOutcome::Repaired));
    }

    async fn repair(&mut self, issue: &Issue) -> Option<RepairOutcome> {
        let repairs = self.repairs.as_ref()?;
        let stock = if let Repair::Stock(repair) = issue.repair? { Some(repair) } else { None };
        if stock.is_some() && stock == self.repaired {
            return Some(RepairOutcome::Repaired);
        }
        let outcome = repairs.repair(issue).await;
        if outcome == Some(RepairOutcome::Repaired) && stock.is_some() {
            self.repaired = stock;
        }
        outcome
    }
}

fn tell(listener: &Listener, issue: &Issue, outcome: Option<&RepairOutcome>) {
    if let Some(outcome) = outcome {
        listener(issue, outcome);
    }
}
