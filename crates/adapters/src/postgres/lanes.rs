use async_trait::async_trait;
use domain::{ClaimJobs, Command, Instruction, Job, Purge, Reply};
use ports::{JobQueue, Ledger, LedgerError, Purger};

use crate::engine::Engine;
use crate::store::Writer;

/// Two writers of one node: what somebody waits for, and what follows from it.
///
/// A charge that is attached in the background takes a commit of its own, and whoever asked for the next checkout would
/// wait for it. To each other the two are what two nodes are: nothing but speed depends on which of them does what.
pub(super) struct Lanes {
    pub(super) requests: Engine,
    pub(super) background: Engine,
}

impl Lanes {
    fn lane(&self, command: &Command) -> &Engine {
        match command {
            // What moves stock stays together, so that two writers of one node don't wait for each other's lock on a
            // product: the crowd that buys and the holds that expire share their commits. Only a charge that is attached
            // after its payment came moves stock in the background.
            Command::CreateCheckout(_)
            | Command::RecordEvent(_)
            | Command::ReplayEvent(_)
            | Command::CreateProduct(_)
            | Command::UpdateProduct(_)
            | Command::DeleteProduct(_)
            | Command::RepairStock(_)
            | Command::PlaceHold(_)
            | Command::ReleaseHold(_)
            | Command::ExpireHold(_)
            | Command::PlaceOrder(_)
            | Command::ChangeOrderStatus(_)
            | Command::ExpireOrder(_)
            | Command::OpenOrderCheckout(_)
            | Command::CreateEndpoint(_)
            | Command::UpdateEndpoint(_)
            | Command::DeleteEndpoint(_)
            | Command::RotateEndpointSecret(_)
            | Command::EnableEndpoint(_)
            | Command::PingEndpoint(_) => &self.requests,
            Command::AttachCharge(_)
            | Command::ExpireCheckout(_)
            | Command::ExpireEvent(_)
            | Command::EnsureJob(_)
            | Command::FinishDelivery(_)
            | Command::Redeliver(_)
            | Command::RecoverDeliveries(_)
            | Command::RetryJob(_)
            | Command::CheckpointJob(_)
            | Command::CompleteJob(_)
            | Command::FailJob(_)
            | Command::PostponeJob(_) => &self.background,
        }
    }
}

#[async_trait]
impl Ledger for Lanes {
    async fn execute(&self, instruction: Instruction) -> Result<Reply, LedgerError> {
        self.lane(&instruction.command).execute(instruction).await
    }
}

#[async_trait]
impl JobQueue for Lanes {
    async fn claim(&self, claim: ClaimJobs) -> Result<Vec<Job>, LedgerError> {
        self.background.claim(claim).await
    }
}

#[async_trait]
impl Purger for Lanes {
    async fn purge(&self, purge: Purge) -> Result<u32, LedgerError> {
        self.background.purge(purge).await
    }
}

#[async_trait]
impl Writer for Lanes {
    async fn stop(&self) {
        self.requests.stop().await;
        self.background.stop().await;
    }
}
