use std::fmt::Write;
use std::sync::{Mutex, Once};

use actix_web::test::TestRequest;
use log::kv::{Key, Value, VisitSource};
use log::{LevelFilter, Log, Metadata, Record};

use crate::shop::Shop;
use crate::store::Trouble;

static LINES: Mutex<Vec<String>> = Mutex::new(Vec::new());
static ONCE: Once = Once::new();

/// Keeps what this program logs, for all tests of this process.
struct Keeper;

struct Pairs(String);

impl<'kvs> VisitSource<'kvs> for Pairs {
    fn visit_pair(&mut self, key: Key<'kvs>, value: Value<'kvs>) -> Result<(), log::kv::Error> {
        write!(self.0, " {key}={value}").map_err(log::kv::Error::from)
    }
}

impl Log for Keeper {
    fn enabled(&self, _: &Metadata) -> bool {
        true
    }

    fn log(&self, record: &Record) {
        let mut pairs = Pairs(String::new());
        record.key_values().visit(&mut pairs).unwrap();
        let line = format!("{} {} {}{}", record.level(), record.target(), record.args(), pairs.0);
        LINES.lock().unwrap().push(line);
    }

    fn flush(&self) {}
}

/// The lines about one request.
async fn lines_of(shop: &Shop, request_id: &str, request: TestRequest) -> Vec<String> {
    ONCE.call_once(|| {
        log::set_logger(&Keeper).unwrap();
        log::set_max_level(LevelFilter::Info);
    });
    shop.send(request.insert_header(("x-request-id", request_id))).await;
    let id = format!(" request_id={request_id}");
    LINES.lock().unwrap().iter().filter(|line| line.contains(&id)).cloned().collect()
}

#[actix_web::test]
async fn a_request_has_one_line_in_the_access_log_and_no_query_in_it() {
    let shop = Shop::open();
    let lines = lines_of(&shop, "log-1", TestRequest::get().uri("/checkouts?email=secret@b.co")).await;
    let [line] = &lines[..] else { panic!("{lines:?}") };
    assert!(line.starts_with("INFO access request method=GET path=/checkouts status=200 duration_us="), "{line}");
    assert!(line.contains(" bytes=") && line.contains(" peer="), "{line}");
    assert!(!line.contains("secret"), "{line}");
}

#[actix_web::test]
async fn a_failure_is_logged_once_with_its_cause() {
    let shop = Shop::open();
    shop.store.has(Trouble::Corrupt);
    let lines = lines_of(&shop, "log-2", TestRequest::get().uri("/checkouts")).await;
    let errors: Vec<_> = lines.iter().filter(|line| line.starts_with("ERROR")).collect();
    assert_eq!((errors.len(), lines.len()), (1, 2), "{lines:?}");
    assert!(errors[0].contains("checkouts.amount of row 7") && errors[0].contains("code=internal-error"), "{errors:?}");
}

#[actix_web::test]
async fn an_overload_is_not_logged_but_for_the_access_line() {
    let shop = Shop::open();
    shop.store.has(Trouble::Overloaded);
    let body = serde_json::json!({"amount": 1, "email": "a@b.co"});
    let lines = lines_of(&shop, "log-3", TestRequest::post().uri("/checkout").set_json(body)).await;
    assert_eq!(lines.len(), 1, "{lines:?}");
}

#[actix_web::test]
async fn a_panic_is_logged_with_the_request_it_happened_to() {
    let shop = Shop::open();
    shop.store.has(Trouble::Panics);
    let lines = lines_of(&shop, "log-4", TestRequest::get().uri("/checkouts")).await;
    assert!(lines.iter().any(|line| line.starts_with("ERROR") && line.contains("a bug in the store")), "{lines:?}");
}
