//! Configuration, wiring and the command line. Everything that decides anything is in the other crates.

mod application;
mod cli;
mod config;
#[cfg(debug_assertions)]
mod crash_points;
pub mod logging;
mod notification_wiring;
mod operator_args;
mod operator_command;
mod reconcile_command;
mod sandbox_command;
mod seed_command;
mod signals;
mod wiring;

pub use application::{Application, Stopper};
pub use cli::{Cli, Command, LogFormat};
pub use config::{Auth, DatabaseArgs, Gateway, ReconcileArgs, SandboxArgs, ServeArgs};
pub use operator_args::{
    EventsCommand, EventsListArgs, JobsCommand, JobsListArgs, NotificationsCommand, NotificationsListArgs, PageArgs,
};

use std::process::ExitCode;

use anyhow::Context;

/// Does what the command line asks for, and answers with how the program ends.
pub fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let done = match cli.command {
        Command::Serve(args) => block_on(async {
            let application = Application::build(*args).await?;
            let stopper = application.stopper();
            tokio::spawn(async move {
                signals::asked_to_stop().await;
                stopper.stop().await;
            });
            application.run().await
        }),
        Command::Migrate(args) => {
            let url = config::database(&args.database_url)?;
            adapters::migrate(&url)?;
            log::info!(database:% = url; "the database is up to date");
            Ok(())
        }
        Command::Seed(args) => block_on(seed_command::run(args)),
        Command::Reconcile(args) => return block_on(async { Ok(reconcile_command::run(*args).await) }),
        Command::Events(command) => block_on(operator_command::run_events(command)),
        Command::Jobs(command) => block_on(operator_command::run_jobs(command)),
        Command::Notifications(command) => block_on(operator_command::run_notifications(command)),
        Command::Sandbox(args) => block_on(sandbox_command::run(*args)),
    };
    done.map(|()| ExitCode::SUCCESS)
}

/// The runtime of everything but the HTTP workers, which have their own.
fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("can't start the runtime")?
        .block_on(work)
}
