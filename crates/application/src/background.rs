use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use crate::Room;

/// How many pieces of work for the payment gateway go on at once.
const PLACES: u32 = 32;

/// Work that goes on whether or not anybody waits for it: on the program's runtime, which outlives every request.
#[derive(Clone, Debug)]
pub struct Background {
    runtime: Handle,
    gateway_room: Room,
}

impl Background {
    /// Works on this runtime.
    #[must_use]
    pub fn on(runtime: Handle) -> Self {
        Self { runtime, gateway_room: Room::of(PLACES) }
    }

    /// Where work for the payment gateway takes place.
    #[must_use]
    pub const fn gateway_room(&self) -> &Room {
        &self.gateway_room
    }

    /// Starts work that may outlive whoever asked for it.
    pub(crate) fn spawn<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
        self.runtime.spawn(work)
    }
}
