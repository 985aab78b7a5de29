//! `GetAccount`.

use serde_json::{Value, json};

use super::Context;

/// `GetAccount`. The quotas are those of a typical account in production, or of the sandbox.
pub(super) fn get(cx: &Context<'_>) -> Value {
    let settings = &cx.account.settings;
    let (per_day, per_second) = if settings.production_access { (50_000.0, 14.0) } else { (200.0, 1.0) };
    json!({
        "DedicatedIpAutoWarmupEnabled": true,
        "EnforcementStatus": settings.enforcement_status,
        "ProductionAccessEnabled": settings.production_access,
        "SendQuota": {"Max24HourSend": per_day, "MaxSendRate": per_second, "SentLast24Hours": 0.0},
        "SendingEnabled": settings.sending_enabled,
        "SuppressionAttributes": {"SuppressedReasons": ["BOUNCE", "COMPLAINT"]},
        "VdmAttributes": {"VdmEnabled": "DISABLED"},
    })
}
