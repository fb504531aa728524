//! One cluster in a temporary folder: created, started, stopped, killed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::Options;
use super::account::Account;
use super::error::Error;
use super::install;
use super::log::{self, Log};
use super::port;
use super::watchdog::Watchdog;

const PORT_ATTEMPTS: usize = 20;

/// Generous, because a machine that compiles at the same time is slow.
const START_LIMIT: Duration = Duration::from_secs(60);

const POLL: Duration = Duration::from_millis(5);

const SETTINGS: [&str; 7] = [
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "max_connections=300",
    "shared_buffers=64MB",
    "max_wal_size=4GB",
    "timezone=UTC",
    "log_line_prefix=%m [%p] %d ",
];

/// What survives a killed process is in the operating system's cache: only a power cut would lose it.
const NOT_DURABLE: [&str; 4] = ["fsync=off", "full_page_writes=off", "wal_level=minimal", "max_wal_senders=0"];

#[derive(Debug)]
pub(super) struct Cluster {
    folder: TempDir,
    programs: PathBuf,
    account: Account,
    options: Options,
    port: u16,
    /// `None` while the server is down.
    postmaster: Option<Child>,
    watchdog: Watchdog,
}

/// How an attempt to start ended.
enum Start {
    Ready(Child),
    /// The port, or memory of the server before, is still in use.
    InUse(String),
}

impl Cluster {
    pub(super) fn start(options: Options) -> Result<Self, Error> {
        let installations = install::folders()?;
        let folder = tempfile::Builder::new()
            .prefix("boxoffice-postgres-")
            .tempdir()
            .map_err(Error::io("creating a temporary folder"))?;
        let account = Account::for_folder(folder.path())?;
        let watchdog = Watchdog::start(folder.path())?;
        let programs = PathBuf::new();
        let mut cluster = Self { folder, programs, account, options, port: 0, postmaster: None, watchdog };
        cluster.programs = cluster.initialise(installations)?;
        cluster.start_on_a_free_port()?;
        Ok(cluster)
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    pub(super) fn kill(&mut self) -> Result<(), Error> {
        if let Some(mut postmaster) = self.postmaster.take() {
            postmaster.kill().and_then(|()| postmaster.wait()).map_err(Error::io("killing PostgreSQL"))?;
        }
        Ok(())
    }

    pub(super) fn stop(&mut self) -> Result<(), Error> {
        let Some(mut postmaster) = self.postmaster.take() else {
            return Ok(());
        };
        let mut pg_ctl = self.command("pg_ctl");
        pg_ctl.args(["stop", "--mode=fast", "--silent", "-D"]).arg(self.data());
        let stopped = run(&mut pg_ctl, "pg_ctl stop");
        if stopped.is_err() {
            self.postmaster = Some(postmaster);
            return stopped;
        }
        postmaster.wait().map_err(Error::io("waiting for PostgreSQL to stop"))?;
        Ok(())
    }

    /// Does nothing if the server is up.
    pub(super) fn resume(&mut self) -> Result<(), Error> {
        if self.is_up()? {
            return Ok(());
        }
        let deadline = Instant::now() + START_LIMIT;
        loop {
            match self.try_start()? {
                Start::Ready(postmaster) => {
                    self.postmaster = Some(postmaster);
                    return Ok(());
                }
                // The killed server's children notice its end one by one.
                Start::InUse(_) if Instant::now() < deadline => thread::sleep(POLL),
                Start::InUse(output) => {
                    return Err(Error::Program { doing: "starting PostgreSQL again".to_owned(), output });
                }
            }
        }
    }

    fn is_up(&mut self) -> Result<bool, Error> {
        match &mut self.postmaster {
            Some(child) => Ok(child.try_wait().map_err(Error::io("looking after PostgreSQL"))?.is_none()),
            None => Ok(false),
        }
    }

    /// Creates the cluster with the first installation that can, and returns it. One that cannot is a copy
    /// without its share files, or one that the account may not read.
    fn initialise(&self, installations: Vec<PathBuf>) -> Result<PathBuf, Error> {
        let mut first_error = None;
        for programs in installations {
            let mut initdb = self.command_in(&programs, "initdb");
            initdb.args(["--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C"]);
            initdb.arg("-D").arg(self.data());
            match run(&mut initdb, &format!("{}/initdb", programs.display())) {
                Ok(()) => return Ok(programs),
                Err(error) => first_error = first_error.or(Some(error)),
            }
        }
        Err(first_error.unwrap_or(Error::NotInstalled(Vec::new())))
    }

    fn start_on_a_free_port(&mut self) -> Result<(), Error> {
        let mut refusal = String::new();
        for _ in 0..PORT_ATTEMPTS {
            self.port = port::free().map_err(Error::io("looking for a free port"))?;
            match self.try_start()? {
                Start::Ready(postmaster) => {
                    self.postmaster = Some(postmaster);
                    return Ok(());
                }
                // Somebody was faster between the look and the start.
                Start::InUse(output) => refusal = output,
            }
        }
        Err(Error::Program { doing: "starting PostgreSQL".to_owned(), output: refusal })
    }

    fn try_start(&self) -> Result<Start, Error> {
        let mut log = Log::open(&self.folder.path().join("log"))?;
        let mut command = self.command("postgres");
        command.arg("-D").arg(self.data()).args(["-p", &self.port.to_string()]).stderr(log.writer()?);
        let not_durable = if self.options.durable { &[][..] } else { &NOT_DURABLE };
        for setting in SETTINGS.iter().chain(not_durable) {
            command.args(["-c", setting]);
        }
        let mut postmaster = command.spawn().map_err(Error::io("starting PostgreSQL"))?;

        let deadline = Instant::now() + START_LIMIT;
        loop {
            if self.is_ready(postmaster.id()) {
                return Ok(Start::Ready(postmaster));
            }
            let ended = postmaster.try_wait().map_err(Error::io("waiting for PostgreSQL to start"))?.is_some();
            if ended || Instant::now() > deadline {
                // An error means that it has ended by itself.
                let _ = postmaster.kill();
                let _ = postmaster.wait();
                let output = log.text();
                return if ended && log::is_about_use(&output) {
                    Ok(Start::InUse(output))
                } else {
                    Err(Error::Program { doing: "starting PostgreSQL".to_owned(), output })
                };
            }
            thread::sleep(POLL);
        }
    }

    /// The lock file has the process id in its first line and the status in its eighth. After a kill the old
    /// file is still there.
    fn is_ready(&self, pid: u32) -> bool {
        let Ok(text) = fs::read_to_string(self.data().join("postmaster.pid")) else {
            return false;
        };
        let mut lines = text.lines();
        lines.next() == Some(pid.to_string().as_str()) && lines.nth(6).map(str::trim) == Some("ready")
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn command(&self, program: &str) -> Command {
        self.command_in(&self.programs, program)
    }

    fn command_in(&self, programs: &Path, program: &str) -> Command {
        let mut command = self.account.command(programs.join(program));
        // Messages are read here, so they must be in English, whatever the developer's own language.
        command.env("LC_ALL", "C");
        self.watchdog.watch(&mut command);
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.watchdog.release();
        if let Some(mut postmaster) = self.postmaster.take() {
            // The watchdog has killed it: this only collects it.
            let _ = postmaster.wait();
        }
    }
}

/// Runs a program to its end.
fn run(command: &mut Command, doing: &str) -> Result<(), Error> {
    let output = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .output()
        .map_err(Error::io(format!("running {doing}")))?;
    if output.status.success() {
        return Ok(());
    }
    let output = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    Err(Error::Program { doing: doing.to_owned(), output })
}
