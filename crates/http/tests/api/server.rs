use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpServer, web};
use http_api::RequestShell;

use crate::shop::Shop;
use crate::store::AMPLE;

/// A real server, for what only shows on a connection.
pub(crate) struct Server {
    address: SocketAddr,
    handle: ServerHandle,
}

impl Server {
    pub(crate) fn start(shop: &Shop) -> Self {
        let api = shop.api.clone();
        let server = HttpServer::new(move || {
            App::new()
                .wrap(RequestShell::new(&api.access, api.ids.clone(), api.request_timeout))
                .configure(|cfg| api.configure(cfg))
        })
        .workers(1)
        .disable_signals()
        .bind(("127.0.0.1", 0))
        .unwrap();
        let address = server.addrs()[0];
        let server = server.run();
        let handle = server.handle();
        actix_web::rt::spawn(server);
        Self { address, handle }
    }

    /// Writes bytes, and reads until the server closes or has sent `answers` answers.
    pub(crate) async fn exchange(&self, bytes: impl Into<Vec<u8>>, answers: usize) -> String {
        let (address, bytes) = (self.address, bytes.into());
        web::block(move || converse(address, &bytes, answers)).await.unwrap()
    }

    pub(crate) async fn stop(self) {
        self.handle.stop(false).await;
    }
}

fn converse(address: SocketAddr, bytes: &[u8], answers: usize) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(AMPLE)).unwrap();
    // A server that has heard enough may close before it was all said.
    let _ = stream.write_all(bytes);
    let mut heard = Vec::new();
    let mut buffer = [0; 4096];
    while !is_complete(&heard, answers) {
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => break,
            Ok(count) => heard.extend_from_slice(&buffer[..count]),
        }
    }
    let _ = stream.shutdown(Shutdown::Both);
    String::from_utf8(heard).unwrap()
}

/// Every answer here that isn't the last one of its connection is a JSON object.
fn is_complete(heard: &[u8], answers: usize) -> bool {
    let text = String::from_utf8_lossy(heard);
    text.matches("HTTP/1.1 ").count() >= answers && text.ends_with('}')
}
