//! What is set by the control API and outlives a restart.

use diesel::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::schema::settings;
use crate::error::Problem;

pub(crate) const CLOCK: &str = "clock";
pub(crate) const FAULTS: &str = "faults";
pub(crate) const RATE_LIMITS: &str = "rate_limits";

pub(crate) fn load<T: DeserializeOwned>(
    connection: &mut SqliteConnection,
    name: &'static str,
) -> Result<Option<T>, Problem> {
    let document: Option<String> =
        settings::table.find(name).select(settings::document).first(connection).optional()?;
    let parse = |document: String| serde_json::from_str(&document);
    document.map(parse).transpose().map_err(|source| Problem::Document { table: "settings", row: 0, source })
}

pub(crate) fn store<T: Serialize>(
    connection: &mut SqliteConnection,
    name: &'static str,
    value: &T,
) -> Result<(), Problem> {
    let row = (settings::name.eq(name), settings::document.eq(serde_json::to_string(value)?));
    diesel::replace_into(settings::table).values(row).execute(connection)?;
    Ok(())
}

pub(crate) fn clear(connection: &mut SqliteConnection) -> Result<(), Problem> {
    diesel::delete(settings::table).execute(connection)?;
    Ok(())
}
