//! Whether the books of both sides agree with each other and with every answer that was given.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use anyhow::{Result, ensure};

use crate::books::{Books, CheckoutRow, OrderRow, ProductRow};
use crate::buyer::Sale;
use crate::promised::oversold;
use crate::support::promises::Promises;
use crate::town::{Product, Town};

/// What was counted, and everything that is wrong.
#[derive(Debug, Default)]
pub(crate) struct Score {
    /// How many of what there were.
    counts: BTreeMap<String, u64>,
    /// Money or answers that nothing came of.
    lost: Vec<String>,
    /// What is there more often than it was asked for or paid.
    doubled: Vec<String>,
    /// What nobody can say the reason of.
    unexplained: Vec<String>,
}

/// How much of an order's total came, all its checkouts together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Came {
    Nothing,
    Some,
    All,
    More,
}

impl Score {
    pub(crate) fn is_clean(&self) -> Result<()> {
        let is_clean = self.lost.is_empty() && self.doubled.is_empty() && self.unexplained.is_empty();
        ensure!(
            is_clean,
            "{} lost, {} doubled, {} unexplained",
            self.lost.len(),
            self.doubled.len(),
            self.unexplained.len()
        );
        Ok(())
    }

    fn count(&mut self, what: impl Into<String>) {
        *self.counts.entry(what.into()).or_default() += 1;
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (what, count) in &self.counts {
            writeln!(f, "  {what:<34} {count}")?;
        }
        for (what, all) in [("lost", &self.lost), ("doubled", &self.doubled), ("unexplained", &self.unexplained)] {
            writeln!(f, "{what}: {}", all.len())?;
            // A few of them tell which kind it is.
            all.iter().take(10).try_for_each(|one| writeln!(f, "  {one}"))?;
        }
        Ok(())
    }
}

/// Compares everything with everything.
pub(crate) fn judge(town: &Town, sales: &[Sale], books: &Books, promises: &Promises) -> Score {
    let mut score = Score::default();
    for sale in sales {
        score.count(
            sale.outcome.map_or_else(|| "charges that nobody paid".to_owned(), |how| format!("payments: {how}")),
        );
    }
    score.counts.insert("payments".to_owned(), sales.iter().filter(|sale| sale.outcome.is_some()).count() as u64);
    money(&mut score, books);
    orders(&mut score, books, promises);
    answers(&mut score, books, promises);
    stock(&mut score, books, promises, &town.products);
    inbox(&mut score, books);
    score
}

/// Every payment of the sandbox is in the ledger once, to the cent, and every checkout ends as its money says.
fn money(score: &mut Score, books: &Books) {
    let own: BTreeMap<&str, &CheckoutRow> =
        books.checkouts.iter().filter_map(|row| Some((row.charge_code.as_deref()?, row))).collect();
    let mut unbooked: BTreeMap<&str, Vec<(String, u64)>> =
        books.movements.iter().map(|(id, moved)| (id.as_str(), moved.clone())).collect();
    for charge in books.charges.values() {
        let Some(ending) = &charge.ending else {
            score.unexplained.push(format!("charge {} never comes to rest", charge.code));
            continue;
        };
        let Some(checkout) = own.get(charge.code.as_str()) else {
            // A worker died before it could store this one; nobody was ever sent to its page.
            score.count(if charge.is_called_off { "surplus charges, called off" } else { "surplus charges, left" });
            if !ending.payments.is_empty() {
                score.lost.push(format!("charge {} of checkout {} was paid", charge.code, charge.checkout_id));
            }
            continue;
        };
        match ending.verdict() {
            Ok(verdict) if verdict.checkout == checkout.status => score.count(format!("checkouts {}", checkout.status)),
            verdict => score.unexplained.push(format!("checkout {} is {}: {verdict:?}", checkout.id, checkout.status)),
        }
        let booked = unbooked.entry(checkout.id.as_str()).or_default();
        for (movement, cents) in &ending.payments {
            match booked.iter().position(|known| *known == (movement.clone(), *cents)) {
                Some(place) => drop(booked.swap_remove(place)),
                None => score.lost.push(format!("payment {movement} of {cents} cents for checkout {}", checkout.id)),
            }
            score.count("movements of money");
        }
    }
    for (checkout_id, movements) in unbooked {
        let twice =
            movements.iter().map(|movement| format!("{movement:?} of checkout {checkout_id} is booked too often"));
        score.doubled.extend(twice);
    }
    let known = |code: &Option<String>| code.as_ref().is_some_and(|code| books.charges.contains_key(code));
    for checkout in books.checkouts.iter().filter(|checkout| !known(&checkout.charge_code)) {
        score.unexplained.push(format!("checkout {} has no charge: {:?}", checkout.id, checkout.charge_code));
    }
}

/// Every order ends as its money says, and what the seller said of it.
fn orders(score: &mut Score, books: &Books, promises: &Promises) {
    let mut came: BTreeMap<&str, Came> = BTreeMap::new();
    for checkout in &books.checkouts {
        let (Some(order_id), Some(code)) = (&checkout.order_id, &checkout.charge_code) else { continue };
        let verdict = books.charges.get(code).and_then(|charge| charge.ending.as_ref()?.verdict().ok());
        let more = match verdict.map(|verdict| verdict.order.1) {
            Some("paid") => Came::All,
            Some("overpaid") => Came::More,
            Some("underpaid") => Came::Some,
            _ => Came::Nothing,
        };
        let known = came.entry(order_id).or_insert(Came::Nothing);
        *known = match (*known, more) {
            (Came::Nothing, more) => more,
            (known, Came::Nothing) => known,
            // Two payments for one order.
            (_, _) => Came::More,
        };
    }
    for order in &books.orders {
        let came = came.get(order.id.as_str()).copied().unwrap_or(Came::Nothing);
        score.count(format!("orders {}, {}", order.status, order.payment_status));
        if !may_end_so(order, came, promises) {
            let OrderRow { id, status, payment_status, .. } = order;
            let said = promises.seller.get(id);
            score.unexplained.push(format!("order {id} is {status}, {payment_status}: {came:?} came, {said:?}"));
        }
    }
}

fn may_end_so(order: &OrderRow, came: Came, promises: &Promises) -> bool {
    let said = promises.seller.get(&order.id);
    // Asked for without an answer, it may have been done or not; answered, it was.
    let was_asked = |word| said.is_some_and(|said| said.contains_key(word));
    let was_told = |word| said.is_some_and(|said| said.get(word) == Some(&true));
    let (status, payment) = (order.status.as_str(), order.payment_status.as_str());
    let is_the_sellers_word = match status {
        "cancelled" | "completed" | "refunded" => was_asked(status),
        _ => true,
    };
    let honours = (!was_told("refunded") || status == "refunded")
        && (!was_told("completed") || status == "completed")
        && (!was_told("cancelled") || status != "expired");
    let is_as_its_money_says = matches!(
        (came, status, payment),
        (Came::Nothing, "expired" | "cancelled", "unpaid")
            // A part of it was seen, which gives the rest two hours.
            | (Came::Some, "pending", "underpaid")
            // Too little, or no stock left when it came.
            | (Came::Some | Came::All | Came::More, "expired" | "cancelled", "refund_due")
            | (Came::All, "paid" | "completed", "paid")
            | (Came::More, "paid" | "completed", "overpaid")
            | (Came::All | Came::More, "refunded", "refunded")
            | (Came::More, "refunded", "refund_due")
    );
    is_the_sellers_word && honours && is_as_its_money_says
}

/// Everything that was answered is there, and nothing else is.
fn answers(score: &mut Score, books: &Books, promises: &Promises) {
    for (id, hold) in &promises.holds {
        let is_so = books.holds.get(id).is_some_and(|row| {
            let status = match (promises.of_holds.contains_key(id), promises.released.contains(id)) {
                (true, _) => "converted",
                (false, true) => "released",
                // Nobody gave it up, or nobody knows whether it was; nobody knows of an order.
                (false, false) => {
                    if row.status == "released" {
                        "released"
                    } else {
                        "expired"
                    }
                }
            };
            row.quantity == hold.quantity && row.status == status
        });
        if !is_so {
            let found = books.holds.get(id).map(|row| (&row.status, row.quantity));
            score.lost.push(format!("hold {id} is {found:?}, and was answered as {hold:?}"));
        }
    }
    let unseen = books.holds.len().saturating_sub(promises.holds.len());
    if unseen > promises.unknown_holds {
        score.doubled.push(format!("{unseen} holds that nobody was told of, of {} at most", promises.unknown_holds));
    }
    let orders: BTreeMap<&str, &OrderRow> = books.orders.iter().map(|row| (row.id.as_str(), row)).collect();
    for (id, order) in &promises.orders {
        if orders.get(id.as_str()).is_none_or(|row| row.hold_id != order.hold_id) {
            score.lost.push(format!("order {id} was answered as {order:?}"));
        }
    }
    let nobodys = books.orders.iter().filter(|row| !promises.orders.contains_key(&row.id));
    score.doubled.extend(nobodys.map(|row| format!("order {} was answered to nobody", row.id)));
    checkouts(score, books, promises);
}

fn checkouts(score: &mut Score, books: &Books, promises: &Promises) {
    let rows: BTreeMap<&str, &CheckoutRow> = books.checkouts.iter().map(|row| (row.id.as_str(), row)).collect();
    for (key, id) in &promises.checkouts {
        if rows.get(id.as_str()).is_none_or(|row| row.key.as_ref() != Some(key)) {
            score.lost.push(format!("checkout {id} of {key}"));
        }
    }
    for (id, order_id) in &promises.of_orders {
        if rows.get(id.as_str()).is_none_or(|row| row.order_id.as_ref() != Some(order_id)) {
            score.lost.push(format!("checkout {id} of order {order_id}"));
        }
    }
    let answered: BTreeSet<&String> = promises.checkouts.values().chain(promises.of_orders.keys()).collect();
    let nobodys = books.checkouts.iter().filter(|row| !answered.contains(&row.id));
    score.doubled.extend(nobodys.map(|row| format!("checkout {} was answered to nobody", row.id)));
}

/// The stock is what the orders say, and never more of it was promised than there is.
fn stock(score: &mut Score, books: &Books, promises: &Promises, products: &[Product]) {
    for product in products {
        match books.products.get(&product.id) {
            Some(row)
                if row.total == product.total_stock
                    && row.held == row.in_pending_orders
                    && row.sold == row.in_sold_orders =>
            {
                score.counts.insert(format!("sold of {}", row.total), row.sold);
                if row.sold + row.held > row.total {
                    let ProductRow { total, sold, held, .. } = row;
                    score.doubled.push(format!("{sold} sold and {held} held of {total} of product {}", product.id));
                }
            }
            Some(row) => score.unexplained.push(format!(
                "product {}: {} held, {} in pending orders, {} sold, {} in sold orders, of {}",
                product.id, row.held, row.in_pending_orders, row.sold, row.in_sold_orders, row.total
            )),
            None => score.lost.push(format!("product {}", product.id)),
        }
    }
    score.doubled.extend(oversold(promises, products));
}

/// No event without effect, and no work that was given up, without a reason that is known here.
fn inbox(score: &mut Score, books: &Books) {
    for (verdict, count) in &books.events {
        score.counts.insert(format!("events {verdict}"), *count);
    }
    for verdict in ["rejected", "dead"] {
        if books.events.contains_key(verdict) {
            score.unexplained.push(format!("events that are {verdict}"));
        }
    }
    let own: BTreeSet<&String> = books.checkouts.iter().filter_map(|row| row.charge_code.as_ref()).collect();
    // Of a surplus charge it is known that nobody knows it.
    let is_surplus = |code: &String| books.charges.contains_key(code) && !own.contains(code);
    let waiting = books.waited_for.iter().filter(|code| !is_surplus(code));
    score.unexplained.extend(waiting.map(|code| format!("an event waits for {code}")));
    score.unexplained.extend(books.dead_jobs.iter().map(|job| format!("given up: {job}")));
}
