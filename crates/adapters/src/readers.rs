use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use diesel::r2d2::{
    ConnectionManager, CustomizeConnection, Error as PoolError, Pool, PooledConnection, R2D2Connection,
};
use ports::RepoError;
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::stored::ReadError;

/// How many reads may wait.
const QUEUE_LIMIT: usize = 1024;
/// How long a read may take, waiting included.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a count of everything that a few products' holds and orders add up to may take.
pub(crate) const AUDIT_PATIENCE: Duration = Duration::from_secs(120);
/// How long a page of a recount may take.
pub(crate) const PAGE_PATIENCE: Duration = Duration::from_secs(30);
/// How long to wait for a connection.
const CONNECT_PATIENCE: Duration = Duration::from_secs(2);

type Read<C> = Box<dyn FnOnce(&mut Reader<C>) + Send>;

/// A few threads, each with a connection of its own that it holds on to.
pub(crate) struct Readers<C: R2D2Connection + 'static> {
    queue: SyncSender<Read<C>>,
}

/// What one thread reads with.
struct Reader<C: R2D2Connection + 'static> {
    pool: Pool<ConnectionManager<C>>,
    connection: Option<PooledConnection<ConnectionManager<C>>>,
}

impl<C: R2D2Connection + 'static> Readers<C> {
    /// Starts the threads. They connect when they are first asked.
    pub(crate) fn start(
        url: &str,
        threads: u32,
        customizer: Box<dyn CustomizeConnection<C, PoolError>>,
    ) -> std::io::Result<Self> {
        let pool = Pool::builder()
            .max_size(threads)
            .min_idle(Some(0))
            .connection_timeout(CONNECT_PATIENCE)
            .test_on_check_out(false)
            .connection_customizer(customizer)
            .build_unchecked(ConnectionManager::new(url));
        let (queue, waiting) = sync_channel::<Read<C>>(QUEUE_LIMIT);
        let waiting = Arc::new(Mutex::new(waiting));
        for number in 0..threads {
            let reader = Reader { pool: pool.clone(), connection: None };
            let waiting = Arc::clone(&waiting);
            std::thread::Builder::new().name(format!("reader-{number}")).spawn(move || reader.run(&waiting))?;
        }
        Ok(Self { queue })
    }

    /// Runs a query on one of the threads; once more on a new connection if the old one turned out to be broken.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        query: impl Fn(&mut C) -> Result<T, ReadError> + Send + 'static,
    ) -> Result<T, RepoError> {
        self.read_within(PATIENCE, query).await
    }

    /// The same for a query that may take longer than anybody waits for a page.
    pub(crate) async fn read_within<T: Send + 'static>(
        &self,
        patience: Duration,
        query: impl Fn(&mut C) -> Result<T, ReadError> + Send + 'static,
    ) -> Result<T, RepoError> {
        let (answer, answered) = oneshot::channel();
        let read: Read<C> = Box::new(move |reader| {
            // Whoever asked has given up meanwhile.
            if !answer.is_closed() {
                drop(answer.send(reader.read(&query)));
            }
        });
        self.queue.try_send(read).map_err(|refused| match refused {
            TrySendError::Full(_) => RepoError::Unavailable("too many reads are waiting".to_owned()),
            TrySendError::Disconnected(_) => RepoError::Unavailable("the readers have stopped".to_owned()),
        })?;
        match timeout(patience, answered).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(RepoError::Unavailable("a reader gave no answer".to_owned())),
            Err(_) => Err(RepoError::Unavailable("the database is too slow".to_owned())),
        }
    }
}

impl<C: R2D2Connection + 'static> Reader<C> {
    fn run(mut self, waiting: &Mutex<Receiver<Read<C>>>) {
        loop {
            let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok(read) = next else { return };
            // A query that panics must not take the thread with it; its asker gets no answer and is told so.
            if std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| read(&mut self))).is_err() {
                self.connection = None;
            }
        }
    }

    fn read<T>(&mut self, query: &impl Fn(&mut C) -> Result<T, ReadError>) -> Result<T, RepoError> {
        let was_open = self.connection.is_some();
        match query(self.connection()?) {
            Err(ReadError::Database(_)) if !self.is_alive() => {
                self.connection = None;
                if was_open {
                    Ok(query(self.connection()?)?)
                } else {
                    Err(RepoError::Unavailable("no connection".into()))
                }
            }
            answer => Ok(answer?),
        }
    }

    fn connection(&mut self) -> Result<&mut C, RepoError> {
        if self.connection.is_none() {
            let connection = self.pool.get().map_err(|error| RepoError::Unavailable(error.to_string()))?;
            self.connection = Some(connection);
        }
        self.connection.as_deref_mut().ok_or_else(|| RepoError::Unavailable("no connection".to_owned()))
    }

    fn is_alive(&mut self) -> bool {
        self.connection.as_deref_mut().is_some_and(|connection| connection.batch_execute("SELECT 1").is_ok())
    }
}
