//! A sample of the arrangements that the domain's own tests play all of, on both databases: each answers and stores what
//! the model does.
#![expect(clippy::unwrap_used, clippy::panic, reason = "these are tests")]

#[path = "../../domain/tests/sale/cast.rs"]
#[expect(dead_code, reason = "the domain's own tests need more of it")]
mod cast;
#[path = "../../domain/tests/sale/loader.rs"]
mod loader;
#[path = "../../domain/tests/sale/rows.rs"]
mod rows;
#[path = "../../domain/tests/sale/rules.rs"]
mod rules;
#[path = "../../domain/tests/sale/shop.rs"]
#[expect(dead_code, reason = "the domain's own tests need more of it")]
mod shop;

use std::hash::{BuildHasher, Hasher, RandomState};

use domain::{Books, Command, Reply, Timestamp};
use ports::{PageRequest, TransactionFilter};
use testkit::stores::TestStore;

use crate::cast::{Cast, WORDS};
use crate::rows::Rows;

/// How many arrangements each database plays.
const SAMPLES: u128 = 120;
/// So far apart are the ids of two arrangements.
const IDS_EACH: u128 = 1_000;

/// Where chance comes from: the same seed gives the same sample. `TEN_WORDS_SEED` asks for one.
struct Dice(u64);

impl Dice {
    fn seed() -> u64 {
        let told = std::env::var("TEN_WORDS_SEED").ok().and_then(|seed| seed.parse().ok());
        told.unwrap_or_else(|| RandomState::new().build_hasher().finish())
    }

    /// A number below `limit`, which is small, by `SplitMix64`.
    fn roll(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) % limit as u64).unwrap()
    }

    /// Some of the words, at least five, in some order.
    fn arrangement(&mut self) -> Vec<usize> {
        let mut words: Vec<usize> = (0..WORDS.len()).collect();
        for place in (1..words.len()).rev() {
            words.swap(place, self.roll(place + 1));
        }
        words.truncate(5 + self.roll(6));
        words
    }
}

/// One arrangement on a store and on the model.
struct Played<'a> {
    test: &'a TestStore,
    model: Books,
    now: Timestamp,
}

impl Played<'_> {
    async fn ask(&mut self, command: &Command) -> Reply {
        self.test.clock.set(self.now);
        let reply = self.test.store.ledger.execute(command.clone().into()).await.unwrap();
        let expected = command.decide(&mut self.model, self.now);
        self.model.mark_stored();
        assert_eq!(reply, expected, "{command:?}");
        reply
    }

    async fn say(&mut self, cast: &Cast, word: usize) {
        let act = &cast.acts[word];
        self.now = self.now + act.time;
        for command in &act.commands {
            let reply = self.ask(command).await;
            if act.is_first_of && !matches!(reply, Reply::Rejected(_)) {
                break;
            }
        }
    }

    async fn compare(&self, cast: &Cast) {
        let (store, rows) = (&self.test.store, Rows::of(&self.model));
        rules::check(&rows);
        for row in rows.products.values() {
            assert_eq!(store.products.product(row.id).await.unwrap().as_ref(), Some(row));
        }
        for row in rows.holds.values() {
            assert_eq!(store.holds.hold(row.id).await.unwrap().as_ref(), Some(row));
        }
        for row in rows.orders.values() {
            assert_eq!(store.orders.order(row.id).await.unwrap().as_ref(), Some(row));
        }
        for row in rows.checkouts.values() {
            assert_eq!(store.checkouts.checkout(row.id).await.unwrap().as_ref(), Some(row));
        }
        for row in rows.events.values() {
            assert_eq!(store.events.event(row.id).await.unwrap().as_ref(), Some(row));
        }
        let of_order = TransactionFilter { order_id: Some(cast.order_id), ..TransactionFilter::default() };
        let page = PageRequest { page: 1, page_size: 100 };
        let mut stored = store.transactions.transactions(of_order, page).await.unwrap().items;
        stored.sort_by_key(|row| row.id);
        assert_eq!(stored, rows.transactions.values().cloned().collect::<Vec<_>>());
    }
}

async fn play(test: &TestStore, cast: &Cast, words: &[usize]) {
    let mut played = Played { test, model: Books::default(), now: cast.now };
    for command in &cast.setup {
        played.ask(command).await;
    }
    for word in words {
        played.say(cast, *word).await;
    }
    played.compare(cast).await;
}

/// Says which arrangement it was, if the test ends in it.
struct Confession(String);

impl Drop for Confession {
    #[expect(clippy::print_stderr, reason = "a failing test says how to repeat it")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", self.0);
        }
    }
}

async fn sample(test: &TestStore) {
    let seed = Dice::seed();
    let mut dice = Dice(seed);
    for number in 1..=SAMPLES {
        let first_id = number * IDS_EACH;
        let (name, cast) = match number % 2 {
            0 => ("plain", Cast::plain(first_id)),
            _ => ("of parts", Cast::of_parts(first_id)),
        };
        let words = dice.arrangement();
        let said = words.iter().map(|word| WORDS[*word]).collect::<Vec<_>>().join(", ");
        let _confession = Confession(format!("TEN_WORDS_SEED={seed}, arrangement {number}, {name}: {said}"));
        play(test, &cast, &words).await;
    }
}

#[tokio::test]
async fn a_sample_of_all_arrangements_ends_on_postgres_as_on_the_model() {
    sample(&TestStore::postgres()).await;
}

#[tokio::test]
async fn a_sample_of_all_arrangements_ends_on_sqlite_as_on_the_model() {
    sample(&TestStore::sqlite()).await;
}
