use std::ffi::OsString;

use clap::{Parser, Subcommand, ValueEnum};

use crate::config::{DatabaseArgs, ReconcileArgs, SandboxArgs, ServeArgs};
use crate::operator_args::{EventsCommand, JobsCommand, NotificationsCommand};

/// A checkout backend for things that sell out, paid in crypto.
#[derive(Clone, Debug, Parser)]
#[command(name = "boxoffice", version, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// How log lines look. What is logged is set by `RUST_LOG`.
    #[arg(long, env = "BOXOFFICE_LOG_FORMAT", value_enum, default_value = "text", global = true)]
    log_format: LogFormat,
}

/// What the program does.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Run the server; what no arguments at all do, too.
    Serve(Box<ServeArgs>),
    /// Bring the database up to date, and end.
    Migrate(DatabaseArgs),
    /// Put a few demo products into a database that has none, and end.
    Seed(DatabaseArgs),
    /// Count everything anew and compare it with the books and with what the gateway knows, while the sale goes on.
    ///
    /// Exits with 0 if nothing is broken, or not any more; with 1 if something is; with 2 if it couldn't be found out.
    Reconcile(Box<ReconcileArgs>),
    /// Look at the webhooks that came, and decide them anew.
    #[command(subcommand)]
    Events(EventsCommand),
    /// Look at the job queue, and have jobs done again.
    #[command(subcommand)]
    Jobs(JobsCommand),
    /// Look at what merchants are told, and have it sent again.
    #[command(subcommand)]
    Notifications(NotificationsCommand),
    /// Run the stand-in for Coinbase Commerce alone.
    Sandbox(Box<SandboxArgs>),
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line, for programs.
    Json,
}

impl Cli {
    /// Reads the command line; without arguments it is `serve`. Ends the program with help where it makes no sense.
    #[must_use]
    pub fn parse_or_serve(arguments: impl IntoIterator<Item = OsString>) -> Self {
        let mut arguments: Vec<OsString> = arguments.into_iter().collect();
        if arguments.len() < 2 {
            arguments = vec!["boxoffice".into(), "serve".into()];
        }
        Self::parse_from(arguments)
    }

    /// How log lines look.
    #[must_use]
    pub const fn log_format(&self) -> LogFormat {
        self.log_format
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn no_arguments_serve() {
        assert!(matches!(Cli::parse_or_serve(["boxoffice".into()]).command, Command::Serve(_)));
    }

    #[test]
    fn lists_take_the_words_of_the_api_and_pages_within_its_limits() {
        let reads = |line: &str| Cli::try_parse_from(line.split(' ')).is_ok();
        for line in [
            "boxoffice events list --verdict dead --provider generic --page 100 --page-size 100",
            "boxoffice events replay 01900000-0000-7000-8000-00000000000c",
            "boxoffice jobs list --status ready",
            "boxoffice reconcile --repair --json --no-gateway",
            "boxoffice reconcile --gateway coinbase-commerce --gateway-checkouts 10",
            "boxoffice jobs retry 01900000-0000-7000-8000-00000000000c",
            "boxoffice notifications list --status failed --endpoint 01900000-0000-7000-8000-00000000000c",
            "boxoffice notifications redeliver 01900000-0000-7000-8000-00000000000c",
            "boxoffice notifications recover 01900000-0000-7000-8000-00000000000c --since 2026-01-01T00:00:00Z",
        ] {
            assert!(reads(line), "{line}");
        }
        for line in [
            "boxoffice events",
            "boxoffice events list --verdict Dead",
            "boxoffice events list --page 0",
            "boxoffice events list --page-size 101",
            "boxoffice events replay 1",
            "boxoffice jobs list --status late",
            "boxoffice notifications list --status lost",
            "boxoffice notifications recover 01900000-0000-7000-8000-00000000000c",
            "boxoffice notifications recover 01900000-0000-7000-8000-00000000000c --since yesterday",
            "boxoffice reconcile --no-gateway --gateway-checkouts 10",
        ] {
            assert!(!reads(line), "{line}");
        }
    }

    /// A setting of a later version must not be ignored by this one: the server would be open without a word.
    #[test]
    fn authentication_that_does_not_exist_is_refused() {
        assert!(Cli::try_parse_from(["boxoffice", "serve", "--auth", "jwt"]).is_err());
    }
}
