use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Places for work: each piece of it takes one while it goes on, so that there is only so much at once.
#[derive(Clone, Debug)]
pub struct Room {
    places: Arc<Semaphore>,
    size: u32,
    within: Option<Arc<Room>>,
}

/// The right to one piece of work; given back when it is dropped.
#[derive(Debug)]
pub struct Place {
    _own: OwnedSemaphorePermit,
    _within: Option<Box<Place>>,
}

impl Room {
    /// With so many places.
    #[must_use]
    pub fn of(size: u32) -> Self {
        Self { places: Arc::new(Semaphore::new(size as usize)), size, within: None }
    }

    /// A part of this room: work in it takes a place in both, and leaves the rest of the places to others.
    #[must_use]
    pub fn part(&self, size: u32) -> Self {
        Self { within: Some(Arc::new(self.clone())), ..Self::of(size) }
    }

    /// How many places are free now.
    #[must_use]
    pub fn free(&self) -> u32 {
        let own = u32::try_from(self.places.available_permits()).unwrap_or(self.size);
        self.within.as_ref().map_or(own, |within| own.min(within.free()))
    }

    /// A place, if one is free now.
    pub(crate) fn place_now(&self) -> Option<Place> {
        let own = Arc::clone(&self.places).try_acquire_owned().ok()?;
        let within = match &self.within {
            Some(within) => Some(Box::new(within.place_now()?)),
            None => None,
        };
        Some(Place { _own: own, _within: within })
    }

    /// A place, as soon as one is free.
    pub async fn place(&self) -> Option<Place> {
        // The semaphores are never closed.
        let own = Arc::clone(&self.places).acquire_owned().await.ok()?;
        let within = match &self.within {
            Some(within) => Some(Box::new(Box::pin(within.place()).await?)),
            None => None,
        };
        Some(Place { _own: own, _within: within })
    }

    /// Waits until a quarter of the places is free: one claim for several.
    pub(crate) async fn roomy(&self) {
        drop(self.places.acquire_many((self.size / 4).max(1)).await);
        if let Some(within) = &self.within {
            Box::pin(within.roomy()).await;
        }
    }

    /// Waits until all places are free.
    pub(crate) async fn empty(&self) {
        drop(self.places.acquire_many(self.size).await);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_part_never_takes_more_than_its_own_nor_more_than_there_is() {
        let whole = Room::of(3);
        let part = whole.part(2);
        assert_eq!((whole.free(), part.free()), (3, 2));
        let (first, second) = (part.place().await, part.place().await);
        assert_eq!((whole.free(), part.free()), (1, 0));
        assert!(part.place_now().is_none() && whole.free() == 1, "a place that wasn't given takes none");
        drop(first);
        let others = (whole.place().await, whole.place_now());
        assert_eq!((whole.free(), part.free()), (0, 0), "the whole is full");
        drop(others);
        drop(second);
        assert_eq!((whole.free(), part.free()), (3, 2));
        whole.empty().await;
    }
}
