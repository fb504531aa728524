//! What PostgreSQL said since it was last started.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use super::error::Error;

/// The part of the log that begins with one start.
#[derive(Debug)]
pub(super) struct Log {
    file: File,
    begin: u64,
}

impl Log {
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        let mut file = OpenOptions::new()
            .create(true)
            .append(true)
            .read(true)
            .open(path)
            .map_err(Error::io(format!("opening {}", path.display())))?;
        let begin = file.seek(SeekFrom::End(0)).map_err(Error::io("finding the end of PostgreSQL's log"))?;
        Ok(Self { file, begin })
    }

    /// For the server to write to.
    pub(super) fn writer(&self) -> Result<File, Error> {
        self.file.try_clone().map_err(Error::io("opening PostgreSQL's log twice"))
    }

    pub(super) fn text(&mut self) -> String {
        let mut text = String::new();
        // Without the log the error that quotes it is less helpful, and still the error.
        let _ = self.file.seek(SeekFrom::Start(self.begin)).and_then(|_| self.file.read_to_string(&mut text));
        text
    }
}

/// Whether PostgreSQL refused to start for a reason that another try can cure.
pub(super) fn is_about_use(text: &str) -> bool {
    ["could not bind", "could not create any TCP/IP sockets", "still in use"].iter().any(|reason| text.contains(reason))
}
