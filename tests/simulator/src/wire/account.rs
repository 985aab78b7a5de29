//! `GetAccount`.

use serde_json::{Value, json};

use super::Context;

/// `GetAccount`.
pub(super) fn get(cx: &mut Context<'_>) -> Value {
    let sent = cx.account.mailbox.sent_lately(cx.now);
    let settings = &cx.account.settings;
    let quota = settings.quota();
    json!({
        "DedicatedIpAutoWarmupEnabled": true,
        "EnforcementStatus": settings.enforcement_status,
        "ProductionAccessEnabled": settings.production_access,
        "SendQuota": {
            "Max24HourSend": quota.max_24_hour_send,
            "MaxSendRate": quota.max_send_rate,
            "SentLast24Hours": sent,
        },
        "SendingEnabled": settings.sending_enabled,
        "SuppressionAttributes": {"SuppressedReasons": ["BOUNCE", "COMPLAINT"]},
        "VdmAttributes": {"VdmEnabled": "DISABLED"},
    })
}
