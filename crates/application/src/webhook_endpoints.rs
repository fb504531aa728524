use std::sync::Arc;

use domain::{
    CreateEndpoint, DeleteEndpoint, Delivery, EnableEndpoint, EndpointId, EndpointTerms, Made, MerchantId,
    NotificationId, PingEndpoint, RotateEndpointSecret, UpdateEndpoint, WebhookEndpoint,
};
use ports::{
    Clock, EndpointFilter, EndpointKeys, IdSource, Ledger, LedgerError, NotificationRepo, NotificationSender, Page,
    PageRequest, execute,
};

use crate::caller::Settled;
use crate::{Answer, Caller, Error};

/// Where merchants want to be told what has happened.
#[derive(Clone)]
pub struct WebhookEndpoints {
    /// Where they are stored.
    pub ledger: Arc<dyn Ledger>,
    /// Where they are read.
    pub repo: Arc<dyn NotificationRepo>,
    /// Knows which URLs can be sent to.
    pub sender: Arc<dyn NotificationSender>,
    /// Makes their keys.
    pub keys: Arc<dyn EndpointKeys>,
    /// New ids.
    pub ids: Arc<dyn IdSource>,
    /// Which of their keys are valid.
    pub clock: Arc<dyn Clock>,
}

/// An endpoint as its merchant is shown it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownEndpoint {
    /// The endpoint.
    pub endpoint: WebhookEndpoint,
    /// The public halves of its key pairs, the present one first; none if it isn't signed for with one.
    pub public_keys: Vec<String>,
    /// Its secret, where it is shown: when it is new.
    pub secret: Option<String>,
}

impl WebhookEndpoints {
    /// Makes an endpoint, and shows its secret.
    pub async fn create(
        &self,
        caller: &Caller,
        merchant_id: MerchantId,
        terms: EndpointTerms,
    ) -> Result<Answer<ShownEndpoint>, Error> {
        let terms = self.checked(terms)?;
        let asked = terms.fingerprint(&merchant_id);
        let id = EndpointId::from_uuid(self.ids.uuid_v7());
        let create = CreateEndpoint { id, merchant_id, terms, seed: self.keys.new_seed() };
        let endpoint = match caller.make(&*self.ledger, create, asked).await? {
            Settled::Now(endpoint) => Answer::first(*endpoint),
            Settled::Before(Made::Endpoint(id)) => {
                let endpoint = self.repo.endpoint(id).await?.filter(WebhookEndpoint::exists);
                Answer::repeated(endpoint.ok_or(Error::NotFound)?)
            }
            Settled::Before(_) => return Err(LedgerError::Internal.into()),
        };
        Ok(endpoint.map(|endpoint| self.with_secret(endpoint)))
    }

    /// The endpoint, without its secret.
    pub async fn get(&self, id: EndpointId) -> Result<ShownEndpoint, Error> {
        let endpoint = self.repo.endpoint(id).await?.filter(WebhookEndpoint::exists);
        Ok(self.shown(endpoint.ok_or(Error::NotFound)?))
    }

    /// A page of endpoints, without their secrets.
    pub async fn list(&self, filter: EndpointFilter, page: PageRequest) -> Result<Page<ShownEndpoint>, Error> {
        let Page { items, total, total_is_capped } = self.repo.endpoints(filter, page).await?;
        let items = items.into_iter().map(|endpoint| self.shown(endpoint)).collect();
        Ok(Page { items, total, total_is_capped })
    }

    /// Says anew what an endpoint is.
    pub async fn update(&self, id: EndpointId, terms: EndpointTerms) -> Result<ShownEndpoint, Error> {
        let terms = self.checked(terms)?;
        Ok(self.shown(*execute(&*self.ledger, UpdateEndpoint { id, terms }).await??))
    }

    /// Sends nothing there any more.
    pub async fn delete(&self, id: EndpointId) -> Result<(), Error> {
        execute(&*self.ledger, DeleteEndpoint { id }).await??;
        Ok(())
    }

    /// Gives it another secret, and shows that.
    pub async fn rotate_secret(&self, id: EndpointId) -> Result<ShownEndpoint, Error> {
        let rotate = RotateEndpointSecret { id, seed: self.keys.new_seed() };
        Ok(self.with_secret(*execute(&*self.ledger, rotate).await??))
    }

    /// Sends there again.
    pub async fn enable(&self, id: EndpointId) -> Result<ShownEndpoint, Error> {
        Ok(self.shown(*execute(&*self.ledger, EnableEndpoint { id }).await??))
    }

    /// Sends something that means nothing; answers with its delivery.
    pub async fn ping(&self, id: EndpointId) -> Result<Delivery, Error> {
        let notification_id = NotificationId::from_uuid(self.ids.uuid_v7());
        Ok(*execute(&*self.ledger, PingEndpoint { id, notification_id }).await??)
    }

    fn checked(&self, terms: EndpointTerms) -> Result<EndpointTerms, Error> {
        let url = self.sender.check(&terms.url)?;
        Ok(EndpointTerms { url, ..terms })
    }

    fn shown(&self, endpoint: WebhookEndpoint) -> ShownEndpoint {
        let seeds = if endpoint.is_asymmetric { endpoint.seeds(self.clock.now()) } else { Vec::new() };
        let public_keys = seeds.iter().map(|seed| self.keys.public_key(seed)).collect();
        ShownEndpoint { endpoint, public_keys, secret: None }
    }

    fn with_secret(&self, endpoint: WebhookEndpoint) -> ShownEndpoint {
        let secret = Some(self.keys.secret(&endpoint.seed));
        ShownEndpoint { secret, ..self.shown(endpoint) }
    }
}
