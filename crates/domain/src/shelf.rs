use std::collections::HashMap;

use crate::{Record, Timestamp};

/// The rows of one table in a working set, and which of them are new or changed.
#[derive(Clone, Debug)]
pub struct Shelf<R: Record> {
    rows: HashMap<R::Id, Slot<R>>,
    inserted: Vec<R::Id>,
    updated: Vec<R::Id>,
}

#[derive(Clone, Debug)]
struct Slot<R> {
    row: R,
    state: SlotState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SlotState {
    Stored,
    Inserted,
    Updated,
}

impl<R: Record> Default for Shelf<R> {
    fn default() -> Self {
        Self { rows: HashMap::new(), inserted: Vec::new(), updated: Vec::new() }
    }
}

impl<R: Record> Shelf<R> {
    /// The row, if it was loaded or made here.
    #[must_use]
    pub fn get(&self, id: R::Id) -> Option<&R> {
        self.rows.get(&id).map(|slot| &slot.row)
    }

    /// All rows, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = &R> {
        self.rows.values().map(|slot| &slot.row)
    }

    /// Rows to INSERT, in the order in which they were made.
    #[must_use]
    pub fn inserted(&self) -> impl ExactSizeIterator<Item = &R> {
        self.pick(&self.inserted)
    }

    /// Rows to UPDATE, in the order of their first change.
    #[must_use]
    pub fn updated(&self) -> impl ExactSizeIterator<Item = &R> {
        self.pick(&self.updated)
    }

    fn pick<'a>(&'a self, ids: &'a [R::Id]) -> impl ExactSizeIterator<Item = &'a R> {
        // Ids get into the lists together with their rows, and rows are never taken out.
        ids.iter().map(|id| &self.rows[id].row)
    }

    /// Puts in a row as it is stored. A row that was changed here since is newer, and stays.
    pub(crate) fn load(&mut self, row: R) {
        let slot = self.rows.entry(row.id()).or_insert_with(|| Slot { row: row.clone(), state: SlotState::Stored });
        if slot.state == SlotState::Stored {
            slot.row = row;
        }
    }

    pub(crate) fn insert(&mut self, row: R) {
        let id = row.id();
        let before = self.rows.insert(id, Slot { row, state: SlotState::Inserted });
        debug_assert!(before.is_none(), "a command made a row twice: {id:?}");
        self.inserted.push(id);
    }

    /// Replaces a row that is there; a row that isn't is left alone, since only loaded rows can be decided on.
    pub(crate) fn update(&mut self, row: R) {
        self.change(row.id(), |stored| *stored = row);
    }

    /// Changes a row that is there, in place.
    pub(crate) fn change(&mut self, id: R::Id, change: impl FnOnce(&mut R)) {
        let Some(slot) = self.rows.get_mut(&id) else {
            debug_assert!(false, "a command changed a row that its keys don't name: {id:?}");
            return;
        };
        change(&mut slot.row);
        if slot.state == SlotState::Stored {
            slot.state = SlotState::Updated;
            self.updated.push(id);
        }
    }

    /// Takes out at most so many of the rows that have been left over since before a moment, the oldest first. For whoever
    /// keeps the books for good: rows that are new or changed stay.
    pub(crate) fn purge(
        &mut self,
        before: Timestamp,
        limit: u32,
        left_over_since: impl Fn(&R) -> Option<Timestamp>,
    ) -> Vec<R> {
        let stored = self.rows.values().filter(|slot| slot.state == SlotState::Stored);
        let mut found: Vec<(Timestamp, R::Id)> = stored
            .filter_map(|slot| Some((left_over_since(&slot.row)?, slot.row.id())))
            .filter(|(since, _)| *since < before)
            .collect();
        found.sort_unstable();
        found.truncate(limit as usize);
        found.into_iter().filter_map(|(_, id)| self.rows.remove(&id)).map(|slot| slot.row).collect()
    }

    pub(crate) fn mark_stored(&mut self) {
        for id in self.inserted.drain(..).chain(self.updated.drain(..)) {
            if let Some(slot) = self.rows.get_mut(&id) {
                slot.state = SlotState::Stored;
            }
        }
    }
}
