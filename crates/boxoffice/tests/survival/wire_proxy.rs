//! Stands between the server and PostgreSQL, and cuts connections in the middle of their commits.
//!
//! Of PostgreSQL's wire it knows that a message has a letter and its length, and that statements in one piece come as `Q`.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Result, ensure};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// Where a connection breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Cut {
    /// Before PostgreSQL has seen anything of the commit.
    Before,
    /// In the middle of the message that asks for it.
    Within,
    /// When it has been asked for, whatever PostgreSQL is doing about it.
    Asked,
    /// When it is done, and the answer is on its way.
    Done,
    /// In the middle of the answer.
    Answering,
}

impl Cut {
    pub(crate) const ALL: [Self; 5] = [Self::Before, Self::Within, Self::Asked, Self::Done, Self::Answering];
}

/// The proxy.
pub(crate) struct WireProxy {
    /// The port that it listens on.
    pub(crate) port: u16,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    plan: Mutex<VecDeque<Cut>>,
    made: AtomicUsize,
}

/// What both directions of a connection know.
#[derive(Default)]
struct Line {
    /// What is to become of the next answer.
    cut: Mutex<Option<Cut>>,
    is_cut: Notify,
}

impl WireProxy {
    /// Passes everything on to the PostgreSQL at this port.
    pub(crate) async fn start(behind: u16) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let shared = Arc::new(Shared::default());
        let all = Arc::clone(&shared);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(pass_on(client, behind, Arc::clone(&all)));
            }
        });
        Ok(Self { port, shared })
    }

    /// The next commits, of whatever connection, are cut like this.
    pub(crate) fn cut_next(&self, cut: Cut) {
        self.shared.plan.lock().unwrap_or_else(PoisonError::into_inner).push_back(cut);
    }

    /// How many connections were cut.
    pub(crate) fn cuts(&self) -> usize {
        self.shared.made.load(Ordering::SeqCst)
    }
}

async fn pass_on(client: TcpStream, behind: u16, shared: Arc<Shared>) -> Result<()> {
    client.set_nodelay(true)?;
    let server = TcpStream::connect(("127.0.0.1", behind)).await?;
    server.set_nodelay(true)?;
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let line = Line::default();
    tokio::select! {
        ended = requests(from_client, to_server, &line, &shared) => ended?,
        ended = answers(from_server, to_client, &line) => ended?,
        () = line.is_cut.notified() => {}
    }
    // Both ends are dropped: each side sees the connection break.
    Ok(())
}

/// From the server of the sale to PostgreSQL.
async fn requests(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, line: &Line, shared: &Shared) -> Result<()> {
    // The first message has no letter. With `sslmode=disable` it is the only one of its kind.
    let first = body(&mut from).await?;
    to.write_all(&first).await?;
    loop {
        let letter = from.read_u8().await?;
        let mut message = vec![letter];
        message.extend(body(&mut from).await?);
        let cut = if is_commit(&message) { shared.next_cut() } else { None };
        match cut {
            None => to.write_all(&message).await?,
            Some(cut) => {
                line.begin(cut, &message, &mut to).await?;
                shared.made.fetch_add(1, Ordering::SeqCst);
            }
        }
    }
}

impl Shared {
    fn next_cut(&self) -> Option<Cut> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }
}

impl Line {
    async fn begin(&self, cut: Cut, message: &[u8], to: &mut OwnedWriteHalf) -> Result<()> {
        match cut {
            Cut::Before => self.is_cut.notify_one(),
            Cut::Within => {
                to.write_all(&message[..message.len() / 2]).await?;
                self.is_cut.notify_one();
            }
            Cut::Asked => {
                to.write_all(message).await?;
                self.is_cut.notify_one();
            }
            Cut::Done | Cut::Answering => {
                *self.cut.lock().unwrap_or_else(PoisonError::into_inner) = Some(cut);
                to.write_all(message).await?;
            }
        }
        Ok(())
    }
}

/// From PostgreSQL to the server of the sale.
async fn answers(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, line: &Line) -> Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let count = from.read(&mut buffer).await?;
        if count == 0 {
            return Ok(());
        }
        let cut = *line.cut.lock().unwrap_or_else(PoisonError::into_inner);
        match cut {
            None => to.write_all(&buffer[..count]).await?,
            Some(Cut::Answering) => {
                to.write_all(&buffer[..count / 2]).await?;
                return Ok(());
            }
            Some(_) => return Ok(()),
        }
    }
}

/// A message from its length on, which counts itself.
async fn body(from: &mut (impl AsyncRead + Unpin)) -> Result<Vec<u8>> {
    let length = from.read_u32().await?;
    ensure!((4..=64 * 1024 * 1024).contains(&length), "no message is {length} bytes long");
    let mut message = length.to_be_bytes().to_vec();
    message.resize(length as usize, 0);
    from.read_exact(&mut message[4..]).await?;
    Ok(message)
}

/// Whether it asks for a commit. What the server keeps prepared is never one.
fn is_commit(message: &[u8]) -> bool {
    message[0] == b'Q' && message.windows(b"COMMIT".len()).any(|window| window == b"COMMIT")
}
