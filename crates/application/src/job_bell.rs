use std::sync::Arc;

use tokio::sync::Notify;

/// Wakes this node's job runner when this node has stored a job, so that nobody waits for its next look.
#[derive(Clone, Debug, Default)]
pub struct JobBell(Arc<Notify>);

impl JobBell {
    /// There is something to do. Rung while nobody listens, it is heard at the next listening.
    pub fn ring(&self) {
        self.0.notify_one();
    }

    pub(crate) async fn rung(&self) {
        self.0.notified().await;
    }
}
