use serde::{Deserialize, Serialize};

use crate::{BareAmount, ChargeNews, ChargeReport, Currency, EventKey, PaymentId, Timestamp, TransactionId};

/// What an event says, read from its body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum EventReport {
    /// News of a charge.
    Charge(ChargeReport),
    /// A payment backend's own word on an order.
    Payment(PaymentNotice),
}

impl EventReport {
    /// The movements of money that it tells of, by the names that tell them apart.
    #[must_use]
    pub fn movements(&self, key: &EventKey) -> Vec<String> {
        match self {
            Self::Charge(report) => {
                report.payments.iter().map(|payment| payment.provider_transaction_id.clone()).collect()
            }
            Self::Payment(notice) => vec![notice.movement(key).to_owned()],
        }
    }

    /// Whether it says that money came, or may have come: such events are never thrown away.
    #[must_use]
    pub const fn tells_of_money(&self) -> bool {
        match self {
            Self::Charge(report) => {
                let is_bare = match report.news {
                    ChargeNews::Created
                    | ChargeNews::Pending
                    | ChargeNews::Expired
                    | ChargeNews::Canceled
                    | ChargeNews::Unknown => true,
                    ChargeNews::Confirmed | ChargeNews::Held(_) | ChargeNews::Resolved => false,
                };
                !is_bare || !report.payments.is_empty()
            }
            Self::Payment(notice) => match notice.outcome {
                PaymentOutcome::Paid => true,
                PaymentOutcome::Failed => false,
            },
        }
    }

    /// When it happened, if the sender tells.
    #[must_use]
    pub const fn occurred_at(&self) -> Option<Timestamp> {
        match self {
            Self::Charge(report) => Some(report.occurred_at),
            Self::Payment(_) => None,
        }
    }
}

/// How a payment went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentOutcome {
    /// The money is there.
    Paid,
    /// It will not come.
    Failed,
}

/// What a payment backend says of an order's payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentNotice {
    /// How it went.
    pub outcome: PaymentOutcome,
    /// What the sender calls the payment.
    pub payment_id: Option<PaymentId>,
    /// How much; the order's total if it isn't told.
    pub amount: Option<BareAmount>,
    /// In which currency; the order's if it isn't told, but US dollars if the notice had to wait for its order.
    pub currency: Option<Currency>,
    /// The id that the payment's transaction gets.
    pub record: TransactionId,
}

impl PaymentNotice {
    /// What tells this movement of money from others: the payment's id, or the event's where the payment has none.
    #[must_use]
    pub fn movement<'a>(&'a self, key: &'a EventKey) -> &'a str {
        self.payment_id.as_ref().map_or(key.provider_event_id.as_str(), PaymentId::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ChargeNews, Reason};

    /// Reports are stored as JSON, and those that were stored before there were notices have no tag.
    #[test]
    fn reports_are_read_back_as_they_were_stored() {
        let charge = r#"{"news":{"held":"underpaid"},"asked":{"amount":{"minor":1000,"currency":"USD"}},"payments":[{
            "record":"00000000-0000-0000-0000-000000000001","provider_transaction_id":"tx-1","amount":"missing",
            "occurred_at":"2026-01-02T03:04:05Z"}],"occurred_at":"2026-01-02T03:04:06Z"}"#;
        let notice = r#"{"outcome":"paid","payment_id":"pay-1","amount":"29.99000000","currency":"USD",
            "record":"00000000-0000-0000-0000-000000000002"}"#;
        let bare = r#"{"outcome":"failed","payment_id":null,"amount":null,"currency":null,
            "record":"00000000-0000-0000-0000-000000000003"}"#;
        let reports: Vec<EventReport> =
            [charge, notice, bare].iter().map(|stored| serde_json::from_str(stored).unwrap()).collect();
        let EventReport::Charge(report) = &reports[0] else { panic!("it is news of a charge") };
        assert_eq!((report.news, report.payments.len()), (ChargeNews::Held(Reason::Underpaid), 1));
        let EventReport::Payment(notice) = &reports[1] else { panic!("it is a notice") };
        assert_eq!(notice.amount, BareAmount::parse("29.99").ok());
        assert_eq!((notice.outcome, notice.currency), (PaymentOutcome::Paid, Some(Currency::USD)));
        let EventReport::Payment(notice) = &reports[2] else { panic!("it is a notice") };
        assert_eq!((notice.outcome, &notice.amount, &notice.payment_id), (PaymentOutcome::Failed, &None, &None));
        for report in reports {
            let stored = serde_json::to_string(&report).unwrap();
            assert_eq!(serde_json::from_str::<EventReport>(&stored).unwrap(), report, "{stored}");
        }
    }
}
