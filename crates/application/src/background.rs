use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinHandle;

/// How many jobs run at once.
const SLOTS: u32 = 32;
/// How many of them may be questions to the gateway: they can wait, and whoever wants to pay can't.
const POLL_SLOTS: u32 = 8;

/// Work that goes on whether or not anybody waits for it: on the program's runtime, which outlives every request, and
/// only so much at once.
#[derive(Clone, Debug)]
pub struct Background {
    runtime: Handle,
    slots: Arc<Semaphore>,
    poll_slots: Arc<Semaphore>,
}

/// The right to one piece of work; given back when it is dropped.
pub(crate) type Slot = OwnedSemaphorePermit;

impl Background {
    /// Works on this runtime.
    #[must_use]
    pub fn on(runtime: Handle) -> Self {
        let semaphore = |slots: u32| Arc::new(Semaphore::new(slots as usize));
        Self { runtime, slots: semaphore(SLOTS), poll_slots: semaphore(POLL_SLOTS) }
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

    /// A slot for a question to the gateway, beside the slot that all work needs.
    pub(crate) async fn next_poll_slot(&self) -> Option<Slot> {
        // The semaphore is never closed.
        Arc::clone(&self.poll_slots).acquire_owned().await.ok()
    }

    /// How many questions may be asked now.
    pub(crate) fn free_poll_slots(&self) -> u32 {
        u32::try_from(self.poll_slots.available_permits()).unwrap_or(POLL_SLOTS).min(self.free_slots())
    }

    /// Waits until half of the questions under way have been answered: one claim for several.
    pub(crate) async fn polls_answered(&self) {
        drop(self.poll_slots.acquire_many(POLL_SLOTS / 2).await);
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
