//! How merchants are told: which part is plugged into which.

use std::sync::Arc;

use adapters::Store;
use adapters::notify::{HttpSender, SenderConfig, StandardKeys};
use anyhow::{Context, Result};
use application::{Counters, Deliveries, JobBell, NotifyWorker, WebhookEndpoints};
use ports::{Clock, IdSource, NotificationSender};

/// Who sends, over HTTP.
pub(crate) fn sender(private_addresses: bool, clock: &Arc<dyn Clock>) -> Result<Arc<dyn NotificationSender>> {
    let config = SenderConfig { private_addresses, ..SenderConfig::default() };
    Ok(Arc::new(HttpSender::new(config, clock.clone()).context("can't send notifications")?))
}

/// Who does the jobs of sending.
pub(crate) fn worker(
    store: &Store,
    sender: Arc<dyn NotificationSender>,
    clock: &Arc<dyn Clock>,
    ids: &Arc<dyn IdSource>,
    bell: &JobBell,
) -> NotifyWorker {
    NotifyWorker {
        ledger: store.ledger.clone(),
        repo: store.notifications.clone(),
        jobs: store.jobs.clone(),
        sender,
        clock: clock.clone(),
        ids: ids.clone(),
        watch: Arc::new(bell.clone()),
        room: NotifyWorker::usual_room(),
        counters: Counters::default(),
    }
}

/// Where merchants are told.
pub(crate) fn endpoints(
    store: &Store,
    sender: Arc<dyn NotificationSender>,
    clock: &Arc<dyn Clock>,
    ids: &Arc<dyn IdSource>,
) -> WebhookEndpoints {
    WebhookEndpoints {
        ledger: store.ledger.clone(),
        repo: store.notifications.clone(),
        sender,
        keys: Arc::new(StandardKeys),
        ids: ids.clone(),
        clock: clock.clone(),
    }
}

/// What they are told.
pub(crate) fn deliveries(store: &Store) -> Deliveries {
    Deliveries { ledger: store.ledger.clone(), repo: store.notifications.clone() }
}
