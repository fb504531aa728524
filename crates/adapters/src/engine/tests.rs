//! The engine against a scripted backend: what it does when the store gets in its way.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

use domain::{
    Books, CheckoutId, CreateCheckout, CreateCheckoutReply, Currency, IdempotencyKey, JobId, Keys, MerchantId, Money,
    Timestamp,
};
use ports::execute;
use uuid::Uuid;

use super::*;
use crate::{SystemClock, SystemIds};

/// What the backend does at a step, instead of what it should.
#[derive(Clone, Debug, PartialEq)]
enum Fault {
    /// The flush meets another writer.
    Conflict,
    /// The session refuses every flush from now on, and is otherwise well.
    ReadOnly,
    /// The flush is refused for lack of room.
    Full,
    /// The connection goes away before the commit.
    LostBeforeCommit,
    /// The connection goes away in the commit, which takes place.
    LostAfterCommit,
    /// The connection goes away in the commit, which doesn't take place.
    LostInCommit,
    /// All is well.
    None,
}

#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is one thing that a test makes happen")]
struct World {
    stored: Books,
    faults: VecDeque<Fault>,
    /// Commands with this key are refused, whatever else is in the batch.
    poison: Option<&'static str>,
    refuses_everything: bool,
    runs: usize,
    is_away: bool,
    last_mark: Option<Uuid>,
    can_begin_ahead: bool,
    is_begun_ahead: bool,
    begins: usize,
    commits: usize,
    /// Held by a test that wants commands to queue up.
    gate: Arc<Mutex<()>>,
}

#[derive(Clone, Default)]
struct Scripted(Arc<Mutex<World>>);

struct ScriptedSession {
    world: Arc<Mutex<World>>,
    pending: Option<Books>,
    mark: Option<Uuid>,
    fault: Fault,
    is_broken: bool,
    is_read_only: bool,
}

impl Backend for Scripted {
    fn connect(&mut self) -> Result<Box<dyn Session>, StoreError> {
        if self.0.lock().unwrap().is_away {
            return Err(StoreError::Refused("away".to_owned()));
        }
        Ok(Box::new(ScriptedSession {
            world: self.0.clone(),
            pending: None,
            mark: None,
            fault: Fault::None,
            is_broken: false,
            is_read_only: false,
        }))
    }
}

impl Session for ScriptedSession {
    fn begin(&mut self) -> Result<(), StoreError> {
        let gate = self.world.lock().unwrap().gate.clone();
        drop(gate.lock().unwrap());
        let mut world = self.world.lock().unwrap();
        world.begins += 1;
        self.is_broken |= world.is_away;
        self.fault = world.faults.pop_front().unwrap_or(Fault::None);
        if self.is_broken { Err(StoreError::Refused("broken pipe".to_owned())) } else { Ok(()) }
    }

    fn begin_ahead(&mut self) -> Result<bool, StoreError> {
        let mut world = self.world.lock().unwrap();
        world.is_begun_ahead = world.can_begin_ahead;
        Ok(world.can_begin_ahead)
    }

    fn load(&mut self, _: &Keys, _: &dyn Clock) -> Result<Books, StoreError> {
        Ok(self.world.lock().unwrap().stored.clone())
    }

    fn flush(&mut self, books: &Books) -> Result<(), StoreError> {
        self.world.lock().unwrap().runs += 1;
        self.is_read_only |= self.fault == Fault::ReadOnly;
        if self.is_read_only || self.world.lock().unwrap().refuses_everything {
            return Err(StoreError::Refused("cannot execute INSERT in a read-only transaction".to_owned()));
        }
        match self.fault {
            Fault::Conflict => return Err(StoreError::Conflict("duplicate key".to_owned())),
            Fault::Full => return Err(StoreError::Exhausted("disk is full".to_owned())),
            Fault::LostBeforeCommit => {
                self.is_broken = true;
                return Err(StoreError::Refused("server closed the connection".to_owned()));
            }
            Fault::ReadOnly | Fault::LostAfterCommit | Fault::LostInCommit | Fault::None => {}
        }
        let poison = self.world.lock().unwrap().poison;
        let is_poisoned = |key: &Option<IdempotencyKey>| key.as_ref().map(IdempotencyKey::as_str) == poison;
        if poison.is_some() && books.checkouts().inserted().any(|row| is_poisoned(&row.idempotency_key)) {
            return Err(StoreError::Refused("value out of range".to_owned()));
        }
        let mut stored = books.clone();
        stored.mark_stored();
        self.pending = Some(stored);
        Ok(())
    }

    fn claim(&mut self, _: &ClaimJobs, _: Timestamp) -> Result<Vec<Job>, StoreError> {
        Ok(Vec::new())
    }

    fn purge(&mut self, _: &Purge) -> Result<u32, StoreError> {
        Ok(0)
    }

    fn mark(&mut self, batch_id: Uuid, _: Timestamp) -> Result<(), StoreError> {
        self.mark = Some(batch_id);
        Ok(())
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        if self.fault != Fault::LostInCommit {
            let mut world = self.world.lock().unwrap();
            world.commits += 1;
            if let Some(books) = self.pending.take() {
                world.stored = books;
            }
            world.last_mark = self.mark.or(world.last_mark);
        }
        self.is_broken |= matches!(self.fault, Fault::LostInCommit | Fault::LostAfterCommit);
        if self.is_broken { Err(StoreError::Refused("server closed the connection".to_owned())) } else { Ok(()) }
    }

    fn rollback(&mut self) -> Result<(), StoreError> {
        self.pending = None;
        self.world.lock().unwrap().is_begun_ahead = false;
        if self.is_broken { Err(StoreError::Refused("no connection".to_owned())) } else { Ok(()) }
    }

    fn has_committed(&mut self, batch_id: Uuid) -> Result<bool, StoreError> {
        Ok(self.world.lock().unwrap().last_mark == Some(batch_id))
    }
}

fn create(key: &str) -> CreateCheckout {
    CreateCheckout {
        id: CheckoutId::from_uuid(SystemIds.uuid_v7()),
        job_id: JobId::from_uuid(SystemIds.uuid_v7()),
        merchant_id: MerchantId::default_merchant(),
        idempotency_key: Some(IdempotencyKey::parse(key).unwrap()),
        money: Money::from_minor(2999, Currency::USD).unwrap(),
        email: None,
        order_id: None,
        metadata: None,
        time_to_live: Duration::from_secs(3600),
        caller_creates_charge_for: None,
    }
}

fn engine(world: World) -> (Engine, Scripted) {
    let scripted = Scripted(Arc::new(Mutex::new(world)));
    let parts = EngineParts {
        options: EngineOptions { queue_limit: 64, batch_limit: 32 },
        ..crate::StoreParts::new(Arc::new(SystemClock), Arc::new(SystemIds)).engine()
    };
    let engine = Engine::start(Box::new(scripted.clone()), parts).unwrap();
    (engine, scripted)
}

async fn is_created(engine: &Engine, key: &str) -> Result<bool, LedgerError> {
    let reply = execute(engine, create(key)).await?;
    Ok(matches!(reply.unwrap(), CreateCheckoutReply::Created(_)))
}

fn rows(scripted: &Scripted) -> usize {
    scripted.0.lock().unwrap().stored.checkouts().iter().count()
}

/// Asks for many at once while the writer is held up, so that they share batches.
async fn crowd(engine: Arc<Engine>, scripted: &Scripted, keys: Vec<String>) -> Vec<Result<bool, LedgerError>> {
    let gate = scripted.0.lock().unwrap().gate.clone();
    let asking: Vec<_> = {
        let held = gate.lock().unwrap();
        let asking = keys
            .into_iter()
            .map(|key| {
                let engine = engine.clone();
                let (answer, answered) = oneshot::channel();
                let instruction = Box::new(create(&key).into());
                let queued = engine.queue.try_send(Work::Decide { instruction, answer });
                (queued.is_ok(), answered)
            })
            .collect();
        drop(held);
        asking
    };
    let mut outcomes = Vec::new();
    for (is_queued, answered) in asking {
        outcomes.push(if is_queued {
            answered.await.unwrap().map(|reply| matches!(reply, Reply::CreateCheckout(_)))
        } else {
            Err(LedgerError::Overloaded)
        });
    }
    outcomes
}

#[tokio::test]
async fn a_conflict_with_another_writer_is_run_again() {
    let (engine, scripted) = engine(World { faults: [Fault::Conflict].into(), ..World::default() });
    assert_eq!(is_created(&engine, "a").await, Ok(true));
    assert_eq!(rows(&scripted), 1);
}

#[tokio::test]
async fn endless_conflicts_are_answered_as_overload() {
    let faults = VecDeque::from(vec![Fault::Conflict; 20]);
    let (engine, scripted) = engine(World { faults, ..World::default() });
    assert_eq!(is_created(&engine, "a").await, Err(LedgerError::Overloaded));
    assert_eq!(rows(&scripted), 0);
}

#[tokio::test]
async fn a_poisoned_command_fails_alone() {
    let (engine, scripted) = engine(World { poison: Some("k-13"), ..World::default() });
    let engine = Arc::new(engine);
    let outcomes = crowd(engine, &scripted, (0..30).map(|number| format!("k-{number}")).collect()).await;
    for (number, outcome) in outcomes.into_iter().enumerate() {
        let expected = if number == 13 { Err(LedgerError::Internal) } else { Ok(true) };
        assert_eq!(outcome, expected, "k-{number}");
    }
    assert_eq!(rows(&scripted), 29);
}

#[tokio::test]
async fn a_session_that_will_never_write_again_is_replaced() {
    let (engine, scripted) = engine(World { faults: [Fault::ReadOnly].into(), ..World::default() });
    assert_eq!(is_created(&engine, "a").await, Ok(true));
    assert_eq!(rows(&scripted), 1);
}

#[tokio::test]
async fn when_everything_is_refused_a_batch_is_not_taken_apart_to_the_last_command() {
    let (engine, scripted) = engine(World { refuses_everything: true, ..World::default() });
    let outcomes = crowd(Arc::new(engine), &scripted, (0..32).map(|number| format!("k-{number}")).collect()).await;
    assert!(outcomes.iter().all(Result::is_err));
    let told = outcomes.iter().filter(|outcome| **outcome == Err(LedgerError::Unavailable)).count();
    assert!(told >= 32 - 2 * 3, "{outcomes:?}");
    let runs = scripted.0.lock().unwrap().runs;
    assert!(runs <= 2 * (2 * 5 + 3 * 5), "{runs} runs for one or two batches");
}

#[tokio::test]
async fn what_queues_up_shares_commits_and_what_does_not_fit_is_turned_away() {
    let (engine, scripted) = engine(World::default());
    let engine = Arc::new(engine);
    assert_eq!(is_created(&engine, "warm").await, Ok(true));
    let outcomes = crowd(engine, &scripted, (0..100).map(|number| format!("k-{number}")).collect()).await;
    let created = outcomes.iter().filter(|outcome| **outcome == Ok(true)).count();
    let turned_away = outcomes.iter().filter(|outcome| **outcome == Err(LedgerError::Overloaded)).count();
    assert_eq!(created + turned_away, 100);
    assert!((64..=64 + 32).contains(&created), "{created} fit into the queue and the writer's hands");
    let commits = scripted.0.lock().unwrap().commits;
    assert!(commits <= 5, "{commits} commits for {created} commands");
}

#[tokio::test]
async fn a_connection_lost_before_the_commit_is_replaced_and_the_batch_runs_again() {
    let (engine, scripted) = engine(World { faults: [Fault::LostBeforeCommit].into(), ..World::default() });
    assert_eq!(is_created(&engine, "a").await, Ok(true));
    assert_eq!(rows(&scripted), 1);
}

#[tokio::test]
async fn a_commit_that_took_place_unseen_is_answered_and_not_repeated() {
    let (engine, scripted) = engine(World { faults: [Fault::LostAfterCommit].into(), ..World::default() });
    assert_eq!(is_created(&engine, "a").await, Ok(true));
    assert_eq!((rows(&scripted), scripted.0.lock().unwrap().commits), (1, 1));
}

#[tokio::test]
async fn a_commit_that_did_not_take_place_is_run_again() {
    let (engine, scripted) = engine(World { faults: [Fault::LostInCommit].into(), ..World::default() });
    assert_eq!(is_created(&engine, "a").await, Ok(true));
    assert_eq!((rows(&scripted), scripted.0.lock().unwrap().commits), (1, 1));
}

#[tokio::test]
async fn while_the_database_is_away_callers_are_told_and_it_heals_without_a_restart() {
    let (engine, scripted) = engine(World::default());
    assert_eq!(is_created(&engine, "before").await, Ok(true));
    scripted.0.lock().unwrap().is_away = true;
    assert_eq!(is_created(&engine, "during").await, Err(LedgerError::Unavailable));
    scripted.0.lock().unwrap().is_away = false;
    let healed = async {
        while is_created(&engine, "after").await.is_err() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), healed).await.unwrap();
    assert_eq!(rows(&scripted), 2, "before and after; nothing of what was answered with an error");
}

#[tokio::test]
async fn a_full_disk_is_told_to_everybody_and_heals() {
    let (engine, scripted) = engine(World { faults: [Fault::Full].into(), ..World::default() });
    assert_eq!(is_created(&engine, "a").await, Err(LedgerError::Unavailable));
    assert_eq!(is_created(&engine, "b").await, Ok(true));
    assert_eq!(rows(&scripted), 1);
}

#[tokio::test]
async fn a_stopped_engine_stores_what_is_queued_and_takes_no_more() {
    let (engine, scripted) = engine(World::default());
    assert_eq!(is_created(&engine, "a").await, Ok(true));
    engine.stop().await;
    assert_eq!(is_created(&engine, "b").await, Err(LedgerError::Unavailable));
    assert_eq!(rows(&scripted), 1);
}

async fn until(scripted: &Scripted, is_so: impl Fn(&World) -> bool) {
    while !is_so(&scripted.0.lock().unwrap()) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_transaction_is_opened_while_nobody_waits_and_closed_when_nobody_comes() {
    let (engine, scripted) = engine(World { can_begin_ahead: true, ..World::default() });
    until(&scripted, |world| world.is_begun_ahead).await;
    assert_eq!(is_created(&engine, "a").await, Ok(true));
    assert_eq!(scripted.0.lock().unwrap().begins, 0, "it was open already");
    until(&scripted, |world| world.is_begun_ahead).await;
    until(&scripted, |world| !world.is_begun_ahead).await;
    assert_eq!(is_created(&engine, "b").await, Ok(true));
    assert_eq!(scripted.0.lock().unwrap().begins, 1, "it had been closed");
    assert_eq!(rows(&scripted), 2);
}
