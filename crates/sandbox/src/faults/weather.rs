//! The faults that hold now, and how many calls they have met.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::{ApiFault, FaultPlan};

#[derive(Debug, Default)]
pub(crate) struct Weather {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    plan: FaultPlan,
    /// Calls of each kind since the plan holds. There are as many kinds as routes.
    calls: HashMap<&'static str, u64>,
}

impl Weather {
    pub(crate) fn plan(&self) -> FaultPlan {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).plan
    }

    pub(crate) fn set(&self, plan: FaultPlan) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = State { plan, calls: HashMap::new() };
    }

    /// What happens to the next call of this kind.
    pub(crate) fn of_call(&self, call: &'static str) -> (Option<Duration>, Option<ApiFault>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let nth = state.calls.entry(call).or_default();
        *nth += 1;
        let nth = *nth;
        state.plan.of_call(call, nth)
    }
}
