//! How everything stands; the clock, the faults, the rate limits, and beginning anew.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::web::{self, Data, Payload, ServiceConfig};
use serde_json::{Value, json};

use super::super::{body, resource};
use super::ok;
use crate::clock::Setting;
use crate::error::Refusal;
use crate::faults::FaultPlan;
use crate::fields::{Fields, missing, wrong};
use crate::limits::{ADVANCE_S_MAX, CHARGE_CREATIONS_PER_MINUTE, OTHER_CALLS_PER_MINUTE};
use crate::rate_limit;
use crate::sandbox::Sandbox;

pub(super) fn routes(routes: &mut ServiceConfig) {
    routes
        .service(resource("").get(overview))
        .service(resource("/").get(overview))
        .service(resource("/clock").get(clock))
        .service(resource("/clock/freeze").post(freeze))
        .service(resource("/clock/advance").post(advance))
        .service(resource("/clock/resume").post(resume))
        .service(resource("/faults").get(faults).put(set_faults).delete(clear_faults))
        .service(resource("/rate-limits").get(rate_limits).put(set_rate_limits))
        .service(resource("/reset").route(web::post().to(reset)));
}

async fn overview(sandbox: Data<Sandbox>) -> Result<HttpResponse, Refusal> {
    let counts = sandbox.overview().await?;
    Ok(ok(&json!({
        "version": env!("CARGO_PKG_VERSION"),
        "public_url": sandbox.config().public(""),
        "secrets_shown": sandbox.config().shows_secrets,
        "clock": clock_shown(sandbox.clock().setting()),
        "faults": sandbox.weather().plan(),
        "rate_limits": limits_shown(sandbox.limiter().setting()),
        "counts": counts,
    })))
}

async fn clock(sandbox: Data<Sandbox>) -> HttpResponse {
    ok(&clock_shown(sandbox.clock().setting()))
}

async fn freeze(sandbox: Data<Sandbox>) -> Result<HttpResponse, Refusal> {
    Ok(ok(&clock_shown(sandbox.set_clock(Setting::frozen).await?)))
}

async fn advance(sandbox: Data<Sandbox>, payload: Payload) -> Result<HttpResponse, Refusal> {
    let fields = Fields::parse(&body::read(payload).await?)?;
    let seconds = fields.number("seconds", 1, ADVANCE_S_MAX)?.ok_or_else(|| missing("seconds"))?;
    let span = Duration::from_secs(seconds);
    Ok(ok(&clock_shown(sandbox.set_clock(move |setting| setting.advanced(span)).await?)))
}

async fn resume(sandbox: Data<Sandbox>) -> Result<HttpResponse, Refusal> {
    Ok(ok(&clock_shown(sandbox.set_clock(Setting::running).await?)))
}

async fn faults(sandbox: Data<Sandbox>) -> HttpResponse {
    ok(&json!(sandbox.weather().plan()))
}

async fn set_faults(sandbox: Data<Sandbox>, payload: Payload) -> Result<HttpResponse, Refusal> {
    let body = body::read(payload).await?;
    let text = std::str::from_utf8(&body).map_err(|_| Refusal::invalid("The body is not UTF-8"))?;
    let plan = FaultPlan::from_json(text).map_err(|error| Refusal::invalid(error.to_string()))?;
    sandbox.set_faults(plan).await?;
    Ok(ok(&json!(plan)))
}

async fn clear_faults(sandbox: Data<Sandbox>) -> Result<HttpResponse, Refusal> {
    sandbox.set_faults(FaultPlan::default()).await?;
    Ok(ok(&json!(FaultPlan::default())))
}

async fn rate_limits(sandbox: Data<Sandbox>) -> HttpResponse {
    ok(&limits_shown(sandbox.limiter().setting()))
}

async fn set_rate_limits(sandbox: Data<Sandbox>, payload: Payload) -> Result<HttpResponse, Refusal> {
    let fields = Fields::parse(&body::read(payload).await?)?;
    let enabled = fields.get("enabled").ok_or_else(|| missing("enabled"))?;
    let enabled = enabled.as_bool().ok_or_else(|| wrong("enabled", "must be true or false"))?;
    let setting = rate_limit::Setting { enabled };
    sandbox.set_rate_limits(setting).await?;
    Ok(ok(&limits_shown(setting)))
}

async fn reset(sandbox: Data<Sandbox>) -> Result<HttpResponse, Refusal> {
    sandbox.reset().await?;
    Ok(ok(&json!({})))
}

fn clock_shown(setting: Setting) -> Value {
    json!({ "now": setting.now().to_log(), "is_frozen": setting.is_frozen(), "ahead_ms": setting.ahead_ms() })
}

fn limits_shown(setting: rate_limit::Setting) -> Value {
    json!({
        "enabled": setting.enabled,
        "charge_creations_per_minute": CHARGE_CREATIONS_PER_MINUTE,
        "other_calls_per_minute": OTHER_CALLS_PER_MINUTE,
    })
}
