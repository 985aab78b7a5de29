//! Errors in the format of SES: `x-amzn-errortype` and `{"message": …}`.

use serde_json::{Value, json};

use crate::core::api::ApiError;

/// The request is not JSON, or a member has the wrong type.
pub(super) fn serialization(error: &serde_json::Error) -> ApiError {
    ApiError::new(400, "SerializationException", error.to_string())
}

/// The body. SES writes `Message` for refusals by IAM or a tenant, and `message` otherwise; some refusals have no text
/// (measured by third parties).
pub(super) fn body(error: &ApiError) -> Value {
    let member = if error.code == "AccessDeniedException" { "Message" } else { "message" };
    let message = Some(&error.message).filter(|message| !message.is_empty());
    json!({member: message})
}
