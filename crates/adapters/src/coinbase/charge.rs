use std::time::Duration;

use domain::{Charge, ChargeCode, CheckoutId, Money, Reported, Timestamp};
use ports::{ChargeRequest, GatewayError};
use serde_json::{Value, json};
use url::Url;

use super::config::Config;
use super::loose::Loose;

/// The longest name and description that Coinbase takes, in characters.
const NAME_MAX_CHARS: usize = 100;
const DESCRIPTION_MAX_CHARS: usize = 200;

/// The longest URL of a payment page that is taken for one.
const HOSTED_URL_MAX_BYTES: usize = 2048;

/// The field of a charge's metadata that says for which checkout it was made.
const CHECKOUT_ID: &str = "checkout_id";

/// A charge that is this much older than its checkout wasn't made for it, even if the two clocks disagree.
const CLOCK_SKEW: Duration = Duration::from_secs(60);

/// The body that asks for a charge.
pub(super) fn order(request: &ChargeRequest, config: &Config) -> Value {
    let mut body = json!({
        "name": cut(&request.name, NAME_MAX_CHARS),
        "description": cut(&request.description, DESCRIPTION_MAX_CHARS),
        "pricing_type": "fixed_price",
        "local_price": { "amount": request.money.to_string(), "currency": request.money.currency().code() },
        "metadata": { CHECKOUT_ID: request.checkout_id.to_string() },
    });
    for (field, url) in [("redirect_url", &config.redirect_url), ("cancel_url", &config.cancel_url)] {
        if let Some(url) = url {
            body[field] = json!(url);
        }
    }
    body
}

fn cut(text: &str, max_chars: usize) -> String {
    text.chars().take(max_chars).collect()
}

/// A charge as Coinbase writes it, in an answer or in an event.
#[derive(Debug, Default)]
pub(super) struct WireCharge<'a> {
    pub(super) fields: Loose<'a>,
}

/// One line of a charge's history.
#[derive(Debug)]
pub(super) struct TimelineEntry {
    pub(super) status: String,
    pub(super) context: Option<String>,
    pub(super) at: Option<Timestamp>,
}

/// Where a charge stands, as Coinbase has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    New,
    Pending,
    Completed,
    Expired,
    Unresolved,
    Resolved,
    Canceled,
}

impl Status {
    const ALL: [Self; 7] =
        [Self::New, Self::Pending, Self::Completed, Self::Expired, Self::Unresolved, Self::Resolved, Self::Canceled];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::New => "NEW",
            Self::Pending => "PENDING",
            Self::Completed => "COMPLETED",
            Self::Expired => "EXPIRED",
            Self::Unresolved => "UNRESOLVED",
            Self::Resolved => "RESOLVED",
            Self::Canceled => "CANCELED",
        }
    }
}

impl TimelineEntry {
    fn known_status(&self) -> Option<Status> {
        Status::ALL.into_iter().find(|status| self.is(status.name()))
    }

    pub(super) fn is(&self, status: &str) -> bool {
        self.status.eq_ignore_ascii_case(status)
    }
}

impl<'a> WireCharge<'a> {
    /// The charge in an answer: `{"data": {…}}`.
    pub(super) fn answered(answer: &'a str) -> Result<Self, GatewayError> {
        Self::answered_with_text(answer).map(|(_, charge)| charge)
    }

    /// The same with the charge's own JSON, as it came.
    pub(super) fn answered_with_text(answer: &'a str) -> Result<(&'a str, Self), GatewayError> {
        Loose::parse(answer)
            .and_then(|answer| answer.json("data"))
            .and_then(|json| Some((json, Self { fields: Loose::parse(json)? })))
            .ok_or_else(|| GatewayError::Unreadable("not JSON with a charge as its data".to_owned()))
    }

    /// The charges in a page of an answer: `{"data": [{…}, …]}`.
    pub(super) fn listed(answer: &'a str) -> Result<Vec<Self>, GatewayError> {
        Loose::parse(answer)
            .and_then(|answer| answer.items("data"))
            .and_then(|items| items.into_iter().map(Loose::parse).collect::<Option<Vec<_>>>())
            .map(|charges| charges.into_iter().map(|fields| Self { fields }).collect())
            .ok_or_else(|| GatewayError::Unreadable("not JSON with a list of charges as its data".to_owned()))
    }

    pub(super) fn code(&self) -> Option<ChargeCode> {
        ChargeCode::parse(self.fields.text("code")?).ok()
    }

    /// What the charge asks for.
    pub(super) fn asked(&self) -> Reported {
        self.fields.local_money("pricing")
    }

    /// Its history, oldest first. The last entry is its status.
    pub(super) fn timeline(&self) -> Vec<TimelineEntry> {
        let entries = self.fields.items("timeline").unwrap_or_default().into_iter();
        entries
            .filter_map(|json| {
                let entry = Loose::parse(json)?;
                let (context, at) = (entry.text("context"), entry.moment("time"));
                Some(TimelineEntry { status: entry.text("status")?, context, at })
            })
            .collect()
    }

    /// Whether it says by itself when its payment was final.
    pub(super) fn is_confirmed(&self) -> bool {
        self.fields.json("confirmed_at").is_some()
    }

    /// The last status that is known here: what Coinbase may think of later comes after it and takes no money back.
    pub(super) fn status(&self) -> Status {
        let known = self.timeline().iter().rev().find_map(TimelineEntry::known_status);
        known.unwrap_or(if self.is_confirmed() { Status::Completed } else { Status::New })
    }

    /// What to start after for the next page.
    pub(super) fn cursor(&self) -> Option<String> {
        self.fields.text("id").or_else(|| self.fields.text("code"))
    }

    pub(super) fn is_for(&self, checkout_id: CheckoutId) -> bool {
        let named = self.fields.object("metadata").and_then(|metadata| metadata.text(CHECKOUT_ID));
        named.and_then(|id| id.parse().ok()) == Some(checkout_id)
    }

    /// Whether a buyer can't pay it any more, and nobody has.
    pub(super) fn is_called_off(&self) -> bool {
        self.timeline().last().is_some_and(|last| last.is("CANCELED") || last.is("EXPIRED"))
    }

    /// Whether it is too old to have been made for a checkout of `moment`.
    pub(super) fn is_older_than(&self, moment: Timestamp) -> bool {
        self.fields.moment("created_at").is_some_and(|created_at| created_at < moment - CLOCK_SKEW)
    }

    /// Whether it asks for this, as far as it says.
    pub(super) fn asks_for(&self, money: Money) -> bool {
        match self.asked() {
            Reported::Missing => true,
            Reported::Unreadable => false,
            Reported::Amount(asked) => asked == money,
        }
    }

    /// What the core keeps of it.
    pub(super) fn read(&self) -> Result<Charge, GatewayError> {
        let code = self.code().ok_or_else(|| GatewayError::Unreadable("a charge without a usable code".to_owned()))?;
        let hosted_url = self
            .fields
            .text("hosted_url")
            .filter(|url| is_web_page(url))
            .ok_or_else(|| GatewayError::Unreadable("a charge without a usable hosted_url".to_owned()))?;
        Ok(Charge { code, hosted_url })
    }
}

/// Buyers are sent there, so it must be nothing that a browser would run or misread.
fn is_web_page(url: &str) -> bool {
    let is_printable = !url.chars().any(|char| char.is_control() || char.is_whitespace());
    url.len() <= HOSTED_URL_MAX_BYTES
        && is_printable
        && Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn with_page(hosted_url: &str) -> Result<Charge, GatewayError> {
        let answer = json!({ "data": { "code": "ABCD1234", "hosted_url": hosted_url } }).to_string();
        WireCharge::answered(&answer)?.read()
    }

    #[test]
    fn buyers_are_only_ever_sent_to_a_web_page() {
        assert_eq!(with_page("https://pay.example/c/1").unwrap().hosted_url, "https://pay.example/c/1");
        assert!(with_page("http://127.0.0.1:8080/sandbox/pay/ABCD1234").is_ok());
        let long = format!("https://pay.example/{}", "x".repeat(HOSTED_URL_MAX_BYTES));
        for url in ["", "javascript:alert(1)", "/pay", "data:text/html,x", "java\nscript:x", "https://a b/", &long] {
            assert!(matches!(with_page(url), Err(GatewayError::Unreadable(_))), "{url}");
        }
    }

    #[test]
    fn a_code_must_be_storable() {
        for code in ["", "a\0b", &"x".repeat(65)] {
            let answer = json!({ "data": { "code": code, "hosted_url": "https://pay.example/" } }).to_string();
            assert!(WireCharge::answered(&answer).unwrap().read().is_err(), "{code}");
        }
    }

    #[test]
    fn texts_are_cut_to_what_coinbase_takes_without_splitting_a_character() {
        let request = ChargeRequest {
            checkout_id: CheckoutId::from_uuid(Uuid::nil()),
            money: Money::parse("29.9", domain::Currency::USD).unwrap(),
            name: "é".repeat(300),
            description: "ü".repeat(300),
        };
        let config = Config::new("https://api.example/".parse().unwrap(), "key");
        let body = order(&request, &config);
        assert_eq!(body["name"], "é".repeat(100));
        assert_eq!(body["description"], "ü".repeat(200));
        assert_eq!(body["local_price"], json!({ "amount": "29.90", "currency": "USD" }));
        assert!(body.get("redirect_url").is_none(), "{body}");
    }
}
