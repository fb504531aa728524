use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::RequestScope;

/// The requests with names that this node is answering just now.
///
/// It spares a second request the wait, nothing more: that a request is decided once is the database's doing.
#[derive(Clone, Debug, Default)]
pub struct UnderWay(Arc<Mutex<HashSet<RequestScope>>>);

/// The place of a request that is under way; given up when it is dropped, the answer sent or not.
#[derive(Debug)]
pub(crate) struct Place {
    all: UnderWay,
    scope: RequestScope,
}

impl UnderWay {
    /// A place, unless a request of that name has it.
    pub(crate) fn enter(&self, scope: RequestScope) -> Option<Place> {
        self.scopes().insert(scope).then(|| Place { all: self.clone(), scope })
    }

    fn scopes(&self) -> MutexGuard<'_, HashSet<RequestScope>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.all.scopes().remove(&self.scope);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_free_again_when_its_request_has_ended() {
        let (under_way, scope) = (UnderWay::default(), RequestScope::of("anonymous", "POST", "/checkout", "a"));
        let place = under_way.enter(scope).unwrap();
        assert!(under_way.enter(scope).is_none());
        assert!(under_way.clone().enter(RequestScope::of("anonymous", "POST", "/checkout", "b")).is_some());
        drop(place);
        assert!(under_way.enter(scope).is_some());
    }
}
