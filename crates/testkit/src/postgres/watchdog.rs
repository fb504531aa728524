//! Cleans up after this process, however it ends.
//!
//! A static has no destructor and a killed process runs none, so a shell outside of this process does it. It
//! waits at the end of a pipe whose other end only this process holds: the kernel closes that end on a return
//! from `main`, a panic, an abort and SIGKILL alike. Pipes of the standard library are closed on exec, so no
//! child of a test keeps this one open.
//!
//! Every program of the cluster is in the shell's process group. That is how the shell finds them all, even
//! one that was started a moment ago, and it keeps them from the terminal's Ctrl-C.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};

use super::error::Error;

/// Takes the folder as `$1`.
const SCRIPT: &str = r#"
trap '' HUP INT QUIT TERM
read -r _

# SIGQUIT is PostgreSQL's immediate shutdown. It has five seconds for it.
kill -QUIT 0
left=100
while [ -e "$1/data/postmaster.pid" ] && [ "$left" -gt 0 ]; do
    sleep 0.05
    left=$((left - 1))
done

# An initdb that was interrupted may still be writing.
left=20
until rm -rf "$1" || [ "$left" -eq 0 ]; do
    sleep 0.05
    left=$((left - 1))
done
kill -KILL 0
"#;

/// The shell that waits for the end of this process.
#[derive(Debug)]
pub(super) struct Watchdog {
    shell: Child,
    /// Closing it is the signal.
    pipe: Option<ChildStdin>,
}

impl Watchdog {
    pub(super) fn start(folder: &Path) -> Result<Self, Error> {
        let mut shell = Command::new("/bin/sh")
            .args(["-c", SCRIPT, "postgres-watchdog"])
            .arg(folder)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .map_err(Error::io("starting the watchdog"))?;
        let pipe = shell.stdin.take();
        Ok(Self { shell, pipe })
    }

    /// Puts a command under watch before it is started.
    pub(super) fn watch<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        // A process id is positive and fits: on every Unix it is an i32 to begin with.
        command.process_group(self.shell.id().cast_signed())
    }

    /// Has everything that is under watch killed and the folder removed, and waits for it.
    pub(super) fn release(&mut self) {
        drop(self.pipe.take());
        // It ends by killing itself, so there is no status to look at, and nobody to tell of an error.
        let _ = self.shell.wait();
    }
}
