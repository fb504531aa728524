//! `with-postgres [--durable] COMMAND [ARGUMENT…]` runs a command against a private PostgreSQL.
//!
//! The command finds the server's URL in `TEST_DATABASE_URL`. Where that is set already, its server is used and
//! none is started. The exit code is the command's, or 128 plus the signal that ended it. The server is gone
//! afterwards, also when this program is killed.

use std::env;
use std::ffi::OsString;
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitCode, ExitStatus, Stdio};

use anyhow::{Context, Result, bail};
use testkit::postgres::{self, Options, Server};
use tokio::signal::unix::{Signal, SignalKind, signal};

#[expect(clippy::print_stderr, reason = "the person at the terminal reads it")]
fn main() -> ExitCode {
    serve_and_run().unwrap_or_else(|error| {
        eprintln!("with-postgres: {error:#}");
        ExitCode::FAILURE
    })
}

fn serve_and_run() -> Result<ExitCode> {
    let (options, mut command) = parse(env::args_os().skip(1))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    // Listening begins before the server starts, or a signal in between would end this program at once.
    let mut signals = runtime.block_on(async { Signals::listen() })?;
    let server = match postgres::given_url() {
        Some(_) => None,
        None => Some(Server::start(options)?),
    };
    if let Some(server) = &server {
        command.env(postgres::URL_VARIABLE, server.url());
    }
    let status = runtime.block_on(run(command, &mut signals))?;
    drop(server);
    Ok(exit_code(status))
}

fn parse(mut arguments: impl Iterator<Item = OsString>) -> Result<(Options, Command)> {
    let mut options = Options::default();
    let mut program = arguments.next();
    if program.as_deref() == Some("--durable".as_ref()) {
        options.durable = true;
        program = arguments.next();
    }
    let Some(program) = program else {
        bail!("usage: with-postgres [--durable] COMMAND [ARGUMENT…]");
    };
    let mut command = Command::new(program);
    command.args(arguments);
    Ok((options, command))
}

/// Runs the command to its end and passes on the signals that ask this program to end.
async fn run(mut command: Command, signals: &mut Signals) -> Result<ExitStatus> {
    let name = command.get_program().to_owned();
    let mut child = command.spawn().with_context(|| format!("cannot run {}", name.display()))?;
    let id = child.id();
    let mut ended = tokio::task::spawn_blocking(move || child.wait());
    loop {
        tokio::select! {
            status = &mut ended => return Ok(status??),
            signal = signals.next() => send(signal, id)?,
        }
    }
}

/// The standard library can only send SIGKILL.
fn send(signal: &str, process: u32) -> io::Result<()> {
    let mut shell = Command::new("/bin/sh");
    // The command may have ended by itself meanwhile: that is no error, and no message is wanted.
    shell.args(["-c", "kill -s \"$1\" \"$2\"", "sh", signal, &process.to_string()]).stderr(Stdio::null());
    shell.status().map(drop)
}

struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hang_up: Signal,
}

impl Signals {
    fn listen() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.interrupt.recv() => "INT",
            _ = self.terminate.recv() => "TERM",
            _ = self.hang_up.recv() => "HUP",
        }
    }
}

fn exit_code(status: ExitStatus) -> ExitCode {
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from)
}
