use std::sync::Arc;
use std::time::Duration;

use domain::{
    ASKED_ABOUT_FOR, ChargeCode, ChargeReport, Checkout, CheckoutAccount, CheckoutId, CheckoutStatus, EventReport,
    Facts, Issue, IssueCode, Money, Repair, Reported, Timestamp, Transaction,
};
use ports::{
    ChargeState, CheckoutRepo, Clock, GatewayError, IncomingEvent, PageRequest, PaymentGateway, TransactionFilter,
    TransactionRepo,
};

use super::report::{GatewayLook, Stopped};
use crate::{Error, Pace};

/// Checkouts that were paid for no longer than this are asked about, too.
const LATELY: Duration = Duration::from_secs(24 * 60 * 60);
/// News so young may be on their way here.
const ON_THE_WAY: Duration = Duration::from_secs(60);
/// How often to look whether the gateway may be asked again.
const PACE_PAUSE: Duration = Duration::from_millis(500);
/// So many questions in a row without an answer are enough.
const MAX_UNANSWERED: u64 = 3;
/// More movements than any one checkout has.
const MOVEMENTS: PageRequest = PageRequest { page: 1, page_size: 100 };

/// How much the gateway is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GatewayLimits {
    /// About so many checkouts at most, the latest first, those that aren't paid before those that are.
    pub checkouts: usize,
    /// For so long at most.
    pub time: Duration,
}

/// Who is asked, and with what its answers are compared.
#[derive(Clone)]
pub struct GatewayCheck {
    /// Who is asked.
    pub gateway: Arc<dyn PaymentGateway>,
    /// Where checkouts are read once more when there is an answer.
    pub checkouts: Arc<dyn CheckoutRepo>,
    /// Where their money is read.
    pub transactions: Arc<dyn TransactionRepo>,
    /// How often the gateway may be asked.
    pub pace: Pace,
    /// How late it is.
    pub clock: Arc<dyn Clock>,
}

/// A checkout to be asked about.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    checkout_id: CheckoutId,
    code: ChargeCode,
    is_paid: bool,
}

/// Those to be asked about, no more of them than the limit.
#[derive(Debug)]
pub(super) struct Candidates {
    limit: usize,
    open: Vec<Candidate>,
    paid: Vec<Candidate>,
    total: u64,
}

impl Candidates {
    pub(super) const fn new(limit: usize) -> Self {
        Self { limit, open: Vec::new(), paid: Vec::new(), total: 0 }
    }

    /// Takes a checkout in, if its gateway may have something to tell.
    pub(super) fn consider(&mut self, account: &CheckoutAccount, now: Timestamp) {
        let Some(code) = &account.charge_code else { return };
        let is_paid = !account.is_open();
        let is_wanted = match account.completed_at {
            Some(completed_at) => now.since(completed_at) < LATELY,
            None => now.since(account.created_at) < ASKED_ABOUT_FOR,
        };
        if !is_wanted {
            return;
        }
        self.total += 1;
        let list = if is_paid { &mut self.paid } else { &mut self.open };
        if list.len() < self.limit {
            list.push(Candidate { checkout_id: account.id, code: code.clone(), is_paid });
        }
    }
}

/// What the gateway's answer about a checkout leads to.
pub(super) struct Answer {
    pub(super) issues: Vec<Issue>,
    /// What puts them right.
    pub(super) news: Option<IncomingEvent>,
}

/// Questions about checkouts, one after the other.
pub(super) struct Talk<'a> {
    check: &'a GatewayCheck,
    questions: std::vec::IntoIter<Candidate>,
    /// About how many there should be questions.
    total: u64,
    deadline: Timestamp,
    look: GatewayLook,
    unanswered_in_a_row: u64,
}

impl Talk<'_> {
    /// The next answer; `None` when there are no more questions, or no more answers.
    pub(super) async fn next(&mut self) -> Result<Option<Answer>, Error> {
        while self.look.stopped.is_none() {
            let Some(candidate) = self.questions.next() else { return Ok(None) };
            if !self.check.may_ask_before(self.deadline).await {
                self.look.stopped = Some(Stopped::TimeUp);
                return Ok(None);
            }
            self.check.pace.count(self.check.clock.now());
            self.look.asked += 1;
            let state = match self.check.gateway.charge(&candidate.code).await {
                Ok(state) => state,
                Err(GatewayError::ChargeNotFound) => None,
                Err(error) => {
                    self.missed(error);
                    continue;
                }
            };
            self.unanswered_in_a_row = 0;
            return self.check.compare(&candidate, state).await.map(Some);
        }
        Ok(None)
    }

    fn missed(&mut self, error: GatewayError) {
        self.look.unanswered += 1;
        self.unanswered_in_a_row += 1;
        if self.unanswered_in_a_row >= MAX_UNANSWERED || ends_the_talk(&error) {
            self.look.stopped = Some(Stopped::Trouble(error));
        }
    }

    /// What came of it.
    pub(super) fn ended(self) -> GatewayLook {
        GatewayLook { left_out: self.total.saturating_sub(self.look.asked), ..self.look }
    }
}

impl GatewayCheck {
    /// Begins to ask about the candidates, those that aren't paid first.
    pub(super) fn talk(&self, candidates: Candidates, limits: GatewayLimits) -> Talk<'_> {
        let mut questions = candidates.open;
        questions.extend(candidates.paid);
        questions.truncate(limits.checkouts);
        Talk {
            check: self,
            questions: questions.into_iter(),
            total: candidates.total,
            deadline: self.clock.now() + limits.time,
            look: GatewayLook::default(),
            unanswered_in_a_row: 0,
        }
    }

    /// Waits until the pace allows another question.
    async fn may_ask_before(&self, deadline: Timestamp) -> bool {
        loop {
            let now = self.clock.now();
            if now >= deadline {
                return false;
            }
            if self.pace.room(now) > 0 {
                return true;
            }
            tokio::time::sleep(PACE_PAUSE).await;
        }
    }

    /// Compares an answer with what is here by now.
    async fn compare(&self, candidate: &Candidate, state: Option<ChargeState>) -> Result<Answer, Error> {
        let Some(checkout) = self.checkouts.checkout(candidate.checkout_id).await? else {
            return Ok(Answer { issues: Vec::new(), news: None });
        };
        let Some(state) = state else {
            let unknown = Issue::new(IssueCode::UnknownAtGateway, facts(&checkout));
            return Ok(Answer { issues: vec![unknown], news: None });
        };
        let filter = TransactionFilter { checkout_id: Some(checkout.id), ..TransactionFilter::default() };
        let recorded = self.transactions.transactions(filter, MOVEMENTS).await?.items;
        let report = state.news.as_ref().and_then(|news| match &news.report {
            EventReport::Charge(report) => Some(report),
            EventReport::Payment(_) => None,
        });
        let issues = match report.filter(|report| report.news.is_money()) {
            Some(report) if self.clock.now() < report.occurred_at + ON_THE_WAY => Vec::new(),
            Some(report) => differences(&checkout, &recorded, report),
            None if candidate.is_paid => vec![Issue::new(IssueCode::PaidHereOnly, facts(&checkout))],
            None => Vec::new(),
        };
        Ok(Answer { issues, news: state.news })
    }
}

/// Whether asking about another charge would end in the same way.
const fn ends_the_talk(error: &GatewayError) -> bool {
    match error {
        GatewayError::RateLimited { .. } | GatewayError::Unauthorized | GatewayError::NotSimulated => true,
        GatewayError::Unavailable(_)
        | GatewayError::Refused(_)
        | GatewayError::ChargeNotFound
        | GatewayError::Unreadable(_) => false,
    }
}

fn facts(checkout: &Checkout) -> Facts {
    Facts { checkout_id: Some(checkout.id), order_id: checkout.order_id, ..Facts::default() }
}

/// What the gateway tells of money and the ledger doesn't have, or has otherwise.
fn differences(checkout: &Checkout, recorded: &[Transaction], report: &ChargeReport) -> Vec<Issue> {
    let mut issues = Vec::new();
    let is_known = match checkout.status {
        CheckoutStatus::Completed | CheckoutStatus::Unresolved => true,
        CheckoutStatus::Pending | CheckoutStatus::Failed | CheckoutStatus::Expired | CheckoutStatus::Canceled => false,
    };
    let mut is_missing = !is_known;
    for payment in &report.payments {
        let name = &payment.provider_transaction_id;
        let row = recorded.iter().find(|row| row.provider_transaction_id == *name);
        // A payment that its news don't name stands for those that were told before.
        let is_unnamed = checkout.charge_code.as_ref().is_some_and(|code| code.as_str() == name);
        match (row, payment.amount) {
            (Some(row), Reported::Amount(told)) if told != row.money => issues.push(other_amount(checkout, row, told)),
            (None, Reported::Amount(_) | Reported::Missing) if !(is_unnamed && is_known) => is_missing = true,
            (Some(_) | None, Reported::Amount(_) | Reported::Missing | Reported::Unreadable) => {}
        }
    }
    if is_missing {
        let facts = Facts { since: Some(report.occurred_at), ..facts(checkout) };
        let detail = format!("Here the checkout is {}.", checkout.status);
        let repair = Repair::RecordNews(checkout.id);
        issues.push(Issue::new(IssueCode::PaidAtGateway, facts).with_detail(detail).with_repair(repair));
    }
    issues
}

fn other_amount(checkout: &Checkout, row: &Transaction, told: Money) -> Issue {
    let words = |money: Money| format!("{money} {}", money.currency().code());
    let facts = Facts { transaction_id: Some(row.id), ..facts(checkout) };
    let detail = format!("It tells {}, the ledger has {}.", words(told), words(row.money));
    Issue::new(IssueCode::AmountDiffersAtGateway, facts).with_detail(detail)
}
