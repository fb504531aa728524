use domain::{Actor, Cause, Decide, Fingerprint, Made, Once, Outcome, Provider, RequestId, RequestScope};
use ports::{Decided, Ledger, execute_for, execute_once};

use crate::Error;

/// Who calls, by which request, and under which name if the request has one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Caller {
    /// Who and by which request: what the audit trail says.
    pub cause: Cause,
    /// The name of a request that is to be done once (`Idempotency-Key`).
    pub scope: Option<RequestScope>,
}

/// What somebody who wanted something made is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer<T> {
    /// What was made, as it is now.
    pub value: T,
    /// Whether the same request had been answered before.
    pub is_repeated: bool,
}

/// What the ledger says to a [`Caller`].
pub(crate) enum Settled<R> {
    Now(R),
    /// The request was decided before, and made this.
    Before(Made),
}

impl Caller {
    /// Somebody at the command line, or whoever looks after the server.
    #[must_use]
    pub const fn operator(request_id: Option<RequestId>) -> Self {
        Self { cause: Cause { actor: Actor::Operator, request_id }, scope: None }
    }

    /// A provider or payment backend, by a signed webhook.
    #[must_use]
    pub const fn provider(provider: Provider, request_id: Option<RequestId>) -> Self {
        Self { cause: Cause { actor: Actor::Provider(provider), request_id }, scope: None }
    }

    /// Has a command decided.
    pub(crate) async fn execute<C: Decide + Send>(&self, ledger: &dyn Ledger, command: C) -> Result<C::Reply, Error> {
        Ok(execute_for(ledger, command, self.cause.clone()).await??)
    }

    /// Has a command decided that makes something, once if the request has a name. The fingerprint tells another request
    /// under the same name.
    pub(crate) async fn make<C: Decide + Send>(
        &self,
        ledger: &dyn Ledger,
        command: C,
        fingerprint: Fingerprint,
    ) -> Result<Settled<C::Reply>, Error> {
        let once = self.scope.map(|scope| Once { scope, fingerprint });
        match execute_once(ledger, command, self.cause.clone(), once).await? {
            Decided::Now(reply) => Ok(Settled::Now(reply?)),
            Decided::Before(Outcome::Made(made)) => Ok(Settled::Before(made)),
            Decided::Before(Outcome::Rejected(rejection)) => Err(Error::RejectedBefore(rejection)),
        }
    }
}

impl<T> Answer<T> {
    pub(crate) const fn first(value: T) -> Self {
        Self { value, is_repeated: false }
    }

    pub(crate) const fn repeated(value: T) -> Self {
        Self { value, is_repeated: true }
    }

    pub(crate) fn map<U>(self, change: impl FnOnce(T) -> U) -> Answer<U> {
        Answer { value: change(self.value), is_repeated: self.is_repeated }
    }
}
