//! A port for a server of our own.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::ops::Range;

/// Below the range that Linux and macOS take the ports of outgoing connections from. A port out of that range
/// could be taken while the server is down, by a test that tries to connect to it.
const PORTS: Range<u16> = 20_000..32_000;

const ATTEMPTS: usize = 20;

/// A port that nobody listens on at this moment.
pub(super) fn free() -> io::Result<u16> {
    let width = u64::from(PORTS.end - PORTS.start);
    let mut taken = io::Error::from(io::ErrorKind::AddrInUse);
    for _ in 0..ATTEMPTS {
        // The standard library's only source of chance: a new `RandomState` has new keys.
        let offset = u16::try_from(RandomState::new().hash_one(()) % width).unwrap_or_default();
        let port = PORTS.start + offset;
        match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            Ok(_) => return Ok(port),
            Err(error) => taken = error,
        }
    }
    Err(taken)
}
