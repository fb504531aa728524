use std::collections::{HashMap, VecDeque};

use domain::{Charge, ChargeCode, CheckoutId, Timestamp};
use ports::{GatewayError, SimulatedOutcome};

/// How many charges are remembered; after that the oldest is forgotten.
const REMEMBERED_MAX: usize = 10_000;

/// What the fake gateway remembers while its process runs.
#[derive(Debug, Default)]
pub(super) struct Memory {
    faults: VecDeque<GatewayError>,
    created: u64,
    charges: Recent<CheckoutId, Charge>,
    ends: Recent<ChargeCode, End>,
}

/// What nobody can change any more about a charge.
#[derive(Clone, Copy, Debug)]
pub(super) enum End {
    Canceled(Timestamp),
    /// How, and since when.
    Paid(SimulatedOutcome, Timestamp),
}

impl Memory {
    pub(super) fn fail_next(&mut self, times: usize, error: &GatewayError) {
        self.faults.extend(std::iter::repeat_n(error.clone(), times));
    }

    pub(super) fn take_fault(&mut self) -> Option<GatewayError> {
        self.faults.pop_front()
    }

    pub(super) fn created(&self) -> u64 {
        self.created
    }

    pub(super) fn create(&mut self, checkout_id: CheckoutId, charge: &Charge) {
        if self.charges.get(&checkout_id).is_some_and(|made| made == charge) {
            return;
        }
        self.created += 1;
        self.charges.insert(checkout_id, charge.clone());
    }

    /// As with a real provider, a charge that was called off isn't offered again.
    pub(super) fn charge_of(&self, checkout_id: CheckoutId) -> Option<Charge> {
        let charge = self.charges.get(&checkout_id)?;
        match self.ends.get(&charge.code) {
            Some(End::Canceled(_)) => None,
            Some(End::Paid(..)) | None => Some(charge.clone()),
        }
    }

    /// How a charge ended, or is going to.
    pub(super) fn end_of(&self, code: &ChargeCode) -> Option<End> {
        self.ends.get(code).copied()
    }

    pub(super) fn cancel(&mut self, code: &ChargeCode, now: Timestamp) -> Result<(), GatewayError> {
        if self.ends.get(code).is_some() {
            return Err(finished());
        }
        self.ends.insert(code.clone(), End::Canceled(now));
        Ok(())
    }

    /// How the charge is paid: as was first asked for, however often somebody asks.
    pub(super) fn pay(
        &mut self,
        code: &ChargeCode,
        outcome: SimulatedOutcome,
        now: Timestamp,
    ) -> Result<SimulatedOutcome, GatewayError> {
        match self.ends.get(code) {
            Some(End::Canceled(_)) => Err(finished()),
            Some(End::Paid(first, _)) => Ok(*first),
            None => {
                self.ends.insert(code.clone(), End::Paid(outcome, now));
                Ok(outcome)
            }
        }
    }
}

fn finished() -> GatewayError {
    GatewayError::Refused("the charge is finished".to_owned())
}

/// A map that forgets what was put in first when it is full.
#[derive(Debug)]
struct Recent<K, V> {
    map: HashMap<K, V>,
    order: VecDeque<K>,
}

impl<K, V> Default for Recent<K, V> {
    fn default() -> Self {
        Self { map: HashMap::new(), order: VecDeque::new() }
    }
}

impl<K: Clone + Eq + std::hash::Hash, V> Recent<K, V> {
    fn get(&self, key: &K) -> Option<&V> {
        self.map.get(key)
    }

    fn insert(&mut self, key: K, value: V) {
        if self.map.insert(key.clone(), value).is_none() {
            self.order.push_back(key);
        }
        if self.order.len() > REMEMBERED_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.map.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_bounded_and_keeps_the_newest() {
        let mut recent = Recent::default();
        for number in 0..REMEMBERED_MAX + 5 {
            recent.insert(number, ());
            recent.insert(number, ());
        }
        assert_eq!((recent.map.len(), recent.order.len()), (REMEMBERED_MAX, REMEMBERED_MAX));
        assert!(recent.get(&4).is_none());
        assert!(recent.get(&5).is_some());
    }
}
