//! The real program in a process of its own, for tests that end it without a word.
#![allow(dead_code, reason = "each test binary uses its part")]

pub(crate) mod caller;
pub(crate) mod dice;
pub(crate) mod ending;
pub(crate) mod history;
pub(crate) mod promises;

use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};
use testkit::app::{client, flags};
use testkit::databases::FreshDatabase;

/// The lease of a job that its worker died over, and time for the rest.
const PATIENCE: Duration = Duration::from_secs(60);

/// The real program, killed when this is dropped.
pub(crate) struct Program {
    child: Child,
    /// Where it is.
    pub(crate) url: String,
}

/// How the program is started, once or again and again: always at the same address.
#[derive(Clone, Debug)]
pub(crate) struct Recipe {
    /// What starts it, if it isn't started by itself.
    pub(crate) wrapper: Vec<String>,
    pub(crate) arguments: Vec<String>,
    pub(crate) environment: Vec<(String, String)>,
    port: u16,
}

impl Recipe {
    pub(crate) fn of(arguments: Vec<String>) -> Result<Self> {
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        Ok(Self { wrapper: Vec::new(), arguments, environment: Vec::new(), port })
    }

    /// A server of the sale, with the well-known secrets of tests.
    pub(crate) fn serve(database_url: &str, more_flags: &[&str]) -> Result<Self> {
        let mut arguments = vec!["serve".to_owned()];
        arguments.extend(without_bind(&flags(database_url)));
        arguments.extend(more_flags.iter().map(|flag| (*flag).to_owned()));
        Self::of(arguments)
    }

    /// Where it will be.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Without its complaints about what a test does to it, unless `PROGRAM_LOG` asks for them.
    pub(crate) fn quiet(mut self) -> Self {
        if std::env::var_os("PROGRAM_LOG").is_none() {
            self.environment.push(("RUST_LOG".to_owned(), "off".to_owned()));
        }
        self
    }

    /// Starts it, and doesn't wait for anything.
    pub(crate) fn spawn(&self) -> Result<Program> {
        let mut line = self.wrapper.clone();
        // Another build than the one that comes with the tests, such as a release.
        let given = std::env::var("BOXOFFICE_PROGRAM").ok();
        line.push(given.unwrap_or_else(|| env!("CARGO_BIN_EXE_boxoffice").to_owned()));
        let child = Command::new(&line[0])
            .args(&line[1..])
            .args(&self.arguments)
            .args(["--bind", &format!("127.0.0.1:{}", self.port)])
            .env("RUST_LOG", std::env::var("PROGRAM_LOG").as_deref().unwrap_or("error"))
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .spawn()?;
        Ok(Program { child, url: self.url() })
    }

    /// Starts it, and waits until it answers.
    pub(crate) async fn start(&self) -> Result<Program> {
        let program = self.spawn()?;
        program.is_up().await?;
        Ok(program)
    }
}

impl Program {
    pub(crate) async fn start(arguments: &[String]) -> Result<Self> {
        Self::start_with(arguments, &[]).await
    }

    pub(crate) async fn start_with(arguments: &[String], environment: &[(&str, &str)]) -> Result<Self> {
        let mut recipe = Recipe::of(arguments.to_vec())?;
        recipe.environment = environment.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        recipe.start().await
    }

    /// Waits until it answers.
    pub(crate) async fn is_up(&self) -> Result<()> {
        let client = client()?;
        until("the program is up", || async {
            Ok(client.get(format!("{}/health", self.url)).send().await?.status() == 200)
        })
        .await
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// How it ended, if it has.
    pub(crate) fn status(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    pub(crate) async fn serve(database: &FreshDatabase, gateway_url: &str) -> Result<Self> {
        Recipe::serve(&database.url_text(), &["--coinbase-api-url", gateway_url])?.start().await
    }

    /// SIGKILL: nothing is flushed, nothing is said.
    pub(crate) fn kill(mut self) -> Result<()> {
        self.kill_now()
    }

    /// The same, for what is to be replaced.
    pub(crate) fn kill_now(&mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The flags of a test's server, with an address of the program's own.
pub(crate) fn without_bind(flags: &[String]) -> Vec<String> {
    let mut kept = Vec::new();
    for pair in flags.chunks(2).filter(|pair| pair[0] != "--bind") {
        kept.extend_from_slice(pair);
    }
    kept
}

/// Waits for a condition.
pub(crate) async fn until<F: Future<Output = Result<bool>>>(what: &str, mut is_so: impl FnMut() -> F) -> Result<()> {
    let wait = async {
        while !matches!(is_so().await, Ok(true)) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.with_context(|| format!("waited in vain for: {what}"))
}
