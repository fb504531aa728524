use std::time::{Duration, Instant};

use super::{Backend, Session, StoreError};

/// The first pause between attempts to connect; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(25);
/// The longest pause between attempts to connect.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// For how long a batch waits for the database to come back before its callers are told that it is away.
const PATIENCE: Duration = Duration::from_secs(2);

/// The writer's connection, which may be lost at any time and is sought again with back-off.
pub(super) struct Connection {
    backend: Box<dyn Backend>,
    session: Option<Box<dyn Session>>,
    pause: Duration,
    next_attempt: Option<Instant>,
    /// A transaction is open that nothing was done in.
    is_begun: bool,
}

/// The database is away, and for longer than anybody should wait.
pub(super) struct Away;

impl Connection {
    pub(super) fn new(backend: Box<dyn Backend>) -> Self {
        Self { backend, session: None, pause: FIRST_PAUSE, next_attempt: None, is_begun: false }
    }

    /// The session, opened again if it was lost. The batch that notices the loss waits a little; while the database
    /// stays away, later ones are told at once between the attempts.
    pub(super) fn session(&mut self) -> Result<&mut (dyn Session + 'static), Away> {
        if self.session.is_none() {
            self.reconnect()?;
        }
        self.session.as_deref_mut().ok_or(Away)
    }

    /// The session with a transaction open, and whether opening it went well.
    pub(super) fn begun(&mut self) -> Result<(&mut (dyn Session + 'static), Result<(), StoreError>), Away> {
        let is_begun = std::mem::take(&mut self.is_begun);
        let session = self.session()?;
        let begun = if is_begun { Ok(()) } else { session.begin() };
        Ok((session, begun))
    }

    /// Opens a transaction while there is nothing to do. What goes wrong now goes wrong again when it matters.
    pub(super) fn begin_ahead(&mut self) {
        if !self.is_begun {
            self.is_begun = self.session.as_deref_mut().is_some_and(|session| session.begin_ahead().unwrap_or(false));
        }
    }

    /// Closes a transaction that was opened ahead.
    pub(super) fn close_unused(&mut self) {
        if std::mem::take(&mut self.is_begun)
            && let Some(session) = self.session.as_deref_mut()
            && let Err(error) = session.rollback()
        {
            self.lose(&error);
        }
    }

    /// Gives the connection up; the next batch opens another.
    pub(super) fn lose(&mut self, why: &StoreError) {
        log::warn!(error:% = why; "lost the connection to the database; connecting again");
        self.session = None;
        self.is_begun = false;
        self.pause = FIRST_PAUSE;
        self.next_attempt = None;
    }

    fn reconnect(&mut self) -> Result<(), Away> {
        let was_away = self.next_attempt.is_some();
        if self.next_attempt.is_some_and(|at| Instant::now() < at) {
            return Err(Away);
        }
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.backend.connect() {
                Ok(session) => {
                    self.session = Some(session);
                    self.pause = FIRST_PAUSE;
                    self.next_attempt = None;
                    if was_away {
                        log::info!("connected to the database again");
                    }
                    return Ok(());
                }
                Err(error) => {
                    let pause = self.pause;
                    self.pause = (pause * 2).min(LONGEST_PAUSE);
                    if was_away || Instant::now() + pause >= deadline {
                        log::error!(error:%; "the database is unavailable");
                        self.next_attempt = Some(Instant::now() + pause);
                        return Err(Away);
                    }
                    std::thread::sleep(pause);
                }
            }
        }
    }
}
