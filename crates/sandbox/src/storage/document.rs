//! The kinds of things that are stored as documents.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::charge::Charge;
use crate::checkout::Checkout;
use crate::clock::Timestamp;
use crate::event::Event;
use crate::invoice::Invoice;

/// What is stored as a resource.
pub(crate) trait Document: Serialize + DeserializeOwned {
    /// The column `kind`, and what its path begins with.
    const KIND: &'static str;
    const PATH: &'static str;

    fn id(&self) -> String;

    fn code(&self) -> Option<&str> {
        None
    }

    /// When something happens to it by itself. It isn't removed before that.
    fn due_at(&self) -> Option<Timestamp> {
        None
    }
}

impl Document for Charge {
    const KIND: &'static str = "charge";
    const PATH: &'static str = "/charges";

    fn id(&self) -> String {
        self.id.to_string()
    }

    fn code(&self) -> Option<&str> {
        Some(&self.code)
    }

    fn due_at(&self) -> Option<Timestamp> {
        self.scheduled.as_ref().map(|scheduled| scheduled.at)
    }
}

impl Document for Checkout {
    const KIND: &'static str = "checkout";
    const PATH: &'static str = "/checkouts";

    fn id(&self) -> String {
        self.id.to_string()
    }
}

impl Document for Invoice {
    const KIND: &'static str = "invoice";
    const PATH: &'static str = "/invoices";

    fn id(&self) -> String {
        self.id.to_string()
    }

    fn code(&self) -> Option<&str> {
        Some(&self.code)
    }
}

impl Document for Event {
    const KIND: &'static str = "event";
    const PATH: &'static str = "/events";

    fn id(&self) -> String {
        self.0["id"].as_str().unwrap_or_default().to_owned()
    }
}
