//! `GetAccount`.

use serde::Serialize;

use super::{ApiError, Call, Context};

#[derive(Debug, Clone, Copy)]
pub struct GetAccount;

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Account {
    pub dedicated_ip_auto_warmup_enabled: bool,
    pub enforcement_status: String,
    pub production_access_enabled: bool,
    pub send_quota: SendQuota,
    pub sending_enabled: bool,
    pub suppression_attributes: SuppressionAttributes,
    pub vdm_attributes: VdmAttributes,
}

#[derive(Debug, Serialize)]
pub struct SendQuota {
    #[serde(rename = "Max24HourSend")]
    pub max_24_hour_send: f64,
    #[serde(rename = "MaxSendRate")]
    pub max_send_rate: f64,
    #[serde(rename = "SentLast24Hours")]
    pub sent_last_24_hours: u64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct SuppressionAttributes {
    pub suppressed_reasons: [&'static str; 2],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct VdmAttributes {
    pub vdm_enabled: &'static str,
}

impl Call for GetAccount {
    type Answer = Account;

    fn run(self, cx: &mut Context<'_>) -> Result<Account, ApiError> {
        let sent = cx.account.mailbox.sent_lately(cx.now);
        let settings = &cx.account.settings;
        let quota = settings.quota();
        Ok(Account {
            dedicated_ip_auto_warmup_enabled: true,
            enforcement_status: settings.enforcement_status.clone(),
            production_access_enabled: settings.production_access,
            send_quota: SendQuota {
                max_24_hour_send: quota.max_24_hour_send,
                max_send_rate: quota.max_send_rate,
                sent_last_24_hours: sent,
            },
            sending_enabled: settings.sending_enabled,
            suppression_attributes: SuppressionAttributes { suppressed_reasons: ["BOUNCE", "COMPLAINT"] },
            vdm_attributes: VdmAttributes { vdm_enabled: "DISABLED" },
        })
    }
}
