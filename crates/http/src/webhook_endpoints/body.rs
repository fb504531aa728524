use std::collections::BTreeSet;

use domain::{EndpointDescription, EndpointTerms, EndpointUrl, MerchantId, NotificationType, Timestamp};
use serde::Deserialize;
use validator::{Validate, ValidationError, ValidationErrors};

use crate::input::{Field, FieldValue, Given, invalid, optional, readable, required};

/// What is sent to `POST /api/webhook-endpoints` and `PUT /api/webhook-endpoints/{id}`.
#[derive(Debug, Deserialize, Validate)]
pub(crate) struct EndpointBody {
    /// Whose it is, if it is new; what it was made as, it stays.
    #[serde(alias = "merchantId")]
    #[validate(custom(function = readable::<MerchantId>))]
    merchant_id: Option<Given<String>>,
    #[validate(required, custom(function = readable::<EndpointUrl>))]
    url: Option<Given<String>>,
    #[serde(alias = "eventTypes")]
    #[validate(custom(function = readable::<EventTypes>))]
    event_types: Option<Given<Vec<String>>>,
    #[validate(custom(function = readable::<EndpointDescription>))]
    description: Option<Given<String>>,
    #[validate(custom(function = readable::<bool>))]
    asymmetric: Option<Given<bool>>,
}

/// What an endpoint wants to know.
struct EventTypes(BTreeSet<NotificationType>);

impl Field<EventTypes> for Given<Vec<String>> {
    fn read(&self) -> Result<EventTypes, ValidationError> {
        let words = self.value("an array of strings")?;
        if words.is_empty() {
            return Err(invalid("empty", "must name at least one type; all are sent if the field is left out"));
        }
        words.iter().map(|word| NotificationType::read(word)).collect::<Result<_, _>>().map(EventTypes)
    }
}

impl Field<bool> for Given<bool> {
    fn read(&self) -> Result<bool, ValidationError> {
        self.value("true or false").copied()
    }
}

impl TryFrom<EndpointBody> for EndpointTerms {
    type Error = ValidationErrors;

    fn try_from(body: EndpointBody) -> Result<Self, Self::Error> {
        body.validate()?;
        let event_types = optional("event_types", body.event_types.as_ref())?;
        Ok(Self {
            url: required("url", body.url.as_ref())?,
            event_types: event_types.map(|EventTypes(types)| types),
            description: optional("description", body.description.as_ref())?,
            is_asymmetric: optional("asymmetric", body.asymmetric.as_ref())?.unwrap_or_default(),
        })
    }
}

impl TryFrom<EndpointBody> for (MerchantId, EndpointTerms) {
    type Error = ValidationErrors;

    fn try_from(body: EndpointBody) -> Result<Self, Self::Error> {
        body.validate()?;
        let merchant_id = optional("merchant_id", body.merchant_id.as_ref())?;
        Ok((merchant_id.unwrap_or_else(MerchantId::default_merchant), body.try_into()?))
    }
}

/// What is sent to `POST /api/webhook-endpoints/{id}/recover`.
#[derive(Debug, Deserialize, Validate)]
pub(crate) struct RecoverBody {
    #[validate(required, custom(function = readable::<Timestamp>))]
    since: Option<Given<String>>,
}

impl TryFrom<RecoverBody> for Timestamp {
    type Error = ValidationErrors;

    fn try_from(body: RecoverBody) -> Result<Self, Self::Error> {
        body.validate()?;
        required("since", body.since.as_ref())
    }
}
