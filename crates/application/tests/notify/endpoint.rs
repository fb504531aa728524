//! A merchant's server, as good or as bad as a test wants it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// What an endpoint does with a request.
#[derive(Clone, Debug)]
pub(crate) enum Conduct {
    /// Answers with this status, these headers, and a body.
    Answer(u16, &'static str, String),
    /// Takes the request, and says nothing.
    Hang,
    /// Answers with this status, and a body without an end.
    Flood(u16),
    /// Answers with headers without an end.
    FloodOfHeaders,
    /// Says a byte now and then.
    Drip,
    /// Hangs up.
    HangUp,
}

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
    pub(crate) at: Instant,
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }
}

/// The server. Its threads end with the test.
#[derive(Clone)]
pub(crate) struct Endpoint {
    pub(crate) url: String,
    received: Arc<Mutex<Vec<Received>>>,
    conduct: Arc<Mutex<Conduct>>,
}

pub(crate) fn well() -> Conduct {
    Conduct::Answer(204, "", String::new())
}

impl Endpoint {
    pub(crate) fn start(conduct: Conduct) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let endpoint = Self { url, received: Arc::default(), conduct: Arc::new(Mutex::new(conduct)) };
        let served = endpoint.clone();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let served = served.clone();
                thread::spawn(move || served.serve(&stream));
            }
        });
        endpoint
    }

    pub(crate) fn behave(&self, conduct: Conduct) {
        *self.conduct.lock().unwrap() = conduct;
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    fn serve(&self, stream: &TcpStream) {
        let mut reader = BufReader::new(stream);
        while let Some(received) = read(&mut reader) {
            self.received.lock().unwrap().push(received);
            let conduct = self.conduct.lock().unwrap().clone();
            if answer(stream, &conduct).is_err() {
                return;
            }
        }
    }
}

fn read(reader: &mut BufReader<&TcpStream>) -> Option<Received> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|length| *length > 0)?;
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length").and_then(|(_, value)| value.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    Some(Received { headers, body: String::from_utf8(body).unwrap(), at: Instant::now() })
}

fn answer(mut stream: &TcpStream, conduct: &Conduct) -> std::io::Result<()> {
    match conduct {
        Conduct::Answer(status, headers, body) => {
            let length = body.len();
            write!(stream, "HTTP/1.1 {status} So\r\ncontent-length: {length}\r\n{headers}\r\n{body}")
        }
        Conduct::Hang => {
            // Until the other side has had enough.
            drop(stream.read(&mut [0]));
            Err(std::io::ErrorKind::TimedOut.into())
        }
        Conduct::Flood(status) => {
            write!(stream, "HTTP/1.1 {status} So\r\ntransfer-encoding: chunked\r\n\r\n")?;
            loop {
                write!(stream, "{:x}\r\n{}\r\n", 65_536, "flood...".repeat(8192))?;
            }
        }
        Conduct::FloodOfHeaders => {
            write!(stream, "HTTP/1.1 200 So\r\n")?;
            loop {
                write!(stream, "x-flood: {}\r\n", "y".repeat(1000))?;
            }
        }
        Conduct::Drip => {
            write!(stream, "HTTP/1.1 ")?;
            loop {
                write!(stream, "2")?;
                thread::sleep(Duration::from_millis(20));
            }
        }
        Conduct::HangUp => Err(std::io::ErrorKind::ConnectionAborted.into()),
    }
}
