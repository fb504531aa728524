use domain::{Money, Reported, Tolerance};

use super::loose::{Loose, money};

/// What a charge's `payment_threshold` lets pass: the lesser of its absolute and its relative threshold, since Coinbase
/// doesn't document which of them outweighs the other. A charge that doesn't tell both lets nothing pass.
pub(super) fn tolerance(charge: &Loose<'_>, asked: Reported) -> Tolerance {
    let (Some(thresholds), Reported::Amount(asked)) = (charge.object("payment_threshold"), asked) else {
        return Tolerance::default();
    };
    let side = |name: &str| tolerated_minor(&thresholds, name, asked).unwrap_or(0);
    Tolerance { under_minor: side("underpayment"), over_minor: side("overpayment") }
}

fn tolerated_minor(thresholds: &Loose<'_>, side: &str, asked: Money) -> Option<i64> {
    let absolute = money(thresholds.json(&format!("{side}_absolute_threshold"))?)?;
    let name = format!("{side}_relative_threshold");
    let relative = thresholds.text(&name).or_else(|| thresholds.json(&name).map(str::to_owned))?;
    let relative_minor = i128::from(asked.minor()) * i128::from(parts_per_million(&relative)?) / 1_000_000;
    let is_comparable = absolute.currency() == asked.currency();
    is_comparable.then_some(absolute.minor().min(i64::try_from(relative_minor).ok()?))
}

/// A share below one, such as `0.005`, in millionths.
fn parts_per_million(text: &str) -> Option<i64> {
    let decimals = text.strip_prefix("0.")?;
    let are_digits = decimals.bytes().all(|byte| byte.is_ascii_digit());
    if decimals.is_empty() || decimals.len() > 6 || !are_digits {
        return None;
    }
    format!("{decimals:0<6}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(json: &str, asked: &str) -> (i64, i64) {
        let charge = format!("{{\"payment_threshold\":{json}}}");
        let asked = Reported::Amount(Money::parse(asked, domain::Currency::USD).unwrap());
        let tolerance = tolerance(&Loose::parse(&charge).unwrap(), asked);
        (tolerance.under_minor, tolerance.over_minor)
    }

    #[test]
    fn the_lesser_threshold_counts_and_only_where_both_are_told() {
        let usual = r#"{"underpayment_absolute_threshold":{"amount":"5.00","currency":"USD"},
            "underpayment_relative_threshold":"0.005",
            "overpayment_absolute_threshold":{"amount":"5.00","currency":"USD"},"overpayment_relative_threshold":0.01}"#;
        assert_eq!(of(usual, "100"), (50, 100));
        assert_eq!(of(usual, "10000"), (500, 500));
        assert_eq!(of(usual, "0.10"), (0, 0));
        assert_eq!(of(&usual.replace("USD", "EUR"), "100"), (0, 0));
        assert_eq!(of(r#"{"underpayment_relative_threshold":"0.5"}"#, "100"), (0, 0));
        for bad in ["1.5", "-0.1", "0.0000001", "NaN", "0.", "half"] {
            assert_eq!(of(&usual.replace("\"0.005\"", &format!("\"{bad}\"")), "100").0, 0, "{bad}");
        }
        assert_eq!(of("7", "100"), (0, 0));
    }
}
