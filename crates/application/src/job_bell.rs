use std::sync::Arc;

use ports::JobWatch;
use tokio::sync::Notify;

/// Wakes this node's job runner when this node has stored a job that is due, so that nobody waits for its next look. The store
/// rings it.
#[derive(Clone, Debug, Default)]
pub struct JobBell(Arc<Notify>);

impl JobBell {
    pub(crate) async fn rung(&self) {
        self.0.notified().await;
    }
}

impl JobWatch for JobBell {
    /// Rung while nobody listens, it is heard at the next listening.
    fn jobs_due(&self) {
        self.0.notify_one();
    }
}
