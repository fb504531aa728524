//! A charge as Coinbase writes it.

use serde_json::{Value, json};

use super::payment::{THRESHOLD_PER_MILLE, THRESHOLD_WHOLE_UNITS};
use super::{Charge, Entry};
use crate::clock::Timestamp;
use crate::coin::Coin;
use crate::config::Config;
use crate::currency::{Currency, USD};
use crate::money::{Money, decimal};
use crate::rates::Rates;

/// Coinbase Commerce takes one per cent.
const FEE_RATE: f64 = 0.01;

impl Charge {
    /// All of its fields, as of now. Those that have no value are left out where null would trouble the official clients.
    pub(crate) fn to_wire(&self, config: &Config, shop: &str, now: Timestamp) -> Value {
        let mut wire = json!({
            "id": self.id,
            "resource": "charge",
            "code": self.code,
            "name": self.name,
            "description": self.description,
            "pricing_type": if self.price.is_some() { "fixed_price" } else { "no_price" },
            "addresses": self.addresses,
            "metadata": self.metadata,
            "checkout": self.checkout_id.map_or_else(|| json!({}), |id| json!({ "id": id })),
            "hosted_url": config.public(&format!("/pay/{}", self.code)),
            "redirects": self.redirects(),
            "created_at": self.created_at.to_wire(),
            "expires_at": self.expires_at.to_wire(),
            "timeline": self.timeline.iter().map(|entry| self.entry(entry)).collect::<Vec<_>>(),
            "payments": self.payments.iter().map(|payment| payment.to_wire(now)).collect::<Vec<_>>(),
            "exchange_rates": rates(&config.rates, &USD),
            "local_exchange_rates": rates(&config.rates, self.local_currency()),
            "payment_threshold": self.thresholds(),
            "fee_rate": FEE_RATE,
            "fees_settled": true,
            "pwcb_only": false,
            "offchain_eligible": false,
            "organization_name": shop,
            "support_email": "support@example.com",
            "logo_url": "",
            "brand_color": "#4338CA",
            "brand_logo_url": "",
        });
        if let Some(price) = &self.price {
            wire["pricing"] = json!({
                "local": price.local,
                "settlement": price.usdc,
                "bitcoin": price.bitcoin,
                "ethereum": price.ethereum,
                "usdc": price.usdc,
            });
        }
        for (field, url) in [("redirect_url", &self.redirect_url), ("cancel_url", &self.cancel_url)] {
            if let Some(url) = url {
                wire[field] = json!(url);
            }
        }
        if let Some(confirmed_at) = self.confirmed_at {
            wire["confirmed_at"] = json!(confirmed_at.to_wire());
        }
        wire
    }

    fn local_currency(&self) -> &'static Currency {
        self.price.as_ref().map_or(&USD, |price| price.local.currency)
    }

    fn redirects(&self) -> Value {
        json!({
            "cancel_url": self.cancel_url.as_deref().unwrap_or_default(),
            "success_url": self.redirect_url.as_deref().unwrap_or_default(),
            "will_redirect_after_success": false,
        })
    }

    fn entry(&self, entry: &Entry) -> Value {
        let mut wire = json!({ "time": entry.at.to_wire(), "status": entry.status });
        if let Some(context) = entry.context {
            wire["context"] = json!(context);
        }
        if let Some(payment) = self.payment_at(entry.status).filter(|_| entry.paid) {
            wire["payment"] = json!({
                "network": payment.coin.key(),
                "transaction_id": payment.transaction_id,
                "value": payment.crypto,
            });
        }
        wire
    }

    fn thresholds(&self) -> Value {
        let currency = self.local_currency();
        let units = THRESHOLD_WHOLE_UNITS * 10_u64.pow(currency.decimals);
        let absolute = Money { units, currency };
        let relative = decimal(u128::from(THRESHOLD_PER_MILLE), 3);
        json!({
            "overpayment_absolute_threshold": absolute,
            "overpayment_relative_threshold": relative,
            "underpayment_absolute_threshold": absolute,
            "underpayment_relative_threshold": relative,
        })
    }
}

/// What each coin is worth in a currency: `{"BTC-USD": "64250.0", …}`.
fn rates(rates: &Rates, currency: &Currency) -> Value {
    let pairs = Coin::ALL.map(|coin| {
        let name = format!("{}-{}", coin.currency().code, currency.code);
        (name, json!(rates.written(coin.currency(), currency)))
    });
    Value::Object(pairs.into_iter().collect())
}
