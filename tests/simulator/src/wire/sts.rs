//! `GetCallerIdentity` of AWS STS: the query protocol, answers in XML.

use url::form_urlencoded;

use crate::core::account::AccountSettings;
use crate::core::api::ApiError;

const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

/// The operation in a form body.
pub(super) fn action(body: &[u8]) -> String {
    let action = form_urlencoded::parse(body).find(|(key, _)| key == "Action");
    action.map(|(_, action)| action.into_owned()).unwrap_or_default()
}

/// The answer, or `InvalidAction` for any operation except `GetCallerIdentity`.
pub(super) fn answer(settings: &AccountSettings, action: &str) -> Result<String, ApiError> {
    if action != "GetCallerIdentity" {
        return Err(ApiError::new(400, "InvalidAction", format!("Could not find operation {action} for STS")));
    }
    let account = settings.sts_account.as_ref().unwrap_or(&settings.account);
    let account = escaped(account);
    Ok(format!(
        "<GetCallerIdentityResponse xmlns=\"{NAMESPACE}\"><GetCallerIdentityResult>\
         <Arn>arn:aws:iam::{account}:user/simulator</Arn><UserId>AIDASIMULATOR</UserId><Account>{account}</Account>\
         </GetCallerIdentityResult><ResponseMetadata><RequestId>simulator</RequestId></ResponseMetadata>\
         </GetCallerIdentityResponse>"
    ))
}

/// An error in the query protocol.
pub(super) fn error(error: &ApiError) -> String {
    let kind = if error.status < 500 { "Sender" } else { "Receiver" };
    format!(
        "<ErrorResponse xmlns=\"{NAMESPACE}\"><Error><Type>{kind}</Type><Code>{}</Code><Message>{}</Message></Error>\
         <RequestId>simulator</RequestId></ErrorResponse>",
        escaped(&error.code),
        escaped(&error.message)
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
