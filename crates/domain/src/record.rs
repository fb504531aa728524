use std::fmt::Debug;
use std::hash::Hash;

/// A row that [`Books`](crate::Books) can hold.
pub trait Record: Clone {
    /// What identifies it.
    type Id: Copy + Debug + Eq + Ord + Hash;

    /// Its id.
    fn id(&self) -> Self::Id;
}
