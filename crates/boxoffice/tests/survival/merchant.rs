//! A merchant's server, which takes whatever it is told and remembers under which names.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

pub(crate) struct Merchant {
    pub(crate) url: String,
    names: Arc<Mutex<Vec<String>>>,
}

impl Merchant {
    pub(crate) async fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/hook", listener.local_addr()?);
        let names = Arc::new(Mutex::new(Vec::new()));
        let all = Arc::clone(&names);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(take(client, Arc::clone(&all)));
            }
        });
        Ok(Self { url, names })
    }

    /// The names of all that it was told, in the order in which it was.
    pub(crate) fn names(&self) -> Vec<String> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// One request, and no more on this connection.
async fn take(client: TcpStream, names: Arc<Mutex<Vec<String>>>) -> Result<()> {
    let mut client = BufReader::new(client);
    let (mut name, mut length) = (None, 0);
    loop {
        let mut line = String::new();
        client.read_line(&mut line).await?;
        let Some((header, value)) = line.trim_end().split_once(':') else {
            if line.trim_end().is_empty() {
                break;
            }
            continue;
        };
        match header.to_ascii_lowercase().as_str() {
            "webhook-id" => name = Some(value.trim().to_owned()),
            "content-length" => length = value.trim().parse()?,
            _ => {}
        }
    }
    client.read_exact(&mut vec![0; length]).await?;
    names.lock().unwrap_or_else(PoisonError::into_inner).push(name.context("a webhook-id")?);
    client.write_all(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n").await?;
    Ok(())
}
