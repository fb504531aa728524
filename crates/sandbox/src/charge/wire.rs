//! A charge as Coinbase writes it.

use serde_json::{Value, json};

use super::{Charge, Entry};
use crate::coin::Coin;
use crate::config::Config;
use crate::currency::{Currency, USD};

/// Coinbase Commerce takes one per cent.
const FEE_RATE: f64 = 0.01;

impl Charge {
    /// All of its fields. Those that have no value are left out where null would trouble the official clients.
    pub(crate) fn to_wire(&self, config: &Config) -> Value {
        let mut wire = json!({
            "id": self.id,
            "resource": "charge",
            "code": self.code,
            "name": self.name,
            "description": self.description,
            "pricing_type": if self.price.is_some() { "fixed_price" } else { "no_price" },
            "addresses": self.addresses,
            "metadata": self.metadata,
            "checkout": {},
            "hosted_url": config.public(&format!("/pay/{}", self.code)),
            "redirects": self.redirects(),
            "created_at": self.created_at.to_wire(),
            "expires_at": self.expires_at.to_wire(),
            "timeline": self.timeline.iter().map(|entry| self.entry(entry)).collect::<Vec<_>>(),
            "payments": self.payments.iter().map(super::payment::Payment::to_wire).collect::<Vec<_>>(),
            "exchange_rates": rates(&USD),
            "local_exchange_rates": rates(self.local_currency()),
            "payment_threshold": self.thresholds(),
            "fee_rate": FEE_RATE,
            "fees_settled": true,
            "pwcb_only": false,
            "offchain_eligible": false,
            "organization_name": config.shop_name,
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
        if let Some(payment) = self.payments.first().filter(|_| entry.paid) {
            wire["payment"] = json!({
                "network": payment.coin.key(),
                "transaction_id": payment.transaction_id,
                "value": payment.crypto,
            });
        }
        wire
    }

    fn thresholds(&self) -> Value {
        let currency = self.local_currency().code;
        json!({
            "overpayment_absolute_threshold": { "amount": "5.00", "currency": currency },
            "overpayment_relative_threshold": "0.005",
            "underpayment_absolute_threshold": { "amount": "5.00", "currency": currency },
            "underpayment_relative_threshold": "0.005",
        })
    }
}

/// What each coin is worth in a currency: `{"BTC-USD": "64250.0", …}`.
fn rates(currency: &Currency) -> Value {
    let pairs = Coin::ALL.map(|coin| {
        let name = format!("{}-{}", coin.currency().code, currency.code);
        (name, json!(coin.currency().rate_in(currency)))
    });
    Value::Object(pairs.into_iter().collect())
}
