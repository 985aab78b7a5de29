//! Errors as SES sends them: HTTP status, `x-amzn-errortype`, `{"message": …}`.

use serde_json::{Value, json};

/// An error answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub(crate) struct ApiError {
    pub(crate) status: u16,
    pub(crate) code: String,
    pub(crate) message: String,
}

impl ApiError {
    /// An error of any kind.
    pub(crate) fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self { status, code: code.to_owned(), message: message.into() }
    }

    /// The request is wrong.
    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(400, "BadRequestException", message)
    }

    /// The request is not JSON, or a member has the wrong type.
    pub(crate) fn serialization(error: &serde_json::Error) -> Self {
        Self::new(400, "SerializationException", error.to_string())
    }

    /// Something named does not exist.
    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(404, "NotFoundException", message)
    }

    /// The identity does not exist.
    pub(crate) fn no_identity(name: &str) -> Self {
        Self::not_found(format!("Email identity {name} does not exist."))
    }

    /// Something of the name exists.
    pub(crate) fn already_exists(message: impl Into<String>) -> Self {
        Self::new(400, "AlreadyExistsException", message)
    }

    /// The identity exists.
    pub(crate) fn identity_exists(name: &str) -> Self {
        Self::already_exists(format!("Email identity {name} already exist."))
    }

    /// A quota of the account is used up.
    pub(crate) fn limit_exceeded(message: impl Into<String>) -> Self {
        Self::new(400, "LimitExceededException", message)
    }

    /// Too many calls of this operation per second.
    pub(crate) fn too_many_requests(operation: &str) -> Self {
        Self::new(429, "TooManyRequestsException", plausible_message("TooManyRequestsException", operation))
    }

    /// The body. SES writes `Message` where IAM or a tenant refuses, and `message` everywhere else; some refusals have no
    /// words (measured by third parties).
    pub(crate) fn body(&self) -> Value {
        let member = if self.code == "AccessDeniedException" { "Message" } else { "message" };
        let message = Some(&self.message).filter(|message| !message.is_empty());
        json!({member: message})
    }
}

/// The text AWS would send with a code, as far as known; else the code itself.
pub(crate) fn plausible_message(code: &str, operation: &str) -> String {
    match code {
        "TooManyRequestsException" if operation == "SendEmail" => "Maximum sending rate exceeded.".to_owned(),
        "TooManyRequestsException" => "Rate exceeded".to_owned(),
        "AccessDeniedException" => {
            format!("User: arn:aws:iam::123456789012:user/simulator is not authorized to perform: ses:{operation}")
        }
        "ServiceUnavailable" => "Service is unavailable".to_owned(),
        "InternalFailure" => "The request processing has failed because of an unknown error".to_owned(),
        _ => format!("{code} injected by the simulator"),
    }
}
