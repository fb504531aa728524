use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinHandle;

/// How many jobs run at once.
const SLOTS: u32 = 32;

/// Work that goes on whether or not anybody waits for it: on the program's runtime, which outlives every request, and
/// only so much at once.
#[derive(Clone, Debug)]
pub struct Background {
    runtime: Handle,
    slots: Arc<Semaphore>,
}

/// The right to one piece of work; given back when it is dropped.
pub(crate) type Slot = OwnedSemaphorePermit;

impl Background {
    /// Works on this runtime.
    #[must_use]
    pub fn on(runtime: Handle) -> Self {
        Self { runtime, slots: Arc::new(Semaphore::new(SLOTS as usize)) }
    }

    /// A slot, if one is free now.
    pub(crate) fn slot(&self) -> Option<Slot> {
        Arc::clone(&self.slots).try_acquire_owned().ok()
    }

    /// A slot, as soon as one is free.
    pub(crate) async fn next_slot(&self) -> Option<Slot> {
        // The semaphore is never closed.
        Arc::clone(&self.slots).acquire_owned().await.ok()
    }

    /// How many slots are free now.
    pub(crate) fn free_slots(&self) -> u32 {
        u32::try_from(self.slots.available_permits()).unwrap_or(SLOTS)
    }

    /// Starts work that may outlive whoever asked for it.
    pub(crate) fn spawn<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
        self.runtime.spawn(work)
    }

    /// Waits until all slots are free.
    pub(crate) async fn finished(&self) {
        drop(self.slots.acquire_many(SLOTS).await);
    }
}
