//! The real program in a process of its own, for tests that end it without a word.
#![allow(dead_code, reason = "each test binary uses its part")]

use std::process::{Child, Command, Stdio};
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

impl Program {
    pub(crate) async fn start(arguments: &[String]) -> Result<Self> {
        Self::start_with(arguments, &[]).await
    }

    pub(crate) async fn start_with(arguments: &[String], environment: &[(&str, &str)]) -> Result<Self> {
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let url = format!("http://127.0.0.1:{port}");
        let child = Command::new(env!("CARGO_BIN_EXE_boxoffice"))
            .args(arguments)
            .args(["--bind", &format!("127.0.0.1:{port}")])
            .env("RUST_LOG", "error")
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .spawn()?;
        let program = Self { child, url };
        until("the program is up", || async {
            Ok(client()?.get(format!("{}/health", program.url)).send().await?.status() == 200)
        })
        .await?;
        Ok(program)
    }

    pub(crate) async fn serve(database: &FreshDatabase, gateway_url: &str) -> Result<Self> {
        let mut arguments = vec!["serve".to_owned()];
        arguments.extend(without_bind(&flags(&database.url_text())));
        arguments.extend(["--coinbase-api-url".to_owned(), gateway_url.to_owned()]);
        Self::start(&arguments).await
    }

    /// SIGKILL: nothing is flushed, nothing is said.
    pub(crate) fn kill(mut self) -> Result<()> {
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
