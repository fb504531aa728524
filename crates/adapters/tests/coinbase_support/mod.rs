//! A Coinbase that answers what a test has written down, and ids that are the same on every run.
#![allow(dead_code, clippy::unwrap_used, reason = "each test file uses a part of this")]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use domain::Timestamp;
use ports::{Clock, IdSource};
use uuid::Uuid;

/// 2023-11-14T22:13:20Z.
pub(crate) const NOW: Timestamp = Timestamp::from_unix_us(1_700_000_000_000_000);

/// A clock that stands still.
pub(crate) struct StoppedClock;

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        NOW
    }
}

/// Counts instead of throwing dice.
#[derive(Default)]
pub(crate) struct CountedIds {
    made: AtomicU64,
    thrown: AtomicU64,
}

impl CountedIds {
    /// How often chance was asked for: once a pause.
    pub(crate) fn thrown(&self) -> u64 {
        self.thrown.load(Ordering::SeqCst)
    }
}

impl IdSource for CountedIds {
    fn uuid_v7(&self) -> Uuid {
        Uuid::from_u128(u128::from(self.made.fetch_add(1, Ordering::SeqCst)))
    }

    fn jitter_permille(&self) -> u16 {
        self.thrown.fetch_add(1, Ordering::SeqCst);
        0
    }
}

/// What the server does with one connection, after reading the request.
pub(crate) enum Step {
    /// Sends these bytes and closes.
    Send(Vec<u8>),
    /// Never answers.
    Hang,
}

/// An answer with a JSON body.
pub(crate) fn answer(status: &str, body: &str) -> Step {
    answer_with(status, "", body)
}

/// An answer with headers of its own, each ending in a line break.
pub(crate) fn answer_with(status: &str, headers: &str, body: &str) -> Step {
    let length = body.len();
    let text = format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
    );
    Step::Send(text.into_bytes())
}

/// Takes one connection a step, then none.
pub(crate) struct ScriptedServer {
    port: u16,
    requests: Arc<Mutex<Vec<String>>>,
    open: Arc<Mutex<Vec<TcpStream>>>,
}

impl ScriptedServer {
    pub(crate) fn start(script: Vec<Step>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = Self { port, requests: Arc::default(), open: Arc::default() };
        let (requests, open) = (server.requests.clone(), server.open.clone());
        thread::spawn(move || {
            for step in script {
                let (mut stream, _) = listener.accept().unwrap();
                let request = read_request(&mut stream);
                requests.lock().unwrap().push(request);
                match step {
                    // A client that has read enough closes first.
                    Step::Send(bytes) => drop(stream.write_all(&bytes)),
                    Step::Hang => open.lock().unwrap().push(stream),
                }
            }
        });
        server
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// The requests up to now, head and body as they came.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    /// The first lines of the requests up to now, without the version of HTTP.
    pub(crate) fn calls(&self) -> Vec<String> {
        let first_line = |request: &String| request.lines().next().unwrap().replace(" HTTP/1.1", "");
        self.requests().iter().map(first_line).collect()
    }
}

/// A port that nobody listens on.
pub(crate) fn closed_port_url() -> String {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    format!("http://127.0.0.1:{port}")
}

fn read_request(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).unwrap();
        bytes.push(byte[0]);
    }
    let head = String::from_utf8(bytes).unwrap();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    stream.read_exact(&mut body).unwrap();
    head + &String::from_utf8(body).unwrap()
}
