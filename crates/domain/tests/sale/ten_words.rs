//! Every arrangement of ten things that can happen to an order and its money: each set of them up to a length, in every
//! order. All rules are checked after each step, and each beginning is played once.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use domain::{Books, Command, OrderStatus, PaymentStatus, Reply, Timestamp};

use crate::cast::{Cast, MONEY_WORDS, WORDS};
use crate::rows::Rows;
use crate::rules;

/// Books on the way through one arrangement.
#[derive(Clone)]
struct Played {
    books: Books,
    rows: Rc<Rows>,
    now: Timestamp,
}

impl Played {
    fn new(cast: &Cast) -> Self {
        let mut books = cast.books.clone();
        books.mark_stored();
        Self { rows: Rc::new(Rows::of(&books)), books, now: cast.now }
    }

    /// One of the words comes to pass: each of its commands, or the first that the books don't refuse.
    fn go_on(&mut self, cast: &Cast, word: usize) {
        let act = &cast.acts[word];
        self.now = self.now + act.time;
        for command in &act.commands {
            let is_refused = matches!(command.decide(&mut self.books, self.now), Reply::Rejected(_));
            if act.is_first_of && !is_refused {
                break;
            }
        }
        if !self.books.is_unchanged() {
            self.check(cast);
        }
    }

    fn check(&mut self, cast: &Cast) {
        self.books.mark_stored();
        let rows = Rows::of(&self.books);
        rules::check(&rows);
        rules::check_step(&self.rows, &rows);
        let recorded_minor: i64 = rows.transactions.values().map(|row| row.money.minor()).sum();
        assert_eq!(recorded_minor, cast.told_minor(&rows), "money vanished, or came from nowhere: {:#?}", rows.events);
        self.rows = Rc::new(rows);
    }

    /// Where the order ended, and what came for it.
    fn end(&self, cast: &Cast) -> String {
        match self.rows.orders.get(&cast.order_id) {
            None => "no order".to_owned(),
            Some(order) => format!("{}/{} {}", order.status, order.payment_status, order.received_minor),
        }
    }
}

/// What the walk through all arrangements found.
#[derive(Default)]
struct Found {
    arrangements: u64,
    states: BTreeSet<(OrderStatus, PaymentStatus)>,
    /// Where sets of words end that are only about money, whatever their order.
    ends: BTreeMap<Vec<usize>, String>,
}

fn walk(cast: &Cast, played: &Played, said: &mut Vec<usize>, longest: usize, found: &mut Found) {
    found.arrangements += 1;
    found.states.extend(played.rows.orders.values().map(|order| (order.status, order.payment_status)));
    assert_same_end(cast, played, said, found);
    if said.len() == longest {
        return;
    }
    for word in (0..WORDS.len()).filter(|word| !said.contains(word)).collect::<Vec<_>>() {
        let mut next = played.clone();
        said.push(word);
        let checked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| next.go_on(cast, word)));
        let names = || said.iter().map(|word| WORDS[*word]).collect::<Vec<_>>().join(", ");
        assert!(checked.is_ok(), "the rules broke in this arrangement: {}", names());
        walk(cast, &next, said, longest, found);
        said.pop();
    }
}

/// Where nothing happens but that money comes, it doesn't matter in which order its news are heard.
fn assert_same_end(cast: &Cast, played: &Played, said: &[usize], found: &mut Found) {
    if !cast.is_confluent || said.iter().any(|word| !MONEY_WORDS.contains(&WORDS[*word])) {
        return;
    }
    let mut words = said.to_vec();
    words.sort_unstable();
    let end = played.end(cast);
    let usual = found.ends.entry(words).or_insert_with(|| end.clone());
    let names: Vec<&str> = said.iter().map(|word| WORDS[*word]).collect();
    assert_eq!(end, *usual, "{}", names.join(", "));
}

/// How many arrangements of up to so many of ten words there are, the empty one included.
fn count(longest: u64) -> u64 {
    (0..=longest).map(|length| (0..length).map(|place| 10 - place).product::<u64>()).sum()
}

fn play_all(cast: &Cast, longest: usize) -> Found {
    let mut found = Found::default();
    walk(cast, &Played::new(cast), &mut Vec::new(), longest, &mut found);
    assert_eq!(found.arrangements, count(longest as u64));
    found
}

fn states(found: &Found) -> Vec<String> {
    found.states.iter().map(|(status, money)| format!("{status}/{money}")).collect()
}

#[test]
fn every_arrangement_of_ten_words_up_to_seven_keeps_the_rules() {
    let found = play_all(&Cast::plain(0), 7);
    assert_eq!(found.arrangements, 792_101);
    assert_eq!(
        states(&found),
        [
            "pending/unpaid",
            "paid/paid",
            "paid/overpaid",
            "cancelled/failed",
            "cancelled/refund_due",
            "cancelled/refunded",
            "expired/unpaid",
            "expired/refund_due",
            "expired/refunded",
            "refunded/refund_due",
            "refunded/refunded"
        ]
    );
}

#[test]
fn every_arrangement_with_part_payments_and_a_rival_keeps_the_rules() {
    let found = play_all(&Cast::of_parts(0), 6);
    assert!(states(&found).contains(&"pending/underpaid".to_owned()), "{:?}", states(&found));
}

/// Commands that are decided again on the same books give the same: what a walk shares, it may share.
#[test]
fn a_walk_that_is_repeated_ends_the_same() {
    let cast = Cast::plain(0);
    let play = |said: &[usize]| {
        let mut played = Played::new(&cast);
        for word in said {
            played.go_on(&cast, *word);
        }
        played.rows
    };
    for said in [[0, 1, 2, 3, 4, 5, 6], [9, 8, 7, 6, 5, 4, 3], [2, 4, 0, 7, 6, 9, 8]] {
        assert_eq!(*play(&said), *play(&said));
    }
}

#[test]
fn commands_of_a_word_are_what_its_name_says() {
    let cast = Cast::plain(0);
    let kinds: Vec<(&str, usize)> =
        WORDS.iter().zip(&cast.acts).map(|(word, act)| (*word, act.commands.len())).collect();
    assert_eq!(
        kinds,
        [
            ("create", 2),
            ("hold", 1),
            ("order", 2),
            ("pending", 1),
            ("confirmed", 1),
            ("failed", 2),
            ("expire", 3),
            ("late", 1),
            ("duplicate", 2),
            ("refund", 1)
        ]
    );
    assert!(matches!(cast.acts[4].commands[0], Command::RecordEvent(_)));
    assert!(matches!(cast.setup[..], [Command::CreateProduct(_)]), "there is one of a product, and nothing else");
}
