//! Merchants and their endpoints.

use std::sync::Arc;

use diesel::SqliteConnection;
use url::Url;

use crate::error::{Problem, Refusal};
use crate::merchant::{CONFIGURED_MERCHANT, Endpoint, Merchant};
use crate::random;
use crate::sandbox::Sandbox;
use crate::storage::merchants::{self, NewMerchant};

/// What somebody says about a new merchant; the rest is made up.
#[derive(Clone, Debug, Default)]
pub(crate) struct MerchantDraft {
    pub(crate) name: Option<String>,
    pub(crate) api_key: Option<String>,
    pub(crate) webhook_secret: Option<String>,
}

impl Sandbox {
    pub(crate) async fn create_merchant(&self, draft: MerchantDraft) -> Result<Arc<Merchant>, Problem> {
        let merchant = NewMerchant {
            name: draft.name.unwrap_or_else(|| "Another shop".to_owned()),
            api_key: given_or_new(draft.api_key)?,
            webhook_secret: given_or_new(draft.webhook_secret)?,
            previous_webhook_secret: new_secret()?,
        };
        let scene = self.scene();
        let insert =
            move |connection: &mut SqliteConnection| merchants::insert(connection, merchant, scene.clock.now());
        let id = self.in_turn(move |sandbox| async move { sandbox.change_directory(insert).await }).await?;
        self.merchant(id)
    }

    pub(crate) async fn rotate_secret(&self, id: i64, secret: Option<String>) -> Result<Arc<Merchant>, Problem> {
        // Inside a server it signs what that server checks: another one would lock it out of its own webhooks.
        if id == CONFIGURED_MERCHANT && !self.config().shows_secrets {
            return Err(Refusal::invalid("The secret of this merchant is the server's own and stays").into());
        }
        let secret = given_or_new(secret)?;
        let rotate = move |connection: &mut SqliteConnection| merchants::rotate(connection, id, secret);
        self.in_turn(move |sandbox| async move { sandbox.change_directory(rotate).await }).await?;
        self.merchant(id)
    }

    pub(crate) async fn add_endpoint(&self, merchant_id: i64, url: Url) -> Result<Endpoint, Problem> {
        let scene = self.scene();
        let add = move |connection: &mut SqliteConnection| {
            merchants::add_endpoint(connection, merchant_id, url.as_str(), scene.clock.now())
        };
        self.in_turn(move |sandbox| async move { sandbox.change_directory(add).await }).await
    }

    pub(crate) async fn delete_endpoint(&self, id: i64) -> Result<Endpoint, Problem> {
        let delete = move |connection: &mut SqliteConnection| merchants::delete_endpoint(connection, id);
        self.in_turn(move |sandbox| async move { sandbox.change_directory(delete).await }).await
    }

    fn merchant(&self, id: i64) -> Result<Arc<Merchant>, Problem> {
        Ok(self.directory().merchant(id).cloned().ok_or_else(Refusal::not_found)?)
    }
}

fn given_or_new(given: Option<String>) -> Result<String, Problem> {
    given.map_or_else(new_secret, Ok)
}

fn new_secret() -> Result<String, Problem> {
    Ok(random::hex(&random::bytes::<24>()?))
}
