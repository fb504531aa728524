//! Kills nodes at random, and now and then PostgreSQL, and sees to it that they come back.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use testkit::app::client;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::Settings;
use crate::support::dice::Dice;
use crate::support::{Program, Recipe};
use crate::town::Town;

/// How often PostgreSQL is the victim, of a hundred times.
const POSTGRES_PERCENT: u64 = 15;
/// How long a node may take to come back.
const PATIENCE: Duration = Duration::from_secs(60);

/// Whom it was.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Kills {
    nodes: usize,
    postgres: usize,
    restarts_of_postgres: usize,
}

impl fmt::Display for Kills {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { nodes, postgres, restarts_of_postgres } = self;
        write!(f, "killed: nodes {nodes} times, PostgreSQL {postgres} times; PostgreSQL was restarted ")?;
        write!(f, "{restarts_of_postgres} times")
    }
}

pub(crate) struct Hunter {
    stop: watch::Sender<bool>,
    hunting: JoinHandle<Result<(Kills, [Program; 2])>>,
}

impl Hunter {
    pub(crate) fn start(settings: Settings, town: Arc<Town>, nodes: [Program; 2]) -> Self {
        let (stop, stopped) = watch::channel(false);
        Self { stop, hunting: tokio::spawn(hunt(settings, town, nodes, stopped)) }
    }

    /// Lets whatever is down come up again, and kills nothing any more.
    pub(crate) async fn stop(self) -> Result<(Kills, [Program; 2])> {
        self.stop.send_replace(true);
        self.hunting.await?
    }
}

async fn hunt(
    settings: Settings,
    town: Arc<Town>,
    mut nodes: [Program; 2],
    mut stopped: watch::Receiver<bool>,
) -> Result<(Kills, [Program; 2])> {
    let mut dice = Dice::of(settings.seed, u64::MAX);
    let mut kills = Kills::default();
    let every_ms = u64::try_from(settings.kill_every.as_millis())?.max(1);
    loop {
        let pause = Duration::from_millis(every_ms / 2 + dice.throw(every_ms));
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = stopped.changed() => return Ok((kills, nodes)),
        }
        if dice.percent(POSTGRES_PERCENT) {
            let town = Arc::clone(&town);
            let is_kill = dice.percent(60);
            tokio::task::spawn_blocking(move || strike(&town, is_kill)).await??;
            kills.postgres += usize::from(is_kill);
            kills.restarts_of_postgres += usize::from(!is_kill);
        } else {
            let place = usize::try_from(dice.throw(2))?;
            nodes[place].kill_now()?;
            nodes[place] = up(&town.recipes[place]).await?;
            kills.nodes += 1;
        }
    }
}

fn strike(town: &Town, is_kill: bool) -> Result<()> {
    if is_kill {
        town.postgres.kill()?;
        town.postgres.resume()?;
    } else {
        town.postgres.restart()?;
    }
    Ok(())
}

/// Starts a node as often as it takes, as whoever looks after services does.
async fn up(recipe: &Recipe) -> Result<Program> {
    let client = client()?;
    let health = format!("{}/health", recipe.url());
    let up = async {
        let mut program = recipe.spawn()?;
        loop {
            if program.status()?.is_some() {
                program = recipe.spawn()?;
            }
            if client.get(&health).send().await.is_ok_and(|answer| answer.status() == 200) {
                return anyhow::Ok(program);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, up).await.context("a node doesn't come back")?
}
