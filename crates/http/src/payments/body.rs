use application::NewNotice;
use domain::{Currency, IdempotencyKey, OrderId, PaymentId, PaymentOutcome};
use serde::Deserialize;
use validator::{Validate, ValidationErrors};

use crate::input::{Amount, Given, Id, Label, bare_amount, both, fault_of, invalid, optional, readable, required};

/// What a payment backend sends. How the payment went is in `status` or, with older senders, in `payment_status`.
#[derive(Debug, Deserialize, Validate)]
pub(crate) struct NoticeBody {
    #[serde(alias = "orderId")]
    #[validate(required, custom(function = readable::<OrderId>))]
    order_id: Option<Given<Id<OrderId>>>,
    status: Option<Given<String>>,
    #[serde(alias = "paymentStatus")]
    payment_status: Option<Given<String>>,
    #[serde(alias = "idempotencyKey")]
    #[validate(custom(function = readable::<IdempotencyKey>))]
    idempotency_key: Option<Given<String>>,
    #[serde(alias = "paymentId")]
    #[validate(custom(function = readable::<PaymentId>))]
    payment_id: Option<Given<Label>>,
    amount: Option<Given<Amount>>,
    #[validate(custom(function = readable::<Currency>))]
    currency: Option<Given<String>>,
}

impl NoticeBody {
    /// What it tells, with the bytes that told it.
    pub(crate) fn notice(&self, raw: Vec<u8>) -> Result<NewNotice, ValidationErrors> {
        let amount = bare_amount(self.amount.as_ref(), self.currency.as_ref());
        let amount = amount.map_err(|error| fault_of("amount", error));
        let (((), outcome), amount) = both(both(self.validate(), self.outcome()), amount)?;
        Ok(NewNotice {
            order_id: required("order_id", self.order_id.as_ref())?,
            outcome,
            idempotency_key: optional("idempotency_key", self.idempotency_key.as_ref())?,
            payment_id: optional("payment_id", self.payment_id.as_ref())?,
            amount,
            currency: optional("currency", self.currency.as_ref())?,
            raw,
        })
    }

    fn outcome(&self) -> Result<PaymentOutcome, ValidationErrors> {
        let status = optional("status", self.status.as_ref());
        let payment_status = optional("payment_status", self.payment_status.as_ref());
        match both(status, payment_status)? {
            (Some(outcome), Some(other)) if outcome != other => {
                Err(fault_of("payment_status", invalid("conflicting", "must not contradict status")))
            }
            (Some(outcome), _) | (None, Some(outcome)) => Ok(outcome),
            (None, None) => required("status", self.status.as_ref()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(statuses: &str) -> Result<PaymentOutcome, String> {
        let body = format!(r#"{{"orderId":"01900000-0000-7000-8000-00000000000a"{statuses}}}"#);
        let notice = serde_json::from_str::<NoticeBody>(&body).unwrap().notice(Vec::new());
        notice.map(|notice| notice.outcome).map_err(|errors| {
            let fault = &crate::input::faults(&errors)[0];
            format!("{} {}", fault.field, fault.code)
        })
    }

    #[test]
    fn two_words_for_the_same_outcome_do_not_contradict_each_other() {
        use PaymentOutcome::{Failed, Paid};
        for (statuses, expected) in [
            (r#","status":"success""#, Ok(Paid)),
            (r#","payment_status":"paid","status":null"#, Ok(Paid)),
            (r#","paymentStatus":"cancelled""#, Ok(Failed)),
            (r#","status":"paid","payment_status":"success""#, Ok(Paid)),
            (r#","status":"canceled","payment_status":"failed""#, Ok(Failed)),
            (r#","status":"paid","payment_status":"failed""#, Err("payment_status conflicting")),
            (r#","status":"paid","payment_status":"x""#, Err("payment_status unknown-value")),
            (r#","status":"PAID""#, Err("status unknown-value")),
            (r#","status":1"#, Err("status invalid-type")),
            ("", Err("status required")),
        ] {
            assert_eq!(outcome(statuses), expected.map_err(str::to_owned), "{statuses}");
        }
    }
}
